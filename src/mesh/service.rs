use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::de::DeserializeOwned;
use time::{Duration, OffsetDateTime};
use ureq::http::{HeaderValue, Request};

use super::call::Call;
use super::http::{Answer, Http};
use super::refusal::without_hash;
use super::transport::{Clock, TlsSettings};
use super::wire::{ACCEPT_V2, Lookup};
use super::{Error, Payload, Refusal, Retries, Target};
use crate::mailbox::OdsCode;

/// The largest JSON body that is read: an inbox page of 5,000 identifiers holds a small part of it.
pub(super) const JSON_MAX: u64 = 4 * 1024 * 1024;

/// An answer, and the clock of the server that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply<T> {
    /// The answer.
    pub value: T,
    /// The server's `Date` header. MESH refuses a token that is more than two hours off.
    pub date: Option<OffsetDateTime>,
}

/// A MESH service: the calls that belong to no mailbox, and what all calls have in common. Connections are
/// kept alive between calls; it can be shared between threads.
///
/// Next: [`Client::new`](super::Client::new) for the calls of a mailbox.
pub struct Service {
    http: Http,
    target: Target,
    clock: Clock,
    retries: Retries,
    /// The server's clock less ours, by the latest answer.
    ahead: Mutex<Option<Duration>>,
    answered: AtomicBool,
}

impl Service {
    /// The service at `target`. Connects with the first call. `clock` dates the tokens. Failed requests
    /// are sent again as [`Retries::default`] says.
    pub fn new(target: Target, settings: &TlsSettings, clock: Clock) -> Self {
        Self {
            http: Http::new(target.clone(), settings.clone()),
            target,
            clock,
            retries: Retries::default(),
            ahead: Mutex::default(),
            answered: AtomicBool::new(false),
        }
    }

    /// The same, with other rules for sending again.
    pub fn with_retries(self, retries: Retries) -> Self {
        Self { retries, ..self }
    }

    /// Where it is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// How far the server's clock is ahead of ours, by its latest answer; negative if ours is ahead.
    pub fn clock_offset(&self) -> Option<Duration> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The mailboxes of an organisation that take a workflow; often none or one. Needs no mailbox and no
    /// password.
    ///
    /// MESH API specification, "Look up MESH address".
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transport`], [`Error::Unexpected`].
    pub fn endpoint_lookup(&self, ods: &OdsCode, workflow: &str) -> Result<Reply<Lookup>, Error> {
        self.json(&Call::endpoint_lookup(ods, workflow)?, None, &no_token)
    }

    /// The mailboxes of all organisations that take a workflow. Needs no mailbox and no password.
    ///
    /// MESH API specification, "Lookup by workflow".
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transport`], [`Error::Unexpected`].
    pub fn workflow_search(&self, workflow: &str) -> Result<Reply<Lookup>, Error> {
        self.json(&Call::workflow_search(workflow)?, None, &no_token)
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        (self.clock)()
    }

    /// How failed requests are sent again; a transfer follows the same rules.
    pub fn retries(&self) -> &Retries {
        &self.retries
    }

    /// A call whose answer is JSON.
    pub(super) fn json<T: DeserializeOwned>(
        &self,
        call: &Call,
        payload: Option<&dyn Payload>,
        token: &dyn Fn() -> Option<String>,
    ) -> Result<Reply<T>, Error> {
        self.run(call, payload, token, |answer| {
            let date = answer.date();
            let value = serde_json::from_slice(&answer.read(JSON_MAX)?).map_err(|e| {
                Error::unexpected(format!("its body is not what the specification says: {}", unread(&e)))
            })?;
            Ok(Reply { value, date })
        })
    }

    /// Sends a call, and sends it again where that may help; each time with a token of its own.
    pub(super) fn run<T>(
        &self,
        call: &Call,
        payload: Option<&dyn Payload>,
        token: &dyn Fn() -> Option<String>,
        read: impl Fn(Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let result = self.retries.run(
            |error| error.may_be_repeated(call.repeat) && self.may_recover_from(error),
            || self.once(call, payload, token()).and_then(&read),
        );
        match result {
            Err(error) if !call.can_be_repeated() && !error.was_turned_away() => {
                Err(Error::Uncertain { source: Box::new(error) })
            }
            other => other,
        }
    }

    /// Whether it is worthwhile to go on after an error. A server that hangs up before it ever answered
    /// rather dislikes our certificate.
    pub(super) fn may_recover_from(&self, error: &Error) -> bool {
        let about_certificate = matches!(error, Error::Transport(error) if error.may_be_about_certificate());
        self.answered.load(Ordering::Relaxed) || !about_certificate
    }

    /// One request; the answer, if its status is one of those expected.
    pub(super) fn once(
        &self,
        call: &Call,
        payload: Option<&dyn Payload>,
        token: Option<String>,
    ) -> Result<Answer, Error> {
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(self.target.url(call.path()))
            .header("accept", ACCEPT_V2);
        if let Some(token) = &token {
            let mut value = HeaderValue::from_str(token).expect("a token is ASCII");
            value.set_sensitive(true);
            request = request.header("authorization", value);
        }
        for (name, value) in call.headers() {
            request = request.header(*name, value);
        }
        let empty: &[u8] = &[];
        let payload = if call.has_body() { Some(payload.unwrap_or(&empty)) } else { None };
        let request =
            request.body(payload).map_err(|e| Error::Invalid { what: "request", rule: e.to_string() })?;
        let answer = self.http.run(request)?;
        self.note(&answer);
        match answer.status {
            status if call.expected.contains(&status) => Ok(answer),
            status @ 400.. => {
                let (date, retry_after) = (answer.date(), answer.retry_after(self.now()));
                let body = answer.read_error_body();
                let refusal = Refusal::parse(status, date, &body, token.as_deref().unwrap_or_default());
                Err(Error::Refused(Box::new(Refusal { retry_after, ..refusal })))
            }
            status @ 300..400 => {
                let place = answer.header("location").unwrap_or_default();
                let place = without_hash(&place, token.as_deref().unwrap_or_default());
                Err(Error::unexpected(format!(
                    "HTTP {status}, a redirect to '{place}'; a MESH service does not redirect"
                )))
            }
            status => Err(Error::unexpected(format!("HTTP {status}"))),
        }
    }

    /// Remembers what an answer says about the server.
    fn note(&self, answer: &Answer) {
        self.answered.store(true, Ordering::Relaxed);
        if let Some(date) = answer.date() {
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(date - self.now());
        }
    }
}

/// Why an answer could not be read, without text in the place of something else: it may be a token.
fn unread(error: &serde_json::Error) -> String {
    let said = error.to_string();
    if ["invalid type: string", "invalid value: string"].iter().any(|begin| said.starts_with(begin)) {
        return format!("text in a wrong place at line {} column {}", error.line(), error.column());
    }
    said
}

fn no_token() -> Option<String> {
    None
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("target", &self.target).finish_non_exhaustive()
    }
}
