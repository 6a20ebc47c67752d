//! `check` without a server: what it can say of files alone, and where nobody answers.

use std::net::TcpListener;

use serde_json::Value;

use crate::keys;
use crate::support::{Mailbox, Program, changes, tree};

const PROBES: [&str; 14] = [
    "files",
    "key",
    "match",
    "chain",
    "expiry",
    "dns",
    "connect",
    "tls",
    "server_trust",
    "client_certificate",
    "clock",
    "authorization",
    "mailbox",
    "round_trip",
];

fn check(mailbox: &Mailbox) -> Program {
    mailbox.program().args(["check", Mailbox::ID])
}

fn probe<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let probes = answer["probes"].as_array().expect("probes");
    probes.iter().find(|p| p["id"] == id).unwrap_or_else(|| panic!("no probe {id}: {answer}"))
}

#[test]
fn offline_check_passes_what_import_made() {
    let mailbox = Mailbox::imported();
    let answer = check(&mailbox).arg("--offline").run().expect(0).json();
    assert_eq!(keys(&answer), ["environment", "mailbox", "probes", "url", "verdict"]);
    assert_eq!(answer["verdict"], "pass", "{answer}");
    let ids: Vec<_> =
        answer["probes"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap()).collect();
    assert_eq!(ids, PROBES[..ids.len()], "in this order");
    for id in &PROBES[..5] {
        let found = probe(&answer, id);
        assert_eq!(found["status"], "pass", "{found}");
        assert!(found["evidence"].as_str().is_some_and(|e| !e.is_empty()), "{found}");
        assert!(found["millis"].is_number(), "{found}");
    }
    for id in &ids[5..] {
        assert_eq!(probe(&answer, id)["status"], "skipped", "--offline stops after expiry: {answer}");
    }
}

#[test]
fn check_names_the_passphrase_when_it_does_not_open_the_key() {
    let mailbox = Mailbox::imported();
    let program = check(&mailbox).arg("--offline").env("MESH_KEY_PASSPHRASE", "wrong horse battery");
    let answer = program.run().expect(3).json();
    assert_eq!(answer["verdict"], "fail");
    assert_eq!(probe(&answer, "files")["status"], "pass");
    assert_eq!(probe(&answer, "key")["status"], "fail");
    assert!(probe(&answer, "key")["remedy"].is_string(), "{answer}");
    assert_eq!(probe(&answer, "match")["status"], "skipped", "it depends on the key: {answer}");
}

#[test]
fn check_fails_when_the_certificate_is_over() {
    let mailbox = Mailbox::imported();
    let answer = check(&mailbox).arg("--offline").now("2029-06-01T00:00:00Z").run().expect(3).json();
    assert_eq!(answer["verdict"], "fail");
    assert_eq!(probe(&answer, "expiry")["status"], "fail", "{answer}");
}

#[test]
fn check_warns_when_the_certificate_is_nearly_over() {
    let mailbox = Mailbox::imported();
    let answer = check(&mailbox).arg("--offline").now("2028-12-01T00:00:00Z").run().expect(0).json();
    assert_eq!(answer["verdict"], "warn");
    assert_eq!(probe(&answer, "expiry")["status"], "warn", "{answer}");
}

#[test]
fn check_says_when_nobody_answers() {
    let mailbox = Mailbox::imported();
    // Bound and released: nobody listens there now.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let before = tree(&mailbox.home());
    let program = check(&mailbox).args(["--url", &format!("https://127.0.0.1:{port}")]);
    let program = program.env("MESH_MAILBOX_PASSWORD", "password").env("MESH_SHARED_KEY", "TestKey");
    let answer = program.run().expect(4).json();
    assert_eq!(answer["verdict"], "fail");
    assert_eq!(probe(&answer, "connect")["status"], "fail");
    for later in ["tls", "authorization", "mailbox"] {
        assert_eq!(probe(&answer, later)["status"], "skipped", "{answer}");
    }
    let changed = changes(&before, &tree(&mailbox.home()));
    assert!(changed.is_empty(), "check wrote: {changed:?}");
}

#[test]
fn check_says_when_the_name_is_unknown() {
    let mailbox = Mailbox::imported();
    // RFC 6761: a name below .invalid never exists.
    let program = check(&mailbox).args(["--url", "https://mesh.invalid"]);
    let program = program.env("MESH_MAILBOX_PASSWORD", "password").env("MESH_SHARED_KEY", "TestKey");
    let answer = program.run().expect(4).json();
    assert_eq!(probe(&answer, "dns")["status"], "fail");
    assert_eq!(probe(&answer, "connect")["status"], "skipped");
}
