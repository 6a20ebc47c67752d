//! Messages into files.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::keys;
use crate::support::{Mesh, openssl};

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn receive_keeps_every_message_whole_and_acknowledges_afterwards() {
    let mesh = Mesh::start();
    let id = mesh
        .sent(b"one,two\n", &["--filename", "results.csv", "--subject", "the results", "--local-id", "L1"]);
    let second =
        mesh.sent(&[b'x'; 40_000], &["--filename", "", "--chunk-size", "10kB", "--compress", "always"]);
    let folder = mesh.file("in/box");
    let receive = || mesh.answers("receive", "X26ABC2").args(["--all", "--ack", "--to"]).arg(&folder);
    let answer = receive().run().expect(0).json();
    assert_eq!(keys(&answer), ["messages"]);
    let sha256 = openssl(&format!("dgst -sha256 -r {}", mesh.file_with("same", "one,two\n").display()));
    assert_eq!(
        answer["messages"][0],
        json!({
            "id": id, "from": "X26ABC1", "to": "X26ABC2", "workflow": "TEST_WORKFLOW",
            "file": folder.join("results.csv"), "bytes": 8, "sha256": sha256.split(' ').next().unwrap(),
            "type": "data", "filename": "results.csv", "subject": "the results", "local_id": "L1",
            "acknowledged": true,
        })
    );
    assert_eq!(fs::read(folder.join("results.csv")).unwrap(), b"one,two\n");
    assert_eq!(answer["messages"][1]["id"], json!(second));
    assert_eq!(
        fs::read(folder.join(format!("{second}.dat"))).unwrap(),
        [b'x'; 40_000],
        "named by MESH, whole from 4 chunks"
    );
    assert!(mesh.inbox("X26ABC2").is_empty());
    let nothing = receive().run().expect(0);
    assert_eq!(nothing.json(), json!({"messages": []}));
    nothing.says("Nothing waits in X26ABC2.");
    assert_eq!(names(&folder).len(), 2, "no part is left: {:?}", names(&folder));
}

#[test]
fn file_in_place_of_the_folder_is_told() {
    let mesh = Mesh::start();
    let file = mesh.file_with("in", "here already");
    let program = mesh.answers("receive", "X26ABC2").args(["--all", "--to"]).arg(&file);
    let error = program.run().expect_error(1, "io");
    assert!(error["message"].as_str().unwrap().contains("no folder"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), b"here already");
}

#[test]
fn names_from_the_sender_stay_in_the_folder_and_replace_nothing() {
    let mesh = Mesh::start();
    let outside = mesh.sent(b"a", &["--filename", "../../outside.txt"]);
    let same = mesh.sent(b"b", &["--filename", "outside.txt"]);
    let device = mesh.sent(b"c", &["--filename", "NUL.txt"]);
    let folder = mesh.file("in");
    let program = mesh.says("receive", "X26ABC2").args([&outside, &same, &device]).arg("--to").arg(&folder);
    let output = program.run().expect(0);
    let marked = format!("outside-{same}.txt");
    let mut expected = ["_NUL.txt".to_owned(), "outside.txt".into(), marked.clone()];
    expected.sort();
    assert_eq!(names(&folder), expected);
    assert_eq!(fs::read(folder.join("outside.txt")).unwrap(), b"a");
    assert_eq!(fs::read(folder.join(&marked)).unwrap(), b"b");
    let line = format!("{outside}: 1 bytes from X26ABC1 (TEST_WORKFLOW) in {}/outside.txt", folder.display());
    assert_eq!(output.stdout.lines().next(), Some(line.as_str()));
    assert_eq!(mesh.inbox("X26ABC2").len(), 3, "without --ack nothing leaves the inbox");
}

#[test]
fn one_message_that_fails_loses_no_other() {
    let mesh = Mesh::start();
    let id = mesh.sent(b"a", &["--filename", "a.txt"]);
    let folder = mesh.file("in");
    let receive = || mesh.answers("receive", "X26ABC2").args(["NOBODY", &id, "--ack", "--to"]).arg(&folder);
    let answer = receive().run().expect(1).json();
    assert_eq!((&answer["messages"][0]["id"], &answer["failed"][0]["id"]), (&json!(id), &json!("NOBODY")));
    assert_eq!(keys(&answer["failed"][0]["error"]), ["because", "code", "hint", "message"]);
    assert_eq!(names(&folder), ["a.txt"], "what failed leaves no part");
    let error = receive().env("MESH_MAILBOX_PASSWORD", "wrong").run().expect_error(1, "mesh");
    assert!(
        error["hint"].as_str().unwrap().contains("password"),
        "what would fail for all is told once: {error}"
    );
}

#[test]
fn file_takes_one_message_and_replaces_nothing() {
    let mesh = Mesh::start();
    let id = mesh.sent(b"abc", &[]);
    let file = mesh.file("mine.txt");
    let receive = |more: &[&str]| mesh.answers("receive", "X26ABC2").args(more);
    let answer = receive(&[&id, "--file", file.to_str().unwrap()]).run().expect(0).json();
    assert_eq!(answer["messages"][0]["file"], json!(file));
    assert_eq!(fs::read(&file).unwrap(), b"abc");
    receive(&[&id, "--file", file.to_str().unwrap(), "--ack"]).run().expect_error(1, "io");
    assert_eq!(mesh.inbox("X26ABC2").len(), 1, "what could not be kept was not acknowledged");
    for wrong in [
        &[&id, "--file", "-"][..],
        &["--all", "--file", "x"],
        &[&id, "b", "--file", "x"],
        &["a b", &id, "--to", "x"],
        &[&id],
        &["--to", "x"],
    ] {
        receive(wrong).run().expect_error(2, "usage");
    }
}

#[test]
fn reports_are_told_in_words_and_kept() {
    let mut mesh = Mesh::start();
    mesh.sent(b"a", &["--local-id", "L1"]);
    mesh.six_days_pass();
    let folder = mesh.file("in");
    let receive = |format: &[&str]| {
        mesh.person()
            .args(["receive", "X26ABC1", "--url", &mesh.url(), "--all", "--to"])
            .arg(&folder)
            .args(format)
    };
    let answer = receive(&["--json"]).run().expect(0).json();
    let report = &answer["messages"][0];
    assert_eq!((&report["type"], &report["report"]["code"]), (&json!("report"), &json!("14")), "{report}");
    assert!(report["report"]["about"].is_string() && report["report"]["meaning"].is_string(), "{report}");
    let kept: Value = serde_json::from_slice(&fs::read(report["file"].as_str().unwrap()).unwrap()).unwrap();
    assert_eq!(kept, report["report"]);
    let text = receive(&["--ack"]).run().expect(0).stdout;
    assert!(
        text.contains(
            "did not arrive: it was not delivered: nobody acknowledged it within five days (code 14"
        ),
        "{text}"
    );
}
