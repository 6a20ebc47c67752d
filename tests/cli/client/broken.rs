//! Transfers that break off, or are ended, and go on.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::{Mesh, Program, Relay, Then};

/// What does not shrink and is not the same anywhere.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

const SEND: [&str; 6] = ["--to", "X26ABC2", "--workflow", "TEST_WORKFLOW", "--chunk-size", "100kB"];

/// Runs a command of ours as it was printed, by a shell.
fn sh(mesh: &Mesh, line: &str) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_mesh-onboard");
    let line = line.replacen("mesh-onboard", program, 1);
    let mut command = Command::new("sh");
    command.args(["-c", &line]).current_dir(mesh.file(".")).env_clear();
    for (name, value) in mesh.environment() {
        command.env(name, value);
    }
    let output = command.output().expect("sh starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap_or(-1), text + &String::from_utf8_lossy(&output.stderr))
}

/// What follows `go on: ` in an output.
fn way_on(text: &str) -> String {
    let (_, rest) = text.split_once("go on: ").unwrap_or_else(|| panic!("no way on in {text}"));
    rest.lines().next().unwrap().trim_end_matches(['\r', '"', ',']).to_owned()
}

fn received(mesh: &Mesh, id: &str) -> Vec<u8> {
    let file = mesh.file("received");
    let _ = fs::remove_file(&file);
    mesh.answers("receive", "X26ABC2").args([id, "--file"]).arg(&file).run().expect(0);
    fs::read(file).unwrap()
}

fn via(relay: &Relay, program: Program) -> Program {
    program.args(["--url", &relay.url()])
}

fn hidden(folder: &Path) -> usize {
    let names = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with('.')).count()
}

#[test]
fn send_that_broke_off_goes_on_by_the_command_that_it_names() {
    let mesh = Mesh::start();
    let content = noise(600_000);
    let file = mesh.file_with("my data.bin", &content);
    let relay = Relay::to(&mesh.url(), 350_000, Then::Cut);
    let send = || via(&relay, mesh.person().args(["send", "X26ABC1"])).arg(&file).args(SEND);
    let output = send().run().expect(4);
    assert!(output.stderr.contains("chunks of message"), "{}", output.stderr);
    let line = way_on(&output.stderr);
    let journals = mesh.home().join("rehearsal/X26ABC1/transfers");
    assert_eq!(fs::read_dir(&journals).unwrap().count(), 1);
    // Other words, another file: nothing is sent.
    let id = line.rsplit(' ').next().unwrap();
    let other = mesh.answers("send", "X26ABC1").arg(&file).args(["--resume", id, "--to", "X26ABC3"]);
    other.run().expect_error(2, "usage");
    let resized = mesh.answers("send", "X26ABC1").arg(&file).args(["--resume", id, "--chunk-size", "1MB"]);
    let error = resized.run().expect_error(2, "usage");
    assert!(error["message"].as_str().unwrap().contains("chunk size"), "{error}");
    let changed = mesh.file_with("changed", noise(600_000));
    let program = mesh.answers("send", "X26ABC1").arg(changed).args(["--resume", id]);
    program.run().expect_error(1, "file_changed");
    let unknown = mesh.answers("send", "X26ABC1").arg(&file).args(["--resume", "OTHER"]);
    assert_eq!(
        unknown.run().expect_error(1, "no_transfer")["because"],
        json!([format!("{id} can be taken up again")])
    );
    relay.mend();
    let (code, text) = sh(&mesh, &line);
    assert_eq!(code, 0, "{line}\n{text}");
    assert!(text.starts_with(&format!("MESH took message {id}: 600000 bytes in 6 chunks.")), "{text}");
    assert_eq!(mesh.inbox("X26ABC2"), [json!(id)], "once");
    assert_eq!(received(&mesh, id), content);
    assert_eq!(fs::read_dir(&journals).unwrap().count(), 0, "there is nothing to go on with");
}

