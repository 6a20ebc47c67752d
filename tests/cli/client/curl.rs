//! `--curl`: what it prints does the same, with curl.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Mesh, PASSPHRASE};

/// Runs a printed command in a shell, with the secrets where `token` finds them; curl asks for the key's
/// passphrase, which is not for a test to type: it gets a key without.
fn run(mesh: &Mesh, line: &str) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_mesh-onboard");
    let line = line.replace("$(mesh-onboard ", &format!("$({program} "));
    let output = Command::new("sh")
        .args(["-c", &line])
        .current_dir(mesh.file("."))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", mesh.file("user"))
        .env("MESH_ONBOARD_HOME", mesh.home())
        .env("MESH_ONBOARD_TEST_NOW", crate::support::NOW)
        .env("MESH_MAILBOX_PASSWORD", "password")
        .env("MESH_SHARED_KEY", "TestKey")
        .output()
        .expect("sh starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap(), text + &String::from_utf8_lossy(&output.stderr))
}

/// The commands that `--curl` prints, without any secret there to be found.
fn shown(mesh: &Mesh, command: &str, mailbox: &str, more: &[&str]) -> Vec<String> {
    let program = mesh.answers(command, mailbox).args(more).arg("--curl");
    let program = ["MESH_MAILBOX_PASSWORD", "MESH_SHARED_KEY", "MESH_KEY_PASSPHRASE"]
        .iter()
        .fold(program, |program, name| program.without_env(name));
    let output = program.run().expect(0);
    let commands = output.json()["commands"].clone();
    let lines: Vec<_> =
        commands.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect();
    for line in &lines {
        assert!(!line.contains("NHSMESH") && !line.contains("password"), "{line}");
    }
    lines
}

/// The stored credential as files that curl opens without a question.
fn files(mesh: &Mesh) -> Vec<String> {
    let credential = mesh.home().join("rehearsal/X26ABC1/credentials/0001");
    let key = crate::support::openssl_with(
        PASSPHRASE,
        &format!("pkey -in {} -passin env:PASS", credential.join("key.pem").display()),
    );
    let key = mesh.file_with("plain.key", key);
    let bundles = credential.join("bundles-01");
    let shown = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
    let flags = ["--cert".into(), shown(bundles.join("fullchain.pem")), "--key".into(), shown(key)];
    let ca = ["--ca".into(), shown(bundles.join("ca-bundle.pem")), "--env".into(), "rehearsal".into()];
    flags.into_iter().chain(ca).collect()
}

fn with<'a>(files: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    more.iter().copied().chain(files.iter().map(String::as_str)).collect()
}

#[test]
fn printed_commands_do_with_curl_what_the_program_does() {
    let mesh = Mesh::start();
    let files = files(&mesh);
    let one = |command: &str, mailbox: &str, more: &[&str]| {
        let lines = shown(&mesh, command, mailbox, &with(&files, more));
        assert_eq!(lines.len(), 1, "{lines:?}");
        let (code, output) = run(&mesh, &lines[0]);
        assert_eq!(code, 0, "{}\n{output}", lines[0]);
        output
    };
    one("validate", "X26ABC1", &[]);
    mesh.file_with("it's a file.csv", "one,two\n");
    let sent = one(
        "send",
        "X26ABC1",
        &[
            "it's a file.csv",
            "--to",
            "X26ABC2",
            "--workflow",
            "TEST_WORKFLOW",
            "--local-id",
            "L 1",
            "--subject",
            "a 'b' $c",
        ],
    );
    let id = sent.split('"').nth(3).expect("an ID").to_owned();
    assert!(one("inbox", "X26ABC2", &["--workflow", "TEST_*", "--limit", "20"]).contains(&id));
    assert!(
        one("track", "X26ABC1", &["--local-id", "L 1"]).contains("a 'b' $c"),
        "the shell changed nothing"
    );
    assert!(one("lookup", "X26ABC1", &["--ods", "X26", "--workflow", "TEST_WORKFLOW"]).contains("X26ABC2"));
    one("receive", "X26ABC2", &[&id, "--file", "got"]);
    assert_eq!(fs::read(mesh.file("got")).unwrap(), b"one,two\n");
    let packed = one(
        "send",
        "X26ABC1",
        &["it's a file.csv", "--to", "X26ABC2", "--workflow", "TEST_WORKFLOW", "--compress", "always"],
    );
    let packed = packed.split('"').nth(3).unwrap().to_owned();
    one("receive", "X26ABC2", &[&packed, "--file", "new/unpacked"]);
    assert_eq!(fs::read(mesh.file("new/unpacked")).unwrap(), b"one,two\n");
    let lines = shown(&mesh, "receive", "X26ABC2", &with(&files, &[&packed, "--file", "got"]));
    run(&mesh, &lines[0]);
    assert_eq!(fs::read(mesh.file("got")).unwrap(), b"one,two\n", "what is there is not replaced");
    // curl would acknowledge a message of which it has the first chunk.
    let both = mesh.says("receive", "X26ABC2").args([&packed, "--file", "x", "--ack", "--curl"]);
    both.run().expect(2).says("first chunk");
    one("ack", "X26ABC2", &[&id]);
    one("ack", "X26ABC2", &[&packed]);
    assert!(mesh.inbox("X26ABC2").is_empty());
}

