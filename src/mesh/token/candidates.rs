//! Finds out how a hash was made: tries the mistakes that programs make, one at a time and two together.
//!
//! A hash is made from four things: the secrets, the way the message is put together, the values in it, and
//! the function. For each there is the right way and a list of wrong ones. First everything is right but one
//! thing, then but two, both of them likely mistakes.

use aws_lc_rs::{digest, hmac};
use data_encoding::HEXLOWER;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::fault::Fault;
use super::fields::Split;
use super::hash::DIGITS;
use super::layout::layouts;
use super::secrets::pairs;
use super::terms::Field;
use super::{Login, stamp, timestamp};
use crate::mailbox::MailboxId;

/// The most hashes that are made for one header: some milliseconds.
pub(super) const TRIES_MAX: usize = 10_000;

/// One way of doing a part of it.
pub(super) struct Variant<T> {
    pub(super) value: T,
    /// What is wrong with it.
    pub(super) faults: Vec<Fault>,
    /// Whether it is tried together with mistakes elsewhere, too.
    pub(super) likely: bool,
}

impl<T> Variant<T> {
    /// The right way.
    pub(super) fn right(value: T) -> Self {
        Self { value, faults: Vec::new(), likely: true }
    }
}

/// The values in the message.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Values {
    pub(super) mailbox: String,
    pub(super) nonce: String,
    pub(super) count: String,
    pub(super) timestamp: String,
}

/// What the header tells about the message.
pub(super) struct Told<'a> {
    /// Its fields.
    pub(super) split: &'a Split<'a>,
    /// The time that the timestamp means.
    pub(super) instant: Option<OffsetDateTime>,
    /// The hash in lower-case hexadecimal.
    pub(super) hash: &'a str,
    /// The mailbox that the header ought to be for.
    pub(super) expected: &'a MailboxId,
    pub(super) now: OffsetDateTime,
}

/// How the hash was made; `None` if nothing that was tried gives it.
pub(super) fn explain(told: &Told<'_>, login: &Login) -> Option<Vec<Fault>> {
    let (pairs, layouts, values, methods) = (pairs(login), layouts(), values(told), methods(told.hash.len()));
    let sizes = [&likely(&pairs)[..], &likely(&layouts), &likely(&values), &likely(&methods)];
    tries(sizes).into_iter().take(TRIES_MAX).find_map(|[pair, layout, value, method]| {
        let (pair, layout, value, method) =
            (&pairs[pair], &layouts[layout], &values[value], &methods[method]);
        let message = layout.value.message(&value.value, &pair.value.password);
        let made = method.value.hash(&pair.value.key, &message)?;
        fits(told.hash, &HEXLOWER.encode(&made)).then(|| {
            [&method.faults, &pair.faults, &layout.faults, &value.faults]
                .into_iter()
                .flatten()
                .cloned()
                .collect()
        })
    })
}

/// How many hashes are made where nothing fits.
#[cfg(test)]
pub(super) fn count(told: &Told<'_>, login: &Login) -> usize {
    let (pairs, layouts, values, methods) = (pairs(login), layouts(), values(told), methods(DIGITS));
    tries([&likely(&pairs), &likely(&layouts), &likely(&values), &likely(&methods)]).len()
}

/// Whether a hash is this one, or a piece of it.
fn fits(given: &str, made: &str) -> bool {
    match given.len() {
        40 | 64 | 96 | 128 => given == made,
        length => made.get(..length.min(DIGITS)) == given.get(..length.min(DIGITS)),
    }
}

fn likely<T>(variants: &[Variant<T>]) -> Vec<bool> {
    variants.iter().map(|variant| variant.likely).collect()
}