#[test]
fn first_request_without_an_answer_is_never_sent_again() {
    let mesh = Mesh::start();
    let file = mesh.file_with("data", noise(90_000));
    let relay = Relay::to(&mesh.url(), 60_000, Then::Cut);
    let send = via(&relay, mesh.person().args(["--json", "send", "X26ABC1"])).arg(&file).args(SEND);
    let error = send.clone().args(["--local-id", "my id"]).run().expect_error(1, "uncertain");
    assert_eq!(error["message"], "nobody knows whether MESH has the message");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("before you send it again: mesh-onboard track X26ABC1 --url"), "{hint}");
    assert!(hint.ends_with("--local-id 'my id'"), "{hint}");
    relay.mend();
    assert!(mesh.inbox("X26ABC2").is_empty());
}

#[test]
fn receive_that_broke_off_goes_on_by_the_same_command() {
    let mesh = Mesh::start();
    let content = noise(600_000);
    let id = mesh.sent(&content, &["--chunk-size", "100kB", "--filename", "data.bin"]);
    let folder = mesh.file("in");
    let relay = Relay::to(&mesh.url(), 350_000, Then::Cut);
    let receive = || {
        via(&relay, mesh.person().args(["--json", "receive", "X26ABC2", &id, "--ack", "--to"]).arg(&folder))
    };
    let output = receive().run().expect(4);
    assert_eq!(output.json()["error"]["code"], "network");
    output.says(&format!("what arrived of {id} is kept; the same command goes on from there"));
    assert_eq!((hidden(&folder), folder.join("data.bin").exists()), (2, false), "nothing is half-named");
    assert_eq!(mesh.inbox("X26ABC2").len(), 1);
    relay.mend();
    let answer = receive().run().expect(0).json();
    assert_eq!(answer["messages"][0]["bytes"], 600_000);
    assert_eq!(fs::read(folder.join("data.bin")).unwrap(), content);
    assert_eq!(hidden(&folder), 0);
    assert!(mesh.inbox("X26ABC2").is_empty());
}

#[test]
fn ctrl_c_while_sending_says_how_to_go_on() {
    let mesh = Mesh::start();
    let content = noise(600_000);
    mesh.file_with("data.bin", &content);
    let relay = Relay::to(&mesh.url(), 350_000, Then::Stall);
    let file = mesh.file("data.bin");
    let program = via(&relay, mesh.person().args(["send", "X26ABC1"])).arg(&file).args(SEND);
    let talk = program.env("TERM", "xterm").in_terminal(&[("KiB/s", "\x03")]);
    assert_eq!(talk.status, 130, "{}", talk.screen);
    assert!(talk.screen.contains("Sending ") && talk.screen.contains("of 585.94 KiB"), "{}", talk.screen);
    assert!(talk.screen.contains("cancelled") && talk.echo, "{}", talk.screen);
    let line = way_on(&talk.screen);
    relay.mend();
    let (code, text) = sh(&mesh, &line);
    assert_eq!(code, 0, "{line}\n{text}");
    let id = line.rsplit(' ').next().unwrap();
    assert_eq!(received(&mesh, id), content);
}

#[test]
fn ctrl_c_while_receiving_leaves_nothing_half_named() {
    let mesh = Mesh::start();
    let content = noise(600_000);
    mesh.sent(&content, &["--chunk-size", "100kB", "--filename", "data.bin"]);
    let folder = mesh.file("in");
    let relay = Relay::to(&mesh.url(), 350_000, Then::Stall);
    let program = via(&relay, mesh.person().args(["receive", "X26ABC2", "--all", "--to"]).arg(&folder));
    let talk = program.env("TERM", "xterm").in_terminal(&[("KiB/s", "\x03")]);
    assert_eq!(talk.status, 130, "{}", talk.screen);
    assert!(!folder.join("data.bin").exists());
    let line = way_on(&talk.screen);
    relay.mend();
    let (code, text) = sh(&mesh, &line);
    assert_eq!(code, 0, "{line}\n{text}");
    assert_eq!((fs::read(folder.join("data.bin")).unwrap(), hidden(&folder)), (content, 0));
}
