//! Seeing without fetching: HEAD, tracking by local ID, who receives what.

use serde_json::json;

use super::*;
use crate::mesh::wire::{ACCEPT_V2, Tracking};

/// A message to X26ABC2 under a local ID.
fn send(client: &Client<'_>, local_id: &str, body: &[u8]) -> String {
    let headers = [("mex-to", "X26ABC2"), ("mex-workflowid", "TEST_WORKFLOW"), ("mex-localid", local_id)];
    let answer = client.call("POST", "/outbox", &headers, body);
    answer.json()["message_id"].as_str().unwrap().to_owned()
}

#[test]
fn head_shows_what_a_download_would_bring() {
    let mesh = mesh();
    let (sender, recipient) = (client(&mesh), client(&mesh).of("X26ABC2"));
    let id = send(&sender, "one", b"x");
    let path = format!("/inbox/{id}");
    for who in [&recipient, &sender] {
        let head = who.call("HEAD", &path, &[], b"");
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("mex-messageid"), Some(id.as_str()));
        assert_eq!(head.header("mex-chunk-range"), Some("1:1"));
    }
    let stranger = client(&mesh).of("X26ABC3");
    assert_eq!(stranger.call("HEAD", &path, &[], b"").status, 404);
    assert_eq!(recipient.call("HEAD", "/inbox/NONE", &[], b"").status, 404);
    recipient.call("PUT", &format!("{path}/status/acknowledged"), &[], b"");
    assert_eq!(recipient.call("HEAD", &path, &[], b"").status, 410);
    assert_eq!(sender.call("HEAD", &path, &[], b"").status, 200, "the sender sees it in any state");
}

#[test]
fn message_is_tracked_by_its_local_id_if_that_is_its_alone() {
    let mesh = mesh();
    let sender = client(&mesh);
    send(&sender, "a b/c", b"four");
    let answer = sender.get("/outbox/tracking/a%20b%2Fc");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let body = answer.json();
    for (name, value) in [
        ("localId", json!("a b/c")),
        ("status", json!("Accepted")),
        ("statusSuccess", json!("SUCCESS")),
        ("fileSize", json!(4)),
        ("chunkCount", json!(1)),
        ("recipientName", json!("TESTMB2")),
        ("meshRecipientOdsCode", json!("X26")),
        ("expiryTime", json!("20260606120000")),
    ] {
        assert_eq!(body[name], value, "{name}");
    }
    let tracking: Tracking = serde_json::from_value(body).unwrap();
    assert_eq!(tracking.status_success, Some(true));
    assert_eq!(sender.get("/outbox/tracking/none").status, 404);
    assert_eq!(client(&mesh).of("X26ABC2").get("/outbox/tracking/a%20b%2Fc").status, 404);
    send(&sender, "a b/c", b"once more");
    assert_eq!(sender.get("/outbox/tracking/a%20b%2Fc").status, 300);
}

#[test]
fn lookups_need_no_token_and_know_the_configured_workflows() {
    let mesh = mesh();
    let client = client(&mesh);
    let get = |path: &str, accept: &str| {
        let path = format!("/messageexchange/{path}");
        let answer = client.request("GET", &path, &[("accept", accept)], b"").unwrap();
        (answer.status, answer.header("content-type").unwrap().to_owned(), answer.json())
    };
    let item = |id: &str, name: &str| json!({ "mailbox_id": id, "mailbox_name": name });
    let (status, kind, body) = get("endpointlookup/x26/TEST_WORKFLOW2", ACCEPT_V2);
    assert_eq!((status, kind.as_str()), (200, ACCEPT_V2));
    assert_eq!(body, json!({ "results": [item("X26ABC1", "TESTMB1"), item("X26ABC2", "TESTMB2")] }));
    let (_, kind, body) = get("endpointlookup/X27/TEST_WORKFLOW2", "application/json");
    assert_eq!(kind, "application/json");
    let one = json!([{ "address": "X26ABC3", "description": "TESTMB3", "endpoint_type": "MESH" }]);
    assert_eq!(body["results"], one);
    assert_eq!(body["query_id"].as_str().unwrap().len(), 32);
    for accept in [ACCEPT_V2, "application/json"] {
        let (_, _, body) = get("workflowsearch/TEST_WORKFLOW", accept);
        assert_eq!(body, json!({ "results": [item("X26ABC2", "TESTMB2")] }));
    }
    assert_eq!(get("workflowsearch/NONE", ACCEPT_V2).2, json!({ "results": [] }));
    assert_eq!(get("workflowsearch/%20", ACCEPT_V2).0, 400);
    assert_eq!(get("endpointlookup/%20/X", ACCEPT_V2).0, 400);
}
