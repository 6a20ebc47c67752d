//! `adopt`: credentials made elsewhere become credentials of ours.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::keys;
use crate::support::{
    Authority, Elsewhere, Mailbox, NOW, PASSPHRASE, Program, authority_args, openssl_with, tree,
};

/// `adopt X26ABC1 --env sandbox` with the CA of the tests.
fn adopt(mailbox: &Mailbox) -> Program {
    mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox"]).args(authority_args())
}

fn adopt_pair(mailbox: &Mailbox, made: &Elsewhere) -> Program {
    adopt(mailbox).arg("--key").arg(made.key()).arg("--cert").arg(made.leaf())
}

fn status(mailbox: &Mailbox, id: &str) -> Value {
    mailbox.program().args(["status", id]).run().json()["mailboxes"][0].clone()
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect()
}

#[test]
fn adopted_pair_is_a_credential_like_any_other() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let before = tree(made.folder());
    let output = adopt_pair(&mailbox, &made).run().expect(0);
    let answer = output.json();
    assert_eq!(
        keys(&answer),
        [
            "certificate",
            "chain",
            "common_name",
            "credential",
            "environment",
            "files",
            "key_elsewhere",
            "mailbox",
            "next",
            "ods",
            "readers",
            "state",
            "warnings"
        ]
    );
    assert_eq!(answer["mailbox"], "X26ABC1");
    assert_eq!(answer["environment"], "sandbox");
    assert_eq!(answer["ods"], "X26");
    assert_eq!(answer["common_name"], Mailbox::COMMON_NAME);
    assert_eq!(answer["credential"], 1);
    assert_eq!(answer["state"], "current");
    assert_eq!(answer["key_elsewhere"], false);
    assert_eq!(answer["files"]["key"], mailbox.credential(1).join("key.pem").to_str().unwrap());
    let pfx = mailbox.credential(1).join("bundles-01/X26ABC1.pfx");
    assert_eq!(answer["files"]["pfx"], pfx.to_str().unwrap());
    assert_eq!(codes(&answer), ["expires", "key_usage_period"]);
    for (name, (mode, content)) in tree(&mailbox.home()) {
        assert_eq!(mode, if content == "folder" { 0o700 } else { 0o600 }, "{name} has mode {mode:o}");
        assert!(!name.contains(".tmp") && !name.contains("request"), "{name}");
    }
    assert_eq!(tree(made.folder()), before, "the user's own files were changed");

    let shown = status(&mailbox, Mailbox::ID);
    assert_eq!(shown["state"], "current");
    assert_eq!(shown["adopted_at"], NOW);
    assert!(shown["requested_at"].is_null() && shown["shares"].is_null(), "{shown}");
    assert_eq!(shown["days_left"], 944);
    let answer = mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0).json();
    assert_eq!(answer["verdict"], "pass", "{answer}");
    assert!(output.stderr.is_empty(), "{}", output.shown());
    for secret in [PASSPHRASE.as_bytes(), &fs::read(made.key()).unwrap()[30..60]] {
        let shows = |text: &str| text.as_bytes().windows(secret.len()).any(|w| w == secret);
        assert!(!shows(&output.stdout) && !shows(&output.stderr));
    }
}

#[test]
fn keystore_with_a_weak_password_gets_a_passphrase_of_its_own() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let keystore = made.keystore("JKS", "changeit", "changeit");
    let program = adopt(&mailbox).arg("--key").arg(keystore).env("MESH_PFX_PASSWORD", "changeit");
    let before = tree(&mailbox.home());
    program.clone().without_env("MESH_KEY_PASSPHRASE").run().expect_error(2, "passphrase_weak");
    assert_eq!(tree(&mailbox.home()), before);
    let answer = program.run().expect(0).says("the new PFX has the key's passphrase").json();
    let pfx = answer["files"]["pfx"].as_str().unwrap();
    openssl_with(PASSPHRASE, &format!("pkcs12 -in {pfx} -passin env:PASS -noout"));
    mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
}

