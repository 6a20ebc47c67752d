//! `status`: where every mailbox stands, and what expires when.

use serde_json::json;

use crate::keys;
use crate::support::{Authority, Mailbox, NOW, Output};

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

/// A request whose email went out on 2 June 2026, a Tuesday.
fn sent() -> Mailbox {
    let mailbox = Mailbox::requested();
    mailbox.program().now("2026-06-02T09:30:00Z").args(["sent", Mailbox::ID]).run().expect(0);
    mailbox
}

#[test]
fn request_that_was_sent_says_when_to_chase_the_desk() {
    let mailbox = sent();
    let next = |now: &str| {
        let answer = status(&mailbox, now, &[]).expect(0).json();
        assert_eq!(answer["mailboxes"][0]["chase_on"], "2026-06-09");
        answer["mailboxes"][0]["next"].as_str().unwrap().to_owned()
    };
    assert!(next("2026-06-09T23:00:00Z").starts_with("chase the desk on 9 June 2026 if nothing has come; "));
    let late = next("2026-06-10T00:00:00Z");
    assert!(late.starts_with("chase the desk now: its 5 working days ended on 9 June 2026; "), "{late}");
    assert!(late.ends_with("mesh-onboard import X26ABC1 FILE"), "{late}");
    let text =
        mailbox.person().now("2026-06-05T12:00:00Z").args(["status", Mailbox::ID]).run().expect(0).stdout;
    assert!(text.contains("  Sent         2 June 2026, 3 days ago\n"), "{text}");
    assert!(text.contains("  Answer       chase the desk on 9 June 2026 if nothing has come\n"), "{text}");
}

#[test]
fn credential_in_use_says_by_when_to_ask_for_the_next() {
    let mailbox = Mailbox::imported();
    let shown = |now: &str, exit: i32| {
        let shown = status(&mailbox, now, &[]).expect(exit).json()["mailboxes"][0].clone();
        // It ends on 1 January 2029; Christmas lies before.
        assert_eq!(shown["ask_by"], "2028-12-19");
        shown["next"].as_str().unwrap().to_owned()
    };
    assert!(!shown("2028-06-01T00:00:00Z", 0).contains("ask by"));
    assert!(shown("2028-12-19T23:00:00Z", 3).starts_with("ask by 19 December 2028; "));
    let late = shown("2028-12-20T00:00:00Z", 3);
    let words =
        "asked today, the desk may take until 29 December 2028, and service stops on 1 January 2029; ";
    assert!(late.starts_with(words), "{late}");
    let over = shown("2029-01-02T00:00:00Z", 3);
    assert!(!over.contains("asked today") && !over.contains("ask by"), "{over}");
}

#[test]
fn most_urgent_stands_first_for_people_and_folders_keep_their_order_in_json() {
    let mailbox = sent();
    for (other, name) in [("X26ABC0", "X26ABC0"), ("X26ABC2", "X26ABC2")] {
        mailbox
            .program()
            .args(["request", other, "--ods", "X26", "--env", "sandbox", "--name", name])
            .run()
            .expect(0);
    }
    let authority = Authority::ours();
    let import = |other: &str, until: &str| {
        let csr = mailbox.home().join(format!("sandbox/{other}/credentials/0001/request.csr"));
        let leaf = authority.leaf(&csr, &format!("{other}.X26.api.mesh-client.nhs.uk"));
        let reply = leaf.valid("20260101000000Z", until).sign(&mailbox.file(&format!("{other}.pem")));
        let program = mailbox.program().args(["import", other]).arg(reply);
        program.arg("--ca").arg(authority.root()).arg("--ca").arg(authority.sub()).run().expect(0);
    };
    import("X26ABC0", "20290101000000Z");
    import("X26ABC2", "20280101000000Z");
    let json = status(&mailbox, NOW, &[]).expect(0).json();
    let names: Vec<_> = json["mailboxes"].as_array().unwrap().iter().map(|m| m["mailbox"].clone()).collect();
    assert_eq!(names, ["X26ABC0", "X26ABC1", "X26ABC2"]);
    let text = mailbox.person().arg("status").run().expect(0).stdout;
    let names: Vec<_> = text.lines().skip(1).map(|line| line.split(' ').next().unwrap()).collect();
    // A request that waits stands before certificates that have years to go.
    assert_eq!(names, ["X26ABC1", "X26ABC2", "X26ABC0"]);
}

