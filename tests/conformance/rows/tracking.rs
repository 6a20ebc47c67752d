//! "Track outbox".

use mesh_onboard::mesh::wire::Tracking;
use mesh_onboard::mesh::{ChunkRange, Outgoing};

use crate::mesh::Mesh;
use crate::raw::Request;
use crate::row::{Differences, Row, Seen, Stuck, row};

const BY_ID: &str = "Track outbox";
const BY_LOCAL_ID: &str = "Track outbox (deprecated)";

fn message(local_id: &str) -> Outgoing<'_> {
    Outgoing {
        to: "X26ABC2",
        workflow: "TEST_WORKFLOW",
        filename: Some("results.csv"),
        local_id: Some(local_id),
        ..Outgoing::default()
    }
}

/// A local ID that no other row uses.
fn new_local_id() -> String {
    format!("ref/{} é", uuid::Uuid::new_v4()).replace('é', "e")
}

fn send(mesh: &Mesh, message: &Outgoing<'_>) -> Result<String, Stuck> {
    Ok(mesh.client("X26ABC1").send(message, &b"tracked".as_slice())?.value.message_id)
}

fn status(tracking: &Tracking) -> String {
    tracking.status.clone().unwrap_or_default().to_lowercase()
}

/// The status alone: there are no codes for tracking.
fn asked(mesh: &Mesh, mailbox: &str, rest: &str) -> Seen {
    let path = format!("/messageexchange/{mailbox}/outbox/tracking{rest}");
    Ok(mesh.send(mailbox, Request::new("GET", path))?.status.to_string())
}

/// What has to be said of a message that waits.
fn compare(tracking: &Tracking, id: &str, local_id: &str) -> Differences {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut differences = Differences::default();
    differences
        .expect("message_id", tracking.message_id.as_str(), id)
        .expect("local_id", text(&tracking.local_id), local_id)
        .expect("workflow_id", text(&tracking.workflow_id), "TEST_WORKFLOW")
        .expect("filename", text(&tracking.filename), "results.csv")
        .expect("recipient", text(&tracking.recipient), "X26ABC2")
        .expect("recipient_name", text(&tracking.recipient_name), "TESTMB2")
        .expect("recipient_ods_code", text(&tracking.recipient_ods_code), "X26")
        .expect("status", status(tracking), "accepted")
        .expect("status_success", tracking.status_success, Some(true))
        .expect("upload_timestamp is there", tracking.upload_timestamp.is_some(), true)
        .expect("expiry_time is there", tracking.expiry_time.is_some(), true);
    differences
}

pub fn rows() -> Vec<Row> {
    vec![
        row("a message is tracked by its ID", BY_ID, "accepted", |mesh| {
            let local_id = new_local_id();
            let id = send(mesh, &message(&local_id))?;
            let tracking = mesh.client("X26ABC1").track(&id)?.value;
            compare(&tracking, &id, &local_id).or("accepted")
        }),
        row("a message is tracked by its local ID", BY_LOCAL_ID, "accepted", |mesh| {
            let local_id = new_local_id().replace('/', "-");
            let id = send(mesh, &message(&local_id))?;
            let tracking = mesh.client("X26ABC1").track_local(&local_id)?.value;
            compare(&tracking, &id, &local_id).or("accepted")
        }),
        row("a local ID with a slash is tracked", BY_LOCAL_ID, "200", |mesh| {
            let local_id = new_local_id();
            send(mesh, &message(&local_id))?;
            asked(mesh, "X26ABC1", &format!("/{}", local_id.replace('/', "%2F").replace(' ', "%20")))
        })
        .but_sandbox("404", "its framework decodes the slash before it looks for the path"),
        row("an acknowledged message is said to be", BY_ID, "acknowledged", |mesh| {
            let id = send(mesh, &message("ack"))?;
            mesh.client("X26ABC2").acknowledge(&id)?;
            Ok(status(&mesh.client("X26ABC1").track(&id)?.value))
        }),
        row(
            "a message whose chunks have not all come is uploading",
            BY_ID,
            "uploading, then accepted",
            |mesh| {
                let id = send(mesh, &Outgoing { chunks: 2, ..message("chunks") })?;
                let sender = mesh.client("X26ABC1");
                let first = status(&sender.track(&id)?.value);
                let last = ChunkRange { index: 2, total: 2 };
                sender.send_chunk(&id, last, false, &b"the rest".as_slice())?;
                Ok(format!("{first}, then {}", status(&sender.track(&id)?.value)))
            },
        ),
        row("a message that was never sent is not tracked", BY_ID, "404", |mesh| {
            asked(mesh, "X26ABC1", "?messageID=20200529155357895317_3573F8")
        }),
        row("nobody tracks the messages of another, not even their recipient", BY_ID, "404 404", |mesh| {
            let id = send(mesh, &message("theirs"))?;
            let rest = format!("?messageID={id}");
            Ok(format!("{} {}", asked(mesh, "X26ABC2", &rest)?, asked(mesh, "X26ABC3", &rest)?))
        }),
        row("a local ID that does not exist is not found", BY_LOCAL_ID, "404", |mesh| {
            asked(mesh, "X26ABC1", "/never-used")
        }),
        row("a local ID that was used twice names no message", BY_LOCAL_ID, "300", |mesh| {
            let local_id = new_local_id().replace(['/', ' '], "-");
            send(mesh, &message(&local_id))?;
            send(mesh, &message(&local_id))?;
            asked(mesh, "X26ABC1", &format!("/{local_id}"))
        }),
        row("without messageID there is nothing to track", BY_ID, "400", |mesh| asked(mesh, "X26ABC1", "")),
    ]
}
