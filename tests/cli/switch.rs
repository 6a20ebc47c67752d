//! `activate` and `rollback`: which of the credentials that are here is in use.

use std::fs;

use serde_json::Value;

use crate::keys;
use crate::support::{Elsewhere, Mailbox, Program, authority_args, changes, tree};

#[track_caller]
fn refused(mailbox: &Mailbox, program: Program, exit: i32, code: &str) -> Value {
    let before = tree(&mailbox.home());
    let output = program.run();
    let changed = changes(&before, &tree(&mailbox.home()));
    assert!(changed.is_empty(), "changed: {changed:?}\n{}", output.shown());
    output.expect_error(exit, code)
}

fn activate(mailbox: &Mailbox) -> Program {
    mailbox.program().args(["activate", Mailbox::ID])
}

fn rollback(mailbox: &Mailbox) -> Program {
    mailbox.program().args(["rollback", Mailbox::ID])
}

/// Which credential the client commands work with.
fn used(mailbox: &Mailbox) -> String {
    let answer = mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0).json();
    answer["probes"][0]["evidence"].as_str().unwrap().to_owned()
}

#[test]
fn activate_puts_the_ready_credential_in_use_and_archives_the_other() {
    let mailbox = Mailbox::ready();
    let before = tree(&mailbox.home().join("sandbox"));
    assert!(used(&mailbox).contains("0001"), "{}", used(&mailbox));
    let answer = activate(&mailbox).run().expect(0).json();
    assert_eq!(
        keys(&answer),
        [
            "credential",
            "environment",
            "files",
            "mailbox",
            "next",
            "not_after",
            "previous",
            "shared_by",
            "state"
        ]
    );
    assert_eq!((answer["credential"].as_u64(), &answer["state"]), (Some(2), &"current".into()));
    assert_eq!(answer["previous"]["credential"], 1);
    let path = |files: &Value, name: &str| files[name].as_str().unwrap().to_owned();
    assert!(path(&answer["files"], "pfx").ends_with("0002/bundles-01/X26ABC1.pfx"), "{answer}");
    assert!(path(&answer["previous"]["files"], "key").ends_with("0001/key.pem"), "{answer}");
    assert_eq!(answer["not_after"], "2029-05-01T00:30:00Z");
    assert_eq!(mailbox.states(), ["archived", "current"]);
    assert!(used(&mailbox).contains("0002"), "{}", used(&mailbox));
    let changed = changes(&before, &tree(&mailbox.home().join("sandbox")));
    assert_eq!(changed, ["X26ABC1/mailbox.toml"], "more than the record changed");
}

#[test]
fn any_credential_can_be_checked_by_its_number() {
    let mailbox = Mailbox::ready();
    for number in ["1", "2"] {
        let program = mailbox.program().args(["check", Mailbox::ID, "--offline", "--credential", number]);
        let answer = program.run().expect(0).json();
        assert!(
            answer["probes"][0]["evidence"].as_str().unwrap().contains(&format!("000{number}")),
            "{answer}"
        );
    }
    let program = mailbox.program().args(["check", Mailbox::ID, "--offline", "--credential", "3"]);
    let error = program.run().expect_error(2, "usage");
    assert!(error["message"].as_str().unwrap().contains("no credential 3"), "{error}");
}

#[test]
fn rollback_swaps_back_and_a_second_one_forward_again() {
    let mailbox = Mailbox::switched();
    let answer = rollback(&mailbox).now("2026-06-02T12:00:00Z").run().expect(0).json();
    assert_eq!(
        (answer["credential"].as_u64(), answer["previous"]["credential"].as_u64()),
        (Some(1), Some(2))
    );
    assert_eq!(mailbox.states(), ["current", "archived"]);
    assert!(used(&mailbox).contains("0001"), "{}", used(&mailbox));
    let answer = rollback(&mailbox).now("2026-06-03T12:00:00Z").run().expect(0).json();
    assert_eq!(
        (answer["credential"].as_u64(), answer["previous"]["credential"].as_u64()),
        (Some(2), Some(1))
    );
    assert!(used(&mailbox).contains("0002"), "{}", used(&mailbox));
    let history = mailbox.history();
    assert_eq!(history[0]["in_use_until"], "2026-06-03T12:00:00Z");
    assert_eq!(history[1]["in_use_from"], "2026-06-03T12:00:00Z");
    assert!(history[1]["in_use_until"].is_null(), "{history:?}");
}

#[test]
fn person_is_told_old_and_new_files_and_what_does_not_change_by_itself() {
    let mailbox = Mailbox::ready();
    mailbox.program().args(["adopt", "X26ABC2", "--share", Mailbox::ID]).run().expect(0);
    for (command, now, before) in [("activate", 2, 1), ("rollback", 1, 2)] {
        let output = mailbox.person().args([command, Mailbox::ID]).run().expect(0);
        let bundles = |number: u32| mailbox.credential(number).join("bundles-01").display().to_string();
        for said in [
            format!("Credential {now} of X26ABC1 (sandbox) is in use now."),
            format!("In use now, credential {now}"),
            format!("In use before, credential {before}"),
            bundles(now),
            bundles(before),
            mailbox.credential(now).join("key.pem").display().to_string(),
            format!(
                "Credential {before} is archived and kept. What was handed over elsewhere does not change by itself"
            ),
            "X26ABC2 shares it, and switched with it.".into(),
            "mesh-onboard rollback X26ABC1".into(),
        ] {
            assert!(output.stdout.contains(&said), "'{said}' is missing\n{}", output.shown());
        }
    }
}

