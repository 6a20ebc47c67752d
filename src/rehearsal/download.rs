//! Downloading messages, chunk by chunk, and acknowledging them.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::bufread::MultiGzDecoder;
use serde_json::json;
use time::UtcOffset;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use tokio::task::spawn_blocking;

use super::answers::{Invalid, Refusal, Version};
use super::body::Outgoing;
use super::handlers::{Call, Mesh, http_date};
use super::mailboxes::Member;
use super::message::{Message, Standing};
use super::spool::Content;
use crate::mesh::wire::headers::{
    CHUNK_RANGE, FILE_NAME, FROM, LINKED_MESSAGE_ID, MESSAGE_ID, MESSAGE_TYPE, STATUS_CODE,
    STATUS_DESCRIPTION, STATUS_EVENT, STATUS_SUCCESS, STATUS_TIMESTAMP, TO, WORKFLOW_ID,
};

/// UTC, `yyyyMMddHHmmss`.
pub const TIMESTAMP: StaticFormatDescription =
    format_description!("[year][month][day][hour][minute][second]");

/// What code 14 says.
pub const NOT_COLLECTED: &str = "Message not collected by recipient after 5 days";

const COMPRESSED: &str = "mex-content-compressed";

/// `GET …/inbox/{message}`
pub async fn message(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    call.answer(downloaded(&mesh, &call, &id, 1, &headers).await)
}

/// `GET …/inbox/{message}/{chunk}`
pub async fn chunk(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Path((_, id, number)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    call.answer(match number.parse() {
        Ok(number @ 1..) => downloaded(&mesh, &call, &id, number, &headers).await,
        _ => Err(Refusal::Invalid(vec![Invalid {
            kind: "greater_than_equal",
            place: "path",
            name: "chunk_number",
            text: "Input should be an integer greater than or equal to 1".into(),
        }])),
    })
}

/// `HEAD …/inbox/{message}`: the recipient sees it while it waits, the sender always.
pub async fn head(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
) -> Response {
    let member = mesh.caller(&call);
    let messages = mesh.mailboxes.messages(call.now);
    let message = messages.get(&id).ok_or_else(Refusal::no_message);
    call.answer(message.and_then(|message| {
        if !message.is_from(&member.id) {
            let theirs = message.draft.recipient == member.id && message.standing != Standing::Uploading;
            if !theirs {
                return Err(Refusal::no_message());
            }
            still_there(message)?;
        }
        Ok(message_headers(message, 1, call.version, message.draft.gzip).into_response())
    }))
}

/// `PUT …/inbox/{message}/status/acknowledged`
pub async fn acknowledge(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
) -> Response {
    let now = call.now;
    let acknowledged = mesh.mailboxes.change(now, |messages| {
        let message = received(messages.get(&id), mesh.caller(&call))?;
        // To say yes would hide that the sender has a report of it.
        if message.standing == Standing::Undelivered {
            return still_there(message).map(|()| String::new());
        }
        let id = message.id.clone();
        messages.acknowledge(&id, now).map(|()| id)
    });
    call.answer(acknowledged.map(|id| match call.version {
        Version::V1 => call.version.json(StatusCode::OK, &json!({ "messageId": id })),
        Version::V2 => StatusCode::OK.into_response(),
    }))
}

/// A message that has come, for its recipient alone.
fn received<'a>(found: Option<&'a Message>, member: &Member) -> Result<&'a Message, Refusal> {
    let message = found.filter(|m| m.standing != Standing::Uploading).ok_or_else(Refusal::no_message)?;
    if message.draft.recipient == member.id {
        Ok(message)
    } else {
        Err(Refusal::plain(StatusCode::FORBIDDEN, "Forbidden"))
    }
}

fn still_there(message: &Message) -> Result<(), Refusal> {
    if !message.standing.is_over() {
        return Ok(());
    }
    const CODE: &str = "Message already accepted";
    const TEXT: &str = "Message no longer available for download";
    Err(Refusal::event(StatusCode::GONE, "SEND", CODE, TEXT).about(&message.id))
}

