//! The paths of the rehearsal MESH, and what all calls have in common.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde_json::json;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};
use tokio::time::timeout;

use super::answers::{Refusal, Version, method_not_allowed, not_found};
use super::config::{Clock, RehearsalConfig};
use super::mailboxes::{Mailboxes, Member};
use super::{authorization, inbox, outbox};
use crate::mailbox::MailboxId;
use crate::mesh::wire::headers::{CLIENT_VERSION, OS_NAME, OS_VERSION};

/// RFC 9110, section 5.6.7.
const HTTP_DATE: StaticFormatDescription =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// What one request may hold.
const MAX_BODY: usize = 100 * 1024 * 1024;
/// How long a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(300);

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
    /// The mailboxes of a configuration, empty.
    pub fn new(config: RehearsalConfig, clock: Clock) -> Self {
        Self { mailboxes: Mailboxes::new(config), clock }
    }

    /// The mailbox that calls.
    pub fn caller(&self, call: &Call) -> &Member {
        self.mailboxes.member(&call.mailbox).expect("mailboxes stay as they were configured")
    }

    /// The owner of a mailbox.
    pub fn ods(&self, mailbox: &MailboxId) -> &str {
        self.mailboxes.member(mailbox.as_str()).map_or("", |member| member.ods.as_str())
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
        .route("/messageexchange/{mailbox}", get(handshake).post(handshake))
        .route("/messageexchange/{mailbox}/count", get(inbox::count))
        .route("/messageexchange/{mailbox}/inbox", get(inbox::list))
        .route("/messageexchange/{mailbox}/inbox/{message}", get(inbox::download))
        .route("/messageexchange/{mailbox}/inbox/{message}/status/acknowledged", put(inbox::acknowledge))
        .route("/messageexchange/{mailbox}/outbox", post(outbox::send))
        .route("/messageexchange/{mailbox}/outbox/tracking", get(outbox::track))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        // The limit is ours: axum's own is 2 MB.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(read_whole))
        .layer(map_response(move |mut response: Response| {
            response.headers_mut().insert(header::DATE, http_date(clock()));
            async { response }
        }))
        .with_state(mesh)
}

/// Reads a request to its end before anything is answered: an answer that comes earlier costs the client
/// its connection, and a client that keeps connections open finds out only with the next request.
async fn read_whole(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let refusal = match timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(body)) => return next.run(Request::from_parts(parts, body.into())).await,
        Ok(Err(_)) => Refusal::plain(StatusCode::PAYLOAD_TOO_LARGE, "a request holds at most 100 MB"),
        Err(_) => Refusal::plain(StatusCode::REQUEST_TIMEOUT, "the request took too long"),
    };
    refusal.into_response(Version::asked_for(&parts.headers).unwrap_or(Version::V1))
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
