//! `import`: what is accepted and deserves a word.

use serde_json::Value;

use crate::support::{Authority, Leaf, Mailbox};

/// Imports a certificate as `shape` makes it and returns its warnings.
fn warnings(shape: impl FnOnce(Leaf) -> Leaf) -> Vec<Value> {
    let mailbox = Mailbox::requested();
    let leaf = Authority::ours().leaf(&mailbox.csr(), Mailbox::COMMON_NAME);
    let certificate = shape(leaf).sign(&mailbox.file("reply.pem"));
    let answer = mailbox.import([certificate]).run().expect(0).json();
    answer["warnings"].as_array().expect("an array").clone()
}

/// The message of the one warning with a code.
#[track_caller]
fn message(warnings: &[Value], code: &str) -> String {
    let found = warnings.iter().find(|w| w["code"] == code);
    found.and_then(|w| w["message"].as_str()).unwrap_or_else(|| panic!("no {code}: {warnings:?}")).to_owned()
}

#[test]
fn certificate_that_expires_soon_is_warned_about_with_date_and_days() {
    let found =
        warnings(|leaf| leaf.valid("20260101000000Z", "20260715120000Z").key_usage_ends("20260714000000Z"));
    let message = message(&found, "expires_soon");
    assert!(message.contains("44"), "{message}");
    assert!(message.contains("2026"), "{message}");
}

#[test]
fn key_usage_period_that_is_over_is_warned_about() {
    let found = warnings(|leaf| leaf.key_usage_ends("20260501000000Z"));
    let message = message(&found, "key_usage_period_over");
    assert!(message.contains("2026"), "{message}");
}

#[test]
fn key_usage_period_that_ends_soon_is_warned_about() {
    let found = warnings(|leaf| leaf.key_usage_ends("20260701120000Z"));
    let message = message(&found, "key_usage_period_ends_soon");
    assert!(message.contains("30"), "{message}");
}

#[test]
fn ordinary_certificate_gives_no_warning() {
    let found = warnings(|leaf| leaf);
    assert!(found.is_empty(), "{found:?}");
}
