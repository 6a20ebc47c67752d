//! Who takes messages of a workflow. Anybody with a certificate may ask: these calls have no mailbox and no token.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answers::{Refusal, Version};
use super::handlers::Mesh;
use super::mailboxes::Member;
use crate::mesh::wire::{Lookup, LookupItem};

/// `GET /messageexchange/endpointlookup/{ods}/{workflow}`
pub async fn of_organisation(
    State(mesh): State<Arc<Mesh>>,
    Path((ods, workflow)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(&headers, [("ods code missing", &ods), ("workflow id missing", &workflow)], |version| {
        let owns = |member: &&Member| member.ods.as_str().eq_ignore_ascii_case(ods.trim());
        let found = mesh.mailboxes.receivers(workflow.trim()).filter(owns);
        match version {
            Version::V1 => version_1(found),
            Version::V2 => version_2(found),
        }
    })
}

/// `GET /messageexchange/workflowsearch/{workflow}`, whose answer has the shape of version 2 in both.
pub async fn of_workflow(
    State(mesh): State<Arc<Mesh>>,
    Path(workflow): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(&headers, [("workflow id missing", &workflow)], |_| {
        version_2(mesh.mailboxes.receivers(workflow.trim()))
    })
}

/// The answer, unless one of the parameters is blank.
fn answer<const N: usize>(
    headers: &HeaderMap,
    parameters: [(&'static str, &String); N],
    found: impl FnOnce(Version) -> Value,
) -> Response {
    let version = match Version::asked_for(headers) {
        Ok(version) => version,
        Err(refusal) => return refusal.into_response(Version::V1),
    };
    match parameters.iter().find(|(_, given)| given.trim().is_empty()) {
        Some((text, _)) => Refusal::plain(StatusCode::BAD_REQUEST, text).into_response(version),
        None => version.json(StatusCode::OK, &found(version)),
    }
}

fn version_1<'a>(found: impl Iterator<Item = &'a Member>) -> Value {
    let item = |member: &Member| json!({ "address": member.id.as_str(), "description": member.name, "endpoint_type": "MESH" });
    json!({ "query_id": Uuid::new_v4().simple().to_string(), "results": found.map(item).collect::<Vec<_>>() })
}

fn version_2<'a>(found: impl Iterator<Item = &'a Member>) -> Value {
    let item = |m: &Member| LookupItem { mailbox_id: m.id.to_string(), mailbox_name: m.name.clone() };
    json!(Lookup { results: found.map(item).collect() })
}
