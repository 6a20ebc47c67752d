use aws_lc_rs::{digest, hmac};
use data_encoding::{BASE64, HEXLOWER};
use proptest::prelude::*;
use time::macros::datetime;
use time::{Duration, UtcOffset};

use super::super::{Alteration, Token, header};
use super::*;
use crate::secret::{MailboxPassword, SharedKey};

const NOW: OffsetDateTime = datetime!(2026-06-01 12:00:30 UTC);
const STAMP: &str = "202606011200";
const NONCE: &str = "1c820cd4-be3e-43ff-807f-e65362892722";
const MAILBOX: &str = "X26ABC1";
const PASSWORD: &str = "Mk7pLq-MARK-zz9";
const KEY: &str = "eX4mple-MARK-k3y";

fn login() -> Login {
    login_of(PASSWORD, KEY)
}

fn login_of(password: &str, key: &str) -> Login {
    Login { password: MailboxPassword::new(password), shared_key: SharedKey::new(key) }
}

fn examined(header: &str) -> Examination {
    examine(header, &MAILBOX.parse().unwrap(), &login(), NOW)
}

fn codes(examination: &Examination) -> Vec<&'static str> {
    examination.faults.iter().map(Fault::code).collect()
}

fn mac(algorithm: hmac::Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm, key), message).as_ref().to_vec()
}

/// The digits of HMAC-SHA-256.
fn sign(key: &str, message: &str) -> String {
    HEXLOWER.encode(&mac(hmac::HMAC_SHA256, key.as_bytes(), message.as_bytes()))
}

fn message() -> String {
    format!("{MAILBOX}:{NONCE}:0:{PASSWORD}:{STAMP}")
}

/// A header with this hash and everything else as it should be.
fn hashed(hash: &str) -> String {
    format!("NHSMESH {MAILBOX}:{NONCE}:0:{STAMP}:{hash}")
}

/// The same with a hash over this message.
fn over(message: &str) -> String {
    hashed(&sign(KEY, message))
}

fn good() -> String {
    over(&message())
}

/// A header whose fields, right or wrong, have the hash that belongs to them.
fn consistent(mailbox: &str, nonce: &str, count: &str, timestamp: &str) -> String {
    let hash = sign(KEY, &format!("{mailbox}:{nonce}:{count}:{PASSWORD}:{timestamp}"));
    format!("NHSMESH {mailbox}:{nonce}:{count}:{timestamp}:{hash}")
}

/// Each header with all that is to be said of it, in order.
#[track_caller]
fn assert_told(cases: &[(String, &[&str])]) {
    for (header, expected) in cases {
        let examination = examined(header);
        assert_eq!(codes(&examination), *expected, "{header:?}\n{examination:#?}");
        const ACCEPTED: [&str; 4] =
            ["white_space", "nonce_not_guid", "timestamp_local", "timestamp_twelve_hours"];
        let accepted = expected.iter().all(|code| ACCEPTED.contains(code));
        assert_eq!(examination.passes(), accepted, "{header:?}\n{examination:#?}");
        let shown = format!("{examination:?}");
        assert!(!shown.contains("MARK"), "a secret is shown: {shown}");
    }
}

#[test]
fn good_header_has_no_faults_and_its_fields() {
    let examination = examined(&good());
    assert_eq!(examination.faults, []);
    assert!(examination.passes());
    let fields = examination.fields;
    assert_eq!((fields.mailbox.as_deref(), fields.nonce.as_deref()), (Some(MAILBOX), Some(NONCE)));
    assert_eq!((fields.nonce_count.as_deref(), fields.timestamp.as_deref()), (Some("0"), Some(STAMP)));
    assert_eq!(fields.hash, Some(sign(KEY, &message())));
}

#[test]
fn letter_in_the_other_case_never_passes() {
    let good = good();
    for (at, letter) in good.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()) {
        let flip =
            if letter.is_ascii_uppercase() { str::to_ascii_lowercase } else { str::to_ascii_uppercase };
        let changed = [&good[..at], &flip(&good[at..=at]), &good[at + 1..]].concat();
        assert!(!examined(&changed).passes(), "{changed}");
    }
}

