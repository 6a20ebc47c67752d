//! `renew`: a new credential beside the one in use.

use std::fs;

use serde_json::Value;

use crate::keys;
use crate::support::{Elsewhere, Mailbox, Program, authority_args, changes, tree};

/// Refused, and nothing has changed.
#[track_caller]
fn refused(mailbox: &Mailbox, program: Program, exit: i32, code: &str) -> Value {
    let before = tree(&mailbox.home());
    let output = program.run();
    let changed = changes(&before, &tree(&mailbox.home()));
    assert!(changed.is_empty(), "changed: {changed:?}\n{}", output.shown());
    output.expect_error(exit, code)
}

/// The text of the email of a credential.
fn email(mailbox: &Mailbox, number: u32) -> String {
    fs::read_to_string(mailbox.credential(number).join("request.txt")).unwrap()
}

fn serial(mailbox: &Mailbox) -> String {
    mailbox.history()[0]["serial"].as_str().unwrap().to_owned()
}

#[test]
fn renewal_makes_a_credential_beside_the_one_in_use_and_changes_nothing_of_it() {
    let mailbox = Mailbox::imported();
    let before = tree(&mailbox.credential(1));
    let answer = mailbox.renew(&[]).run().expect(0).json();
    assert_eq!(
        keys(&answer),
        [
            "chase_on",
            "common_name",
            "credential",
            "desk",
            "environment",
            "files",
            "key_sha256",
            "mailbox",
            "next",
            "renews",
            "shared_by"
        ]
    );
    assert_eq!(
        (answer["credential"].as_u64(), &answer["common_name"]),
        (Some(2), &Mailbox::COMMON_NAME.into())
    );
    assert_eq!(answer["renews"]["credential"], 1);
    assert_eq!(answer["renews"]["serial"], serial(&mailbox));
    assert_eq!(answer["renews"]["not_after"], "2029-01-01T00:30:00Z");
    // Monday, 1 June, and five working days.
    assert_eq!(answer["chase_on"], "2026-06-08");
    assert_eq!(tree(&mailbox.credential(1)), before, "the credential in use changed");
    assert_eq!(mailbox.states(), ["current", "requested"]);
    let history = mailbox.history();
    assert_ne!(history[0]["key_sha256"], history[1]["key_sha256"], "a new credential has a new key");
    mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
    let status = mailbox.program().args(["status", Mailbox::ID]).run().expect(0).json();
    let shown = &status["mailboxes"][0];
    assert_eq!((&shown["state"], shown["credential"].as_u64()), (&"renewing".into(), Some(1)));
    assert!(shown["next"].as_str().unwrap().contains("sent X26ABC1"), "{shown}");
}

#[test]
fn email_is_by_what_is_recorded_and_names_the_old_certificate() {
    let mailbox = Mailbox::none();
    mailbox.request_again(&[
        "--name",
        "A. Engineer",
        "--email",
        "a@example.nhs.uk",
        "--cn-label",
        "SERVER001",
    ]);
    let name = "SERVER001.X26.api.mesh-client.nhs.uk";
    let leaf = crate::support::Authority::ours().leaf(&mailbox.csr(), name).sign(&mailbox.file("reply.pem"));
    mailbox.import([leaf]).run().expect(0);
    mailbox.renew(&["--ticket", "CS7654321", "--organisation", "Example Trust"]).run().expect(0);
    let text = email(&mailbox, 2);
    for said in [
        "Name:          A. Engineer",
        "Organisation:  Example Trust",
        "Common name:   SERVER001.X26.api.mesh-client.nhs.uk",
        "Reason:        the certificate in use is about to expire",
        "Reference:     CS7654321",
        "  Common name:   server001.x26.api.mesh-client.nhs.uk",
        &format!("  Serial number: {}", serial(&mailbox)),
        "  Valid until:   2029-01-01",
        "be sent to a@example.nhs.uk",
    ] {
        assert!(text.contains(said), "'{said}' is not in\n{text}");
    }
    assert!(!text.contains("urgent"), "{text}");
}

#[test]
fn email_says_by_when_service_stops_and_that_it_has_stopped() {
    for (now, said, reason) in [
        ("2028-12-07T12:00:00Z", None, "is about to expire"),
        ("2028-12-08T12:00:00Z", Some("the service stops on 2029-01-01"), "is about to expire"),
        ("2029-02-01T12:00:00Z", Some("the service has stopped on 2029-01-01"), "has expired"),
    ] {
        let mailbox = Mailbox::imported();
        mailbox.renew(&[]).now(now).run().expect(0);
        let text = email(&mailbox, 2);
        assert_eq!(text.contains("urgent"), said.is_some(), "{now}\n{text}");
        assert!(said.is_none_or(|said| text.contains(said)), "{now}\n{text}");
        assert!(text.contains(reason), "{now}\n{text}");
        // Saved as it is sent.
        let eml = fs::read_to_string(mailbox.credential(2).join("request.eml")).unwrap();
        assert_eq!(eml.contains("urgent"), said.is_some(), "{now}");
    }
    let mailbox = Mailbox::imported();
    mailbox.renew(&["--reason", "compromised"]).run().expect(0);
    assert!(email(&mailbox, 2).contains("may be compromised"));
}

#[test]
fn certificate_alone_is_enough_to_renew_even_when_it_is_over() {
    for now in ["2026-06-01T12:00:00Z", "2029-02-01T12:00:00Z"] {
        let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
        let adopt =
            mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--cert"]).arg(made.leaf());
        adopt.args(authority_args()).now(now).run().expect(0);
        let answer = mailbox.renew(&[]).now(now).run().expect(0).json();
        assert_eq!(answer["renews"]["credential"], 1, "{answer}");
        let text = email(&mailbox, 2);
        assert!(text.contains(&format!("Serial number: {}", serial(&mailbox))), "{text}");
        assert!(mailbox.credential(2).join("key.pem").exists());
    }
}

