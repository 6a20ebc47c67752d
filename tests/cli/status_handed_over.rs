//! `status` of what was handed over to applications.

use serde_json::json;

use crate::export::{again, export};
use crate::support::{Mailbox, NOW, Output};

const AGAIN: &str = "make again what was handed over to applications: mesh-onboard export X26ABC1 --refresh";

fn status(mailbox: &Mailbox, now: &str, more: &[&str]) -> Output {
    mailbox.program().now(now).arg("status").args(more).run()
}

/// Credential 2 is in use, until 1 May 2029; an application has credential 1, until 1 January.
fn handed_over_before() -> Mailbox {
    let mailbox = Mailbox::ready();
    export(&mailbox, "pem", "to").run().expect(0);
    mailbox.program().args(["activate", Mailbox::ID]).run().expect(0);
    mailbox
}

#[test]
fn application_that_has_the_credential_of_before_is_the_next_step() {
    let mailbox = handed_over_before();
    let answer = status(&mailbox, NOW, &[]).expect(0).json();
    let row = &answer["mailboxes"][0];
    assert_eq!(row["next"], AGAIN);
    let handed = &row["handed_over"][0];
    assert_eq!((&handed["stale"], &handed["not_after"]), (&json!(true), &json!("2029-01-01T00:30:00Z")));
    let page = mailbox.person().args(["status", Mailbox::ID]).run().expect(0).stdout;
    let marked = ", credential 1, 1 June 2026: not the one in use, and it stops working on 1 January 2029 (944 days left)\n";
    assert!(page.contains(marked), "{page}");

    again(&mailbox, "--refresh").run().expect(0);
    let answer = status(&mailbox, NOW, &[]).expect(0).json();
    let row = &answer["mailboxes"][0];
    assert_eq!(row["next"], "prove that it works: mesh-onboard check X26ABC1");
    assert_eq!(row["handed_over"][0]["stale"], false);
    assert_eq!(row["handed_over"][0]["not_after"], "2029-05-01T00:30:00Z");
}

#[test]
fn end_of_what_an_application_still_has_sets_the_exit_code() {
    let mailbox = handed_over_before();
    // 91 days before the end of credential 1, and 89.
    let (before, within) = ("2028-10-02T00:00:00Z", "2028-10-04T00:30:00Z");
    status(&mailbox, before, &[]).expect(0);
    let output = status(&mailbox, within, &[]).expect(3);
    let warning = format!(
        "certificate of X26ABC1 that was handed over to pem in {}, not the one in use: it stops working on 1 January 2029",
        mailbox.file("to").display()
    );
    assert!(output.stderr.contains(&warning), "{}", output.shown());
    assert_eq!(output.json()["mailboxes"][0]["state"], "current");
    status(&mailbox, within, &["--within", "30d"]).expect(0);
    again(&mailbox, "--refresh").run().expect(0);
    let output = status(&mailbox, within, &[]).expect(0);
    assert!(!output.stderr.contains("handed over"), "{}", output.shown());
}

#[test]
fn more_urgent_step_comes_before_what_is_to_be_made_again() {
    let mailbox = handed_over_before();
    let answer = status(&mailbox, "2029-04-20T00:00:00Z", &[]).expect(3).json();
    let next = answer["mailboxes"][0]["next"].as_str().unwrap().to_owned();
    assert!(next.contains("mesh-onboard renew X26ABC1"), "{next}");
    assert!(next.ends_with(&format!("; {AGAIN}")), "{next}");
}

#[test]
fn metrics_say_until_when_an_application_can_go_on() {
    let mailbox = handed_over_before();
    let text = mailbox.person().args(["status", "--prometheus"]).run().expect(0).stdout;
    let sample = format!(
        "mesh_onboard_handed_over_not_after_timestamp_seconds{{mailbox=\"X26ABC1\",environment=\"sandbox\",consumer=\"pem\",filepath=\"{}\"}} 1861921800\n",
        mailbox.file("to").display()
    );
    assert!(text.contains(&sample), "{text}");
}