#[test]
fn what_stands_around_the_fields_is_told_and_left_aside() {
    let good = good();
    let token = good.strip_prefix("NHSMESH ").unwrap();
    assert_told(&[
        (token.to_owned(), &["scheme_missing"]),
        (format!("Bearer {token}"), &["scheme_missing"]),
        (format!("NHSMESH{token}"), &["scheme_space"]),
        (format!("nhsmesh {token}"), &["scheme_case"]),
        (format!("NHSMESH {good}"), &["scheme_twice"]),
        (format!("Authorization: {good}"), &["header_name"]),
        (format!("\"{good}\""), &["quotes"]),
        (format!("{good}\r\n"), &["line_end"]),
        (format!(" {good}"), &["white_space"]),
        (format!("\u{feff}{good}"), &["unusual_character"]),
        (format!("Authorization: {token}\n"), &["line_end", "header_name", "scheme_missing"]),
    ]);
    assert!(examined(&format!(" {good}")).passes(), "HTTP does not count white space around a value");
    assert!(!examined(&format!("{good}\n")).passes());
}

#[test]
fn number_and_order_of_fields_are_told_and_left_aside() {
    let hash = sign(KEY, &message());
    assert_told(&[
        (format!("NHSMESH {MAILBOX}:{NONCE}:{STAMP}:0:{hash}"), &["field_order"]),
        (format!("NHSMESH {NONCE}:0:{MAILBOX}:{STAMP}:{hash}"), &["field_order"]),
        (format!("NHSMESH {hash}:{STAMP}:0:{NONCE}:{MAILBOX}"), &["field_order"]),
        (format!("NHSMESH {MAILBOX}:{NONCE}:{STAMP}:{hash}"), &["field_count"]),
        (format!("NHSMESH {NONCE}:0:{STAMP}:{hash}"), &["field_count"]),
        (format!("NHSMESH {MAILBOX}:{NONCE}:0:{STAMP}"), &["field_count"]),
        (format!("NHSMESH {MAILBOX}:{NONCE}:0:{STAMP}:{hash}:"), &["field_count"]),
        (format!("NHSMESH {MAILBOX}: {NONCE}:0:{STAMP}:{hash}"), &["field_padded"]),
        (consistent(MAILBOX, &format!(" {NONCE}"), "0", STAMP), &["field_padded"]),
        (
            format!("NHSMESH {MAILBOX}:{NONCE}:0:{PASSWORD}:{STAMP}:{hash}"),
            &["field_count", "secret_in_header"],
        ),
        (format!("NHSMESH {MAILBOX}:{NONCE}:0:{STAMP}:{KEY}"), &["secret_in_header", "hash_not_hex"]),
        (
            format!("NHSMESH {MAILBOX}:{PASSWORD}:0:{STAMP}:{hash}"),
            &["secret_in_header", "nonce_not_guid", "secrets_differ"],
        ),
        (
            over(&format!("{MAILBOX}:{NONCE}:{PASSWORD}:{STAMP}")).replace(":0:", ":"),
            &["field_count", "message_field"],
        ),
        (String::new(), &["scheme_missing", "field_count"]),
    ]);
}

