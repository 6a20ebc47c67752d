//! `import`: the dates that somebody has to remember.

use crate::support::{Authority, Leaf, Mailbox};

/// Imports a certificate as `shape` makes it and returns the messages of its warnings.
fn warnings(shape: impl FnOnce(Leaf) -> Leaf) -> Vec<String> {
    let mailbox = Mailbox::requested();
    let leaf = Authority::ours().leaf(&mailbox.csr(), Mailbox::COMMON_NAME);
    let certificate = shape(leaf).sign(&mailbox.file("reply.pem"));
    let answer = mailbox.import([certificate]).run().expect(0).json();
    let warnings = answer["warnings"].as_array().expect("an array");
    for warning in warnings {
        let code = warning["code"].as_str().expect("a code");
        assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{code} is not snake_case");
    }
    warnings.iter().map(|w| w["message"].as_str().expect("a message").to_owned()).collect()
}

/// Asserts that one warning holds all of these words.
#[track_caller]
fn one_says(warnings: &[String], words: &[&str]) {
    let found = warnings.iter().any(|w| words.iter().all(|word| w.contains(word)));
    assert!(found, "none says {words:?}: {warnings:#?}");
}

#[test]
fn import_names_the_end_of_three_years_and_of_the_key_usage_period() {
    let found = warnings(|leaf| leaf);
    one_says(&found, &["1 January 2029", "944 days"]);
    one_says(&found, &["key usage period", "1 February 2028", "609 days"]);
}

#[test]
fn certificate_that_expires_soon_is_warned_about_with_date_and_days() {
    let found =
        warnings(|leaf| leaf.valid("20260101000000Z", "20260715130000Z").key_usage_ends("20260701130000Z"));
    one_says(&found, &["15 July 2026", "44 days"]);
    one_says(&found, &["key usage period", "1 July 2026", "30 days"]);
}

#[test]
fn key_usage_period_that_is_over_is_warned_about() {
    let found = warnings(|leaf| leaf.key_usage_ends("20260501000000Z"));
    one_says(&found, &["key usage period", "1 May 2026"]);
}