async fn downloaded(
    mesh: &Mesh,
    call: &Call,
    id: &str,
    number: u32,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let (content, mut response, gzip) = {
        let messages = mesh.mailboxes.messages(call.now);
        let message = received(messages.get(id), mesh.caller(call))?;
        still_there(message)?;
        let gzip = message.draft.gzip && accepts_gzip(headers);
        let response = message_headers(message, number, call.version, gzip).into_response();
        if message.draft.report.is_some() && number == 1 {
            return Ok(response);
        }
        let chunk = (number as usize).checked_sub(1).and_then(|at| message.chunks.get(at));
        let content = chunk.ok_or_else(Refusal::no_message)?.clone();
        let partial = number < message.draft.total;
        let status = if partial { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
        (content, (status, response).into_response(), message.draft.gzip && !gzip)
    };
    let unpack = gzip;
    let body = spawn_blocking(move || if unpack { unpacked(&content) } else { as_sent(&content) });
    *response.body_mut() = body.await.expect("reading does not panic").map_err(|error| {
        let text = format!("the rehearsal MESH cannot give this body: {error}");
        Refusal::told(StatusCode::INTERNAL_SERVER_ERROR, text).about(&id.to_ascii_uppercase())
    })?;
    Ok(response)
}

fn as_sent(content: &Content) -> io::Result<Body> {
    Ok(Body::new(Outgoing::new(content.open()?, Some(content.len()))))
}

/// A body that came as gzip, for a client that does not take that. Its length is not known beforehand.
fn unpacked(content: &Content) -> io::Result<Body> {
    let mut reader = MultiGzDecoder::new(BufReader::new(content.open()?));
    // The beginning already tells whether it is gzip at all, while there is still an answer to give.
    let mut begin = Vec::new();
    reader.by_ref().take(1).read_to_end(&mut begin)?;
    Ok(Body::new(Outgoing::new(Box::new(Cursor::new(begin).chain(reader)), None)))
}

/// Whether the client takes gzip. One that does not say so gets plain bytes: the specification's example
/// downloads without the header what was sent as gzip, and shows text.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().any(|accepted| {
        accepted.to_str().unwrap_or_default().split(',').any(|coding| {
            let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
            let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32));
            (name.trim().eq_ignore_ascii_case("gzip") || name.trim() == "*") && !refused
        })
    })
}

fn message_headers(message: &Message, number: u32, version: Version, gzip: bool) -> HeaderMap {
    let text = |text: &str| HeaderValue::from_bytes(text.as_bytes()).ok();
    let draft = &message.draft;
    let moment = message.since.to_offset(UtcOffset::UTC).format(TIMESTAMP).expect("a date can be written");
    let report = draft.report.as_ref();
    let [code, event, description, success] = match report {
        Some(_) => ["14", "SEND", NOT_COLLECTED, "ERROR"],
        None => ["00", "TRANSFER", "Transferred to recipient mailbox", "SUCCESS"],
    };
    // Of a report it is the receiver who was meant (specification, "Asynchronous error reporting").
    let to = report.map_or(&draft.recipient, |report| &report.intended);
    let content_type = draft.content_type.clone().filter(|_| version == Version::V2 && draft.total == 1);
    let content_type = content_type.or_else(|| text("application/octet-stream"));
    let fixed = [
        (FROM, draft.sender.as_ref().and_then(|sender| text(sender.as_str()))),
        (TO, text(to.as_str())),
        (WORKFLOW_ID, text(&draft.workflow)),
        (CHUNK_RANGE, text(&format!("{number}:{}", draft.total))),
        ("mex-total-chunks", text(&draft.total.to_string())),
        ("mex-addresstype", text("ALL")),
        ("mex-version", text("1.0")),
        (FILE_NAME, text(&message.file_name())),
        (MESSAGE_TYPE, text(if report.is_some() { "REPORT" } else { "DATA" })),
        (MESSAGE_ID, text(&message.id)),
        (LINKED_MESSAGE_ID, report.and_then(|report| text(&report.about))),
        (STATUS_CODE, text(code)),
        (STATUS_EVENT, text(event)),
        (STATUS_DESCRIPTION, text(description)),
        (STATUS_SUCCESS, text(success)),
        (STATUS_TIMESTAMP, text(&moment)),
        ("mex-content-type", draft.content_type.clone()),
        ("last-modified", Some(http_date(message.since))),
        ("content-type", content_type.filter(|_| report.is_none())),
        ("content-encoding", text("gzip").filter(|_| gzip)),
        (COMPRESSED, text(if gzip || draft.compressed { "Y" } else { "N" }).filter(|_| report.is_none())),
        ("mex-content-encrypted", text("Y").filter(|_| draft.encrypted)),
    ];
    let passed_on = draft.headers.iter().map(|(name, value)| (*name, Some(value.clone())));
    let mut headers = HeaderMap::new();
    // What the sender wrote comes last and unchanged.
    for (name, value) in fixed.into_iter().chain(passed_on) {
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_by_those_who_say_so() {
        for (accepted, takes) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("", false),
        ] {
            let headers = [(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted))];
            assert_eq!(accepts_gzip(&HeaderMap::from_iter(headers)), takes, "{accepted}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
