//! `adopt`: what is refused has its own error, and not one byte under the home changes.

use serde_json::Value;

use crate::support::{Authority, Elsewhere, Mailbox, Program, authority_args, changes, tree};

#[track_caller]
fn refused(mailbox: &Mailbox, program: Program, exit: i32, code: &str) -> Value {
    let before = tree(&mailbox.home());
    let output = program.run();
    let changed = changes(&before, &tree(&mailbox.home()));
    assert!(changed.is_empty(), "changed: {changed:?}\n{}", output.shown());
    output.expect_error(exit, code)
}

fn adopt(mailbox: &Mailbox, made: &Elsewhere) -> Program {
    let program = mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--key"]).arg(made.key());
    program.arg("--cert").arg(made.leaf()).args(authority_args())
}

#[test]
fn same_key_twice_is_refused_and_its_credential_named() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    adopt(&mailbox, &made).run().expect(0);
    let error = refused(&mailbox, adopt(&mailbox, &made), 1, "already_adopted");
    assert!(error["message"].as_str().unwrap().contains("credential 1"), "{error}");
    let alone = mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--cert"]).arg(made.leaf());
    refused(&mailbox, alone, 1, "already_adopted");
    // The key of a request of ours, whose certificate is to be imported.
    let mailbox = Mailbox::requested();
    let program = mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--key"]);
    let program = program.arg(mailbox.credential(1).join("key.pem")).arg("--cert").arg(mailbox.certificate());
    let error = refused(&mailbox, program.args(authority_args()), 1, "already_adopted");
    assert!(error["hint"].as_str().unwrap().contains("import"), "{error}");
    // A certificate alone, twice.
    let mailbox = Mailbox::none();
    let alone =
        || mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--cert"]).arg(made.leaf());
    alone().run().expect(0);
    let error = refused(&mailbox, alone(), 1, "already_adopted");
    assert!(error["hint"].as_str().unwrap().contains("--key FILE"), "{error}");
}

#[test]
fn third_credential_finds_no_place() {
    let mailbox = Mailbox::imported();
    adopt(&mailbox, &Elsewhere::new(Mailbox::COMMON_NAME)).run().expect(0);
    let error =
        refused(&mailbox, adopt(&mailbox, &Elsewhere::new(Mailbox::COMMON_NAME)), 1, "already_in_use");
    let because = error["because"].to_string();
    assert!(because.contains("credential 1") && because.contains("credential 2"), "{error}");
}

#[test]
fn pair_is_proved_as_import_proves_it() {
    let mailbox = Mailbox::none();
    let made = |from, until| Elsewhere::valid(Mailbox::COMMON_NAME, from, until);
    let over = made("20230101000000Z", "20260501000000Z");
    let error = refused(&mailbox, adopt(&mailbox, &over), 1, "expired");
    assert!(error["hint"].as_str().unwrap().contains("without --key"), "{error}");
    let early = made("20270101000000Z", "20290101000000Z");
    refused(&mailbox, adopt(&mailbox, &early), 1, "not_yet_valid");
    let good = Elsewhere::new(Mailbox::COMMON_NAME);
    let bare = |environment: &str| {
        let program = mailbox.program().args(["adopt", Mailbox::ID, "--env", environment, "--key"]);
        program.arg(good.key()).arg("--cert").arg(good.leaf())
    };
    refused(&mailbox, bare("sandbox"), 1, "chain_incomplete");
    refused(&mailbox, bare("live"), 1, "chain_incomplete");
    let program = bare("sandbox")
        .arg("--cert")
        .arg(Authority::ours().sub())
        .arg("--cert")
        .arg(Authority::ours().root());
    refused(&mailbox, program, 1, "chain_untrusted");
    let other = Elsewhere::new(Mailbox::COMMON_NAME);
    let program = mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--key"]).arg(good.key());
    refused(&mailbox, program.arg("--cert").arg(other.leaf()), 1, "key_mismatch");
}

#[test]
fn environment_that_nothing_tells_has_to_be_said() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let program = mailbox.program().args(["adopt", Mailbox::ID, "--key"]).arg(made.key());
    let program = program.arg("--cert").arg(made.leaf()).args(authority_args());
    let error = refused(&mailbox, program, 2, "usage");
    assert!(error["hint"].as_str().unwrap().contains("--env"), "{error}");
}

#[test]
fn name_that_no_request_could_ask_for_is_refused() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new("localhost"));
    let error = refused(&mailbox, adopt(&mailbox, &made), 1, "name_unusable");
    assert!(error["hint"].as_str().unwrap().contains("bundle"), "{error}");
}

#[test]
fn several_certificates_without_a_key_are_refused() {
    let mailbox = Mailbox::none();
    let (one, two) =
        (Elsewhere::new(Mailbox::COMMON_NAME), Elsewhere::new("x26abc2.x26.api.mesh-client.nhs.uk"));
    let adopt = || mailbox.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--cert"]);
    let program = adopt().arg(one.leaf()).arg("--cert").arg(two.leaf());
    refused(&mailbox, program, 2, "several_certificates");
    refused(&mailbox, adopt().arg(one.key()), 1, "not_a_certificate");
    // CA certificates beside the one are welcome.
    adopt().arg(one.leaf()).args(["--cert"]).arg(Authority::ours().sub()).run().expect(0);
}

#[test]
fn something_to_adopt_has_to_be_named() {
    let mailbox = Mailbox::none();
    refused(&mailbox, mailbox.program().args(["adopt", Mailbox::ID]), 2, "usage");
    let both = mailbox.program().args(["adopt", Mailbox::ID, "--share", "X26ABC2", "--key", "key.pem"]);
    refused(&mailbox, both, 2, "usage");
    // Nothing is made where the credential is another mailbox's.
    let (alias, profile) = (["--alias", "name"], ["--pfx-profile", "legacy"]);
    let plain = ["--plaintext-key", "pkcs8", "--i-understand"];
    for flags in [&["--keystore"][..], &["--truststore"], &alias, &profile, &plain] {
        let share = mailbox.program().args(["adopt", Mailbox::ID, "--share", "X26ABC2"]).args(flags);
        let error = refused(&mailbox, share, 2, "usage").to_string();
        assert!(error.contains(flags[0]), "{error}");
    }
}

#[test]
fn plaintext_key_takes_two_flags_here_too() {
    let (mailbox, made) = (Mailbox::none(), Elsewhere::new(Mailbox::COMMON_NAME));
    let program = adopt(&mailbox, &made).args(["--plaintext-key", "pkcs8"]);
    refused(&mailbox, program.clone(), 2, "usage");
    let answer = program.arg("--i-understand").run().expect(0).json();
    assert!(answer["warnings"].to_string().contains("plaintext_key"), "{answer}");
}
