//! Checking an inbox.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use uuid::Uuid;

use super::answers::{Invalid, Refusal, Version};
use super::handlers::{Call, Mesh};
use super::mailboxes::Member;
use super::messages::Messages;
use crate::mesh::wire::{Count, Inbox, Links};

/// What a query need not encode.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const MAX_RESULTS: usize = 500;

/// `GET …/inbox`
pub async fn list(
    State(mesh): State<Arc<Mesh>>,
    call: Call,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let member = mesh.caller(&call);
    let messages = mesh.mailboxes.messages(call.now);
    call.answer(page(&messages, member, &call, &query))
}

/// One page, and where the next one is.
fn page(
    messages: &Messages,
    member: &Member,
    call: &Call,
    query: &HashMap<String, String>,
) -> Result<Response, Refusal> {
    let max_results = max_results(query)?;
    let filter = bounded(query, "workflow_filter", 2, 255)?;
    let after = continued(messages, member, call, bounded(query, "continue_from", 24, 1000)?)?;
    let mut waiting = messages
        .inbox(&member.id, after)
        .filter(|m| filter.is_none_or(|f| filter_lets_pass(f, &m.draft.workflow)))
        .map(|m| m.id.clone());
    let page: Vec<String> = waiting.by_ref().take(max_results).collect();
    if call.version == Version::V1 {
        return Ok(call.version.json(StatusCode::OK, &json!({ "messages": page })));
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
            link.push_str(&format!("{name}={}", utf8_percent_encode(value, QUERY)));
        }
        link
    };
    let next = waiting.next().and(page.last()).map(|last| link(Some(last)));
    let count = messages.count(&member.id);
    let links = Links { this: Some(link(None)), next };
    let inbox = Inbox { messages: page.clone(), links, approx_inbox_count: Some(count as u64) };
    Ok(call.version.json(StatusCode::OK, &inbox))
}

/// The place in the inbox after which a page begins. It is the ID of a message, which in version 2 nobody
/// should rely on.
fn continued(
    messages: &Messages,
    member: &Member,
    call: &Call,
    from: Option<&str>,
) -> Result<Option<u64>, Refusal> {
    let Some(from) = from else { return Ok(None) };
    let theirs = messages.get(from).filter(|message| message.draft.recipient == member.id);
    match theirs.and_then(|message| message.delivered) {
        Some(delivered) => Ok(Some(delivered.place)),
        // The sandbox begins anew for version 1.
        None if call.version == Version::V1 => Ok(None),
        None => {
            let text = "Value does not come from links.next".into();
            let kind = "value_error";
            Err(Refusal::Invalid(vec![Invalid { kind, place: "query", name: "continue_from", text }]))
        }
    }
}

/// A parameter of this many characters, if it is there.
fn bounded<'a>(
    query: &'a HashMap<String, String>,
    name: &'static str,
    min: usize,
    max: usize,
) -> Result<Option<&'a str>, Refusal> {
    let Some(given) = query.get(name) else { return Ok(None) };
    match given.chars().count() {
        n if n < min => Err(Refusal::Invalid(vec![Invalid::too_short("query", name, min)])),
        n if n > max => Err(Refusal::Invalid(vec![Invalid::too_long("query", name, max)])),
        _ => Ok(Some(given)),
    }
}

/// `GET …/count`
pub async fn count(State(mesh): State<Arc<Mesh>>, call: Call) -> Response {
    let count = mesh.mailboxes.messages(call.now).count(&mesh.caller(&call).id) as u64;
    let body = match call.version {
        Version::V1 => {
            let internal = Uuid::new_v4().simple().to_string();
            json!({ "count": count, "internalID": internal, "allResultsIncluded": true })
        }
        Version::V2 => json!(Count { count }),
    };
    call.version.json(StatusCode::OK, &body)
}

fn max_results(query: &HashMap<String, String>) -> Result<usize, Refusal> {
    let Some(given) = query.get("max_results") else { return Ok(MAX_RESULTS) };
    let (kind, text) = match given.parse::<i64>() {
        Ok(n) if n < 10 => ("greater_than_equal", "Input should be greater than or equal to 10"),
        Ok(n) if n > 5000 => ("less_than_equal", "Input should be less than or equal to 5000"),
        Ok(n) => return Ok(n as usize),
        Err(_) => ("int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
    };
    Err(Refusal::Invalid(vec![Invalid { kind, place: "query", name: "max_results", text: text.into() }]))
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
}
