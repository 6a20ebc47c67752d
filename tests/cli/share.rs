//! `adopt --share`: several mailboxes hold one credential.

use std::fs;

use serde_json::Value;

use crate::keys;
use crate::support::{Elsewhere, Mailbox, Program, authority_args, changes, tree};

fn share(mailbox: &Mailbox, id: &str, other: &str) -> Program {
    mailbox.program().args(["adopt", id, "--share", other])
}

#[track_caller]
fn refused(mailbox: &Mailbox, program: Program, exit: i32, code: &str) -> Value {
    let before = tree(&mailbox.home());
    let output = program.run();
    let changed = changes(&before, &tree(&mailbox.home()));
    assert!(changed.is_empty(), "changed: {changed:?}\n{}", output.shown());
    output.expect_error(exit, code)
}

fn shown(mailbox: &Mailbox, id: &str) -> Value {
    mailbox.program().args(["status", id]).run().expect(0).json()["mailboxes"][0].clone()
}

#[test]
fn sharing_mailbox_stands_where_the_other_stands() {
    let mailbox = Mailbox::imported();
    let before = tree(&mailbox.own_folder());
    let answer = share(&mailbox, "x26abc2", "X26ABC1").run().expect(0).json();
    assert_eq!(
        keys(&answer),
        ["common_name", "credential", "environment", "mailbox", "next", "ods", "shares", "state", "warnings"]
    );
    assert_eq!(answer["mailbox"], "X26ABC2");
    assert_eq!(answer["shares"], "X26ABC1");
    assert_eq!(answer["environment"], "sandbox");
    assert_eq!(answer["ods"], "X26");
    assert_eq!(answer["state"], "current");
    assert_eq!(tree(&mailbox.own_folder()), before, "the other mailbox changed");
    let names: Vec<String> = tree(&mailbox.home().join("sandbox/X26ABC2")).into_keys().collect();
    assert_eq!(names, [".lock", "mailbox.toml"], "something was copied");

    let sharing = shown(&mailbox, "X26ABC2");
    assert_eq!(sharing["shares"], "X26ABC1");
    assert_eq!(sharing["state"], "current");
    assert_eq!(sharing["days_left"], 944);
    assert!(sharing["next"].as_str().unwrap().contains("check X26ABC2"), "{sharing}");
    assert!(shown(&mailbox, "X26ABC1")["shares"].is_null());
    let text = mailbox.person().arg("status").run().expect(0).stdout;
    assert!(text.contains("1 of X26ABC1"), "{text}");
    let text = mailbox.person().args(["status", "X26ABC2"]).run().expect(0).stdout;
    assert!(text.contains("X26ABC1, which it shares"), "{text}");
    // When it is time, one certificate is one warning, of whichever mailbox is asked about.
    let warned = |more: &[&str]| {
        mailbox.program().arg("status").args(more).now("2028-12-20T00:00:00Z").run().expect(3).stderr
    };
    let both = warned(&[]);
    assert!(both.contains("certificate of X26ABC1") && !both.contains("certificate of X26ABC2"), "{both}");
    assert!(warned(&["X26ABC2"]).contains("certificate of X26ABC2"));
    let answer = mailbox.program().args(["check", "X26ABC2", "--offline"]).run().expect(0).json();
    assert_eq!(answer["mailbox"], "X26ABC2");
    assert_eq!(answer["verdict"], "pass", "{answer}");
}

#[test]
fn what_is_done_to_the_credential_is_refused_where_it_is_shared() {
    let mailbox = Mailbox::imported();
    share(&mailbox, "X26ABC2", "X26ABC1").run().expect(0);
    let certificate = mailbox.certificate();
    let request = mailbox.program().args(["request", "X26ABC2", "--ods", "X26", "--env", "sandbox"]);
    let import = mailbox.program().args(["import", "X26ABC2"]).arg(certificate);
    let sent = mailbox.program().args(["sent", "X26ABC2"]);
    for (verb, program) in [("request", request), ("import", import), ("sent", sent)] {
        let error = refused(&mailbox, program, 1, "shares_credential");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains(&format!("mesh-onboard {verb} X26ABC1")), "{error}");
    }
}

