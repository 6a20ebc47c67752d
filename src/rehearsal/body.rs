//! Bodies on their way: what comes in goes to the spool piece by piece, what goes out is read from it
//! piece by piece. Nothing here holds a body whole.

use std::future::poll_fn;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout, timeout_at};

use super::answers::{Refusal, Version};
use super::spool::{Content, SMALL, Spool};
use crate::store::{StoreError, files};

/// What one request may hold: 100 MB, counted in millions, so that nothing passes here that is refused elsewhere.
pub const MAX_BODY: u64 = 100_000_000;
/// How long a sender may be silent amid a body.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a body may take altogether.
const WHOLE: Duration = Duration::from_secs(600);
/// How much is read from a file at a time.
const PIECE: usize = 128 * 1024;

/// The body of a request, for whoever wants it first.
#[derive(Clone)]
pub struct Upload(Arc<Mutex<Option<Source>>>);

/// Why a body is not there whole.
#[derive(Debug)]
enum Broken {
    TooLarge,
    TooSlow,
    /// The connection ended, or what it carried was no HTTP.
    Gone,
}

impl Broken {
    fn refusal(&self) -> Refusal {
        match self {
            Self::TooLarge => Refusal::plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "a request holds at most 100 MB (100,000,000 bytes)",
            ),
            Self::TooSlow => Refusal::plain(StatusCode::REQUEST_TIMEOUT, "the request took too long"),
            Self::Gone => Refusal::plain(StatusCode::BAD_REQUEST, "the body is not whole"),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Upload {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let empty = || Self(Arc::new(Mutex::new(None)));
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(empty))
    }
}

impl Upload {
    fn take(&self) -> Option<Source> {
        self.0.lock().expect("nothing panics under this lock").take()
    }

    fn give_back(&self, source: Source) {
        *self.0.lock().expect("nothing panics under this lock") = Some(source);
    }

    /// Takes the body to the spool as it comes.
    pub async fn receive(&self, spool: &Arc<Spool>) -> Result<Content, Refusal> {
        let mut source = self.take().unwrap_or_else(|| Source::new(Body::empty()));
        let received = source.receive(spool).await;
        if received.is_err() {
            self.give_back(source);
        }
        received
    }

    /// Reads what nobody wanted. Whether the connection can go on.
    async fn drain(&self) -> bool {
        let Some(mut source) = self.take() else { return true };
        loop {
            match source.next().await {
                Ok(Some(_)) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }
}

/// Appends to the file of a body, which is made with its first piece, where waiting is allowed.
async fn write(
    spool: &Arc<Spool>,
    file: Option<files::SpoolFile>,
    mut bytes: Vec<u8>,
) -> Result<(Option<files::SpoolFile>, Vec<u8>), StoreError> {
    let spool = spool.clone();
    let written = spawn_blocking(move || {
        let mut file = file.map_or_else(|| spool.file(), Ok)?;
        file.append(&bytes)?;
        bytes.clear();
        Ok((Some(file), bytes))
    });
    written.await.expect("writing does not panic")
}

/// No room for more messages.
pub fn full() -> Refusal {
    const TEXT: &str =
        "the rehearsal MESH is full: acknowledge messages, raise its limits, or start it again";
    Refusal::plain(StatusCode::INSUFFICIENT_STORAGE, TEXT)
}

/// The disk refused.
pub fn cannot_keep(error: &StoreError) -> Refusal {
    Refusal::told(StatusCode::INSUFFICIENT_STORAGE, format!("the rehearsal MESH cannot write: {error}"))
}

/// A body, read with an eye on its length and on the time.
struct Source {
    body: Body,
    read: u64,
    end: Instant,
}

impl Source {
    fn new(body: Body) -> Self {
        Self { body, read: 0, end: Instant::now() + WHOLE }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        use hyper::body::Body as _;
        loop {
            let frame = poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx));
            let frame = timeout_at(self.end, timeout(SILENCE, frame)).await;
            let Ok(Ok(frame)) = frame else {
                // Nobody waits for it a second time.
                self.end = Instant::now();
                return Err(Broken::TooSlow);
            };
            // Trailers say nothing here.
            let Some(frame) = frame else { return Ok(None) };
            let Ok(bytes) = frame.map_err(|_| Broken::Gone)?.into_data() else { continue };
            self.read += bytes.len() as u64;
            return if self.read > MAX_BODY { Err(Broken::TooLarge) } else { Ok(Some(bytes)) };
        }
    }