#[test]
fn each_field_is_told_when_it_is_wrong() {
    assert_told(&[
        (consistent("x26abc1", NONCE, "0", STAMP), &["mailbox_case"]),
        (good().replace(MAILBOX, "x26abc1"), &["mailbox_case"]),
        (consistent("X26ABC2", NONCE, "0", STAMP), &["mailbox_other"]),
        (consistent("x26abc2", NONCE, "0", STAMP), &["mailbox_case", "mailbox_other"]),
        (consistent(MAILBOX, "n-1", "0", STAMP), &["nonce_not_guid"]),
        (consistent(MAILBOX, "", "0", STAMP), &["nonce_empty"]),
        (consistent(MAILBOX, NONCE, "first", STAMP), &["count_not_digits"]),
        (consistent(MAILBOX, NONCE, "", STAMP), &["count_not_digits"]),
        (consistent(MAILBOX, NONCE, "0", "20260601120030"), &["timestamp_seconds"]),
        (consistent(MAILBOX, NONCE, "0", "2026-06-01T12:00:30Z"), &["timestamp_iso"]),
        (consistent(MAILBOX, NONCE, "0", "1780315230"), &["timestamp_epoch"]),
        (consistent(MAILBOX, NONCE, "0", "010620261200"), &["timestamp_form"]),
        (consistent(MAILBOX, NONCE, "0", "202606010900"), &["timestamp_old", "timestamp_local"]),
        (consistent(MAILBOX, NONCE, "0", "202605301217"), &["timestamp_old"]),
        (consistent(MAILBOX, NONCE, "0", "202606011417"), &["timestamp_ahead"]),
        (consistent(MAILBOX, NONCE, "0", "202606011730"), &["timestamp_ahead", "timestamp_local"]),
        (consistent(MAILBOX, NONCE, "0", "202606011300"), &["timestamp_local"]),
        (consistent(MAILBOX, NONCE, "0", "202606010000"), &["timestamp_old", "timestamp_twelve_hours"]),
    ]);
    assert!(examined(&consistent(MAILBOX, "n-1", "0", STAMP)).passes());
    assert!(examined(&consistent(MAILBOX, NONCE, "0", "202606011300")).passes(), "an hour off is accepted");
    assert!(!examined(&consistent(MAILBOX, NONCE, "0", "2026-06-01T12:00:30Z")).passes());
}

#[test]
fn forms_of_the_hash_are_told() {
    let (digits, bytes) =
        (sign(KEY, &message()), mac(hmac::HMAC_SHA256, KEY.as_bytes(), message().as_bytes()));
    let pairs: Vec<_> = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap()).collect();
    let other = |algorithm| hashed(&HEXLOWER.encode(&mac(algorithm, KEY.as_bytes(), message().as_bytes())));
    let plain =
        |text: &str| hashed(&HEXLOWER.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref()));
    let utf16: Vec<u8> = message().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message().as_bytes());
    assert_told(&[
        (hashed(&digits.to_uppercase()), &["hash_case"]),
        (hashed(&BASE64.encode(&bytes)), &["hash_base64"]),
        (hashed(&BASE64.encode(digits.as_bytes())), &["hash_base64"]),
        (hashed(&pairs.join("-")), &["hash_separators"]),
        (hashed(&pairs.join("-").to_uppercase()), &["hash_separators", "hash_case"]),
        (hashed(&digits[..63]), &["hash_truncated"]),
        (hashed(&digits[..32]), &["hash_truncated"]),
        (hashed(&format!("{digits}0a")), &["hash_truncated"]),
        (hashed(&digits[..8]), &["hash_length"]),
        (hashed(&"0".repeat(40)), &["hash_length", "secrets_differ"]),
        (hashed("oh, no"), &["hash_not_hex"]),
        (other(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY), &["hash_algorithm"]),
        (other(hmac::HMAC_SHA384), &["hash_algorithm"]),
        (other(hmac::HMAC_SHA512), &["hash_algorithm"]),
        (hashed(&HEXLOWER.encode(sha1.as_ref())), &["hash_algorithm", "hash_unkeyed"]),
        (plain(&message()), &["hash_unkeyed"]),
        (plain(&format!("{KEY}{}", message())), &["hash_unkeyed"]),
        (plain(&format!("{}{KEY}", message())), &["hash_unkeyed"]),
        (hashed(&sign(&message(), KEY)), &["hash_arguments"]),
        (hashed(&HEXLOWER.encode(&mac(hmac::HMAC_SHA256, KEY.as_bytes(), &utf16))), &["message_utf16"]),
    ]);
}

