//! Sending: a message in one request, or in chunks.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::task::spawn_blocking;

use super::answers::{Invalid, Refusal, Version};
use super::body::Upload;
use super::handlers::{Call, Mesh};
use super::message::{Draft, PASSED_ON};
use super::messages::{Chunk, INVALID_CHUNKS};
use crate::mesh::wire::Sent;
use crate::mesh::wire::headers::{
    CHUNK_RANGE, CONTENT_CHECKSUM, FILE_NAME, FROM, LOCAL_ID, MESSAGE_TYPE, SUBJECT, TO, WORKFLOW_ID,
};

const CONTENT_TYPE: &str = "mex-content-type";
const COMPRESSED: &str = "mex-content-compressed";
const ENCRYPTED: &str = "mex-content-encrypted";

/// How many characters a header may have: the specification, and for what it does not name the sandbox.
const LONGEST: [(&str, usize); 11] = [
    (TO, 100),
    (WORKFLOW_ID, 300),
    (CHUNK_RANGE, 20),
    (SUBJECT, 500),
    (LOCAL_ID, 300),
    ("mex-partnerid", 500),
    (FILE_NAME, 300),
    (CONTENT_CHECKSUM, 100),
    (CONTENT_TYPE, 100),
    (COMPRESSED, 20),
    (ENCRYPTED, 20),
];

/// `POST …/outbox`
pub async fn send(State(mesh): State<Arc<Mesh>>, call: Call, headers: HeaderMap, upload: Upload) -> Response {
    call.answer(sent(&mesh, &call, &headers, &upload).await)
}

async fn sent(mesh: &Mesh, call: &Call, headers: &HeaderMap, upload: &Upload) -> Result<Response, Refusal> {
    let draft = draft(mesh, call, headers)?;
    let body = upload.receive(&mesh.mailboxes.spool).await?;
    if body.len() == 0 {
        const TEXT: &str = "Data file is missing or inaccessible.";
        return Err(Refusal::event(StatusCode::EXPECTATION_FAILED, "COLLECT", "02", TEXT));
    }
    let now = call.now;
    let id = mesh.mailboxes.change(now, |messages| Ok(messages.open(draft, body, now)?.id.clone()))?;
    let body = match call.version {
        Version::V1 => json!({ "messageID": id }),
        Version::V2 => json!(Sent { message_id: id }),
    };
    Ok(call.version.json(StatusCode::ACCEPTED, &body))
}

/// `POST …/outbox/{message}/{chunk}`
pub async fn send_chunk(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Path((_, id, number)): Path<(String, String, String)>,
    headers: HeaderMap,
    upload: Upload,
) -> Response {
    call.answer(chunk_sent(&mesh, &call, (&id, &number), &headers, &upload).await)
}

async fn chunk_sent(
    mesh: &Mesh,
    call: &Call,
    (id, number): (&str, &str),
    headers: &HeaderMap,
    upload: &Upload,
) -> Result<Response, Refusal> {
    check_lengths(headers)?;
    let invalid = || invalid_chunks().about(&id.to_ascii_uppercase());
    let (number, total) = chunk_range(&text(headers, CHUNK_RANGE).unwrap_or_default())
        .filter(|(i, _)| number.parse() == Ok(*i))
        .ok_or_else(invalid)?;
    let (sender, now) = (&mesh.caller(call).id, call.now);
    let gzip = {
        // Before the body is waited for: most refusals need none of it.
        let messages = mesh.mailboxes.messages(now);
        messages.chunk(sender, id, number, total)?;
        messages.get(id).is_some_and(|message| message.draft.gzip)
    };
    // The specification's own example names the encoding with the first chunk alone.
    if headers.contains_key(header::CONTENT_ENCODING) && is_gzip(headers)? != gzip {
        return Err(Refusal::plain(StatusCode::EXPECTATION_FAILED, "cannot change content encoding")
            .about(&id.to_ascii_uppercase()));
    }
    let body = upload.receive(&mesh.mailboxes.spool).await?;
    // The same chunk may have come on another connection meanwhile.
    let repeated =
        mesh.mailboxes.change(now, |messages| match messages.chunk(sender, id, number, total)? {
            Chunk::Next => messages.add(id, body, now).map(|()| None),
            Chunk::Repeated(content) => Ok(Some((content, body))),
        })?;
    if let Some((here, body)) = repeated {
        let same = spawn_blocking(move || here.is_same(&body)).await.expect("reading does not panic");
        // What cannot be read any more ended in between, and is not the same.
        if !same.unwrap_or_default() {
            let text = format!("chunk {number} was accepted before, with another content");
            return Err(Refusal::send(INVALID_CHUNKS, text).about(&id.to_ascii_uppercase()));
        }
    }
    Ok(match call.version {
        Version::V1 => {
            let body = json!({ "messageID": id.to_ascii_uppercase(), "blockID": number });
            call.version.json(StatusCode::ACCEPTED, &body)
        }
        Version::V2 => StatusCode::ACCEPTED.into_response(),
    })
}