    async fn receive(&mut self, spool: &Arc<Spool>) -> Result<Content, Refusal> {
        let mut gathered = Vec::new();
        let mut file = None;
        let mut room = spool.room();
        while let Some(bytes) = self.next().await.map_err(|broken| broken.refusal())? {
            if !room.grow(bytes.len() as u64) {
                return Err(full());
            }
            gathered.extend_from_slice(&bytes);
            if gathered.len() > SMALL {
                (file, gathered) = write(spool, file, gathered).await.map_err(|e| cannot_keep(&e))?;
            }
        }
        if file.is_none()
            && let Some(content) = spool.in_memory(&gathered)
        {
            return Ok(content);
        }
        let (file, _) = write(spool, file, gathered).await.map_err(|e| cannot_keep(&e))?;
        Ok(Content::from_file(file.expect("it was just written"), self.read, room))
    }
}

/// Around every call: lends its body out, and reads what is left of it before the answer goes. An answer that
/// comes earlier costs the client its connection, and a client that keeps connections open finds out only with
/// the next request. Only what says from the start that it is too large is not waited for.
pub async fn lend_body(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let version = Version::asked_for(&parts.headers).unwrap_or(Version::V1);
    let length =
        |headers: &HeaderMap| headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse::<u64>().ok();
    if length(&parts.headers).is_some_and(|length| length > MAX_BODY) {
        return last(Broken::TooLarge.refusal().into_response(version));
    }
    let upload = Upload(Arc::new(Mutex::new(Some(Source::new(body)))));
    parts.extensions.insert(upload.clone());
    let response = next.run(Request::from_parts(parts, Body::empty())).await;
    if upload.drain().await { response } else { last(response) }
}

/// The last answer of its connection.
fn last(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A body that is read as the client takes it.
pub struct Outgoing {
    state: State,
    /// How much is still to come, where that is known.
    left: Option<u64>,
}

type Reader = Box<dyn Read + Send>;

enum State {
    Idle(Reader),
    Reading(JoinHandle<(Reader, io::Result<Bytes>)>),
    Over,
}

impl Outgoing {
    /// What a reader gives, of known length or not.
    pub fn new(reader: Reader, len: Option<u64>) -> Self {
        Self { state: State::Idle(reader), left: len }
    }
}

/// The next piece; empty at the end.
fn read_piece(mut reader: Reader) -> (Reader, io::Result<Bytes>) {
    let mut piece = Vec::with_capacity(PIECE);
    let read = reader.by_ref().take(PIECE as u64).read_to_end(&mut piece);
    (reader, read.map(|_| piece.into()))
}

impl hyper::body::Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        loop {
            match std::mem::replace(&mut this.state, State::Over) {
                State::Idle(_) if this.left == Some(0) => return Poll::Ready(None),
                // No thread waits for a client that stalls: only for the disk.
                State::Idle(reader) => this.state = State::Reading(spawn_blocking(|| read_piece(reader))),
                State::Reading(mut reading) => {
                    let Poll::Ready(done) = Pin::new(&mut reading).poll(cx) else {
                        this.state = State::Reading(reading);
                        return Poll::Pending;
                    };
                    let (reader, piece) = done.map_err(io::Error::other)?;
                    let piece = piece?;
                    if piece.is_empty() {
                        // A file that became shorter: the connection is cut rather than the length a lie.
                        return Poll::Ready(this.left.map(|_| Err(io::ErrorKind::UnexpectedEof.into())));
                    }
                    if let Some(left) = &mut this.left {
                        *left = left.saturating_sub(piece.len() as u64);
                    }
                    this.state = State::Idle(reader);
                    return Poll::Ready(Some(Ok(Frame::data(piece))));
                }
                State::Over => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Over) || self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map(SizeHint::with_exact).unwrap_or_default()
    }
}