#[test]
fn mailboxes_that_share_are_named_and_are_renewed_where_the_credential_is() {
    let mailbox = Mailbox::imported();
    for other in ["X26ABC2", "X26ABC3"] {
        mailbox.program().args(["adopt", other, "--share", Mailbox::ID]).run().expect(0);
    }
    for command in ["renew", "activate", "rollback"] {
        let error = refused(&mailbox, mailbox.program().args([command, "X26ABC2"]), 1, "shares_credential");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains(&format!("mesh-onboard {command} X26ABC1")), "{error}");
    }
    let output = mailbox.person().args(["renew", Mailbox::ID]).run().expect(0);
    assert!(
        output.stdout.contains("X26ABC2 and X26ABC3 share it, and will switch with it."),
        "{}",
        output.shown()
    );
    let answer = mailbox.renew(&["--again"]).run().expect(0).json();
    assert_eq!(answer["shared_by"], serde_json::json!(["X26ABC2", "X26ABC3"]));
}

#[test]
fn renewal_is_refused_where_there_is_nothing_to_renew() {
    let mailbox = Mailbox::none();
    refused(&mailbox, mailbox.renew(&[]), 1, "no_such_mailbox");
    let mailbox = Mailbox::requested();
    let error = refused(&mailbox, mailbox.renew(&[]), 1, "no_credential");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("import X26ABC1") && hint.contains("request X26ABC1"), "{error}");
    refused(&mailbox, mailbox.renew(&["--again"]), 1, "no_credential");
}

#[test]
fn second_renewal_is_refused_until_again_sets_the_first_aside() {
    let mailbox = Mailbox::renewing();
    let error = refused(&mailbox, mailbox.renew(&[]), 1, "request_outstanding");
    assert!(error["hint"].as_str().unwrap().contains("--again"), "{error}");
    let error = refused(
        &mailbox,
        mailbox.program().args(["request", Mailbox::ID, "--ods", "X26", "--env", "sandbox"]),
        1,
        "already_in_use",
    );
    assert!(error["hint"].as_str().unwrap().contains("renew X26ABC1"), "{error}");
    let text = mailbox.person().args(["renew", Mailbox::ID, "--again"]).run().expect(0).stdout;
    assert!(text.contains("The request of credential 2 was set aside"), "{text}");
    assert_eq!(mailbox.states(), ["current", "archived", "requested"]);

    let mailbox = Mailbox::ready();
    let error = refused(&mailbox, mailbox.renew(&[]), 1, "credential_ready");
    assert!(error["hint"].as_str().unwrap().contains("activate X26ABC1"), "{error}");
    let text = mailbox.person().args(["renew", Mailbox::ID, "--again"]).run().expect(0).stdout;
    assert!(text.contains("Credential 2, which was ready, was set aside"), "{text}");
    assert_eq!(mailbox.states(), ["current", "archived", "requested"]);
    // What was set aside without having been in use can be brought back.
    let answer = mailbox.import([mailbox.next_certificate()]).arg("--no-check").run().expect(0).json();
    assert_eq!((answer["credential"].as_u64(), &answer["state"]), (Some(2), &"ready".into()));
}

#[test]
fn renewal_without_a_passphrase_writes_nothing() {
    let mailbox = Mailbox::imported();
    refused(&mailbox, mailbox.renew(&[]).without_env("MESH_KEY_PASSPHRASE"), 2, "input_needed");
    refused(&mailbox, mailbox.renew(&[]).env("MESH_KEY_PASSPHRASE", "short"), 2, "passphrase_weak");
    refused(&mailbox, mailbox.renew(&["--attach", "no-such-file"]), 1, "io");
}

#[test]
fn person_is_told_that_nothing_in_use_changes_and_when_to_chase() {
    let mailbox = Mailbox::imported();
    let output = mailbox.person().args(["renew", Mailbox::ID]).now("2028-12-22T12:00:00Z").run().expect(0);
    for said in [
        "Made credential 2 of X26ABC1 (sandbox), to follow credential 1",
        "valid until 1 January 2029), and says that the service stops then.",
        "Nothing in use changes: credential 1 stays current; it stops working on 1 January 2029 (9 days left).",
        // A weekend, Christmas, Boxing Day, a weekend and New Year lie between.
        "The desk answers within 5 working days: sent today, chase it on 3 January 2029.",
        "Next: open ",
    ] {
        assert!(output.stdout.contains(said), "'{said}' is missing\n{}", output.shown());
    }
}

#[test]
fn expired_mailbox_with_a_successor_leads_to_it_and_without_one_to_renew() {
    let next = |mailbox: &Mailbox| {
        let answer = mailbox.program().arg("status").now("2029-02-01T12:00:00Z").run().expect(3).json();
        assert_eq!(answer["mailboxes"][0]["state"], "expired");
        answer["mailboxes"][0]["next"].as_str().unwrap().to_owned()
    };
    let mailbox = Mailbox::imported();
    assert!(next(&mailbox).contains("mesh-onboard renew X26ABC1"), "{}", next(&mailbox));
    mailbox.renew(&[]).run().expect(0);
    assert!(next(&mailbox).contains("mesh-onboard sent X26ABC1"), "{}", next(&mailbox));
    mailbox.program().args(["sent", Mailbox::ID]).run().expect(0);
    assert!(next(&mailbox).contains("mesh-onboard import X26ABC1 FILE"), "{}", next(&mailbox));
    mailbox.import([mailbox.next_certificate()]).arg("--no-check").run().expect(0);
    assert!(next(&mailbox).contains("mesh-onboard activate X26ABC1"), "{}", next(&mailbox));
}
