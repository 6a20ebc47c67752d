//! "Look up MESH address" and "Lookup by workflow".

use mesh_onboard::mesh::wire::Lookup;

use crate::mesh::Mesh;
use crate::raw::Request;
use crate::row::{Differences, Row, Seen, row};

const BY_ODS: &str = "Look up MESH address";
const BY_WORKFLOW: &str = "Lookup by workflow";

fn shown(lookup: Lookup) -> String {
    let mut found: Vec<_> =
        lookup.results.into_iter().map(|item| format!("{} {}", item.mailbox_id, item.mailbox_name)).collect();
    found.sort();
    if found.is_empty() { "none".into() } else { found.join(", ") }
}

fn by_ods(mesh: &Mesh, ods: &str, workflow: &str) -> Seen {
    let service = mesh.client("X26ABC1").service();
    Ok(shown(service.endpoint_lookup(&ods.parse().expect("an ODS code"), workflow)?.value))
}

fn by_workflow(mesh: &Mesh, workflow: &str) -> Seen {
    Ok(shown(mesh.client("X26ABC1").service().workflow_search(workflow)?.value))
}

pub fn rows() -> Vec<Row> {
    vec![
        row(
            "the mailboxes of an organisation that receive a workflow",
            BY_ODS,
            "X26ABC1 TESTMB1, X26ABC2 TESTMB2",
            |mesh| by_ods(mesh, "X26", "TEST_WORKFLOW2"),
        ),
        row("those of another organisation are its own", BY_ODS, "X26ABC3 TESTMB3", |mesh| {
            by_ods(mesh, "X27", "TEST_WORKFLOW2")
        }),
        row("an organisation that does not receive it has none", BY_ODS, "none", |mesh| {
            by_ods(mesh, "X27", "TEST_WORKFLOW")
        }),
        row("an organisation that nobody knows has none", BY_ODS, "none", |mesh| {
            by_ods(mesh, "Z99", "TEST_WORKFLOW2")
        }),
        row("in version 1 they are called addresses", "API Versioning", "X26ABC3 MESH", |mesh| {
            let request = Request::new("GET", "/messageexchange/endpointlookup/X27/TEST_WORKFLOW2");
            let json = mesh.line()?.send(&request.header("accept", "application/json"))?.json()?;
            let first = &json["results"][0];
            let text = |name: &str| first[name].as_str().unwrap_or_default();
            let mut differences = Differences::default();
            differences.expect("query_id is there", json["query_id"].is_string(), true);
            differences.or(&format!("{} {}", text("address"), text("endpoint_type")))
        }),
        row(
            "all who receive a workflow",
            BY_WORKFLOW,
            "X26ABC1 TESTMB1, X26ABC2 TESTMB2, X26ABC3 TESTMB3",
            |mesh| by_workflow(mesh, "TEST_WORKFLOW2"),
        ),
        row("a workflow that nobody knows is received by nobody", BY_WORKFLOW, "none", |mesh| {
            by_workflow(mesh, "NO_SUCH_WORKFLOW")
        }),
    ]
}