/// Which variants are tried together, in their order; 0 is the right one of each part.
fn tries(parts: [&[bool]; 4]) -> Vec<[usize; 4]> {
    let mut found = vec![[0; 4]];
    for (part, variants) in parts.iter().enumerate() {
        for index in 1..variants.len() {
            found.push(std::array::from_fn(|of| if of == part { index } else { 0 }));
        }
    }
    for one in 0..parts.len() {
        for other in one + 1..parts.len() {
            for first in 1..parts[one].len() {
                for second in
                    (1..parts[other].len()).filter(|second| parts[one][first] && parts[other][*second])
                {
                    found.push(std::array::from_fn(|of| match of {
                        of if of == one => first,
                        of if of == other => second,
                        _ => 0,
                    }));
                }
            }
        }
    }
    found
}

/// The values as the header has them; then one of them otherwise.
fn values<'a>(told: &Told<'a>) -> Vec<Variant<Values>> {
    let expected = told.expected.as_str();
    let instant = told.instant.unwrap_or(told.now);
    // What is missing is taken as it should be.
    let read = |get: &dyn Fn(Field) -> Option<&'a str>| Values {
        mailbox: get(Field::Mailbox).unwrap_or(expected).into(),
        nonce: get(Field::Nonce).unwrap_or_default().into(),
        count: get(Field::NonceCount).unwrap_or("0").into(),
        timestamp: get(Field::Timestamp).map_or_else(|| stamp(instant), str::to_owned),
    };
    let right = read(&|field| told.split.get(field));
    // White space around fields is told already, whether or not the hash has it.
    let mut found = vec![Variant::right(right.clone()), Variant::right(read(&|field| told.split.raw(field)))];
    let mut add = |value: Values, fault: Option<Fault>, likely| {
        found.push(Variant { value, faults: fault.into_iter().collect(), likely });
    };
    // In the other case than the header has it. The header's being wrong is told already.
    let upper = right.mailbox.to_ascii_uppercase();
    let is_upper = upper == right.mailbox;
    for used in
        [right.mailbox.to_ascii_lowercase(), upper, expected.to_owned(), expected.to_ascii_lowercase()]
    {
        let known = used.eq_ignore_ascii_case(expected);
        let shown = if known { &used } else { "another than the header has" };
        let fault = is_upper.then(|| Fault::MessageMailbox { used: shown.to_owned() });
        add(Values { mailbox: used, ..right.clone() }, fault, true);
    }
    let hyphens = uuid::Uuid::try_parse(&right.nonce).map(|guid| guid.to_string()).unwrap_or_default();
    let bare = right.nonce.replace('-', "");
    for nonce in [right.nonce.to_lowercase(), right.nonce.to_uppercase(), hyphens, bare] {
        add(Values { nonce, ..right.clone() }, Some(Fault::MessageNonce), false);
    }
    let number = right.count.parse().unwrap_or(0_u32);
    let near = [number.checked_add(1), number.checked_sub(1), Some(0), Some(1)];
    let counts = near.into_iter().flatten().map(|count| (count.to_string(), true));
    let padded = [format!("{number:02}"), format!("{number:08}"), format!("{number:08x}")];
    for (count, likely) in counts.chain(padded.map(|count| (count, false))) {
        let fault = Fault::MessageCount { used: count.clone() };
        add(Values { count, ..right.clone() }, Some(fault), likely);
    }
    for (used, offset, likely) in timestamps(instant) {
        let fault =
            told.split.get(Field::Timestamp).map(|_| Fault::MessageTimestamp { used: used.clone(), offset });
        add(Values { timestamp: used, ..right.clone() }, fault, likely);
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|variant| seen.insert(variant.value.clone()));
    found
}