#[test]
fn mistakes_in_the_message_are_found() {
    let m = MAILBOX;
    let p = PASSWORD;
    assert_told(&[
        (over(&format!("{m}:{NONCE}:0:{STAMP}:{p}")), &["message_order"]),
        (over(&format!("{p}:{STAMP}:0:{NONCE}:{m}")), &["message_order"]),
        (over(&format!("{m}:{NONCE}:0:{STAMP}")), &["message_field"]),
        (over(&format!("{m}:{NONCE}:{p}:{STAMP}")), &["message_field"]),
        (over(&format!("NHSMESH {}", message())), &["message_scheme"]),
        (over(&message().replace(':', "")), &["message_separator"]),
        (over(&format!("{}\n", message())), &["message_line_end"]),
        (over(&format!("x26abc1:{NONCE}:0:{p}:{STAMP}")), &["message_mailbox"]),
        (over(&format!("{m}:{}:0:{p}:{STAMP}", NONCE.to_uppercase())), &["message_nonce"]),
        (over(&format!("{m}:{}:0:{p}:{STAMP}", NONCE.replace('-', ""))), &["message_nonce"]),
        (over(&format!("{m}:{NONCE}:1:{p}:{STAMP}")), &["message_count"]),
        (over(&format!("{m}:{NONCE}:00:{p}:{STAMP}")), &["message_count"]),
        (over(&format!("{m}:{NONCE}:0:{p}:202606011159")), &["message_timestamp"]),
        (over(&format!("{m}:{NONCE}:0:{p}:202606011300")), &["message_timestamp"]),
        (over(&format!("{m}:{NONCE}:0:{p}:20260601120059")), &["message_timestamp"]),
        (over(&format!("{m}:{NONCE}:0:{p}:202606011231")), &["secrets_differ"]),
    ]);
    let local = examined(&over(&format!("{m}:{NONCE}:0:{p}:202606011300")));
    let [Fault::MessageTimestamp { used, offset: Some(offset) }] = &local.faults[..] else {
        panic!("{local:#?}");
    };
    assert_eq!((used.as_str(), *offset), ("202606011300", Duration::HOUR));
}

#[test]
fn mistakes_with_the_secrets_are_found() {
    let with = |password: &str, key: &str| hashed(&sign(key, &message().replace(PASSWORD, password)));
    assert_told(&[
        (with(KEY, PASSWORD), &["secrets_swapped"]),
        (with(&format!("{PASSWORD}\n"), KEY), &["password_altered"]),
        (with(&format!("\"{PASSWORD}\""), KEY), &["password_altered"]),
        (with(PASSWORD, &format!("{KEY}\r\n")), &["shared_key_altered"]),
        (with(PASSWORD, &format!(" {KEY}")), &["shared_key_altered"]),
        (with(PASSWORD, ""), &["shared_key_altered"]),
        (with(&format!("{PASSWORD}\n"), &format!("{KEY}\n")), &["password_altered", "shared_key_altered"]),
        (with(PASSWORD, "TestKey"), &["sandbox_key"]),
        (with(PASSWORD, "Banana"), &["sandbox_key"]),
        (with("another", KEY), &["secrets_differ"]),
        (with(PASSWORD, "another"), &["secrets_differ"]),
    ]);
}

#[test]
fn every_alteration_of_a_secret_is_named() {
    use Alteration as A;
    for (password, altered, how) in [
        ("pass", "pass\n", A::LineEnd),
        ("pass", "pass ", A::WhiteSpace),
        ("pass", "'pass'", A::Quotes),
        ("pass", "\u{feff}pass", A::ByteOrderMark),
        ("Pass", "PASS", A::Case),
        ("pass", "cGFzcw==", A::Base64Encoded),
        ("pass", "cGFzcwo=", A::Base64Encoded),
        ("cGFzcw==", "pass", A::Base64Decoded),
        ("7061737321", "pass!", A::HexDecoded),
        ("pass#word", "pass", A::Cut),
        ("pass word", "pass", A::Cut),
        ("pa$sw-ord", "pa-ord", A::Cut),
        ("pass", "", A::Empty),
    ] {
        let hash = sign(KEY, &message().replace(PASSWORD, altered));
        let examination = examine(&hashed(&hash), &MAILBOX.parse().unwrap(), &login_of(password, KEY), NOW);
        let fault = Fault::SecretAltered { which: Secret::Password, how };
        assert_eq!(examination.faults, [fault], "{password:?} as {altered:?}");
    }
    let mut latin1 = message().replace(PASSWORD, "p@ss").into_bytes();
    latin1.iter_mut().filter(|b| **b == b'@').for_each(|b| *b = 0xe4);
    let hash = HEXLOWER.encode(&mac(hmac::HMAC_SHA256, KEY.as_bytes(), &latin1));
    let examination = examine(&hashed(&hash), &MAILBOX.parse().unwrap(), &login_of("p\u{e4}ss", KEY), NOW);
    let fault = Fault::SecretAltered { which: Secret::Password, how: A::Latin1 };
    assert_eq!(examination.faults, [fault]);
}

