//! Where messages stand that a mailbox sent.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::answers::{Invalid, Refusal, Version};
use super::download::{NOT_COLLECTED, TIMESTAMP};
use super::handlers::{Call, Mesh};
use super::message::{Message, Standing};
use crate::mesh::wire::Tracking;
use crate::mesh::wire::headers::{CONTENT_CHECKSUM, LOCAL_ID, SUBJECT};

/// ISO 8601, to the microsecond, UTC.
const ISO: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// `GET …/outbox/tracking?messageID=`
pub async fn track(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Some(id) = query.get("messageID") else {
        let text = "Field required".into();
        let missing = Invalid { kind: "missing", place: "query", name: "messageID", text };
        return call.answer(Err(Refusal::Invalid(vec![missing])));
    };
    let messages = mesh.mailboxes.messages(call.now);
    // Others' messages do not exist, rather than being forbidden.
    let message = messages.get(id).filter(|m| m.is_from(&mesh.caller(&call).id));
    call.answer(message.ok_or_else(not_found).map(|message| match call.version {
        Version::V1 => call.version.json(StatusCode::OK, &version_1(&mesh, message)),
        Version::V2 => call.version.json(StatusCode::OK, &version_2(&mesh, message)),
    }))
}

/// `GET …/outbox/tracking/{local_id}`, which knows version 1 alone.
pub async fn track_local(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Path((_, local_id)): Path<(String, String)>,
) -> Response {
    let messages = mesh.mailboxes.messages(call.now);
    let mut found = messages.by_local_id(&mesh.caller(&call).id, &local_id);
    call.answer(match (found.next(), found.next()) {
        (Some(message), None) => Ok(Version::V1.json(StatusCode::OK, &version_1(&mesh, message))),
        (Some(_), Some(_)) => {
            Err(Refusal::plain(StatusCode::MULTIPLE_CHOICES, "several messages have this local ID"))
        }
        (None, _) => Err(not_found()),
    })
}

fn not_found() -> Refusal {
    Refusal::plain(StatusCode::NOT_FOUND, "Not Found")
}

fn iso(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(ISO).expect("a date can be written")
}

fn short(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(TIMESTAMP).expect("a date can be written")
}

/// What went wrong and when, if it did.
fn failure(message: &Message) -> Option<OffsetDateTime> {
    (message.standing == Standing::Undelivered).then_some(message.since)
}

fn version_2(mesh: &Mesh, message: &Message) -> Tracking {
    let recipient = mesh.mailboxes.member(message.draft.recipient.as_str());
    let failed = failure(message);
    let then = |text: &str| failed.map(|_| text.to_owned());
    Tracking {
        message_id: message.id.clone(),
        local_id: Some(message.header(LOCAL_ID)),
        workflow_id: Some(message.draft.workflow.clone()),
        filename: Some(message.file_name()),
        expiry_time: Some(iso(message.expires())),
        upload_timestamp: Some(iso(message.sent)),
        recipient: Some(message.draft.recipient.to_string()),
        recipient_name: recipient.map(|r| r.name.clone()),
        recipient_ods_code: recipient.map(|r| r.ods.to_string()),
        recipient_org_code: recipient.map(|r| r.ods.to_string()),
        status_success: Some(failed.is_none()),
        status: Some(message.standing.as_str().into()),
        status_event: then("SEND"),
        status_timestamp: failed.map(iso),
        status_description: then(NOT_COLLECTED),
        status_code: then("14"),
        ..Tracking::default()
    }
}

fn version_1(mesh: &Mesh, message: &Message) -> Value {
    let draft = &message.draft;
    let flag = |yes: bool| if yes { "Y" } else { "" };
    let mut status = message.standing.as_str().to_owned();
    status[..1].make_ascii_uppercase();
    let member = |id: Option<&str>| id.and_then(|id| mesh.mailboxes.member(id));
    let (sender, recipient) =
        (member(draft.sender.as_ref().map(|s| s.as_str())), member(Some(draft.recipient.as_str())));
    let downloaded = (message.standing == Standing::Acknowledged).then_some(message.since);
    let mut body = json!({
        "addressType": "ALL",
        "checksum": message.header(CONTENT_CHECKSUM),
        "chunkCount": draft.total,
        "compressFlag": flag(draft.compressed),
        "contentEncoding": if draft.gzip { "gzip" } else { "" },
        "downloadTimestamp": downloaded.map(short).unwrap_or_default(),
        "dtsId": message.id,
        "encryptedFlag": flag(draft.encrypted),
        "expiryTime": short(message.expires()),
        "fileName": message.file_name(),
        "fileSize": message.bytes,
        "isCompressed": flag(draft.compressed),
        "localId": message.header(LOCAL_ID),
        "meshRecipientOdsCode": recipient.map(|r| r.ods.as_str()),
        "messageId": message.id,
        "messageType": "Data",
        "partnerId": message.header("mex-partnerid"),
        "recipient": draft.recipient.as_str(),
        "recipientName": recipient.map(|r| r.name.as_str()),
        "recipientOrgCode": recipient.map(|r| r.ods.as_str()),
        "recipientSmtp": "",
        "sender": draft.sender.as_ref().map(|s| s.as_str()),
        "senderName": sender.map(|s| s.name.as_str()),
        "senderOdsCode": sender.map(|s| s.ods.as_str()),
        "senderOrgCode": sender.map(|s| s.ods.as_str()),
        "senderSmtp": "",
        "status": status,
        "statusSuccess": if failure(message).is_some() { "ERROR" } else { "SUCCESS" },
        "subject": message.header(SUBJECT),
        "uploadTimestamp": short(message.sent),
        "version": "1.0",
        "workflowId": draft.workflow,
    });
    if let Some(at) = failure(message) {
        body["failureDate"] = short(at).into();
        body["failureDiagnostic"] = NOT_COLLECTED.into();
        body["statusCode"] = "14".into();
        body["statusEvent"] = "SEND".into();
        body["statusDescription"] = NOT_COLLECTED.into();
        body["statusTimestamp"] = short(at).into();
    }
    body
}
