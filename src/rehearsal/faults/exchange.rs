//! A request and its answer, and all that goes wrong between them.

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Body as Frames;
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::armed::{Faults, Shot};
use super::cut_body::{CutBody, Side};
use super::line::Line;
use super::rule::{Action, Cut, DateFault, Manner, Page, Point, RetryAfter};
use super::spoiled_body::SpoiledBody;
use crate::mesh::wire::headers::CHUNK_RANGE;
use crate::rehearsal::answers::{Refusal, Version};
use crate::rehearsal::config::Clock;
use crate::rehearsal::handlers::http_date;

/// How long a body may take that is thrown away.
const BODY_TIMEOUT: Duration = Duration::from_secs(300);

/// Answers a request, unless and as far as the rules let it.
pub async fn exchange(
    faults: Faults,
    clock: Clock,
    line: Line,
    mut request: Request,
    next: Next,
) -> Response {
    let shots = faults.of_request(request.method(), request.uri().path());
    if shots.is_empty() {
        return next.run(request).await;
    }
    let version = Version::asked_for(request.headers()).unwrap_or(Version::V1);
    let mut replaced = None;
    for shot in &shots {
        for action in shot.actions() {
            match action {
                Action::CutRequest(Cut { point: Point::At(0), manner }) if shot.fire() => {
                    return over(&line, *manner).await;
                }
                Action::CutRequest(cut) => {
                    let (cut, shot, line) = (cut.clone(), shot.clone(), line.clone());
                    request = request.map(|body| CutBody::wrap(body, Side::Request, cut, shot, line));
                }
                Action::Status { status, retry_after, page } if replaced.is_none() && shot.fire() => {
                    let mut response = answer(*status, *page, version);
                    if let Some(value) = retry_after.as_ref().map(|r| retry_after_value(r, &clock)) {
                        response.headers_mut().insert(header::RETRY_AFTER, value);
                    }
                    response.headers_mut().insert(header::DATE, http_date(clock()));
                    replaced = Some(response);
                }
                _ => {}
            }
        }
    }
    let mut response = match replaced {
        Some(response) => {
            discard(request.into_body()).await;
            response
        }
        None => next.run(request).await,
    };
    if line.is_cut() {
        return pending().await;
    }
    for shot in &shots {
        for action in shot.actions() {
            response = spoil(action, shot, &clock, &line, response).await;
        }
    }
    response
}

/// One action on an answer. They stand in the order in which they are to happen.
async fn spoil(
    action: &Action,
    shot: &Arc<Shot>,
    clock: &Clock,
    line: &Line,
    response: Response,
) -> Response {
    match action {
        Action::Delay(delay) if shot.fire() => {
            sleep(*delay).await;
            response
        }
        Action::ChunkRange(range) if shot.fire() => {
            with_header(response, HeaderName::from_static(CHUNK_RANGE), range.clone())
        }
        Action::Date(date) if shot.fire() => {
            let value = match date {
                DateFault::Off(offset) => Some(http_date(clock() + *offset)),
                DateFault::Missing => None,
                DateFault::Unreadable => Some(HeaderValue::from_static("some time ago")),
            };
            with_header(response, header::DATE, value)
        }
        Action::Corrupt => match length(&response) {
            Some(length @ 1..) if shot.fire() => {
                response.map(|body| SpoiledBody::corrupt(body, length / 2, length))
            }
            _ => response,
        },
        Action::Short(bytes) => match length(&response) {
            Some(length @ 1..) if *bytes > 0 && shot.fire() => {
                let length = length.saturating_sub(*bytes);
                let response = response.map(|body| SpoiledBody::short(body, length));
                with_header(response, header::CONTENT_LENGTH, Some(length.into()))
            }
            _ => response,
        },
        Action::DropAnswer(manner) if shot.fire() => over(line, *manner).await,
        Action::CutResponse(cut) => {
            let (cut, shot, line) = (cut.clone(), shot.clone(), line.clone());
            response.map(|body| CutBody::wrap(body, Side::Response, cut, shot, line))
        }
        _ => response,
    }
}

/// Has the connection end, and says nothing.
async fn over(line: &Line, manner: Manner) -> Response {
    line.cut(manner);
    pending().await
}

fn with_header(mut response: Response, name: HeaderName, value: Option<HeaderValue>) -> Response {
    match value {
        Some(value) => response.headers_mut().insert(name, value),
        None => response.headers_mut().remove(name),
    };
    response
}

/// The length of a body, where it is known.
fn length(response: &Response) -> Option<u64> {
    let said = || response.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
    response.body().size_hint().exact().or_else(said)
}

/// Reads a request to its end, as the server itself does before it answers.
async fn discard(mut body: Body) {
    let read = async { while let Some(Ok(_)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {} };
    // Too slow a client gets its answer early.
    let _ = timeout(BODY_TIMEOUT, read).await;
}

fn retry_after_value(after: &RetryAfter, clock: &Clock) -> HeaderValue {
    match after {
        RetryAfter::Seconds(seconds) => (*seconds).into(),
        RetryAfter::Date(offset) => http_date(clock() + *offset),
    }
}

/// An answer of MESH, or of what stands before it.
fn answer(status: StatusCode, page: Page, version: Version) -> Response {
    let reason = status.canonical_reason().unwrap_or("Fault");
    let typed = |media_type: &'static str, text: String| {
        (status, [(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], text).into_response()
    };
    match page {
        Page::Mesh => Refusal::plain(status, reason).into_response(version),
        Page::Message => Version::V1.json(status, &json!({ "message": reason })),
        Page::Html => {
            let title = format!("{} {reason}", status.as_u16());
            let text = format!(
                "<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"
            );
            typed("text/html", text)
        }
        Page::Soap => typed(
            "text/xml; charset=utf-8",
            format!(
                "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
                 <soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>{reason}</faultstring>\
                 </soapenv:Fault></soapenv:Body></soapenv:Envelope>"
            ),
        ),
        Page::Empty => status.into_response(),
    }
}
