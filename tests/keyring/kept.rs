//! What `secret` keeps serves the commands, until it is forgotten.

use std::fs;

use crate::support::Keyring::Unlocked;
use crate::support::{Account, Mesh, PASSPHRASE, Program};

fn account(mesh: &Mesh) -> Account {
    Account::new(mesh.file("account"))
}

/// The program without any secret but what the keyring holds.
fn bare(mesh: &Mesh) -> Program {
    let variables = ["MESH_MAILBOX_PASSWORD", "MESH_SHARED_KEY", "MESH_KEY_PASSPHRASE"];
    variables.into_iter().fold(mesh.person(), Program::without_env)
}

/// The same for a script, with the keyring there.
fn script(mesh: &Mesh, words: &[&str]) -> Program {
    account(mesh).lends(bare(mesh).args(["--json", "--no-input"]).args(words), Unlocked, &[])
}

fn validate(mesh: &Mesh) -> Program {
    script(mesh, &["-v", "validate", "X26ABC1", "--url", &mesh.url()])
}

/// The kinds of sources that `secret list` names for a secret.
fn found(mesh: &Mesh, name: &str) -> Vec<String> {
    let answer = script(mesh, &["secret", "list", "X26ABC1"]).run().expect(0).json();
    assert_eq!(answer["keyring"]["state"], "present", "{answer:#}");
    let secrets = answer["mailboxes"][0]["secrets"].as_array().expect("secrets");
    let secret = secrets.iter().find(|secret| secret["name"] == name).expect("the secret");
    let sources = secret["sources"].as_array().expect("sources").iter();
    sources.map(|source| source["kind"].as_str().expect("a kind").to_owned()).collect()
}

fn record(mesh: &Mesh) -> String {
    fs::read_to_string(mesh.home().join("rehearsal/X26ABC1/mailbox.toml")).expect("the record")
}

#[test]
fn kept_secrets_serve_without_a_question_until_they_are_forgotten() {
    let mesh = Mesh::start();
    validate(&mesh).run().expect_error(2, "input_needed");
    for (name, value) in
        [("key-passphrase", PASSPHRASE), ("mailbox-password", "password\n"), ("shared-key", "\"TestKey\"")]
    {
        let set = script(&mesh, &["secret", "set", "X26ABC1", name, "--value-file", "-"]).stdin(value);
        let output = set.run().expect(0);
        assert_eq!(output.json()["replaced"], false);
        for secret in [PASSPHRASE, "TestKey"] {
            assert!(!output.shown().contains(secret), "{}", output.shown());
        }
        assert_eq!(found(&mesh, name), ["keyring"], "{name}");
    }
    validate(&mesh).run().expect(0);
    for name in ["mailbox-password", "shared-key"] {
        let forget = || script(&mesh, &["secret", "forget", "X26ABC1", name]).run().expect(0).json();
        assert_eq!(forget()["forgotten"], true);
        assert_eq!(forget()["forgotten"], false);
        assert_eq!(found(&mesh, name), [""; 0], "{name}");
    }
    let error = validate(&mesh).run().expect_error(2, "input_needed");
    assert!(error["message"].as_str().unwrap().contains("mailbox password"), "{error}");
}

#[test]
fn another_password_is_replaced_only_after_saying_so() {
    let mesh = Mesh::start();
    let set = |value: &str| {
        let words = ["secret", "set", "X26ABC1", "mailbox-password", "--value-file", "-"];
        script(&mesh, &words).stdin(value).run().expect(0)
    };
    assert!(!set("first").stderr.contains("replaces it"));
    let again = set("second").says("what you give replaces it");
    assert_eq!(again.json()["replaced"], true);
    assert_eq!(set("second").json()["replaced"], false);
    let after = account(&mesh);
    assert!(
        after.after().contains("secret = second") && !after.after().contains("first"),
        "{}",
        after.after()
    );
}

#[test]
fn passphrase_that_does_not_open_the_key_is_never_kept() {
    let mesh = Mesh::start();
    let set = |value: &str| {
        let words = ["secret", "set", "X26ABC1", "key-passphrase", "--value-file", "-"];
        script(&mesh, &words).stdin(value).run()
    };
    set("not the passphrase").expect_error(1, "passphrase_wrong");
    assert!(record(&mesh).contains("held_by = \"you\""));
    assert!(!account(&mesh).after().contains("mesh-onboard"), "{}", account(&mesh).after());
    set(PASSPHRASE).expect(0);
    let right = record(&mesh);
    assert!(right.contains("held_by = \"keyring\""), "{right}");
    set("not the passphrase").expect_error(1, "passphrase_wrong");
    assert_eq!(record(&mesh), right);
    assert!(account(&mesh).after().contains(&format!("secret = {PASSPHRASE}")));
}

#[test]
fn passphrase_is_forgotten_only_with_a_yes_and_the_record_says_so() {
    let mesh = Mesh::start();
    let words = ["secret", "set", "X26ABC1", "key-passphrase", "--value-file", "-"];
    script(&mesh, &words).stdin(PASSPHRASE).run().expect(0);
    let kept = record(&mesh);
    let forget = ["secret", "forget", "X26ABC1", "key-passphrase"];
    script(&mesh, &forget).run().expect_error(2, "input_needed");
    assert_eq!(record(&mesh), kept);

    let talk =
        account(&mesh).lends(bare(&mesh).args(forget), Unlocked, &[]).in_terminal(&[("forget it?", "n")]);
    assert_eq!(talk.status, 130, "{}", talk.screen);
    assert!(talk.screen.contains("the key is of no use"), "{}", talk.screen);
    assert_eq!(record(&mesh), kept);

    let answer = script(&mesh, &forget).arg("--yes").run().expect(0).json();
    assert_eq!(answer["forgotten"], true);
    assert!(record(&mesh).contains("held_by = \"you\""));
    assert!(!account(&mesh).after().contains(PASSPHRASE));
}

#[test]
fn sources_are_listed_in_the_order_in_which_they_are_asked() {
    let mesh = Mesh::start();
    let file = mesh.file_with("password", "of the file");
    let secrets = mesh.file_with("secrets", "MESH_MAILBOX_PASSWORD=of the secrets file\n");
    fs::set_permissions(&secrets, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    fs::write(
        mesh.home().join("settings.toml"),
        "secret_command = [\"sh\", \"-c\", \"test $0 = MESH_MAILBOX_PASSWORD && echo of the command\"]\n",
    )
    .unwrap();
    let entries = [("rehearsal/X26ABC1/mailbox-password", "of the keyring")];
    let program = bare(&mesh).args(["secret", "list", "X26ABC1", "--secrets"]).arg(secrets);
    let program =
        program.arg("--mailbox-password-file").arg(&file).env("MESH_MAILBOX_PASSWORD", "of the variable");
    let output = account(&mesh).lends(program, Unlocked, &entries).run().expect(0);
    let line = output.stdout.lines().find(|line| line.contains("mailbox-password")).expect("a line");
    let places =
        ["--mailbox-password-file", "secrets,", "MESH_MAILBOX_PASSWORD", "secret_command", "the keyring"];
    let at: Vec<_> =
        places.iter().map(|place| line.find(place).unwrap_or_else(|| panic!("{place}: {line}"))).collect();
    assert!(at.is_sorted(), "{line}");
    assert!(!output.shown().contains("of the "), "a value is shown: {}", output.shown());
    assert!(output.stdout.ends_with("Keyring: it answers.\n"), "{}", output.stdout);
}
