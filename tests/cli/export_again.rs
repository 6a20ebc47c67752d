//! `export --refresh`, `--verify` and `--forget`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::export::{again, export, recorded, with_login};
use crate::keys;
use crate::support::{Mailbox, changes, openssl, path_arg, tree};

/// What `--verify` says of every handover, and how it ends.
fn verified(mailbox: &Mailbox, exit: i32) -> Vec<Value> {
    // Without any secret.
    let answer =
        mailbox.program().without_env("MESH_KEY_PASSPHRASE").args(["export", Mailbox::ID, "--verify"]);
    answer.run().expect(exit).json()["exports"].as_array().unwrap().clone()
}

#[track_caller]
fn faults(mailbox: &Mailbox, state: &str, expected: &[&str]) {
    let [export] = verified(mailbox, if state == "in_use" { 0 } else { 3 }).try_into().unwrap();
    assert_eq!((export["state"].as_str(), &export["faults"]), (Some(state), &json!(expected)));
}

#[test]
fn handovers_are_made_again_from_the_credential_in_use() {
    let mailbox = Mailbox::ready();
    export(&mailbox, "pem", "one").args(["--set", "key=pkcs1", "--mode", "640"]).run().expect(0);
    export(&mailbox, "mesh-client", "two").run().expect(0);
    let old = tree(&mailbox.file("one"));
    let answer = mailbox.program().args(["activate", Mailbox::ID]).run().expect(0).json();
    assert_eq!(answer["handed_over"].as_array().unwrap().len(), 2, "{answer}");
    let states: Vec<_> = verified(&mailbox, 3).iter().map(|export| export["state"].clone()).collect();
    assert_eq!(states, ["stale", "stale"]);

    let program = again(&mailbox, "--refresh").arg("--to").arg(mailbox.file("one"));
    let answer = program.run().expect(0).json();
    let [one] = answer["exports"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!(
        keys(one),
        ["before", "consumer", "credential", "environment", "folder", "mailbox", "next", "warnings"]
    );
    assert_eq!(one["credential"], 2);
    assert_eq!(tree(&mailbox.file("one.before-1")), old, "what was there has changed");
    let states: Vec<_> = verified(&mailbox, 3).iter().map(|export| export["state"].clone()).collect();
    assert_eq!(states, ["stale", "in_use"], "the other one was made again, too");
    // As it was asked for the first time.
    let key = mailbox.file("one").join("key.pem");
    assert!(fs::read_to_string(&key).unwrap().contains("BEGIN RSA PRIVATE KEY"));
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o640);
    let certificate = path_arg(&mailbox.file("one").join("client.pem"));
    assert_eq!(
        openssl(&format!("pkey -in {} -pubout", path_arg(&key))),
        openssl(&format!("x509 -in {certificate} -noout -pubkey"))
    );
    let program = again(&mailbox, "--refresh").run().expect(0);
    assert_eq!(program.json()["exports"].as_array().unwrap().len(), 2);
    assert!(verified(&mailbox, 0).iter().all(|export| export["state"] == "in_use"));
}

#[test]
fn refresh_of_all_mailboxes_is_told_to_people() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "one").run().expect(0);
    let output = with_login(mailbox.person()).args(["export", "--refresh"]).run().expect(0);
    let (one, before) = (mailbox.file("one"), mailbox.file("one.before-1"));
    assert_eq!(
        output.stdout,
        format!(
            "X26ABC1 (sandbox), pem: made again in {}; the earlier one is in {}\n\n\
             Next, for pem: Give the application client.pem as its certificate, key.pem as its key and ca.pem as the CAs that it trusts.\n\
             An application that reads its files when it starts has to be started again.\n",
            one.display(),
            before.display()
        )
    );
}

#[test]
fn one_that_fails_leaves_the_others_no_older() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "one").run().expect(0);
    export(&mailbox, "pem", "two").run().expect(0);
    fs::write(mailbox.file("one").join("theirs"), "theirs").unwrap();
    let answer = again(&mailbox, "--refresh").run().expect(1).json();
    let exports = answer["exports"].as_array().unwrap();
    assert_eq!(exports[0]["error"]["code"], "not_ours", "{answer}");
    assert_eq!(exports[1]["before"], mailbox.file("two.before-1").to_str().unwrap(), "{answer}");
    assert!(!mailbox.file("one.before-1").exists());
    let output = with_login(mailbox.person()).args(["export", Mailbox::ID, "--refresh"]).run().expect(1);
    assert!(output.stdout.contains("pem: NOT made again in"), "{}", output.shown());
    assert!(output.stdout.contains("hint: move it elsewhere"), "{}", output.shown());
    // Alone, it is an error.
    let program = again(&mailbox, "--refresh").arg("--to").arg(mailbox.file("one"));
    program.run().expect_error(1, "not_ours");
}