#[test]
fn passphrase_that_opened_the_key_stays_if_it_is_good_enough() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let program = adopt(&mailbox).arg("--cert").arg(made.leaf()).without_env("MESH_KEY_PASSPHRASE");
    let weak = program.clone().arg("--key").arg(made.encrypted_key("short"));
    let before = tree(&mailbox.home());
    weak.env("MESH_KEY_PASSPHRASE", "short").run().expect_error(2, "passphrase_weak");
    assert_eq!(tree(&mailbox.home()), before);
    let pfx = made.pfx(PASSPHRASE);
    program.arg("--key").arg(pfx).env("MESH_PFX_PASSWORD", PASSPHRASE).run().expect(0);
    mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
}

#[test]
fn second_pair_is_ready_beside_the_one_in_use() {
    let mailbox = Mailbox::imported();
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let answer = adopt_pair(&mailbox, &made).run().expect(0).json();
    assert_eq!(answer["credential"], 2);
    assert_eq!(answer["state"], "ready");
    assert!(codes(&answer).contains(&"not_in_use"), "{answer}");
    assert_eq!(status(&mailbox, Mailbox::ID)["state"], "renewing");
}

#[test]
fn pair_in_use_is_taken_in_while_a_request_is_outstanding() {
    let mailbox = Mailbox::requested();
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let answer = adopt_pair(&mailbox, &made).run().expect(0).json();
    assert_eq!(answer["state"], "current");
    assert_eq!(status(&mailbox, Mailbox::ID)["state"], "renewing");
    // The answer to the request is as welcome as ever.
    let answer = mailbox.import([mailbox.certificate()]).arg("--no-check").run().expect(0).json();
    assert_eq!((answer["credential"].as_u64(), answer["state"].as_str()), (Some(1), Some("ready")));
}

#[test]
fn certificate_alone_is_enough_for_status_to_warn() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new("x26abc1.x26.api.mesh-client.nhs.uk"));
    let answer = adopt(&mailbox).arg("--cert").arg(made.leaf()).run().expect(0).json();
    assert_eq!(answer["state"], "current");
    assert_eq!(answer["key_elsewhere"], true);
    assert_eq!(answer["common_name"], Mailbox::COMMON_NAME);
    assert_eq!(keys(&answer["files"]), ["ca_bundle", "certificate", "chain", "fullchain"]);
    assert!(codes(&answer).contains(&"key_elsewhere"), "{answer}");
    let shown = status(&mailbox, Mailbox::ID);
    assert_eq!(shown["key_elsewhere"], true);
    assert!(shown["next"].as_str().unwrap().contains("--cert FILE --key FILE"), "{shown}");
    mailbox.program().arg("status").now("2028-12-01T00:00:00Z").run().expect(3).says("31 days left");

    for command in ["check", "validate"] {
        let error = mailbox.program().args([command, Mailbox::ID]).run().expect_error(1, "key_elsewhere");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("--cert FILE --key FILE") && hint.contains("adopt"), "{error}");
    }
    // A renewal begins elsewhere; a second request is none.
    let request = ["request", Mailbox::ID, "--ods", "X26", "--env", "sandbox"];
    mailbox.program().args(request).run().expect_error(1, "already_in_use");
    // The certificate belongs to no key that is here.
    mailbox.import([made.leaf()]).run().expect_error(1, "key_elsewhere");
}

#[test]
fn key_that_comes_later_completes_the_certificate() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    adopt(&mailbox).arg("--cert").arg(made.leaf()).run().expect(0);
    // Mailbox, certificate, chain and trust are known by now.
    let program = mailbox.program().args(["adopt", Mailbox::ID, "--key"]).arg(made.key());
    let answer = program.run().expect(0).json();
    assert_eq!((answer["credential"].as_u64(), answer["state"].as_str()), (Some(2), Some("current")));
    assert!(codes(&answer).contains(&"takes_over"), "{answer}");
    mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
    assert!(mailbox.credential(1).join("bundles-01/certificate.pem").exists(), "nothing is deleted");
    assert!(status(&mailbox, Mailbox::ID)["key_elsewhere"].is_null());
}