#[test]
fn two_mistakes_together_are_both_told() {
    let line = format!("{KEY}\n");
    let lower = message().to_lowercase().replace(&PASSWORD.to_lowercase(), PASSWORD);
    assert_told(&[
        (
            hashed(&sign(&line, &format!("{MAILBOX}:{NONCE}:0:{STAMP}:{PASSWORD}"))),
            &["shared_key_altered", "message_order"],
        ),
        (hashed(&sign(&line, &lower)), &["shared_key_altered", "message_mailbox"]),
        (hashed(&sign("TestKey", &format!("NHSMESH {}", message()))), &["sandbox_key", "message_scheme"]),
        (good().replace("NHSMESH ", "").to_uppercase(), &["scheme_missing", "hash_case", "message_nonce"]),
    ]);
}

/// The bound that the documentation gives, and that the search stays below it of its own.
#[test]
fn search_is_bounded() {
    for header in
        [hashed(&"0".repeat(64)), consistent("x26abc2", "n", "x", "2026-06-01T12:00Z").replace('a', "b")]
    {
        let mut faults = Vec::new();
        let token = wrapping::unwrap(&header, &mut faults);
        let mailbox = MAILBOX.parse().unwrap();
        let split = split(&token, &mailbox, NOW, &mut faults);
        let told = Told { split: &split, instant: None, hash: &"0".repeat(64), expected: &mailbox, now: NOW };
        let tries = candidates::count(&told, &login_of("pa$s #w rd", "7061737321"));
        assert!((1_000..candidates::TRIES_MAX).contains(&tries), "{tries}");
    }
}

/// As a server does it that takes nothing for granted.
fn is_accepted(header: &str) -> bool {
    let Ok(token) = Token::parse(header) else { return false };
    token.mailbox == MAILBOX
        && !token.nonce_count.is_empty()
        && token.nonce_count.bytes().all(|b| b.is_ascii_digit())
        && !header.bytes().any(|b| b.is_ascii_control())
        && header.rsplit(':').next().is_some_and(|hash| hash.bytes().all(|b| !b.is_ascii_uppercase()))
        && token.is_made_with(&login())
        && token.is_timely(NOW)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn header_of_our_own_always_passes(
        nonce in any::<u128>(),
        count in any::<u32>(),
        minutes in -60_i64..=60,
        zone in -12_i8..=14,
        password in "[ -~]{1,20}",
        key in "\\PC{1,20}",
    ) {
        let login = login_of(&password, &key);
        let mailbox: MailboxId = MAILBOX.parse().unwrap();
        let at = (NOW + Duration::minutes(minutes)).to_offset(UtcOffset::from_hms(zone, 0, 0).unwrap());
        let header = header(&mailbox, &login, &uuid::Uuid::from_u128(nonce).to_string(), count, at);
        let examination = examine(&header, &mailbox, &login, NOW);
        prop_assert!(examination.passes(), "{examination:?}");
    }

    #[test]
    fn changed_character_never_passes(at in 0..good().len(), c in "\\PC|[\t\r\n]") {
        let good = good();
        prop_assume!(good[at..=at] != c);
        let changed = [&good[..at], &c, &good[at + 1..]].concat();
        let examination = examined(&changed);
        prop_assert!(!examination.passes(), "{changed:?}: {examination:?}");
    }

    #[test]
    fn nothing_passes_that_a_server_refuses(
        at in 0..good().len(),
        length in 0_usize..4,
        with in "[ -~\t\r\n\u{a0}]{0,4}",
    ) {
        let good = good();
        let end = (at + length).min(good.len());
        let changed = [&good[..at], &with, &good[end..]].concat();
        let examination = examined(&changed);
        // White space around a value does not reach the server.
        prop_assert_eq!(examination.passes(), is_accepted(changed.trim_matches([' ', '\t'])), "{:?}", changed);
    }

    #[test]
    fn any_text_is_examined_without_showing_a_secret(text in "(NHSMESH )?(\\PC|:|MARK|0|T){0,80}") {
        let shown = format!("{:?}", examined(&text).faults);
        prop_assert!(!shown.contains(PASSWORD) && !shown.contains(KEY), "{shown}");
    }
}
