//! `export --to -`.

use std::fs;

use crate::export::with_login;
use crate::support::{Mailbox, Program, Terminal, changes, tree};

fn shown(mailbox: &Mailbox, consumer: &str, more: &[&str]) -> Program {
    mailbox.person().args(["--no-input", "export", Mailbox::ID, "--for", consumer, "--to", "-"]).args(more)
}

#[test]
fn one_file_is_printed_as_it_would_be_written() {
    let mailbox = Mailbox::imported();
    let before = tree(&mailbox.home());
    // Nobody is asked for what the other files hold.
    let program = shown(&mailbox, "mesh-client", &["--only", "client.pem"]);
    let printed = program.without_env("MESH_KEY_PASSPHRASE").run().expect(0).stdout;
    assert_eq!(printed.matches("BEGIN CERTIFICATE").count(), 2);
    let settings = ["--only", "mesh.env", "--show-secrets", "--installed-at", "/run/mesh"];
    let program = with_login(shown(&mailbox, "mesh-client", &settings)).without_env("MESH_KEY_PASSPHRASE");
    let printed = program.run().expect(0).stdout;
    assert!(printed.contains("MESH_MAILBOX_PASSWORD='password'\n"), "{printed}");
    assert!(
        printed.contains("MESH_CLIENT_KEY='/run/mesh/key.pem'\n") && printed.ends_with("ca.pem'\n"),
        "{printed}"
    );
    assert_eq!(changes(&before, &tree(&mailbox.home())), Vec::<String>::new(), "something was noted");
    let answer =
        shown(&mailbox, "pem", &["--only", "key.pem", "--show-secrets", "--json"]).run().expect(0).json();
    assert_eq!((answer["consumer"].as_str(), answer["file"].as_str()), (Some("pem"), Some("key.pem")));
    assert!(answer["content"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----"), "{answer}");
}

#[test]
fn secrets_are_not_printed_unless_that_is_asked_for() {
    let mailbox = Mailbox::imported();
    for (consumer, more, says) in [
        ("pem", &["--only", "key.pem"][..], "only with --show-secrets"),
        ("mesh-client", &["--only", "mesh.env"], "(mailbox password, shared key)"),
        ("pem", &["--show-secrets"], "name one with --only: client.pem, key.pem, ca.pem"),
        ("pem", &["--only", "other.pem"], "there is no file other.pem in this handover"),
        ("mesh-client", &["--only", "mesh.env", "--show-secrets"], "--installed-at DIR"),
        ("pem", &["--set", "key=encrypted", "--only", "key.pem", "--show-secrets"], "of no use alone"),
        (
            "pem",
            &["--set", "key=encrypted", "--only", "key-password.txt", "--show-secrets"],
            "of no use alone",
        ),
    ] {
        let output = with_login(shown(&mailbox, consumer, more)).run().expect(2).says(says);
        assert_eq!(output.stdout, "", "{more:?}");
    }
}

#[test]
fn flags_of_standard_output_are_refused_where_files_are_written() {
    let mailbox = Mailbox::imported();
    for more in [&["--only", "key.pem"][..], &["--show-secrets"]] {
        let program = mailbox.person().args(["export", Mailbox::ID, "--for", "pem", "--to"]);
        program.arg(mailbox.file("handover")).args(more).run().expect(2).says("goes with --to -");
        assert!(!mailbox.file("handover").exists());
    }
}

#[test]
fn printed_file_can_go_into_a_file_of_the_users() {
    let mailbox = Mailbox::imported();
    let to = mailbox.file("shown.pem");
    let program = shown(&mailbox, "pem", &["--only", "ca.pem", "--output"]).arg(&to);
    assert_eq!(program.run().expect(0).stdout, "");
    assert_eq!(fs::read_to_string(&to).unwrap().matches("BEGIN CERTIFICATE").count(), 2);
}

#[test]
fn file_is_printed_byte_for_byte() {
    let mailbox = Mailbox::imported();
    let only = ["--only", "secrets/mesh_mailbox_password", "--show-secrets"];
    // An escape sequence too, which a terminal would follow.
    let password = "pass\u{1b}[31mword";
    let program =
        || with_login(shown(&mailbox, "docker-secrets", &only)).env("MESH_MAILBOX_PASSWORD", password);
    assert_eq!(program().run().expect(0).stdout, password);
    let to = mailbox.file("password");
    assert_eq!(program().arg("--output").arg(&to).run().expect(0).stdout, "");
    assert_eq!(fs::read_to_string(&to).unwrap(), password);
    let screen = program().in_terminal_like(&Terminal { quick: true, ..Terminal::default() }, &[]).screen;
    assert!(screen.contains("is no text for a terminal") && !screen.contains("31mword"), "{screen}");
}
