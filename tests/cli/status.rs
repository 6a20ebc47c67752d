//! `status`: where every mailbox stands, and what expires when.

use serde_json::json;

use crate::keys;
use crate::support::{Mailbox, NOW, Output};

fn status(mailbox: &Mailbox, now: &str, more: &[&str]) -> Output {
    mailbox.program().now(now).arg("status").args(more).run()
}

#[test]
fn empty_home_has_no_mailboxes() {
    let answer = status(&Mailbox::none(), NOW, &[]).expect(0).json();
    assert_eq!(answer, json!({"now": NOW, "mailboxes": []}));
}

#[test]
fn request_that_waits_is_shown() {
    let mailbox = Mailbox::requested();
    let answer = status(&mailbox, "2026-06-02T08:00:00Z", &[]).expect(0).json();
    assert_eq!(answer["now"], "2026-06-02T08:00:00Z");
    let shown = &answer["mailboxes"][0];
    assert_eq!(
        keys(shown),
        ["common_name", "credential", "environment", "mailbox", "next", "requested_at", "state"]
    );
    assert_eq!(shown["mailbox"], "X26ABC1");
    assert_eq!(shown["environment"], "sandbox");
    assert_eq!(shown["state"], "requested");
    assert_eq!(shown["common_name"], Mailbox::COMMON_NAME);
    assert_eq!(shown["credential"], 1);
    assert_eq!(shown["requested_at"], NOW);
}

#[test]
fn credential_in_use_is_shown_with_its_dates() {
    let mailbox = Mailbox::imported();
    let answer = status(&mailbox, NOW, &["X26ABC1"]).expect(0).json();
    let shown = &answer["mailboxes"][0];
    assert_eq!(shown["state"], "current");
    assert_eq!(shown["not_after"], "2029-01-01T00:30:00Z");
    assert_eq!(shown["key_usage_ends"], "2028-02-01T00:00:00Z");
    assert_eq!(shown["days_left"], 944);
}

#[test]
fn what_expires_within_the_window_sets_the_exit_code() {
    let mailbox = Mailbox::imported();
    let state = |output: Output| output.json()["mailboxes"][0]["state"].clone();
    // 91 days and 30 minutes before the end, and 89 days.
    let (before, within) = ("2028-10-02T00:00:00Z", "2028-10-04T00:30:00Z");
    assert_eq!(state(status(&mailbox, before, &[]).expect(0)), "current");
    assert_eq!(state(status(&mailbox, within, &[]).expect(3)), "expiring");
    status(&mailbox, within, &["--within", "30d"]).expect(0);
    status(&mailbox, before, &["--within", "120d"]).expect(3);
    let over = status(&mailbox, "2029-01-02T12:00:00Z", &[]).expect(3);
    assert_eq!(over.json()["mailboxes"][0]["days_left"], -2);
    assert_eq!(state(over), "expired");
}

#[test]
fn key_usage_period_is_advised_on_and_never_sets_the_exit_code() {
    let mailbox = Mailbox::imported();
    status(&mailbox, "2028-03-01T00:00:00Z", &[]).expect(0);
    let output = mailbox.person().now("2028-03-01T00:00:00Z").arg("status").run().expect(0);
    let all = format!("{}{}", output.stdout, output.stderr).to_lowercase();
    assert!(all.contains("key usage"), "{}", output.shown());
}

#[test]
fn person_is_told_what_comes_next() {
    let mailbox = Mailbox::requested();
    let output = mailbox.person().arg("status").run().expect(0);
    for words in ["X26ABC1", "sandbox", "requested"] {
        assert!(output.stdout.contains(words), "'{words}' is missing\n{}", output.shown());
    }
}