#[test]
fn mailbox_that_shares_is_told_with_the_owner_of_its_credential() {
    let mailbox = Mailbox::imported();
    mailbox.program().args(["adopt", "X26ABC2", "--env", "sandbox", "--share", "X26ABC1"]).run().expect(0);
    let answer = status(&mailbox, "2028-12-01T00:00:00Z", &[]).expect(3).json();
    assert_eq!(answer["mailboxes"][1]["shares"], "X26ABC1");
    assert_eq!(answer["mailboxes"][1]["ask_by"], "2028-12-19");
    let output = mailbox.person().now("2028-12-01T00:00:00Z").arg("status").run().expect(3);
    let line = output.stdout.lines().find(|line| line.starts_with("X26ABC2")).expect("its line");
    assert!(line.contains("1 of X26ABC1"), "{line}");
    // One certificate is warned of once.
    assert_eq!(output.stderr.matches("it stops working").count(), 1, "{}", output.shown());
    let one = mailbox.person().now("2028-12-01T00:00:00Z").args(["status", "X26ABC2"]).run().expect(3);
    assert!(one.stdout.contains("1 of X26ABC1, which it shares"), "{}", one.shown());
    assert!(one.stderr.contains("it stops working"), "{}", one.shown());
}

#[test]
fn mailbox_of_several_environments_is_named_with_its_own_in_every_command() {
    let mailbox = Mailbox::imported();
    let request = ["request", Mailbox::ID, "--ods", "X26", "--env", "integration"];
    mailbox.program().args(request).run().expect(0);
    for more in [&[][..], &["--env", "integration"], &["X26ABC1", "--env", "integration"]] {
        let answer = status(&mailbox, NOW, more).expect(0).json();
        let next = answer["mailboxes"][0]["next"].as_str().unwrap();
        assert!(next.contains("X26ABC1 --env integration"), "{next}");
    }
    mailbox.program().args(["request", "X26ABC9", "--ods", "X26", "--env", "integration"]).run().expect(0);
    let answer = status(&mailbox, NOW, &["X26ABC9"]).expect(0).json();
    assert!(!answer["mailboxes"][0]["next"].as_str().unwrap().contains("--env"), "{answer}");
}

