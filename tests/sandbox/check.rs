//! `check` and `validate` with imported credentials.

use serde_json::Value;

use crate::server::Sandbox;
use crate::support::{Mailbox, changes, tree};

fn probe<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let probes = answer["probes"].as_array().expect("probes");
    probes.iter().find(|p| p["id"] == id).unwrap_or_else(|| panic!("no probe {id}: {answer}"))
}

/// The probes that failed.
fn failed(answer: &Value) -> Vec<&Value> {
    answer["probes"].as_array().expect("probes").iter().filter(|p| p["status"] == "fail").collect()
}

#[test]
fn credentials_of_the_whole_journey_pass_with_a_round_trip() {
    let sandbox = Sandbox::start();
    let answer = sandbox.import();
    assert_eq!(answer["state"], "current");
    let before = tree(&sandbox.mailbox.home());
    let answer = sandbox.check().args([Mailbox::ID, "--round-trip"]).run().expect(0).json();
    assert_eq!(failed(&answer), Vec::<&Value>::new(), "{answer}");
    assert_eq!(answer["mailbox"], Mailbox::ID);
    assert_eq!(answer["environment"], "sandbox");
    for id in
        ["connect", "tls", "server_trust", "client_certificate", "authorization", "mailbox", "round_trip"]
    {
        assert_eq!(probe(&answer, id)["status"], "pass", "{answer}");
    }
    let changed = changes(&before, &tree(&sandbox.mailbox.home()));
    assert!(changed.is_empty(), "check wrote: {changed:?}");

    let program = sandbox.secrets(sandbox.mailbox.program().real_clock());
    let program = program.args(["validate", Mailbox::ID, "--url", &sandbox.url]).arg("--ca");
    program.arg(sandbox.server_ca()).run().expect(0).json();
}

#[test]
fn sharing_mailbox_speaks_for_itself_with_the_credential_of_the_other() {
    let sandbox = Sandbox::start();
    sandbox.import();
    sandbox.mailbox.program().args(["adopt", "X26ABC2", "--share", Mailbox::ID]).run().expect(0);
    let answer = sandbox.check().args(["X26ABC2", "--round-trip"]).run();
    // X26ABC2 may not send with the workflow of the round trip; everything before it is its own.
    let answer = answer.json();
    assert_eq!(answer["mailbox"], "X26ABC2");
    for id in ["match", "client_certificate", "authorization", "mailbox"] {
        assert_eq!(probe(&answer, id)["status"], "pass", "{answer}");
    }
    assert!(probe(&answer, "authorization")["evidence"].to_string().contains("X26ABC2"), "{answer}");
    assert!(probe(&answer, "match")["evidence"].to_string().contains("x26abc1"), "{answer}");
    let program = sandbox.check().arg("X26ABC2").env("MESH_MAILBOX_PASSWORD", "wrong");
    assert_eq!(failed(&program.run().expect(3).json())[0]["id"], "authorization");
    let program = sandbox.secrets(sandbox.mailbox.program().real_clock());
    let program = program.args(["validate", "X26ABC2", "--url", &sandbox.url]).arg("--ca");
    let answer = program.arg(sandbox.server_ca()).run().expect(0).json();
    assert_eq!(answer["mailbox"], "X26ABC2");
}
