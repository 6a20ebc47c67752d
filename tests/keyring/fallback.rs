//! A keyring that cannot answer: everything goes on with a question, and one dialogue at most was shown.

use crate::support::Keyring::{self, Forbidden, Hanging, Locked, NoBus, NoService};
use crate::support::{Account, Mesh, Program};

const ENTRIES: &[(&str, &str)] =
    &[("rehearsal/X26ABC1/mailbox-password", "password"), ("rehearsal/shared-key", "TestKey")];

/// `validate` that knows the key's passphrase and nothing else.
fn validate(mesh: &Mesh, state: Keyring) -> Program {
    let program = mesh.says("validate", "X26ABC1").env("MESH_ONBOARD_TEST_KEYRING_PATIENCE_MS", "1000");
    let program = program.without_env("MESH_MAILBOX_PASSWORD").without_env("MESH_SHARED_KEY");
    Account::new(mesh.file("account")).lends(program, state, ENTRIES)
}

fn falls_back(state: Keyring, reason: &str) {
    let mesh = Mesh::start();
    let answers = [("Password of mailbox", "password\r"), ("Shared key", "TestKey\r")];
    let talk = validate(&mesh, state).arg("-v").in_terminal(&answers);
    assert_eq!(talk.status, 0, "{state:?}\n{}", talk.screen);
    assert!(talk.screen.contains(reason), "{state:?}: {reason}\n{}", talk.screen);
    assert_eq!(
        talk.screen.matches("\nkeyring: ").count() + usize::from(talk.screen.starts_with("keyring: ")),
        1,
        "{}",
        talk.screen
    );
    // There is no display for gcr's dialogue, and it says so each time.
    let dialogues = talk.screen.matches("cannot open display").count();
    assert_eq!(dialogues, usize::from(state == Locked), "{state:?}\n{}", talk.screen);

    let talk = validate(&mesh, state).in_terminal(&answers);
    assert_eq!(talk.status, 0, "{state:?}\n{}", talk.screen);
    assert!(!talk.screen.contains("keyring: "), "{state:?}\n{}", talk.screen);

    let error = validate(&mesh, state).args(["--json", "--no-input"]).run().expect_error(2, "input_needed");
    assert!(error["hint"].as_str().unwrap().contains("MESH_MAILBOX_PASSWORD"), "{error}");

    // What is about nothing but the keyring says what is the matter.
    let program = mesh.person().env("MESH_ONBOARD_TEST_KEYRING_PATIENCE_MS", "1000");
    let words = ["--json", "--no-input", "secret", "set", "X26ABC1", "mailbox-password", "--value-file", "-"];
    let program =
        Account::new(mesh.file("account")).lends(program.args(words).stdin("password"), state, ENTRIES);
    program.run().expect_error(1, "keyring");
}

#[test]
fn no_session_bus_falls_back_to_asking() {
    falls_back(NoBus, "there is no keyring here");
}

#[test]
fn bus_without_a_keyring_falls_back_to_asking() {
    falls_back(NoService, "there is no keyring here");
}

#[test]
fn locked_keyring_that_nobody_unlocks_falls_back_to_asking() {
    falls_back(Locked, "the keyring is locked, and was not unlocked");
}

#[test]
fn keyring_that_the_bus_forbids_falls_back_to_asking() {
    falls_back(Forbidden, "the keyring may not be used by this program");
}

#[test]
fn keyring_that_hangs_falls_back_to_asking() {
    falls_back(Hanging, "the keyring does not answer");
}

#[test]
fn list_names_the_state_of_the_keyring() {
    let mesh = Mesh::start();
    for (state, name) in [
        (NoBus, "absent"),
        (NoService, "absent"),
        (Locked, "locked"),
        (Forbidden, "refused"),
        (Hanging, "no_answer"),
    ] {
        let program = mesh.person().env("MESH_ONBOARD_TEST_KEYRING_PATIENCE_MS", "1000");
        let program = program.args(["--json", "--no-input", "secret", "list"]);
        let answer = Account::new(mesh.file("account")).lends(program, state, ENTRIES).run().expect(0).json();
        assert_eq!(answer["keyring"]["state"], name, "{answer:#}");
        let secrets = answer["mailboxes"][0]["secrets"].to_string();
        assert!(!secrets.contains("the keyring") && secrets.contains("MESH_SHARED_KEY"), "{secrets}");
    }
}