/// Checks what the headers say, in the order of the official sandbox where it checks at all.
fn draft(mesh: &Mesh, call: &Call, headers: &HeaderMap) -> Result<Draft, Refusal> {
    let sender = mesh.caller(call);
    let workflow = text(headers, WORKFLOW_ID).ok_or_else(|| Refusal::missing_headers([WORKFLOW_ID]))?;
    check_lengths(headers)?;
    check_characters(headers)?;
    // The official Python client leaves the sender out.
    if text(headers, FROM).is_some_and(|from| from != sender.id.as_str()) {
        return Err(Refusal::send("07", "Invalid From Address in the control file"));
    }
    if text(headers, MESSAGE_TYPE).is_some_and(|kind| !kind.eq_ignore_ascii_case("DATA")) {
        return Err(Refusal::send("11", "Invalid Message Type for the transfer"));
    }
    let no_recipient = || Refusal::event(StatusCode::BAD_REQUEST, "SEND", "08", "TO_DTS missing");
    let to = text(headers, TO).filter(|to| !to.is_empty()).ok_or_else(no_recipient)?;
    let gzip = is_gzip(headers)?;
    let range = text(headers, CHUNK_RANGE).unwrap_or_default();
    let total = match chunk_range(&range) {
        None if range.is_empty() => 1,
        Some((1, total)) => total,
        _ => return Err(invalid_chunks()),
    };
    let recipient = mesh
        .mailboxes
        .member(&to.to_ascii_uppercase())
        .ok_or_else(|| Refusal::send("12", "Unregistered to address"))?;
    mesh.mailboxes.check_workflow(sender, recipient, &workflow)?;
    let says_yes = |name| text(headers, name).is_some_and(|said| is_yes(&said));
    Ok(Draft {
        sender: Some(sender.id.clone()),
        recipient: recipient.id.clone(),
        workflow,
        headers: PASSED_ON.iter().filter_map(|&name| Some((name, value(headers, name)?))).collect(),
        content_type: value(headers, CONTENT_TYPE).or_else(|| value(headers, header::CONTENT_TYPE.as_str())),
        gzip,
        compressed: says_yes(COMPRESSED),
        encrypted: says_yes(ENCRYPTED),
        total,
        report: None,
    })
}

fn check_lengths(headers: &HeaderMap) -> Result<(), Refusal> {
    let characters = |name: &str| text(headers, name).unwrap_or_default().chars().count();
    let long = LONGEST.iter().filter(|(name, max)| characters(name) > *max);
    let long: Vec<_> = long.map(|(name, max)| Invalid::too_long("header", name, *max)).collect();
    if long.is_empty() { Ok(()) } else { Err(Refusal::Invalid(long)) }
}

/// Control characters, addresses where an identifier belongs, a checksum that is none.
fn check_characters(headers: &HeaderMap) -> Result<(), Refusal> {
    let is_url = |name| {
        let text = text(headers, name).unwrap_or_default().to_ascii_lowercase();
        text.starts_with("http://") || text.starts_with("https://")
    };
    // HTTP lets no other control character through.
    let has_tab = |name: &str| headers.get(name).is_some_and(|value| value.as_bytes().contains(&b'\t'));
    let urls = [TO, WORKFLOW_ID, CONTENT_CHECKSUM].into_iter().any(is_url);
    if urls || LONGEST.iter().any(|(name, _)| has_tab(name)) {
        return Err(Refusal::event(StatusCode::BAD_REQUEST, "TRANSFER", "06", "Malformed control file"));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || ":-/".contains(c);
    if text(headers, CONTENT_CHECKSUM).is_some_and(|checksum| !checksum.chars().all(allowed)) {
        const CODE: &str = "Invalid checksum";
        return Err(Refusal::event(StatusCode::BAD_REQUEST, "SEND", CODE, CODE));
    }
    Ok(())
}

/// Whether the body comes as gzip; nothing else is taken.
fn is_gzip(headers: &HeaderMap) -> Result<bool, Refusal> {
    match text(headers, header::CONTENT_ENCODING.as_str()) {
        Some(encoding) if encoding.eq_ignore_ascii_case("gzip") => Ok(true),
        Some(encoding) if !encoding.is_empty() => Err(Refusal::event(
            StatusCode::UNPROCESSABLE_ENTITY,
            "SEND",
            "UnsupportedContentEncoding",
            "Unsupported content encoding",
        )),
        _ => Ok(false),
    }
}

fn is_yes(said: &str) -> bool {
    ["y", "yes", "t", "true", "on", "1"].iter().any(|yes| said.eq_ignore_ascii_case(yes))
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).trim().to_owned())
}

/// A header that says something.
fn value(headers: &HeaderMap, name: &str) -> Option<HeaderValue> {
    headers.get(name).filter(|v| !v.is_empty()).cloned()
}

/// `i:n`, where i is one of n.
fn chunk_range(range: &str) -> Option<(u32, u32)> {
    let (i, n) = range.split_once(':')?;
    let (i, n) = (i.trim().parse().ok()?, n.trim().parse().ok()?);
    (1..=n).contains(&i).then_some((i, n))
}

fn invalid_chunks() -> Refusal {
    Refusal::send(INVALID_CHUNKS, "Invalid chunk values sent in mex-Chunk-Range header")
}
