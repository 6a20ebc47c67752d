//! Sending and tracking.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::answers::{Invalid, Refusal, Version};
use super::handlers::{Call, Mesh};
use super::inbox::TIMESTAMP;
use super::mailboxes::{Draft, Message};
use crate::mesh::wire::Sent;
use crate::mesh::wire::headers::{CHUNK_RANGE, FILE_NAME, FROM, LOCAL_ID, SUBJECT, TO, WORKFLOW_ID};

/// How long a message waits in an inbox.
const EXPIRY: time::Duration = time::Duration::days(5);

/// ISO 8601, to the microsecond, UTC.
const ISO: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

const CONTENT_TYPE: &str = "mex-content-type";

/// What goes with a message unread.
const PASSED_ON: [&str; 7] = [
    LOCAL_ID,
    "mex-partnerid",
    FILE_NAME,
    SUBJECT,
    "mex-content-checksum",
    "mex-content-encrypted",
    "mex-content-compressed",
];

/// `POST …/outbox`
pub async fn send(State(mesh): State<Arc<Mesh>>, call: Call, headers: HeaderMap, body: Bytes) -> Response {
    let draft = match draft(&mesh, &call, &headers) {
        Ok(draft) => draft,
        Err(refusal) => return call.answer(Err(refusal)),
    };
    if body.is_empty() {
        return call.answer(Err(Refusal::Event {
            status: StatusCode::EXPECTATION_FAILED,
            event: "COLLECT",
            code: "02",
            text: "Data file is missing or inaccessible.",
        }));
    }
    call.answer(mesh.mailboxes.messages().accept(draft, body, call.now).map(|message| {
        let body = match call.version {
            Version::V1 => json!({ "messageID": message.id }),
            Version::V2 => json!(Sent { message_id: message.id.clone() }),
        };
        call.version.json(StatusCode::ACCEPTED, &body)
    }))
}

/// Checks what the headers say, in the order of the official sandbox where it checks at all.
fn draft(mesh: &Mesh, call: &Call, headers: &HeaderMap) -> Result<Draft, Refusal> {
    let sender = mesh.caller(call);
    let text =
        |name: &str| headers.get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).trim().to_owned());
    let workflow = text(WORKFLOW_ID).ok_or_else(|| Refusal::missing_headers([WORKFLOW_ID]))?;
    // The official Python client leaves the sender out.
    if text(FROM).is_some_and(|from| from != sender.id.as_str()) {
        return Err(Refusal::send("07", "Invalid From Address in the control file"));
    }
    let to = text(TO).filter(|to| !to.is_empty()).ok_or(Refusal::Event {
        status: StatusCode::BAD_REQUEST,
        event: "SEND",
        code: "08",
        text: "TO_DTS missing",
    })?;
    let content_encoding = value(headers, header::CONTENT_ENCODING.as_str());
    if content_encoding.as_ref().is_some_and(|e| !e.as_bytes().eq_ignore_ascii_case(b"gzip")) {
        return Err(Refusal::Event {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            event: "SEND",
            code: "UnsupportedContentEncoding",
            text: "Unsupported content encoding",
        });
    }
    check_chunk_range(text(CHUNK_RANGE).as_deref().unwrap_or_default())?;
    let recipient = mesh
        .mailboxes
        .member(&to.to_ascii_uppercase())
        .ok_or_else(|| Refusal::send("12", "Unregistered to address"))?;
    mesh.mailboxes.check_workflow(sender, recipient, &workflow)?;
    Ok(Draft {
        sender: sender.id.clone(),
        recipient: recipient.id.clone(),
        workflow,
        headers: PASSED_ON.iter().filter_map(|&name| Some((name, value(headers, name)?))).collect(),
        content_type: value(headers, CONTENT_TYPE).or_else(|| value(headers, header::CONTENT_TYPE.as_str())),
        content_encoding,
    })
}

