//! Files into messages.

use std::fs;

use serde_json::json;

use crate::keys;
use crate::support::Mesh;

#[test]
fn send_answers_with_message_id_bytes_and_chunks() {
    let mesh = Mesh::start();
    let file = mesh.file_with("results.csv", "a".repeat(25_000));
    let send = |more: &[&str]| {
        let program =
            mesh.says("send", "X26ABC1").arg(&file).args(["--to", "X26ABC2", "--workflow", "TEST_WORKFLOW"]);
        program.args(more)
    };
    let answer = send(&["--json", "--chunk-size", "10kB", "--compress", "never"]).run().expect(0).json();
    assert_eq!(keys(&answer), ["bytes", "chunks", "message_id"]);
    assert_eq!((&answer["bytes"], &answer["chunks"]), (&json!(25_000), &json!(3)));
    let text = send(&["--compress", "never"]).run().expect(0);
    let id = text.stdout.split(' ').nth(3).unwrap().trim_end_matches(':').to_owned();
    let next = format!(
        "Next: see in a while where it stands: mesh-onboard track X26ABC1 --url {} {id}\n",
        mesh.url()
    );
    assert_eq!(text.stdout, format!("MESH took message {id}: 25000 bytes in 1 chunk.\n\n{next}"));
    let transfers = mesh.home().join("rehearsal/X26ABC1/transfers");
    assert!(fs::read_dir(&transfers).map_or(0, Iterator::count) == 0, "no journal of what is complete");
    let tracked = mesh.answers("track", "X26ABC1").arg(&id).run().expect(0).json();
    assert_eq!(tracked["filename"], "results.csv", "the name of the file goes with it");
}

#[test]
fn standard_input_needs_its_size_only_beyond_one_chunk() {
    let mesh = Mesh::start();
    let send = |bytes: &str, more: &[&str]| {
        let program =
            mesh.answers("send", "X26ABC1").args(["-", "--to", "X26ABC2", "--workflow", "TEST_WORKFLOW"]);
        program.args(more).stdin(bytes).run()
    };
    assert_eq!(send("0123456789", &[]).expect(0).json()["bytes"], 10);
    let chunked = send("0123456789", &["--size", "10", "--chunk-size", "4"]).expect(0).json();
    assert_eq!((&chunked["bytes"], &chunked["chunks"]), (&json!(10), &json!(3)));
    let error = send("0123456789", &["--chunk-size", "4"]).expect_error(2, "usage");
    assert!(error["hint"].as_str().unwrap().contains("--size"), "{error}");
    let error = send("0123456789", &["--size", "12", "--chunk-size", "4"]).expect_error(2, "usage");
    assert!(error["because"][0].as_str().unwrap().contains("nobody receives"), "{error}");
    assert_eq!(mesh.inbox("X26ABC2").len(), 2, "what was not whole is not there");
    let twice = mesh.answers("send", "X26ABC1").args(["-", "--to", "X26ABC2", "--workflow", "W"]);
    twice.args(["--mailbox-password-file", "-"]).stdin("x").run().expect_error(2, "usage");
}

#[test]
fn message_that_was_sent_is_told_whatever_becomes_of_its_journal() {
    let mesh = Mesh::start();
    let file = mesh.file_with("a.txt", "abc");
    fs::write(mesh.home().join("rehearsal/X26ABC1/transfers"), "not a folder").unwrap();
    let send =
        mesh.answers("send", "X26ABC1").arg(&file).args(["--to", "X26ABC2", "--workflow", "TEST_WORKFLOW"]);
    let answer = send.run().expect(0).json();
    assert_eq!(mesh.inbox("X26ABC2"), [answer["message_id"].clone()]);
}

#[test]
fn message_that_cannot_be_taken_up_again_is_told_why() {
    let mesh = Mesh::start();
    let file = mesh.file_with("a.txt", "a");
    let resume = mesh.answers("send", "X26ABC1").arg(&file).args(["--resume", "20261118093000123456_A1B2C3"]);
    let error = resume.run().expect_error(1, "no_transfer");
    assert!(error["hint"].as_str().unwrap().contains("send it anew"), "{error}");
    let bad = mesh.answers("send", "X26ABC1").arg(&file);
    bad.run().expect_error(2, "usage");
    let missing = mesh.answers("send", "X26ABC1").args(["missing", "--to", "X26ABC2", "--workflow", "W"]);
    missing.run().expect_error(1, "io");
    let header = mesh.answers("send", "X26ABC1").arg(&file).args(["--to", "X26ABC2", "--workflow", "W"]);
    let error = header.args(["--subject", "naïve"]).run().expect_error(2, "usage");
    assert!(error["message"].as_str().unwrap().contains("'ï'"), "{error}");
}