#[test]
fn secrets_from_standard_input_serve_every_handover_of_a_credential() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "one").run().expect(0);
    export(&mailbox, "pem", "two").run().expect(0);
    let program = mailbox.program().without_env("MESH_KEY_PASSPHRASE").stdin(crate::support::PASSPHRASE);
    let program = program.args(["export", Mailbox::ID, "--refresh", "--key-passphrase-file", "-"]);
    assert_eq!(program.run().expect(0).json()["exports"].as_array().unwrap().len(), 2);
}

#[test]
fn verify_names_what_has_changed() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "mesh-client", "to").run().expect(0);
    let before = tree(&mailbox.home());
    let file = |name: &str| mailbox.file("to").join(name);
    let text = |name: &str| fs::read_to_string(file(name)).unwrap();
    faults(&mailbox, "in_use", &[]);

    let (client, settings) = (text("client.pem"), text("mesh.env"));
    fs::write(file("client.pem"), client.replace("MII", "MIJ")).unwrap();
    faults(&mailbox, "changed", &["client.pem has changed"]);
    fs::write(file("client.pem"), &client).unwrap();
    fs::write(file("mesh.env"), settings.replace("password", "passw0rd")).unwrap();
    faults(&mailbox, "changed", &["mesh.env has changed"]);
    fs::write(file("mesh.env"), &settings).unwrap();
    faults(&mailbox, "in_use", &[]);

    fs::set_permissions(file("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    faults(&mailbox, "open", &["key.pem can be read by more than it should: its mode is 644"]);
    // Fewer is no fault.
    fs::set_permissions(file("key.pem"), fs::Permissions::from_mode(0o400)).unwrap();
    faults(&mailbox, "in_use", &[]);
    fs::remove_file(file("ca.pem")).unwrap();
    faults(&mailbox, "missing", &["ca.pem is missing"]);
    fs::create_dir(file("ca.pem")).unwrap();
    let [export] = verified(&mailbox, 3).try_into().unwrap();
    assert_eq!(export["state"], "unreadable");
    assert!(export["faults"][0].as_str().unwrap().starts_with("ca.pem cannot be read: "), "{export}");
    fs::remove_dir_all(mailbox.file("to")).unwrap();
    faults(&mailbox, "missing", &["the folder is not there"]);
    // As where its parent is closed to this account.
    std::os::unix::fs::symlink("to", mailbox.file("to")).unwrap();
    let [export] = verified(&mailbox, 3).try_into().unwrap();
    assert_eq!(export["state"], "unreadable");
    assert!(export["faults"][0].as_str().unwrap().starts_with("the folder cannot be read: "), "{export}");
    assert!(export["next"].as_str().unwrap().starts_with("let this account read it"), "{export}");
    assert_eq!(tree(&mailbox.home()), before, "verify writes something");
}

#[test]
fn verify_is_told_to_people() {
    let mailbox = Mailbox::switched();
    export(&mailbox, "pem", "now").run().expect(0);
    export(&mailbox, "pem", "before").args(["--credential", "1"]).run().expect(0);
    let program = mailbox.person().args(["export", "--verify"]).now("2028-12-20T00:00:00Z");
    let output = program.run().expect(3);
    let (now, before) = (mailbox.file("now"), mailbox.file("before"));
    let (now, before) = (now.display(), before.display());
    assert_eq!(
        output.stdout,
        format!(
            "X26ABC1 (sandbox), pem, in {now}: credential 2, which is in use\n\
             X26ABC1 (sandbox), pem, in {before}: credential 1, and credential 2 is in use\n  \
             its certificate expires on 1 January 2029\n\n\
             Compared: certificates and files. Mailbox password and shared key were not: \
             whether they have changed since is not known.\n\n\
             Next: make it again: mesh-onboard export X26ABC1 --refresh --to {before}\n"
        )
    );
}

#[test]
fn verify_tells_of_an_end_that_is_near_or_past() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "to").run().expect(0);
    for (now, state, says, days, exit) in [
        ("2028-09-01T00:00:00Z", "in_use", "", 122, 0),
        ("2028-10-04T00:00:00Z", "expiring", "its certificate expires on 1 January 2029", 89, 3),
        ("2029-01-03T00:00:00Z", "expired", "its certificate expired on 1 January 2029", -2, 3),
    ] {
        let text = mailbox.person().args(["export", "--verify"]).now(now).run().expect(exit).stdout;
        assert_eq!(text.lines().nth(1).map(str::trim), Some(says), "{now}");
        let renew = "Next: renew it: mesh-onboard renew X26ABC1\n";
        assert_eq!(text.ends_with(renew), exit == 3, "{text}");
        let json = mailbox.program().args(["export", "--verify"]).now(now).run().expect(exit).json();
        assert_eq!(
            (&json["exports"][0]["days_left"], &json["exports"][0]["state"]),
            (&json!(days), &json!(state))
        );
    }
    // It is asked for once.
    mailbox.renew(&[]).run().expect(0);
    let asked = mailbox.person().args(["export", "--verify"]).now("2028-12-01T00:00:00Z").run().expect(3);
    assert!(
        asked.stdout.ends_with("Next: the next certificate is on its way: mesh-onboard status X26ABC1\n"),
        "{}",
        asked.shown()
    );
}

