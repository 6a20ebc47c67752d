//! Checking an inbox, downloading from it and acknowledging.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use time::UtcOffset;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

use super::answers::{Invalid, Refusal, Version};
use super::handlers::{Call, Mesh, http_date};
use super::mailboxes::{Mailboxes, Member, Message};
use crate::mesh::wire::headers::{CHUNK_RANGE, FILE_NAME, FROM, MESSAGE_ID, MESSAGE_TYPE, TO, WORKFLOW_ID};
use crate::mesh::wire::{Inbox, Links};

const MAX_RESULTS: usize = 500;

/// UTC, `yyyyMMddHHmmss`.
pub const TIMESTAMP: StaticFormatDescription =
    format_description!("[year][month][day][hour][minute][second]");

/// `GET …/inbox`
pub async fn list(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let max_results = match max_results(&query) {
        Ok(max_results) => max_results,
        Err(refusal) => return call.answer(Err(refusal)),
    };
    let member = mesh.caller(&call);
    let filter = query.get("workflow_filter").map(String::as_str);
    let after = query.get("continue_from").map(String::as_str);
    let messages = mesh.mailboxes.messages();
    let mut waiting = messages
        .inbox(&member.id, after)
        .filter(|m| filter.is_none_or(|f| filter_lets_pass(f, &m.draft.workflow)))
        .map(|m| m.id.clone());
    let page: Vec<String> = waiting.by_ref().take(max_results).collect();
    if call.version == Version::V1 {
        return call.version.json(StatusCode::OK, &json!({ "messages": page }));
    }
    let link = |continue_from: Option<&String>| {
        let mut link = format!("/messageexchange/{}/inbox", member.id);
        let max_results = (max_results != MAX_RESULTS).then(|| max_results.to_string());
        let parameters = [
            ("max_results", max_results.as_deref()),
            ("workflow_filter", filter),
            ("continue_from", continue_from.map(String::as_str)),
        ];
        for (name, value) in parameters.into_iter().filter_map(|(n, v)| Some((n, v?))) {
            link.push(if link.contains('?') { '&' } else { '?' });
            link.push_str(&format!("{name}={}", percent_encoded(value)));
        }
        link
    };
    let next = waiting.next().and(page.last()).map(|last| link(Some(last)));
    let count = messages.inbox(&member.id, None).count();
    let links = Links { this: Some(link(None)), next };
    let inbox = Inbox { messages: page.clone(), links, approx_inbox_count: Some(count as u64) };
    call.version.json(StatusCode::OK, &inbox)
}

/// `GET …/count`
pub async fn count(State(mesh): State<Arc<Mesh>>, call: Call) -> Response {
    let count = mesh.mailboxes.messages().inbox(&mesh.caller(&call).id, None).count();
    let body = match call.version {
        Version::V1 => json!({ "count": count, "internalID": "", "allResultsIncluded": true }),
        Version::V2 => json!({ "count": count }),
    };
    call.version.json(StatusCode::OK, &body)
}

/// `GET …/inbox/{message}`
///
/// The body goes out in the encoding in which it came in.
pub async fn download(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
) -> Response {
    call.answer(with_message(&mesh.mailboxes, mesh.caller(&call), &id, |message| {
        if message.acknowledged.is_some() {
            return Err(Refusal::Event {
                status: StatusCode::GONE,
                event: "SEND",
                code: "Message already accepted",
                text: "Message no longer available for download",
            });
        }
        Ok((message_headers(message, call.version), message.body.clone()).into_response())
    }))
}

/// `PUT …/inbox/{message}/status/acknowledged`
pub async fn acknowledge(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
) -> Response {
    let found = with_message(&mesh.mailboxes, mesh.caller(&call), &id, |message| Ok(message.id.clone()));
    call.answer(found.map(|id| {
        mesh.mailboxes.messages().acknowledge(&id, call.now);
        match call.version {
            Version::V1 => call.version.json(StatusCode::OK, &json!({ "messageId": id })),
            Version::V2 => StatusCode::OK.into_response(),
        }
    }))
}

