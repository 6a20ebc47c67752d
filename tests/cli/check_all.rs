//! `check --all`: every mailbox, whatever becomes of another.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::{Mailbox, Mesh, NOW, Program, closed_port};

fn all(mesh: &Mesh) -> Program {
    mesh.person().args(["check", "--all", "--url", &mesh.url()])
}

fn verdicts(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mailboxes = answer["mailboxes"].as_array().expect("mailboxes");
    mailboxes.iter().map(|m| (text(&m["mailbox"]), text(&m["verdict"]))).collect()
}

fn failing<'a>(answer: &'a Value, mailbox: &str) -> &'a Value {
    let mailboxes = answer["mailboxes"].as_array().expect("mailboxes");
    let found = mailboxes.iter().find(|m| m["mailbox"] == mailbox).expect("the mailbox");
    found["probes"].as_array().expect("probes").iter().find(|p| p["status"] == "fail").expect("a failure")
}

/// A file of secrets that nobody else can read.
fn secrets(mesh: &Mesh, text: &str) -> std::path::PathBuf {
    let path = mesh.file_with("secrets.toml", text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn every_mailbox_is_told_and_one_without_a_certificate_is_no_failure() {
    let mesh = Mesh::start();
    let request = ["-q", "request", "X26NEW1", "--ods", "X26", "--env", "rehearsal"];
    mesh.person().now(NOW).args(request).run().expect(0);
    let answer = all(&mesh).args(["--json", "--no-input"]).run().expect(0).json();
    assert_eq!(answer["verdict"], "pass");
    let expected = [("X26ABC1", "pass"), ("X26ABC2", "pass"), ("X26ABC3", "pass"), ("X26NEW1", "skipped")];
    assert_eq!(verdicts(&answer), expected.map(|(m, v)| (m.to_owned(), v.to_owned())));
    assert_eq!(
        answer["mailboxes"][0]["probes"].as_array().map(Vec::len),
        Some(13),
        "as check alone: {answer}"
    );
    assert_eq!(answer["mailboxes"][3]["reason"], "no certificate yet, requested on 1 June 2026");

    let text = all(&mesh).run().expect(0).stdout;
    assert!(text.starts_with("  pass     X26ABC1  rehearsal\n"), "{text}");
    assert!(
        text.contains("  skipped  X26NEW1  rehearsal  no certificate yet, requested on 1 June 2026\n"),
        "{text}"
    );
    assert!(text.ends_with("\n3 mailboxes are well; 1 mailbox could not be checked yet.\n"), "{text}");
}

#[test]
fn each_mailbox_has_the_secrets_of_its_own_table() {
    let mesh = Mesh::start();
    let file = secrets(
        &mesh,
        "[rehearsal]\nMESH_MAILBOX_PASSWORD = 'password'\n[X26ABC2]\nMESH_MAILBOX_PASSWORD = 'MARK-not-it'\n",
    );
    let program = all(&mesh).without_env("MESH_MAILBOX_PASSWORD").arg("--secrets").arg(file);
    let output = program.clone().args(["--json", "--no-input"]).run().expect(3);
    let answer = output.json();
    let expected = [("X26ABC1", "pass"), ("X26ABC2", "fail"), ("X26ABC3", "pass")];
    assert_eq!(verdicts(&answer), expected.map(|(m, v)| (m.to_owned(), v.to_owned())));
    let refused = failing(&answer, "X26ABC2");
    assert_eq!(refused["id"], "authorization");
    // Another with the same shared key is let in, so it is not the key.
    let says = |what: &str, words: &str| refused[what].as_str().is_some_and(|text| text.contains(words));
    assert!(says("evidence", "with the same shared key X26ABC1 is let in"), "{refused}");
    assert!(says("remedy", "the password of X26ABC2 is wrong"), "{refused}");
    assert!(!output.stdout.contains("MARK-not-it"));
    let text = program.run().expect(3).stdout;
    assert!(text.contains("\nX26ABC2 (rehearsal)\nauthorization failed ("), "{text}");
    assert!(text.ends_with("\n1 of 3 mailboxes does not work; 2 mailboxes are well.\n"), "{text}");
}

#[test]
fn secret_command_is_asked_for_each_mailbox_by_name() {
    let mesh = Mesh::start();
    let script = mesh.file_with(
        "vault.sh",
        "case $1 in MESH_MAILBOX_PASSWORD) [ $2 = X26ABC3 ] && echo wrong || echo password;; esac\n",
    );
    let settings = format!("secret_command = ['sh', '{}']\n", script.display());
    fs::write(mesh.home().join("settings.toml"), settings).unwrap();
    let program = all(&mesh).without_env("MESH_MAILBOX_PASSWORD").args(["--json", "--no-input"]);
    let answer = program.run().expect(3).json();
    let expected = [("X26ABC1", "pass"), ("X26ABC2", "pass"), ("X26ABC3", "fail")];
    assert_eq!(verdicts(&answer), expected.map(|(m, v)| (m.to_owned(), v.to_owned())));
}

#[test]
fn shared_key_is_asked_once_and_nothing_else_at_all() {
    let mesh = Mesh::start();
    let asked = "Shared key of rehearsal";
    let talk = all(&mesh).without_env("MESH_SHARED_KEY").in_terminal(&[(asked, "TestKey\r")]);
    assert_eq!(talk.status, 0, "{}", talk.screen);
    assert!(talk.screen.contains("3 mailboxes are well."), "{}", talk.screen);
    assert!(!talk.screen.contains("TestKey"), "{}", talk.screen);
    assert_eq!(talk.screen.matches(asked).count(), 1, "{}", talk.screen);
    // An empty answer leaves it missing, which is told of each.
    let talk = all(&mesh).without_env("MESH_SHARED_KEY").in_terminal(&[(asked, "\r")]);
    assert_eq!(talk.status, 3, "{}", talk.screen);
    assert_eq!(talk.screen.matches("authorization (secrets_missing)").count(), 3, "{}", talk.screen);
    // Passwords and passphrases are many: they are told, and not asked.
    let talk = all(&mesh).without_env("MESH_MAILBOX_PASSWORD").in_terminal(&[]);
    assert_eq!(talk.status, 3, "{}", talk.screen);
    let talk = all(&mesh).without_env("MESH_KEY_PASSPHRASE").in_terminal(&[]);
    assert_eq!(talk.status, 3, "{}", talk.screen);
}

#[test]
fn what_is_the_same_for_all_is_said_once() {
    let mesh = Mesh::start();
    let output = all(&mesh).env("MESH_MAILBOX_PASSWORD", " password ").run().expect(0);
    assert_eq!(output.stderr.matches("white space").count(), 1, "{}", output.stderr);
    // The way there is broken for all: one paragraph, headed by all of them.
    let url = closed_port().replace("http:", "https:");
    let text = mesh.person().args(["check", "--all", "--url", &url]).run().expect(4).stdout;
    assert_eq!(text.matches("connect failed (refused)").count(), 1, "{text}");
    let heading = "\nX26ABC1 (rehearsal), X26ABC2 (rehearsal), X26ABC3 (rehearsal)\nconnect failed";
    assert!(text.contains(heading), "{text}");
    // A text that names the mailbox is the same for all of them too.
    for wrong in
        [all(&mesh).env("MESH_SHARED_KEY", "WrongKey"), all(&mesh).without_env("MESH_MAILBOX_PASSWORD")]
    {
        let text = wrong.arg("--no-input").run().expect(3).stdout;
        assert_eq!(text.matches("\nauthorization failed (").count(), 1, "{text}");
        assert!(text.contains(&heading.replace("connect", "authorization")), "{text}");
        assert_eq!(text.matches("  Evidence  ").count(), 1, "{text}");
    }
    let text = all(&mesh).env("MESH_MAILBOX_PASSWORD", "wrong").arg("--no-input").run().expect(3).stdout;
    assert!(text.contains("3 mailboxes were refused with this shared key, and none was let in"), "{text}");
    assert!(text.contains("the shared key is probably wrong"), "{text}");
    assert_eq!(text.matches("\nauthorization failed (login_refused)").count(), 1, "{text}");
}

#[test]
fn worst_exit_code_is_that_of_a_fault_that_stays() {
    let mesh = Mesh::start();
    let url = closed_port().replace("http:", "https:");
    let closed = || mesh.person().args(["--json", "--no-input", "check", "--all", "--url", &url]);
    closed().run().expect(4);
    // One that cannot be read hides no other, and counts more than a network that may come back.
    fs::write(mesh.home().join("rehearsal/X26ABC2/mailbox.toml"), "format = 'what'\n").unwrap();
    let answer = closed().run().expect(3).json();
    let error = &answer["mailboxes"][1]["error"];
    assert_eq!(error["code"], "record_unreadable", "{answer}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("restore it from a backup")), "{answer}");
    let text = all(&mesh).arg("--offline").run().expect(3).stdout;
    assert_eq!(text.matches("mailbox.toml").count(), 1, "{text}");
    assert_eq!(failing(&answer, "X26ABC1")["id"], "connect");
    assert_eq!(failing(&answer, "X26ABC3")["id"], "connect");
}

#[test]
fn fault_of_credentials_counts_more_than_a_network_that_is_away() {
    let mesh = Mesh::start();
    let url = closed_port().replace("http:", "https:");
    let checked = mesh.person().now("2040-01-01T00:00:00Z").args(["check", "--all", "--url", &url]);
    let answer = checked.args(["--json", "--no-input"]).run().expect(3).json();
    let failed = |probe: &str| {
        let probes = answer["mailboxes"][0]["probes"].as_array().expect("probes");
        probes.iter().any(|p| p["id"] == probe && p["status"] == "fail")
    };
    assert!(failed("expiry") && failed("connect"), "{answer}");
}

#[test]
fn environment_picks_and_rehearsal_without_an_address_is_judged_offline() {
    let mesh = Mesh::start();
    let picked = mesh.person().args(["--json", "--no-input", "check", "--all", "--env", "rehearsal"]);
    let answer = picked.run().expect(0).json();
    assert_eq!(answer["mailboxes"][0]["probes"].as_array().map(Vec::len), Some(5), "{answer}");
    let none = mesh.person().args(["--json", "--no-input", "check", "--all", "--env", "live"]);
    none.run().expect_error(1, "nothing_to_check");
}

#[test]
fn nothing_to_check_is_an_error_and_never_silence() {
    let mailbox = Mailbox::none();
    mailbox.program().args(["--quiet", "check", "--all"]).run().expect_error(1, "nothing_to_check");
}

#[test]
fn all_goes_with_no_mailbox_and_no_files() {
    let mailbox = Mailbox::imported();
    for more in [
        &["X26ABC1"][..],
        &["--pfx", "a.pfx"],
        &["--cert", "a.pem", "--key", "a.key"],
        &["--round-trip"],
        &["--offline", "--mailbox-password-file", "-"],
    ] {
        mailbox.program().args(["check", "--all"]).args(more).run().expect_error(2, "usage");
    }
}