#[test]
fn table_fits_the_terminal_and_stays_whole_elsewhere() {
    let mailbox = sent();
    mailbox.program().args(["request", "X26ABC2", "--ods", "X26", "--env", "integration"]).run().expect(0);
    let whole = mailbox.person().arg("status").run().expect(0).stdout;
    assert!(whole.lines().count() == 3 && whole.lines().any(|line| line.len() > 100), "{whole}");
    let at = |columns: u32| {
        let line = format!("stty rows 24 cols {columns}; exec \"$@\"");
        let talk = mailbox.person().arg("status").run_by(["/bin/sh", "-c", &line, "sh"]).in_terminal(&[]);
        assert_eq!(talk.status, 0, "{}", talk.screen);
        talk.screen.replace('\r', "")
    };
    let screen = at(80);
    assert!(screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
    assert!(screen.lines().next().unwrap().starts_with("MAILBOX  ENVIRONMENT  STATE"), "{screen}");
    assert!(
        screen.contains("\nX26ABC2  integration  requested  1\n  next: send the email, then:"),
        "{screen}"
    );
    let narrow = at(40);
    assert!(narrow.contains("mailbox: X26ABC2\nenvironment: integration\nstate: requested\n"), "{narrow}");
    assert!(narrow.lines().all(|line| line.chars().count() <= 40), "{narrow}");
}

#[test]
fn metrics_and_calendars_of_a_home_that_is_not_there_are_refused() {
    let mailbox = Mailbox::none();
    let calendar = mailbox.file("mesh.ics");
    let nowhere = || mailbox.program().home(&mailbox.file("nowhere")).arg("status");
    nowhere().arg("--prometheus").run().expect_error(1, "io");
    nowhere().arg("--calendar").arg(&calendar).run().expect_error(1, "io");
    assert!(!calendar.exists());
    // To a person it is simply empty.
    nowhere().run().expect(0);
}

#[test]
fn while_the_next_certificate_is_waited_for_the_dates_are_those_of_its_request() {
    let mailbox = Mailbox::imported();
    mailbox.program().args(["renew", Mailbox::ID, "--ticket", "CS7"]).run().expect(0);
    let shown = || status(&mailbox, NOW, &[]).expect(0).json()["mailboxes"][0].clone();
    let before = shown();
    assert_eq!(
        (&before["credential"], &before["sent_at"]),
        (&1.into(), &serde_json::Value::Null),
        "{before}"
    );
    assert_eq!(before["request"], serde_json::json!({"credential": 2, "ticket": "CS7"}));
    mailbox.program().args(["sent", Mailbox::ID]).run().expect(0);
    let after = shown();
    assert_eq!(after["sent_at"], NOW, "{after}");
    assert_eq!(after["requested_at"], NOW, "{after}");
    assert!(after["chase_on"].is_string() && after["not_after"] == before["not_after"], "{after}");
}

#[test]
fn once_the_key_usage_period_is_over_the_next_step_is_to_renew() {
    let mailbox = Mailbox::imported();
    let later = "2028-03-01T12:00:00Z";
    let next = |now: &str| {
        let answer = status(&mailbox, now, &[]).expect(0).json();
        answer["mailboxes"][0]["next"].as_str().unwrap().to_owned()
    };
    assert!(next(NOW).contains("prove that it works"), "{}", next(NOW));
    assert!(next(later).contains("mesh-onboard renew X26ABC1"), "{}", next(later));
    let detail = mailbox.person().now(later).args(["status", Mailbox::ID]).run().expect(0);
    let words = "ask now, for its key usage period; at the latest ask by";
    assert!(detail.stdout.contains(words), "{}", detail.shown());
    let over = mailbox.person().now("2029-02-01T12:00:00Z").args(["status", Mailbox::ID]).run().expect(3);
    assert!(!format!("{}{}", over.stdout, over.stderr).contains("still works"), "{}", over.shown());
}

#[test]
fn record_of_a_newer_version_is_refused_whatever_else_it_holds() {
    let mailbox = Mailbox::requested();
    let path = mailbox.own_folder().join("mailbox.toml");
    let record = std::fs::read_to_string(&path).unwrap();
    for newer in [record.replace("format = 1", "format = 2"), "format = 2\nmailbox = 7\n".into()] {
        std::fs::write(&path, newer).unwrap();
        mailbox.program().args(["status", Mailbox::ID]).run().expect_error(1, "newer_format");
    }
    std::fs::write(&path, record.replace("X26ABC1.X26", "X26ABC1 X26")).unwrap();
    mailbox.program().args(["status", Mailbox::ID]).run().expect_error(1, "record_unreadable");
}

#[test]
fn request_during_a_renewal_says_when_it_went_out_where_scripts_look_for_it() {
    let mailbox = Mailbox::imported();
    mailbox.renew(&[]).now("2026-06-03T09:00:00Z").run().expect(0);
    let shown = || status(&mailbox, "2026-06-05T12:00:00Z", &[]).expect(0).json()["mailboxes"][0].clone();
    assert!(shown()["sent_at"].is_null(), "{}", shown());
    mailbox.program().now("2026-06-04T09:00:00Z").args(["sent", Mailbox::ID]).run().expect(0);
    let shown = shown();
    assert_eq!(
        (&shown["requested_at"], &shown["sent_at"]),
        (&json!("2026-06-03T09:00:00Z"), &json!("2026-06-04T09:00:00Z"))
    );
    assert_eq!((&shown["state"], &shown["credential"]), (&json!("renewing"), &json!(1)), "{shown:#}");
}
