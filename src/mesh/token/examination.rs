//! Says of a header that was made elsewhere what is wrong with it.

use time::OffsetDateTime;

use super::candidates::{self, Told};
use super::fault::Fault;
use super::fields::{Split, is_guid, split};
use super::hash::{self, DIGITS, DIGITS_MIN};
use super::terms::{Field, Secret, Severity};
use super::{Login, timestamp, wrapping};
use crate::mailbox::MailboxId;

/// What was found out about a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The fields as far as they could be told apart.
    pub fields: Fields,
    /// Everything that is wrong or deserves to be known, in the order in which it stands in the header.
    pub faults: Vec<Fault>,
}

/// The fields of a header, as written. A field that is missing, or in which a secret stands, is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    /// The mailbox ID.
    pub mailbox: Option<String>,
    /// The nonce.
    pub nonce: Option<String>,
    /// The nonce count.
    pub nonce_count: Option<String>,
    /// The timestamp.
    pub timestamp: Option<String>,
    /// The hash.
    pub hash: Option<String>,
}

impl Examination {
    /// Whether a server would accept it at that time, if it has not seen it before.
    pub fn passes(&self) -> bool {
        self.faults.iter().all(|fault| fault.severity() != Severity::Fail)
    }
}

/// Examines the value of an Authorization header, as of `now`. The mailbox is the one that the header ought to
/// be for.
///
/// A fault does not hide the others: what stands around the value, and the form and order of the fields, are told
/// and then left aside. If the hash is not right, the usual mistakes are tried until one gives it, at most
/// 10,000 of them. Neither the result nor the faults in it hold a secret.
pub fn examine(header: &str, mailbox: &MailboxId, login: &Login, now: OffsetDateTime) -> Examination {
    let mut faults = Vec::new();
    let token = wrapping::unwrap(header, &mut faults);
    let split = split(&token, mailbox, now, &mut faults);
    let hidden = Hidden { login, mailbox };
    faults.extend(hidden.within(&token, &split, now));
    judge_mailbox(split.get(Field::Mailbox), mailbox, &hidden, &mut faults);
    judge_nonce(split.get(Field::Nonce), split.get(Field::NonceCount), &mut faults);
    let instant = split.get(Field::Timestamp).and_then(|text| {
        let read = timestamp::read(text, now);
        faults.extend(read.fault);
        if let Some(instant) = read.instant {
            timestamp::judge(instant, now, &mut faults);
        }
        read.instant
    });
    judge_hash(&split, instant, mailbox, login, now, &mut faults);
    let shown = |field| split.get(field).filter(|text| hidden.may_show(text)).map(str::to_owned);
    let fields = Fields {
        mailbox: shown(Field::Mailbox),
        nonce: shown(Field::Nonce),
        nonce_count: shown(Field::NonceCount),
        timestamp: shown(Field::Timestamp),
        hash: shown(Field::Hash),
    };
    Examination { fields, faults }
}

fn judge_mailbox(found: Option<&str>, mailbox: &MailboxId, hidden: &Hidden<'_>, faults: &mut Vec<Fault>) {
    let Some(found) = found.filter(|found| *found != mailbox.as_str()) else { return };
    if found.bytes().any(|b| b.is_ascii_lowercase()) {
        faults.push(Fault::MailboxCase);
    }
    if !found.eq_ignore_ascii_case(mailbox.as_str()) {
        let name = found.parse::<MailboxId>().ok().filter(|_| hidden.may_show(found));
        faults.push(Fault::MailboxOther { found: name.map(|name| name.to_string()) });
    }
}

fn judge_nonce(nonce: Option<&str>, count: Option<&str>, faults: &mut Vec<Fault>) {
    match nonce {
        Some("") => faults.push(Fault::NonceEmpty),
        Some(nonce) if !is_guid(nonce) => faults.push(Fault::NonceNotGuid),
        _ => {}
    }
    if count.is_some_and(|count| count.is_empty() || !count.bytes().all(|b| b.is_ascii_digit())) {
        faults.push(Fault::CountNotDigits);
    }
}

fn judge_hash(
    split: &Split<'_>,
    instant: Option<OffsetDateTime>,
    mailbox: &MailboxId,
    login: &Login,
    now: OffsetDateTime,
    faults: &mut Vec<Fault>,
) {
    let Some(digits) = split.get(Field::Hash).and_then(|text| hash::read(text, faults)) else { return };
    let told = Told { split, instant, hash: &digits, expected: mailbox, now };
    if digits.len() < DIGITS_MIN {
        faults.push(Fault::HashLength { digits: digits.len() });
        return;
    }
    let made = candidates::explain(&told, login);
    match (&made, digits.len()) {
        (_, DIGITS) | (Some(_), 40 | 96 | 128) => {}
        (Some(_), digits) => faults.push(Fault::HashTruncated { digits }),
        (None, digits) => faults.push(Fault::HashLength { digits }),
    }
    faults.extend(made.unwrap_or_else(|| vec![Fault::SecretsDiffer]));
}

/// Keeps the secrets out of what is shown, where a header has them in it.
struct Hidden<'a> {
    login: &'a Login,
    mailbox: &'a MailboxId,
}

impl Hidden<'_> {
    fn secrets(&self) -> [(Secret, &str); 2] {
        [
            (Secret::Password, self.login.password.expose()),
            (Secret::SharedKey, self.login.shared_key.expose()),
        ]
    }

    /// The secrets that stand in the header.
    fn within(&self, token: &str, split: &Split<'_>, now: OffsetDateTime) -> Vec<Fault> {
        let stands = |secret: &str| {
            let as_piece = split.pieces.iter().enumerate().any(|(at, piece)| {
                // A password may look like a count or a mailbox; in the place of one it is one.
                piece.trim() == secret && !split.is_likely(at, self.mailbox, now)
            });
            // Its own colons divide it into more pieces than there should be.
            as_piece || secret.contains(':') && split.pieces.len() > 5 && token.contains(secret)
        };
        let secrets = self.secrets().into_iter().filter(|(_, secret)| stands(secret));
        secrets.map(|(which, _)| Fault::SecretInHeader { which }).collect()
    }

    /// Whether a text holds no secret, and no piece of one that says something.
    fn may_show(&self, text: &str) -> bool {
        const SAYS_SOMETHING: usize = 4;
        let says = |text: &str| text.len() >= SAYS_SOMETHING;
        text.eq_ignore_ascii_case(self.mailbox.as_str())
            || self.secrets().iter().all(|(_, secret)| {
                text != *secret
                    && !(says(secret) && text.contains(secret))
                    && !(says(text) && secret.contains(text))
            })
    }
}

#[cfg(test)]
mod tests;