#[test]
fn certificate_alone_may_be_expired_early_or_without_a_chain() {
    let over = Elsewhere::valid(Mailbox::COMMON_NAME, "20230101000000Z", "20260501000000Z");
    let mailbox = Mailbox::none();
    let answer = adopt(&mailbox).arg("--cert").arg(over.leaf()).run().expect(0).json();
    assert!(codes(&answer).contains(&"expired"), "{answer}");
    assert_eq!(mailbox.program().arg("status").run().expect(3).json()["mailboxes"][0]["state"], "expired");

    let early = Elsewhere::valid(Mailbox::COMMON_NAME, "20270101000000Z", "20290101000000Z");
    let answer = adopt(&Mailbox::none()).arg("--cert").arg(early.leaf()).run().expect(0).json();
    assert!(codes(&answer).contains(&"not_yet_valid"), "{answer}");

    let lone = Elsewhere::new(Mailbox::COMMON_NAME);
    let mailbox = Mailbox::none();
    let program = mailbox.program().args(["adopt", Mailbox::ID, "--env", "live", "--cert"]);
    let answer = program.arg(lone.leaf()).run().expect(0).json();
    assert!(codes(&answer).contains(&"chain_not_proved"), "{answer}");
    assert_eq!(keys(&answer["files"]), ["certificate"]);
    assert_eq!(answer["chain"], serde_json::json!([]));
}

#[test]
fn old_certificate_beside_one_in_use_is_kept_for_the_record() {
    let mailbox = Mailbox::imported();
    let over = Elsewhere::valid(Mailbox::COMMON_NAME, "20230101000000Z", "20260501000000Z");
    let answer = adopt(&mailbox).arg("--cert").arg(over.leaf()).run().expect(0).json();
    assert_eq!(answer["state"], "archived");
    let shown = status(&mailbox, Mailbox::ID);
    assert_eq!((shown["state"].as_str(), shown["credential"].as_u64()), (Some("current"), Some(1)));
}

#[test]
fn later_certificate_for_a_key_kept_elsewhere_takes_the_place_of_the_first() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    adopt(&mailbox).arg("--cert").arg(made.leaf()).run().expect(0);
    let again = Authority::ours().leaf(&made.file("made.csr"), Mailbox::COMMON_NAME);
    let again = again.valid("20260201000000Z", "20300101000000Z").sign(&made.file("again.pem"));
    let answer = adopt(&mailbox).arg("--cert").arg(again).run().expect(0).json();
    assert_eq!((answer["credential"].as_u64(), answer["state"].as_str()), (Some(2), Some("current")));
    assert_eq!(status(&mailbox, Mailbox::ID)["not_after"], "2030-01-01T00:00:00Z");
}

#[test]
fn name_of_another_mailbox_is_a_note_and_no_more() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new("X26ABC9.X26.api.mesh-client.nhs.uk"));
    let answer = adopt_pair(&mailbox, &made).run().expect(0).json();
    assert_eq!(answer["common_name"], "X26ABC9.X26.api.mesh-client.nhs.uk");
    assert!(codes(&answer).contains(&"names_another"), "{answer}");
    mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
    // Taken in once more for the mailbox that it names, the better way is told.
    let program = mailbox.program().args(["adopt", "X26ABC9", "--env", "sandbox", "--key"]).arg(made.key());
    let answer = program.arg("--cert").arg(made.leaf()).args(authority_args()).run().expect(0).json();
    let told = answer["warnings"].to_string();
    assert!(told.contains("--share X26ABC1"), "{answer}");
}

