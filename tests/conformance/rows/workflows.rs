//! Who may send what to whom: "Error codes", 16 and 17.

use mesh_onboard::mesh::Outgoing;

use crate::mesh::Mesh;
use crate::row::{Row, Seen, refusal, row};

const CODES: &str = "Error codes";
const NO_RULES: &str = "it keeps its list of workflows for lookups alone";

fn send(mesh: &Mesh, from: &str, to: &str, workflow: &str) -> Seen {
    refusal(mesh.client(from).send(&Outgoing { to, workflow, ..Outgoing::default() }, &b"x".as_slice()))
}

pub fn rows() -> Vec<Row> {
    vec![
        row("sender and receiver of a workflow are let through", CODES, "taken taken", |mesh| {
            let there = send(mesh, "X26ABC1", "X26ABC2", "TEST_WORKFLOW")?;
            Ok(format!("{there} {}", send(mesh, "X26ABC2", "X26ABC1", "TEST_WORKFLOW_ACK")?))
        }),
        row("who may not send with a workflow is refused", CODES, "417 16", |mesh| {
            send(mesh, "X26ABC3", "X26ABC2", "TEST_WORKFLOW")
        })
        .but_sandbox("taken", NO_RULES),
        row("a recipient that is not registered for a workflow is refused", CODES, "417 17", |mesh| {
            send(mesh, "X26ABC1", "X26ABC3", "TEST_WORKFLOW")
        })
        .but_sandbox("taken", NO_RULES),
        row("a workflow that nobody is registered for is refused", CODES, "417 17", |mesh| {
            send(mesh, "X26ABC1", "X26ABC2", "NO_SUCH_WORKFLOW")
        })
        .but_sandbox("taken", NO_RULES),
    ]
}