#[test]
fn activate_is_refused_where_nothing_is_ready() {
    for (mailbox, hint) in [
        (Mailbox::requested(), "import X26ABC1 FILE"),
        (Mailbox::imported(), "renew X26ABC1"),
        (Mailbox::renewing(), "import X26ABC1 FILE"),
        (Mailbox::switched(), "rollback X26ABC1"),
    ] {
        let error = refused(&mailbox, activate(&mailbox), 1, "nothing_ready");
        assert!(error["hint"].as_str().unwrap().contains(hint), "{hint}: {error}");
    }
    let mailbox = Mailbox::ready();
    let error = refused(&mailbox, activate(&mailbox).now("2029-06-01T12:00:00Z"), 1, "expired");
    assert!(error["because"][0].as_str().unwrap().contains("1 May 2029"), "{error}");
}

#[test]
fn rollback_is_refused_where_there_is_nothing_to_go_back_to() {
    for mailbox in [Mailbox::requested(), Mailbox::imported(), Mailbox::renewing()] {
        refused(&mailbox, rollback(&mailbox), 1, "no_previous");
    }
    let mailbox = Mailbox::ready();
    let error = refused(&mailbox, rollback(&mailbox), 1, "no_previous");
    assert!(error["hint"].as_str().unwrap().contains("activate X26ABC1"), "{error}");
    let mailbox = Mailbox::switched();
    refused(&mailbox, rollback(&mailbox).now("2029-02-01T12:00:00Z"), 1, "expired");
}

#[test]
fn credential_whose_files_are_gone_is_not_put_in_use() {
    for gone in ["bundles-01", "key.pem"] {
        let mailbox = Mailbox::switched();
        fs::rename(mailbox.credential(1).join(gone), mailbox.file("elsewhere")).unwrap();
        let error = refused(&mailbox, rollback(&mailbox), 1, "files_missing");
        assert!(error["message"].as_str().unwrap().contains(gone), "{error}");
        assert_eq!(mailbox.states(), ["archived", "current"]);
    }
    // The hint works: the desk's answer makes its bundles again.
    let mailbox = Mailbox::switched();
    fs::remove_dir_all(mailbox.credential(1).join("bundles-01")).unwrap();
    mailbox.import([mailbox.certificate()]).run().expect(0);
    rollback(&mailbox).run().expect(0);
}

#[test]
fn credential_whose_key_is_elsewhere_is_not_put_in_use() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let adopt = mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--cert"]).arg(made.leaf());
    adopt.args(authority_args()).run().expect(0);
    mailbox.renew(&[]).run().expect(0);
    mailbox.import([mailbox.next_certificate()]).arg("--no-check").run().expect(0);
    activate(&mailbox).run().expect(0);
    assert_eq!(mailbox.states(), ["archived", "current"]);
    let error = refused(&mailbox, rollback(&mailbox), 1, "key_elsewhere");
    assert!(error["hint"].as_str().unwrap().contains("history X26ABC1"), "{error}");
}

#[test]
fn record_of_an_older_version_is_read_and_switched() {
    let mailbox = Mailbox::ready();
    let path = mailbox.own_folder().join("mailbox.toml");
    let text = fs::read_to_string(&path).unwrap();
    let old: String =
        text.lines().filter(|line| !line.starts_with("in_use_")).map(|line| format!("{line}\n")).collect();
    assert_ne!(old, text, "nothing was taken out");
    fs::write(&path, old).unwrap();
    activate(&mailbox).run().expect(0);
    let history = mailbox.history();
    assert_eq!(history[0]["in_use_from"], history[0]["imported_at"], "it was in use since its import");
    rollback(&mailbox).run().expect(0);
    assert_eq!(mailbox.states(), ["current", "archived"]);
}

#[test]
fn credential_that_was_renewed_as_compromised_is_gone_back_to_only_by_a_named_yes() {
    let mailbox = Mailbox::imported();
    mailbox.renew(&["--reason", "compromised"]).run().expect(0);
    let said = "its key may be in other hands, reported on ";
    for command in ["history", "status"] {
        let output = mailbox.person().args([command, Mailbox::ID]).run().expect(0);
        assert!(output.stdout.contains(said), "{command}\n{}", output.shown());
    }
    let status = mailbox.program().args(["status", Mailbox::ID]).run().expect(0).json();
    assert!(
        status["compromised_at"].is_string() || status.to_string().contains("compromised_at"),
        "{status}"
    );
    mailbox.import([mailbox.next_certificate()]).arg("--no-check").run().expect(0);
    let output = mailbox.person().args(["activate", Mailbox::ID]).run().expect(0);
    assert!(!output.stdout.contains("rollback"), "{}", output.shown());
    assert!(output.stdout.contains("credential 1 may be in other hands"), "{}", output.shown());
    let history = mailbox.history();
    assert!(
        history[0]["compromised_at"].is_string() && history[1]["compromised_at"].is_null(),
        "{history:?}"
    );
    let error = refused(&mailbox, rollback(&mailbox), 1, "compromised");
    assert!(error["hint"].as_str().unwrap().contains("--i-understand"), "{error}");
    rollback(&mailbox).arg("--i-understand").run().expect(0);
    assert_eq!(mailbox.states(), ["current", "archived"]);
}

#[test]
fn way_back_is_not_offered_where_it_would_be_refused() {
    let mailbox = Mailbox::ready();
    std::fs::remove_file(mailbox.credential(1).join("key.pem")).unwrap();
    let answer = activate(&mailbox).run().expect(0).json();
    assert!(!answer["next"].as_str().unwrap().contains("rollback"), "{answer}");
}
