//! `export --verify` of what is carried on, and of several mailboxes.

use std::fs;

use serde_json::{Value, json};

use crate::export::{again, export, with_login};
use crate::support::Mailbox;

/// The one handover, as `--verify` sees it.
fn verified(mailbox: &Mailbox, exit: i32) -> Value {
    let answer = mailbox.program().args(["export", Mailbox::ID, "--verify"]).run().expect(exit).json();
    assert_eq!(answer["not_compared"], json!(["mailbox_password", "shared_key"]));
    answer["exports"][0].clone()
}

fn told(mailbox: &Mailbox, exit: i32) -> String {
    mailbox.person().args(["export", "--verify"]).run().expect(exit).stdout
}

#[test]
fn what_is_carried_on_is_judged_by_its_certificate_once_its_folder_is_gone() {
    let mailbox = Mailbox::ready();
    export(&mailbox, "vault", "to").run().expect(0);
    assert_eq!(verified(&mailbox, 0)["carried"], json!({"to": "Vault", "by": "sh put.sh"}));
    let text = told(&mailbox, 0);
    let unseen = "\n  what lies in Vault was not looked at: sh put.sh carries these files there\n";
    assert!(text.contains(unseen), "{text}");

    fs::remove_dir_all(mailbox.file("to")).unwrap();
    let export = verified(&mailbox, 0);
    assert_eq!((&export["state"], &export["next"]), (&json!("removed"), &Value::Null), "{export}");
    let text = told(&mailbox, 0);
    let removed =
        "credential 1, which is in use\n  its folder was removed; what lies in Vault was not looked at\n";
    assert!(text.contains(removed) && !text.contains("Next:"), "{text}");
    // Its end is told nevertheless.
    let late = mailbox.program().args(["export", "--verify"]).now("2028-12-01T00:00:00Z").run().expect(3);
    assert_eq!(late.json()["exports"][0]["state"], "expiring");

    mailbox.program().args(["activate", Mailbox::ID]).run().expect(0);
    assert_eq!(verified(&mailbox, 3)["state"], "stale");
    again(&mailbox, "--refresh").run().expect(0);
    assert_eq!(verified(&mailbox, 0)["state"], "in_use");
}

#[test]
fn every_mailbox_whose_handovers_are_to_be_made_again_is_named() {
    let mailbox = Mailbox::ready();
    mailbox.program().args(["adopt", "X26ABC2", "--share", "X26ABC1", "--env", "sandbox"]).run().expect(0);
    for (id, to) in [("X26ABC1", "one"), ("X26ABC1", "two"), ("X26ABC2", "three")] {
        let program = with_login(mailbox.program()).args(["export", id, "--for", "pem", "--to"]);
        program.arg(mailbox.file(to)).run().expect(0);
    }
    mailbox.program().args(["activate", Mailbox::ID]).run().expect(0);
    let text = told(&mailbox, 3);
    let next = "\nNext:\n  make it again: mesh-onboard export X26ABC1 --refresh\n  \
                make it again: mesh-onboard export X26ABC2 --refresh\n";
    assert!(text.ends_with(next), "{text}");
    let program = mailbox.person().args(["export", "--verify", "--to"]).arg(mailbox.file("two"));
    let text = program.run().expect(3).stdout;
    let to = format!("mesh-onboard export X26ABC1 --refresh --to {}\n", mailbox.file("two").display());
    assert!(text.ends_with(&to), "{text}");
}
