//! `sent`: the email went out.

use crate::support::{Mailbox, tree};

#[test]
fn sending_is_noted_and_shown_by_status() {
    let mailbox = Mailbox::requested();
    let program = mailbox.program().now("2026-06-02T09:30:00Z").args(["sent", Mailbox::ID]);
    program.args(["--ticket", "CS1234567"]).run().expect(0).json();
    let status = mailbox.program().arg("status").run().expect(0).json();
    let shown = &status["mailboxes"][0];
    assert_eq!(shown["state"], "requested");
    assert!(shown["sent_at"].as_str().is_some_and(|at| at.starts_with("2026-06-02T")), "{status}");
}

#[test]
fn date_of_sending_can_be_given() {
    let mailbox = Mailbox::requested();
    let later = mailbox.program().now("2026-06-04T09:30:00Z");
    later.args(["sent", Mailbox::ID, "--on", "2026-06-02"]).run().expect(0);
    let status = mailbox.program().arg("status").run().expect(0).json();
    let sent_at = &status["mailboxes"][0]["sent_at"];
    assert!(sent_at.as_str().is_some_and(|at| at.starts_with("2026-06-02T")), "{status}");
}

#[test]
fn dates_at_which_nothing_can_have_been_sent_are_refused() {
    let mailbox = Mailbox::requested();
    let before = tree(&mailbox.home());
    let dates =
        ["2026-05-31", "2026-06-02", "0000-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", "yesterday"];
    for date in dates {
        mailbox.program().args(["sent", Mailbox::ID, "--on", date]).run().expect_error(2, "usage");
    }
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn sent_is_refused_where_nothing_was_requested() {
    let mailbox = Mailbox::imported();
    let before = tree(&mailbox.home());
    mailbox.program().args(["sent", Mailbox::ID]).run().expect_error(1, "no_request");
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn day_to_chase_the_desk_is_said() {
    let mailbox = Mailbox::requested();
    // A Thursday: five working days later is the next.
    let program = mailbox.program().now("2026-06-04T09:30:00Z");
    let answer = program.args(["sent", Mailbox::ID]).run().expect(0).json();
    assert_eq!(answer["chase_on"], "2026-06-11");
    let person =
        mailbox.person().now("2026-06-15T09:30:00Z").args(["sent", Mailbox::ID, "--on", "2026-06-04"]);
    let text = person.run().expect(0).stdout;
    assert!(text.contains("chase the desk now: its 5 working days ended on 11 June 2026"), "{text}");
}

#[test]
fn reference_that_comes_later_leaves_the_date_of_sending() {
    let mailbox = Mailbox::requested();
    let sent = |now: &str, more: &[&str]| {
        mailbox.program().now(now).args(["sent", Mailbox::ID]).args(more).run().expect(0).json()
    };
    let first = sent("2026-06-04T09:30:00Z", &[]);
    for more in [&["--ticket", "CS1234567"][..], &[]] {
        let later = sent("2026-06-09T09:30:00Z", more);
        assert_eq!(later["sent_at"], first["sent_at"]);
        assert_eq!(later["chase_on"], "2026-06-11");
    }
    let person = mailbox.person().now("2026-06-09T09:30:00Z").args(["sent", Mailbox::ID]).run().expect(0);
    let said = "went out on 4 June 2026, as was noted before (another day is noted with --on). Its reference is CS1234567.";
    assert!(person.stdout.contains(said), "{}", person.stdout);
    // Who names a date means it.
    let moved = sent("2026-06-09T09:30:00Z", &["--on", "2026-06-05"]);
    assert_eq!(moved["chase_on"], "2026-06-12");
}
