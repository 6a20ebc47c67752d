//! What a fault rule says, once it is read.

use std::fmt;
use std::time::Duration;

use axum::http::{HeaderValue, Method, StatusCode};

/// One fault switch: what it is about, when it happens, and what then goes wrong.
///
/// Read from text (`FromStr`); docs/rehearsal-faults.md has the language.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    /// As it was written.
    pub text: String,
    pub target: Target,
    pub when: When,
    pub actions: Vec<Action>,
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a rule is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A TCP connection, before TLS.
    Connection,
    /// A request: of any method or of one, on any path or on some.
    Request { method: Option<Method>, path: Option<PathPattern> },
}

/// Which of the matching connections or requests a rule picks.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// How many are let pass first.
    pub after: u64,
    /// 3 picks the third, the sixth, and so on; 1 picks each.
    pub every: u64,
    /// How often it happens before the rule is spent.
    pub times: u64,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The connection is reset as soon as it is there.
    Refuse,
    /// TLS ends with this fatal alert before it began (RFC 8446, section 6).
    Alert(u8),
    /// The handshake or the answer waits.
    Delay(Duration),
    /// The connection ends when so much of the request's body was read.
    CutRequest(Cut),
    /// The connection ends when so much of the answer's body was written.
    CutResponse(Cut),
    /// The request is dealt with, and the connection ends without an answer.
    DropAnswer(Manner),
    /// The request is read and thrown away, and this is the answer.
    Status { status: StatusCode, retry_after: Option<RetryAfter>, page: Page },
    /// Another Date header than the clock's.
    Date(DateFault),
    /// A byte in the middle of the answer's body is another one.
    Corrupt,
    /// The answer's body lacks so many bytes at its end, and Content-Length agrees with that.
    Short(u64),
    /// Another Mex-Chunk-Range, or none.
    ChunkRange(Option<HeaderValue>),
}

/// A cut and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    pub point: Point,
    pub manner: Manner,
}

/// Where a body is cut, in bytes as they are on the wire.
#[derive(Debug, Clone, PartialEq)]
pub enum Point {
    /// After so many bytes of one body.
    At(u64),
    /// After so many bytes of all matching bodies together since the last cut: `min` to `max`, by chance.
    Line { min: u64, max: u64, seed: u64 },
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// A TCP reset.
    Reset,
    /// The end of the TCP stream, without TLS's close_notify.
    Close,
    /// TLS's close_notify and the end of the stream, as an orderly server does it.
    CloseNotify,
    /// Not at all: nothing is read or written any more.
    Stall,
}

/// The Retry-After header (RFC 9110, section 10.2.3).
#[derive(Debug, Clone, PartialEq)]
pub enum RetryAfter {
    /// As a number of seconds.
    Seconds(u64),
    /// As a date, so far from the server's clock.
    Date(time::Duration),
}

/// The body of an answer that a rule gives: the real service has all of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// MESH's JSON, in the version asked for.
    Mesh,
    /// The gateway's JSON, `{"message": …}`.
    Message,
    Html,
    Soap,
    Empty,
}

/// A Date header that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum DateFault {
    /// So far from the server's clock.
    Off(time::Duration),
    /// No such header.
    Missing,
    /// Text that is no date.
    Unreadable,
}

/// Paths of requests. A star stands for one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct PathPattern {
    /// From the root, rather than below `/messageexchange/MAILBOX`.
    pub whole: bool,
    /// None is any segment.
    pub segments: Vec<Option<String>>,
    /// Whether anything may follow.
    pub open: bool,
}

impl PathPattern {
    fn matches(&self, path: &str) -> bool {
        let mut given = path.strip_prefix('/').unwrap_or(path).split('/').filter(|s| !s.is_empty());
        if !self.whole && (given.next() != Some("messageexchange") || given.next().is_none()) {
            return false;
        }
        for expected in &self.segments {
            match given.next() {
                Some(segment) if expected.as_deref().is_none_or(|e| e == segment) => {}
                _ => return false,
            }
        }
        self.open || given.next().is_none()
    }
}

impl Target {
    /// Whether it is about this request.
    pub fn is_request(&self, to: &Method, at: &str) -> bool {
        match self {
            Self::Connection => false,
            Self::Request { method, path } => {
                method.as_ref().is_none_or(|m| m == to) && path.as_ref().is_none_or(|p| p.matches(at))
            }
        }
    }
}

impl Action {
    /// The place of a cut that counts over all bodies.
    pub fn line(&self) -> Option<(u64, u64, u64)> {
        match self {
            Self::CutRequest(Cut { point: Point::Line { min, max, seed }, .. })
            | Self::CutResponse(Cut { point: Point::Line { min, max, seed }, .. }) => {
                Some((*min, *max, *seed))
            }
            _ => None,
        }
    }
}