/// Other timestamps of about the same time: in other forms, minutes away, in other places' time. Each with its
/// offset from UTC, and whether it is likely.
fn timestamps(instant: OffsetDateTime) -> Vec<(String, Option<Duration>, bool)> {
    let at = |by| instant.checked_add(by).map(stamp);
    let mut found = Vec::new();
    found.extend(at(Duration::ZERO).map(|used| (used, None, true)));
    for minutes in 1..=15 {
        for by in [Duration::minutes(minutes), Duration::minutes(-minutes)] {
            found.extend(at(by).map(|used| (used, None, minutes == 1)));
        }
    }
    for offset in timestamp::offsets().filter(|offset| !offset.is_zero()) {
        let whole = offset.whole_minutes() % 60 == 0;
        found.extend(at(offset).map(|used| (used, Some(offset), whole)));
    }
    let utc = stamp(instant);
    found.extend((0..60).map(|second| (format!("{utc}{second:02}"), None, false)));
    let [year, month, day, hour, minute] = [0..4, 4..6, 6..8, 8..10, 10..12].map(|part| &utc[part]);
    for form in [
        format!("{year}-{month}-{day}T{hour}:{minute}"),
        format!("{year}-{month}-{day}T{hour}:{minute}Z"),
        format!("{year}-{month}-{day} {hour}:{minute}"),
    ] {
        found.push((form, None, false));
    }
    found
}

/// How a hash is made of key and message.
#[derive(Clone, Copy)]
enum Method {
    Hmac(hmac::Algorithm),
    /// Key and message the other way round.
    HmacSwapped(hmac::Algorithm),
    /// The message in UTF-16, little endian; with the key too, or not.
    HmacUtf16(hmac::Algorithm, bool),
    /// Without HMAC: the key left out, before the message, or behind it.
    Plain(&'static digest::Algorithm, Place),
}

#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    Before,
    Behind,
}

impl Method {
    fn hash(self, key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
        let hmac = |algorithm, key: &[u8], message: &[u8]| {
            hmac::sign(&hmac::Key::new(algorithm, key), message).as_ref().to_vec()
        };
        Some(match self {
            Self::Hmac(algorithm) => hmac(algorithm, key, message),
            Self::HmacSwapped(algorithm) => hmac(algorithm, message, key),
            Self::HmacUtf16(algorithm, with_key) => {
                let message = utf16(message)?;
                if with_key {
                    hmac(algorithm, &utf16(key)?, &message)
                } else {
                    hmac(algorithm, key, &message)
                }
            }
            Self::Plain(algorithm, place) => {
                let text = Zeroizing::new(match place {
                    Place::Nowhere => message.to_vec(),
                    Place::Before => [key, message].concat(),
                    Place::Behind => [message, key].concat(),
                });
                digest::digest(algorithm, &text).as_ref().to_vec()
            }
        })
    }
}

fn utf16(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = str::from_utf8(text).ok()?;
    Some(Zeroizing::new(text.encode_utf16().flat_map(u16::to_le_bytes).collect()))
}

/// HMAC with the function that gives hashes of this length; then what is taken for it.
fn methods(digits: usize) -> Vec<Variant<Method>> {
    let (hmac, plain, name) = match digits {
        40 => (hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &digest::SHA1_FOR_LEGACY_USE_ONLY, Some("SHA-1")),
        96 => (hmac::HMAC_SHA384, &digest::SHA384, Some("SHA-384")),
        128 => (hmac::HMAC_SHA512, &digest::SHA512, Some("SHA-512")),
        _ => (hmac::HMAC_SHA256, &digest::SHA256, None),
    };
    let other = name.map(|name| Fault::HashAlgorithm { name });
    let variant = |value, fault: Option<Fault>, likely| {
        let faults = other.clone().into_iter().chain(fault).collect();
        Variant { value, faults, likely }
    };
    vec![
        variant(Method::Hmac(hmac), None, true),
        variant(Method::HmacSwapped(hmac), Some(Fault::HashArguments), true),
        variant(Method::Plain(plain, Place::Nowhere), Some(Fault::HashUnkeyed), true),
        variant(Method::Plain(plain, Place::Before), Some(Fault::HashUnkeyed), true),
        variant(Method::Plain(plain, Place::Behind), Some(Fault::HashUnkeyed), true),
        variant(Method::HmacUtf16(hmac, false), Some(Fault::MessageUtf16), false),
        variant(Method::HmacUtf16(hmac, true), Some(Fault::MessageUtf16), false),
    ]
}