/// A header that says something.
fn value(headers: &HeaderMap, name: &str) -> Option<HeaderValue> {
    headers.get(name).filter(|v| !v.is_empty()).cloned()
}

/// A message of one request says `1:1` or nothing.
fn check_chunk_range(range: &str) -> Result<(), Refusal> {
    const INVALID: &str = "InvalidHeaderChunks";
    if range.is_empty() {
        return Ok(());
    }
    let numbers = range
        .split_once(':')
        .and_then(|(i, n)| Some((i.trim().parse::<u32>().ok()?, n.trim().parse::<u32>().ok()?)));
    match numbers {
        Some((1, 1)) => Ok(()),
        Some((1, 2..)) => Err(Refusal::send(
            INVALID,
            "the rehearsal MESH takes messages of a single request only: send mex-chunk-range 1:1 or none",
        )),
        _ => Err(Refusal::send(INVALID, "Invalid chunk values sent in mex-Chunk-Range header")),
    }
}

/// `GET …/outbox/tracking?messageID=`
pub async fn track(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Some(id) = query.get("messageID") else {
        let missing = Invalid { kind: "missing", place: "query", name: "messageID", text: "Field required" };
        return call.answer(Err(Refusal::Invalid(vec![missing])));
    };
    let messages = mesh.mailboxes.messages();
    // Others' messages do not exist, rather than being forbidden.
    let message = messages.get(id).filter(|m| m.draft.sender == mesh.caller(&call).id);
    call.answer(message.ok_or(Refusal::plain(StatusCode::NOT_FOUND, "Not Found")).map(|message| {
        let body = match call.version {
            Version::V1 => tracking_v1(&mesh, message),
            Version::V2 => tracking_v2(&mesh, message),
        };
        call.version.json(StatusCode::OK, &body)
    }))
}

fn tracking_v2(mesh: &Mesh, message: &Message) -> Value {
    let iso = |at: OffsetDateTime| at.to_offset(UtcOffset::UTC).format(ISO).expect("a date can be written");
    json!({
        "message_id": message.id,
        "local_id": message.header(LOCAL_ID),
        "workflow_id": message.draft.workflow,
        "filename": message.file_name(),
        "expiry_time": iso(message.sent + EXPIRY),
        "upload_timestamp": iso(message.sent),
        "recipient": message.draft.recipient.as_str(),
        "recipient_ods_code": mesh.ods(&message.draft.recipient),
        "status_success": true,
        "status": message.status(),
    })
}

fn tracking_v1(mesh: &Mesh, message: &Message) -> Value {
    let short =
        |at: OffsetDateTime| at.to_offset(UtcOffset::UTC).format(TIMESTAMP).expect("a date can be written");
    let mut status = message.status().to_owned();
    status[..1].make_ascii_uppercase();
    json!({
        "addressType": "ALL",
        "checksum": message.header("mex-content-checksum"),
        "chunkCount": 1,
        "contentEncoding": message.draft.content_encoding.as_ref().map_or("", |_| "gzip"),
        "downloadTimestamp": message.acknowledged.map(short).unwrap_or_default(),
        "dtsId": message.id,
        "expiryTime": short(message.sent + EXPIRY),
        "fileName": message.file_name(),
        "fileSize": message.size,
        "localId": message.header(LOCAL_ID),
        "meshRecipientOdsCode": mesh.ods(&message.draft.recipient),
        "messageId": message.id,
        "messageType": "Data",
        "partnerId": message.header("mex-partnerid"),
        "recipient": message.draft.recipient.as_str(),
        "sender": message.draft.sender.as_str(),
        "senderOdsCode": mesh.ods(&message.draft.sender),
        "status": status,
        "statusSuccess": "SUCCESS",
        "subject": message.header(SUBJECT),
        "uploadTimestamp": short(message.sent),
        "version": "1.0",
        "workflowId": message.draft.workflow,
    })
}
