//! HTTP/1.1 over the staged transport.

mod connection;

use std::borrow::Cow;
use std::io::{self, Read};
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use ureq::config::{AutoHeaderValue, Config};
use ureq::http::header::CONTENT_LENGTH;
use ureq::http::{HeaderMap, HeaderValue, Request};
use ureq::{Agent, Body, BodyReader, SendBody, Timeout};

use super::transport::{Stage, Stream, TlsSettings, TransportError};
use super::{Error, Payload, Target};
use connection::{NoResolver, Stages, Standing};

/// From the end of the request to the head of the answer, and for any single read or write after it. A
/// transfer that goes on, however slowly, is not cut off.
const SILENCE: Duration = Duration::from_secs(60);

/// How much of an error's body is read.
const ERROR_BODY: u64 = 64 * 1024;

/// One server, and the connections to it that are kept alive.
#[derive(Debug)]
pub(super) struct Http {
    agent: Agent,
    standing: Standing,
}

impl Http {
    /// `silence` is how long the server may say nothing; [`SILENCE`] unless told.
    pub(super) fn new(target: Target, settings: TlsSettings, silence: Option<Duration>) -> Self {
        let silence = Some(silence.unwrap_or(SILENCE));
        let config = Config::builder()
            .https_only(target.is_encrypted())
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // Without this ureq asks the environment.
            .proxy(None)
            .user_agent(concat!("mesh-onboard/", env!("CARGO_PKG_VERSION")))
            .accept_encoding(AutoHeaderValue::None)
            .timeout_recv_response(silence)
            .timeout_per_read(silence)
            .timeout_per_write(silence)
            .build();
        let standing = Standing::default();
        let stages = Stages { target, settings, standing: standing.clone() };
        Self { agent: Agent::with_parts(config, stages, NoResolver), standing }
    }

    /// A connection that stands already, for the first request.
    pub(super) fn put(&self, stream: Stream) {
        self.standing.put(stream);
    }

    /// Sends a request and reads the head of the answer, whatever its status. `None` is no body.
    pub(super) fn run(&self, request: Request<Option<&dyn Payload>>) -> Result<Answer, Error> {
        let (mut parts, payload) = request.into_parts();
        let result = match payload {
            Some(payload) => {
                parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(payload.len()));
                let mut body = Watched { inner: payload.open().map_err(Error::Source)?, failed: None };
                let sent = self.agent.run(Request::from_parts(parts, SendBody::from_reader(&mut body)));
                match body.failed {
                    Some(error) => return Err(Error::Source(error)),
                    None => sent,
                }
            }
            None => self.agent.run(Request::from_parts(parts, ())),
        };
        let (parts, body) = result.map_err(explain)?.into_parts();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }
}

/// A body being read, and what went wrong with that: ureq would tell it as a failure of the connection.
struct Watched<'a> {
    inner: Box<dyn Read + 'a>,
    failed: Option<io::Error>,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|error| {
            let kind = error.kind();
            self.failed = Some(error);
            kind.into()
        })
    }
}

/// An answer whose body is still to be read.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: HeaderMap,
    body: Body,
}

impl Answer {
    /// A header that says something; characters outside UTF-8 are replaced.
    pub(super) fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes())).filter(|v| !v.is_empty())
    }

    /// Whether it says where its body ends, which otherwise is wherever the connection does.
    pub(super) fn has_length(&self) -> bool {
        self.header("content-length").is_some()
            || self.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    }

    /// The server's clock.
    pub(super) fn date(&self) -> Option<OffsetDateTime> {
        http_date(&self.header("date")?)
    }

    /// How long the server asks to wait: seconds, or until a date by its own clock, else by `now`.
    pub(super) fn retry_after(&self, now: OffsetDateTime) -> Option<Duration> {
        let value = self.header("retry-after")?;
        if let Ok(seconds) = value.trim().parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = http_date(&value)? - self.date().unwrap_or(now);
        Some(until.try_into().unwrap_or(Duration::ZERO))
    }

    /// The whole body, which may hold `limit` bytes.
    pub(super) fn read(self, limit: u64) -> Result<Vec<u8>, Error> {
        self.body.into_with_config().limit(limit).read_to_vec().map_err(explain)
    }

    /// As much of an error's body as comes and fits: half an explanation is better than none.
    pub(super) fn read_error_body(self) -> Vec<u8> {
        let mut read = Vec::new();
        let _ = self.body.into_reader().take(ERROR_BODY).read_to_end(&mut read);
        read
    }

    /// The body as it comes. What goes wrong is for [`read_error`].
    pub(super) fn into_body(self) -> BodyReader<'static> {
        self.body.into_reader()
    }
}

fn http_date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc2822).ok()
}

/// What went wrong while a body was read, in our words.
pub(super) fn read_error(error: io::Error) -> Error {
    match error.downcast::<ureq::Error>() {
        Ok(error) => explain(error),
        Err(source) => explain(ureq::Error::Io(source)),
    }
}

/// What ureq says, in our words.
fn explain(error: ureq::Error) -> Error {
    let at = |stage| Error::Transport(TransportError::TimedOut { stage, addresses: Vec::new() });
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<TransportError>() {
            Ok(error) => Error::Transport(*error),
            Err(other) => Error::unexpected(other.to_string()),
        },
        ureq::Error::Timeout(
            Timeout::SendRequest | Timeout::SendBody | Timeout::Await100 | Timeout::PerWrite,
        ) => at(Stage::Send),
        ureq::Error::Timeout(_) => at(Stage::Receive),
        ureq::Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            Error::Transport(TransportError::Truncated)
        }
        ureq::Error::Io(source) => Error::Transport(TransportError::Io { stage: Stage::Receive, source }),
        ureq::Error::Protocol(error) => Error::unexpected(format!("it is not HTTP/1.1: {error}")),
        ureq::Error::BodyExceedsLimit(limit) => {
            Error::unexpected(format!("its body is larger than {limit} bytes"))
        }
        other => Error::unexpected(other.to_string()),
    }
}