#[test]
fn verify_says_what_it_cannot_compare() {
    let mailbox = Mailbox::imported();
    let templates = mailbox.home().join("templates");
    fs::create_dir(&templates).unwrap();
    export(&mailbox, "mesh-client", "to").run().expect(0);
    // As a handover without a key is noted.
    let path = mailbox.own_folder().join("mailbox.toml");
    let mut record: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
    let export = record["export"].as_array_mut().unwrap()[0].as_table_mut().unwrap();
    export.remove("sha256").unwrap();
    fs::write(&path, record.to_string()).unwrap();
    let output = mailbox.person().args(["export", "--verify"]).run().expect(0);
    assert!(
        output.stdout.contains("mesh.env was not compared: it holds a password and no key"),
        "{}",
        output.stdout
    );
    assert_eq!(verified(&mailbox, 0)[0]["not_compared"], json!(["mesh.env"]));
}

#[test]
fn handover_that_was_taken_elsewhere_is_known_there() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "pem").run().expect(0);
    export(&mailbox, "mesh-client", "client").run().expect(0);
    crate::support::copy_folder(&mailbox.file("client"), &mailbox.file("elsewhere"));
    let there = || again(&mailbox, "--verify").arg("--to").arg(mailbox.file("elsewhere"));
    let answer = there().run().expect(0).json();
    let [export] = answer["exports"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!(
        (export["consumer"].as_str(), export["state"].as_str()),
        (Some("mesh-client"), Some("in_use"))
    );
    assert_eq!(export["folder"], mailbox.file("elsewhere").to_str().unwrap());
    // With the usual mishap of a copy.
    fs::set_permissions(mailbox.file("elsewhere/key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(there().run().expect(3).json()["exports"][0]["state"], "open");
    fs::remove_file(mailbox.file("elsewhere/ca.pem")).unwrap();
    there().run().expect_error(1, "not_handed_over");
}

#[test]
fn what_is_forgotten_is_not_made_again_and_stays_where_it_is() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "pem", "to").run().expect(0);
    let (before, home) = (tree(&mailbox.file("to")), tree(&mailbox.home()));
    let forget = |to: &str| again(&mailbox, "--forget").arg(mailbox.file(to));
    forget("other").run().expect_error(1, "not_handed_over");
    let answer = forget("to").run().expect(0).json();
    assert_eq!(keys(&answer), ["consumer", "environment", "folder", "mailbox"]);
    assert_eq!(tree(&mailbox.file("to")), before);
    assert_eq!(changes(&home, &tree(&mailbox.home())), ["sandbox/X26ABC1/mailbox.toml"]);
    assert!(recorded(&mailbox).is_empty());
    for flag in ["--refresh", "--verify"] {
        again(&mailbox, flag).run().expect_error(1, "not_handed_over");
    }
}
