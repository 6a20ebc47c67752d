//! Sandboxes that are not entered by mutual TLS: with a certificate that they made themselves, over plain
//! HTTP, without credentials of ours.

use serde_json::Value;

use crate::server::{Door, Sandbox};
use crate::support::{Mailbox, Program};

fn probe<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let probes = answer["probes"].as_array().expect("probes");
    probes.iter().find(|p| p["id"] == id).unwrap_or_else(|| panic!("no probe {id}: {answer}"))
}

/// `validate` of a mailbox that is not stored.
fn validate(sandbox: &Sandbox, mailbox: &str) -> Program {
    let program = sandbox.secrets(sandbox.mailbox.program().real_clock());
    program.args(["validate", mailbox, "--env", "sandbox", "--url", &sandbox.url])
}

#[test]
fn sandbox_with_a_certificate_of_its_own_is_trusted_by_that() {
    let sandbox = Sandbox::start_with(Door::SelfSigned);
    let own = sandbox.own_certificate();
    validate(&sandbox, "X26ABC2").arg("--ca").arg(&own).run().expect(0);
    // Another one of the same kind is not trusted, and neither is anyone by default.
    let other = Sandbox::start_with(Door::SelfSigned);
    validate(&sandbox, "X26ABC2").arg("--ca").arg(other.own_certificate()).run().expect_error(4, "network");
    validate(&sandbox, "X26ABC2").run().expect_error(1, "trust");

    sandbox.import();
    let check = sandbox.secrets(sandbox.mailbox.program().real_clock());
    let check = check.args(["check", Mailbox::ID, "--url", &sandbox.url]).arg("--ca").arg(&own);
    let answer = check.run().expect(0).json();
    let found = probe(&answer, "server_trust");
    assert_eq!(found["status"], "pass", "{answer}");
    assert!(found["evidence"].as_str().unwrap().contains("--ca"), "{found}");
    assert_eq!(probe(&answer, "client_certificate")["code"], "not_asked_for", "{answer}");
}

#[test]
fn certificate_of_its_own_serves_a_sandbox_alone() {
    let sandbox = Sandbox::start_with(Door::SelfSigned);
    sandbox.import();
    let credential = sandbox.mailbox.credential(1);
    let program = sandbox.secrets(sandbox.mailbox.program().real_clock());
    let program = program.args(["validate", Mailbox::ID, "--env", "integration", "--url", &sandbox.url]);
    let program = program.arg("--cert").arg(credential.join("bundles-01/fullchain.pem"));
    let program =
        program.arg("--key").arg(credential.join("key.pem")).arg("--ca").arg(sandbox.own_certificate());
    program.run().expect_error(4, "network");
}

#[test]
fn insecure_believes_anyone_and_says_so_each_time() {
    let sandbox = Sandbox::start_with(Door::SelfSigned);
    for _ in 0..2 {
        let output = validate(&sandbox, "X26ABC2").args(["--insecure", "-q"]).run().expect(0);
        output.says("warning: --insecure: anyone could be the server");
    }
    sandbox.import();
    let check = sandbox.secrets(sandbox.mailbox.program().real_clock());
    let check = check.args(["check", Mailbox::ID, "--env", "sandbox", "--url", &sandbox.url, "--insecure"]);
    let output = check.run().expect(0).says("--insecure");
    assert_eq!(output.json()["verdict"], "warn");
    assert_eq!(probe(&output.json(), "server_trust")["code"], "not_verified");
}

#[test]
fn insecure_still_shows_the_clients_certificate() {
    let sandbox = Sandbox::start();
    sandbox.import();
    let program = validate(&sandbox, Mailbox::ID).arg("--insecure");
    program.run().expect(0).says("--insecure");
    // The server asks for one: without, nobody comes in.
    validate(&sandbox, "X26ABC2").arg("--insecure").run().expect_error(4, "network");
}

#[test]
fn sandbox_over_plain_http_is_reached_without_a_certificate() {
    let sandbox = Sandbox::start_with(Door::Plain);
    validate(&sandbox, "X26ABC2").run().expect(0).says("nothing is encrypted");
    // Credentials that are stored are not opened for it.
    sandbox.import();
    validate(&sandbox, Mailbox::ID).without_env("MESH_KEY_PASSPHRASE").run().expect(0);
    // A proxy is not for it.
    validate(&sandbox, "X26ABC2").env("ALL_PROXY", "http://127.0.0.1:1").run().expect(0);
}

#[test]
fn check_over_plain_http_says_what_it_did_not_prove() {
    let sandbox = Sandbox::start_with(Door::Plain);
    sandbox.import();
    let check = sandbox.secrets(sandbox.mailbox.program().real_clock());
    let check = check.args(["check", Mailbox::ID, "--env", "sandbox", "--url", &sandbox.url, "--round-trip"]);
    let answer = check.run().expect(0).json();
    for id in ["tls", "server_trust", "client_certificate"] {
        let found = probe(&answer, id);
        assert_eq!(found["status"], "skipped", "{answer}");
        assert!(found["evidence"].as_str().unwrap().contains("http://"), "{found}");
    }
    for id in ["dns", "connect", "authorization", "mailbox", "round_trip"] {
        assert_eq!(probe(&answer, id)["status"], "pass", "{answer}");
    }
}