#[test]
fn foreign_name_needs_the_ods_code() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new("endpoint.x26.thirdparty.nhs.uk"));
    let before = tree(&mailbox.home());
    let error = adopt_pair(&mailbox, &made).run().expect_error(2, "usage");
    assert!(error["hint"].as_str().unwrap().contains("--ods"), "{error}");
    assert_eq!(tree(&mailbox.home()), before);
    let answer = adopt_pair(&mailbox, &made).args(["--ods", "X27"]).run().expect(0).json();
    assert_eq!(answer["ods"], "X27");
    let codes = codes(&answer);
    assert!(codes.contains(&"name_not_mesh") && codes.contains(&"ods_mismatch"), "{answer}");
}

#[test]
fn environment_follows_from_the_ca_that_issued() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let issued = mailbox.file("issued.pem");
    let issue = mailbox.program().args(["rehearse", "--issue"]).arg(made.file("made.csr"));
    issue.arg("--to").arg(&issued).run().expect(0);
    let program = mailbox.program().args(["adopt", Mailbox::ID, "--key"]).arg(made.key());
    let answer = program.arg("--cert").arg(&issued).run().expect(0).json();
    assert_eq!(answer["environment"], "rehearsal");
    mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
}

#[test]
fn recorded_authority_serves_the_next_pair() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    adopt_pair(&mailbox, &made).run().expect(0);
    let next = Elsewhere::new(Mailbox::COMMON_NAME);
    let program = mailbox.program().args(["adopt", Mailbox::ID, "--key"]).arg(next.key());
    let program = program.arg("--cert").arg(next.leaf()).arg("--cert").arg(Authority::ours().sub());
    assert_eq!(program.run().expect(0).json()["state"], "ready");
}

#[test]
fn person_is_told_that_the_own_file_still_lies_there() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let program = mailbox.person().args(["adopt", Mailbox::ID, "--env", "sandbox", "--key"]).arg(made.key());
    let output = program.arg("--cert").arg(made.leaf()).args(authority_args()).run().expect(0);
    let key = mailbox.credential(1).join("key.pem");
    for words in
        [key.to_str().unwrap(), made.key().to_str().unwrap(), "lies where it was", "2029", "X26ABC1.pfx"]
    {
        assert!(output.stdout.contains(words), "'{words}' is missing\n{}", output.shown());
    }
    let output = mailbox.person().args(["status", Mailbox::ID]).run().expect(0);
    assert!(output.stdout.contains("Adopted      1 June 2026"), "{}", output.shown());
}

#[test]
fn secrets_of_a_folder_of_files_are_read_wherever_they_lie() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let passphrase: PathBuf = mailbox.file_with("passphrase", PASSPHRASE);
    let password: &Path = &mailbox.file_with("password", "changeit");
    let program = adopt(&mailbox).without_env("MESH_KEY_PASSPHRASE").arg("--key").arg(made.pfx("changeit"));
    let program =
        program.arg("--key-passphrase-file").arg(passphrase).arg("--pfx-password-file").arg(password);
    program.run().expect(0);
    mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
}

#[test]
fn certificate_of_a_stranger_for_the_same_key_does_not_keep_out_the_good_one() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let later = |authority: Authority, name: &str, file: &str| {
        let leaf = authority.leaf(&made.file("made.csr"), name).valid("20260501000000Z", "20300101000000Z");
        leaf.sign(&made.file(file))
    };
    let stray = later(Authority::foreign(), Mailbox::COMMON_NAME, "stray.pem");
    let renamed = later(Authority::ours(), "x26abc2.x26.api.mesh-client.nhs.uk", "renamed.pem");
    let all = |program: Program| {
        let program = program.arg("--key").arg(made.key()).arg("--cert").arg(&stray).arg("--cert");
        program.arg(&renamed).arg("--cert").arg(made.leaf()).args(authority_args())
    };
    let adopted =
        all(mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox"])).run().expect(0).json();
    assert_eq!(adopted["common_name"], Mailbox::COMMON_NAME, "{adopted}");
    assert!(adopted["certificate"]["not_after"].as_str().unwrap().starts_with("2029"), "{adopted}");
    let out = mailbox.file("bundles");
    all(mailbox.program().args(["bundle", "--to"]).arg(out)).run().expect(0);
}
