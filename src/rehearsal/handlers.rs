//! The paths of the rehearsal MESH, and what all calls have in common.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, head, post, put};
use serde_json::json;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::answers::{Refusal, Version, method_not_allowed, not_found};
use super::body::lend_body;
use super::config::{Clock, RehearsalConfig};
use super::mailboxes::{Mailboxes, Member};
use super::{authorization, download, inbox, lookup, outbox, tracking};
use crate::mesh::wire::headers::{CLIENT_VERSION, OS_NAME, OS_VERSION};
use crate::store::StoreError;

/// RFC 9110, section 5.6.7.
const HTTP_DATE: StaticFormatDescription =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// What every handler works with.
pub struct Mesh {
    /// The mailboxes and their messages.
    pub mailboxes: Mailboxes,
    clock: Clock,
}

/// A call that was let in.
pub struct Call {
    /// The mailbox that calls.
    mailbox: String,
    /// The version in which it wants the answer.
    pub version: Version,
    /// When it came.
    pub now: OffsetDateTime,
}

impl Mesh {
    /// The mailboxes of a configuration.
    pub fn new(config: RehearsalConfig, clock: Clock) -> Result<Self, StoreError> {
        let mailboxes = Mailboxes::new(config)?;
        // What became due while nobody served.
        drop(mailboxes.messages(clock()));
        Ok(Self { mailboxes, clock })
    }

    /// The mailbox that calls.
    pub fn caller(&self, call: &Call) -> &Member {
        self.mailboxes.member(&call.mailbox).expect("mailboxes stay as they were configured")
    }
}

impl Call {
    /// The answer, in the version asked for.
    pub fn answer(&self, result: Result<Response, Refusal>) -> Response {
        result.unwrap_or_else(|refusal| refusal.into_response(self.version))
    }
}

impl FromRequestParts<Arc<Mesh>> for Call {
    type Rejection = Response;

    /// Authorization comes first: a stranger is told nothing about the rest of the request.
    async fn from_request_parts(parts: &mut Parts, mesh: &Arc<Mesh>) -> Result<Self, Response> {
        let Path(path) = Path::<HashMap<String, String>>::from_request_parts(parts, mesh)
            .await
            .map_err(IntoResponse::into_response)?;
        let mailbox = path.get("mailbox").map(String::as_str).unwrap_or_default();
        let now = (mesh.clock)();
        let version = Version::asked_for(&parts.headers);
        let answer_in = *version.as_ref().unwrap_or(&Version::V1);
        let member = authorization::admit(&mesh.mailboxes, mailbox, &parts.headers, now)
            .map_err(|refusal| refusal.into_response(answer_in))?;
        let version = version.map_err(|refusal| refusal.into_response(answer_in))?;
        Ok(Self { mailbox: member.id.as_str().to_owned(), version, now })
    }
}

/// All paths.
pub fn router(mesh: Arc<Mesh>) -> Router {
    let clock = mesh.clock.clone();
    Router::new()
        .route("/messageexchange/endpointlookup/{ods}/{workflow}", get(lookup::of_organisation))
        .route("/messageexchange/workflowsearch/{workflow}", get(lookup::of_workflow))
        .route("/messageexchange/{mailbox}", get(handshake).post(handshake))
        .route("/messageexchange/{mailbox}/count", get(inbox::count))
        .route("/messageexchange/{mailbox}/inbox", get(inbox::list))
        .route("/messageexchange/{mailbox}/inbox/{message}", head(download::head).get(download::message))
        .route("/messageexchange/{mailbox}/inbox/{message}/{chunk}", get(download::chunk))
        .route("/messageexchange/{mailbox}/inbox/{message}/status/acknowledged", put(download::acknowledge))
        .route("/messageexchange/{mailbox}/outbox", post(outbox::send))
        .route("/messageexchange/{mailbox}/outbox/{message}/{chunk}", post(outbox::send_chunk))
        .route("/messageexchange/{mailbox}/outbox/tracking", get(tracking::track))
        .route("/messageexchange/{mailbox}/outbox/tracking/{local_id}", get(tracking::track_local))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(from_fn(lend_body))
        .layer(map_response(move |mut response: Response| {
            response.headers_mut().insert(header::DATE, http_date(clock()));
            async { response }
        }))
        .with_state(mesh)
}

/// Validates a mailbox.
async fn handshake(State(mesh): State<Arc<Mesh>>, call: Call, headers: HeaderMap) -> Response {
    let missing: Vec<_> = [CLIENT_VERSION, OS_NAME, OS_VERSION]
        .into_iter()
        .filter(|name| !headers.contains_key(*name))
        .collect();
    if !missing.is_empty() {
        return call.answer(Err(Refusal::missing_headers(missing)));
    }
    match call.version {
        Version::V1 => {
            call.version.json(StatusCode::OK, &json!({ "mailboxId": mesh.caller(&call).id.as_str() }))
        }
        Version::V2 => StatusCode::OK.into_response(),
    }
}

/// A moment as HTTP headers carry it.
pub fn http_date(at: OffsetDateTime) -> HeaderValue {
    let text = at.to_offset(UtcOffset::UTC).format(HTTP_DATE).expect("a date can be written");
    text.try_into().expect("a date is ASCII")
}