#[test]
fn printed_commands_send_every_chunk() {
    let mesh = Mesh::start();
    let files = files(&mesh);
    let content: Vec<u8> = (0..2_500_u32).flat_map(u32::to_be_bytes).collect();
    mesh.file_with("-data", &content);
    for compress in ["never", "always"] {
        let more = [
            "--to",
            "X26ABC2",
            "--workflow",
            "TEST_WORKFLOW",
            "--chunk-size",
            "4kB",
            "--compress",
            compress,
            "./-data",
        ];
        let lines = shown(&mesh, "send", "X26ABC1", &with(&files, &more));
        assert_eq!(lines.len(), 3);
        let (code, first) = run(&mesh, &lines[0]);
        assert_eq!(code, 0, "{}\n{first}", lines[0]);
        let answer: Value =
            serde_json::from_str(first.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
        let id = answer["message_id"].as_str().unwrap();
        for line in &lines[1..] {
            let (code, output) = run(&mesh, &line.replace("MESSAGE_ID", id));
            assert_eq!(code, 0, "{line}\n{output}");
        }
        let got = mesh.file(&format!("got-{compress}"));
        mesh.answers("receive", "X26ABC2").args([id, "--file"]).arg(&got).run().expect(0);
        assert_eq!(fs::read(got).unwrap(), content);
    }
}

#[test]
fn refusal_is_read_and_not_taken_for_a_message() {
    let mesh = Mesh::start();
    let files = files(&mesh);
    let line = shown(&mesh, "receive", "X26ABC2", &with(&files, &["NOBODY", "--file", "got"])).remove(0);
    let (code, output) = run(&mesh, &line);
    assert_eq!((code, mesh.file("got").exists()), (22, false), "{output}");
    let program = mesh.answers("receive", "X26ABC2").args(["--all", "--to", "x", "--curl"]);
    program.run().expect_error(2, "usage");
}

#[test]
fn stored_credentials_are_shown_as_their_files() {
    let mesh = Mesh::start();
    let line = shown(&mesh, "validate", "X26ABC2", &[]).remove(0);
    let credential = mesh.home().join("rehearsal/X26ABC1/credentials/0001");
    let bundles = credential.join("bundles-01");
    let (fullchain, key, ca) =
        (bundles.join("fullchain.pem"), credential.join("key.pem"), bundles.join("ca-bundle.pem"));
    assert!(
        line.contains(&format!(
            "--cert {} --key {} --cacert {} ",
            fullchain.display(),
            key.display(),
            ca.display()
        )),
        "{line}"
    );
    assert!(line.contains("--header \"authorization: $(mesh-onboard -q token X26ABC2)\""), "{line}");
    assert!(line.ends_with(&format!("{}/messageexchange/X26ABC2", mesh.url())), "{line}");
}