/// A message, for its recipient alone.
fn with_message<T>(
    mailboxes: &Mailboxes,
    member: &Member,
    id: &str,
    then: impl FnOnce(&Message) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let messages = mailboxes.messages();
    let message = messages.get(id).ok_or(Refusal::Event {
        status: StatusCode::NOT_FOUND,
        event: "RECEIVE",
        code: "20",
        text: "Message does not exist",
    })?;
    if message.draft.recipient != member.id {
        return Err(Refusal::plain(StatusCode::FORBIDDEN, "Forbidden"));
    }
    then(message)
}

fn message_headers(message: &Message, version: Version) -> HeaderMap {
    let text = |text: &str| HeaderValue::from_bytes(text.as_bytes()).ok();
    let sent = message.sent.to_offset(UtcOffset::UTC).format(TIMESTAMP).expect("a date can be written");
    let draft = &message.draft;
    let content_type = draft.content_type.clone().filter(|_| version == Version::V2);
    let mut headers = HeaderMap::new();
    let fixed = [
        (FROM, text(draft.sender.as_str())),
        (TO, text(draft.recipient.as_str())),
        (WORKFLOW_ID, text(&draft.workflow)),
        (CHUNK_RANGE, text("1:1")),
        ("mex-total-chunks", text("1")),
        ("mex-addresstype", text("ALL")),
        ("mex-version", text("1.0")),
        (FILE_NAME, text(&message.file_name())),
        (MESSAGE_TYPE, text("DATA")),
        (MESSAGE_ID, text(&message.id)),
        ("mex-statuscode", text("00")),
        ("mex-statusevent", text("TRANSFER")),
        ("mex-statusdescription", text("Transferred to recipient mailbox")),
        ("mex-statussuccess", text("SUCCESS")),
        ("mex-statustimestamp", text(&sent)),
        ("mex-content-type", draft.content_type.clone()),
        ("last-modified", Some(http_date(message.sent))),
        ("content-type", content_type.or_else(|| text("application/octet-stream"))),
        ("content-encoding", draft.content_encoding.clone()),
        ("mex-content-compressed", draft.content_encoding.as_ref().and_then(|_| text("Y"))),
    ];
    let passed_on = draft.headers.iter().map(|(name, value)| (*name, Some(value.clone())));
    // What the sender wrote comes last and unchanged.
    for (name, value) in fixed.into_iter().chain(passed_on) {
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

fn max_results(query: &HashMap<String, String>) -> Result<usize, Refusal> {
    let Some(given) = query.get("max_results") else { return Ok(MAX_RESULTS) };
    let (kind, text) = match given.parse::<i64>() {
        Ok(n) if n < 10 => ("greater_than_equal", "Input should be greater than or equal to 10"),
        Ok(n) if n > 5000 => ("less_than_equal", "Input should be less than or equal to 5000"),
        Ok(n) => return Ok(n as usize),
        Err(_) => ("int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
    };
    Err(Refusal::Invalid(vec![Invalid { kind, place: "query", name: "max_results", text }]))
}

/// `NAME`, `NAME*` or `*PART*`, with `!` before it for the contrary.
fn filter_lets_pass(filter: &str, workflow: &str) -> bool {
    let filter = filter.trim();
    let (negated, filter) = match filter.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, filter),
    };
    let matches = match (filter.strip_prefix('*'), filter.strip_suffix('*')) {
        (Some(part), _) => workflow.contains(part.strip_suffix('*').unwrap_or(part)),
        (None, Some(beginning)) => workflow.starts_with(beginning),
        (None, None) => workflow == filter,
    };
    matches != negated
}

fn percent_encoded(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    value.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflow_filter_follows_the_specification() {
        for (filter, passes) in [
            ("TEST_ACK", true),
            ("TEST", false),
            ("!TEST", true),
            ("TEST*", true),
            ("!TEST*", false),
            ("*_AC*", true),
            ("!*_ACK*", false),
            ("!*NO*", true),
        ] {
            assert_eq!(filter_lets_pass(filter, "TEST_ACK"), passes, "{filter}");
        }
    }

    #[test]
    fn links_are_encoded() {
        assert_eq!(percent_encoded("!TE*_1"), "%21TE%2A_1");
    }
}