#[test]
fn there_are_no_chains_and_no_loops_of_sharing() {
    let mailbox = Mailbox::imported();
    share(&mailbox, "X26ABC2", "X26ABC1").run().expect(0);
    // One that shares stands for the one that it shares with.
    let answer = share(&mailbox, "X26ABC3", "X26ABC2").run().expect(0).json();
    assert_eq!(answer["shares"], "X26ABC1");
    assert!(answer["warnings"].to_string().contains("shared_already"), "{answer}");
    refused(&mailbox, share(&mailbox, "X26ABC1", "X26ABC1"), 2, "usage");
    refused(&mailbox, share(&mailbox, "X26ABC1", "X26ABC2"), 2, "usage");
    let error = refused(&mailbox, share(&mailbox, "X26ABC2", "X26ABC2"), 2, "usage");
    assert_eq!(error["message"], "X26ABC2 cannot share with itself");
    refused(&mailbox, share(&mailbox, "X26ABC2", "X26ABC1"), 1, "already_adopted");
    refused(&mailbox, share(&mailbox, "X26ABC4", "X26NONE"), 1, "no_such_mailbox");
    refused(&mailbox, share(&mailbox, "X26ABC4", "X26ABC1").args(["--env", "live"]), 1, "no_such_mailbox");
    // Written by hand, it is refused and hides nobody else.
    let record = mailbox.home().join("sandbox/X26ABC2/mailbox.toml");
    let text = fs::read_to_string(&record).unwrap().replace("\"X26ABC1\"", "\"X26ABC3\"");
    fs::write(&record, text).unwrap();
    refused(&mailbox, mailbox.program().args(["check", "X26ABC2", "--offline"]), 1, "record_unreadable");
    let output = mailbox.program().arg("status").run().expect(1).says("X26ABC3, which itself shares X26ABC1");
    assert_eq!(output.json()["mailboxes"].as_array().unwrap().len(), 2);
}

#[test]
fn mailbox_with_credentials_of_its_own_keeps_them() {
    let mailbox = Mailbox::imported();
    let made = Elsewhere::new("x26abc2.x26.api.mesh-client.nhs.uk");
    let adopt = |id: &str| {
        let program = mailbox.program().args(["adopt", id, "--env", "sandbox", "--key"]).arg(made.key());
        program.arg("--cert").arg(made.leaf()).args(authority_args())
    };
    adopt("X26ABC2").run().expect(0);
    let error = refused(&mailbox, share(&mailbox, "X26ABC2", "X26ABC1"), 1, "already_in_use");
    assert!(error["because"].to_string().contains("credential 1 is current"), "{error}");
    let request = ["request", "X26ABC3", "--ods", "X26", "--env", "sandbox"];
    mailbox.program().args(request).run().expect(0);
    refused(&mailbox, share(&mailbox, "X26ABC3", "X26ABC1"), 1, "request_outstanding");
    // Archived ones are none in the way. No command archives the last one yet, so the file says it.
    let record = mailbox.home().join("sandbox/X26ABC2/mailbox.toml");
    let text = fs::read_to_string(&record).unwrap().replace("\"current\"", "\"archived\"");
    fs::write(&record, text).unwrap();
    share(&mailbox, "X26ABC2", "X26ABC1").run().expect(0);
    refused(&mailbox, adopt("X26ABC2"), 1, "already_adopted");
    refused(&mailbox, share(&mailbox, "X26ABC1", "X26ABC3"), 1, "already_in_use");
}

#[test]
fn mailbox_that_others_share_cannot_begin_to_share() {
    let mailbox = Mailbox::imported();
    share(&mailbox, "X26ABC2", "X26ABC1").run().expect(0);
    let made = Elsewhere::new("x26abc5.x26.api.mesh-client.nhs.uk");
    let program = mailbox.program().args(["adopt", "X26ABC5", "--env", "sandbox", "--key"]).arg(made.key());
    program.arg("--cert").arg(made.leaf()).args(authority_args()).run().expect(0);
    let record = mailbox.own_folder().join("mailbox.toml");
    let text = fs::read_to_string(&record).unwrap().replace("\"current\"", "\"archived\"");
    fs::write(&record, text).unwrap();
    let error = refused(&mailbox, share(&mailbox, "X26ABC1", "X26ABC5"), 1, "already_in_use");
    assert!(error["message"].as_str().unwrap().contains("X26ABC2"), "{error}");
    // Nothing is left there to share.
    refused(&mailbox, share(&mailbox, "X26ABC6", "X26ABC1"), 1, "no_certificate");
}

#[test]
fn credential_of_its_own_ends_the_sharing() {
    let mailbox = Mailbox::imported();
    share(&mailbox, "X26ABC2", "X26ABC1").run().expect(0);
    let made = Elsewhere::new("x26abc2.x26.api.mesh-client.nhs.uk");
    let program = mailbox.program().args(["adopt", "X26ABC2", "--key"]).arg(made.key());
    let answer = program.arg("--cert").arg(made.leaf()).args(authority_args()).run().expect(0).json();
    assert!(answer["warnings"].to_string().contains("shares_no_longer"), "{answer}");
    let own = shown(&mailbox, "X26ABC2");
    assert!(own["shares"].is_null(), "{own}");
    assert_eq!(own["common_name"], "X26ABC2.X26.api.mesh-client.nhs.uk");
}

#[test]
fn certificate_known_alone_can_be_shared_too() {
    let mailbox = Mailbox::none();
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let adopt = mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--cert"]);
    adopt.arg(made.leaf()).run().expect(0);
    share(&mailbox, "X26ABC2", "X26ABC1").run().expect(0);
    assert_eq!(shown(&mailbox, "X26ABC2")["key_elsewhere"], true);
    refused(&mailbox, mailbox.program().args(["check", "X26ABC2"]), 1, "key_elsewhere");
}
