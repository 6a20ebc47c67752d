use std::fmt;

use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use ureq::http::{HeaderValue, Method, Request};

use super::http::{Answer, Http};
use super::message::{Incoming, MESSAGE_MAX, MessageType, Outgoing, check_message_id};
use super::token::{self, Login};
use super::transport::{Clock, TlsSettings};
use super::wire::{ACCEPT_V2, Inbox, Sent, Tracking, headers};
use super::{Error, Refusal, Target};
use crate::mailbox::MailboxId;

/// The largest JSON body that is read: an inbox page of 5,000 identifiers holds a small part of it.
const JSON_MAX: u64 = 4 * 1024 * 1024;

/// An answer, and the clock of the server that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply<T> {
    /// The answer.
    pub value: T,
    /// The server's `Date` header. MESH refuses a token that is more than two hours off.
    pub date: Option<OffsetDateTime>,
}

/// One mailbox at one MESH service.
///
/// Every call makes a token of its own and is one request: nothing is tried again. Connections are kept
/// alive between calls; a client can be shared between threads.
pub struct Client {
    http: Http,
    target: Target,
    mailbox: MailboxId,
    login: Login,
    clock: Clock,
}

/// What the answer to a request must be.
struct Call<'a> {
    method: Method,
    path: String,
    headers: Vec<(&'static str, &'a str)>,
    body: Option<&'a [u8]>,
    expected: &'a [u16],
}

impl Client {
    /// A client for `mailbox` at `target`. Connects with the first call.
    ///
    /// `clock` dates the tokens. Next: [`handshake`](Self::handshake).
    pub fn new(
        target: Target,
        settings: &TlsSettings,
        mailbox: MailboxId,
        login: Login,
        clock: Clock,
    ) -> Self {
        Self { http: Http::new(target.clone(), settings.clone()), target, mailbox, login, clock }
    }

    /// Proves that the service is reached and believes us, and tells it that the mailbox is in use: it
    /// keeps a history of connections. To be called once every 24 hours. Next: any other call.
    ///
    /// MESH API specification, "Validate a mailbox (Handshake)".
    ///
    /// # Errors
    /// [`Error::Refused`] with status 403 if the password or the shared key is wrong, the token is more
    /// than two hours off, or the mailbox does not exist; [`Error::Transport`].
    pub fn handshake(&self) -> Result<Reply<()>, Error> {
        let answer = self.call(Call {
            method: Method::POST,
            path: self.path(""),
            headers: vec![
                (headers::CLIENT_VERSION, concat!("mesh-onboard==", env!("CARGO_PKG_VERSION"))),
                (headers::OS_NAME, std::env::consts::OS),
                // Asked for, but nobody's business.
                (headers::OS_VERSION, "unspecified"),
                (headers::OS_ARCHITECTURE, std::env::consts::ARCH),
            ],
            body: Some(&[]),
            expected: &[200],
        })?;
        let date = answer.date();
        // Empty in version 2, JSON in version 1. Anything else was not said by MESH.
        let body = answer.read(JSON_MAX)?;
        if !body.is_empty() && serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_err() {
            return Err(Error::unexpected("a handshake is not answered by a page; is the URL that of MESH?"));
        }
        Ok(Reply { value: (), date })
    }

    /// The messages that wait to be read, at most 500; the inbox is empty only when this is. Next:
    /// [`receive`](Self::receive) each.
    ///
    /// MESH API specification, "Check an inbox": at least once a day, at most every five minutes unless
    /// more messages wait.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transport`], [`Error::Unexpected`].
    pub fn inbox(&self) -> Result<Reply<Inbox>, Error> {
        json(self.get(self.path("/inbox"), &[200])?)
    }

    /// Sends a message of at most 100 MB in one request. The answer says that MESH took it, not that it
    /// was delivered: next, sometime, [`track`](Self::track).
    ///
    /// MESH API specification, "Send message".
    ///
    /// # Errors
    /// [`Error::Invalid`] if the message cannot travel, before anything is sent; [`Error::Refused`], with
    /// code 12 if the recipient is unknown; [`Error::Transport`], after which nobody knows whether MESH
    /// has the message.
    pub fn send(&self, message: &Outgoing<'_>) -> Result<Reply<Sent>, Error> {
        let mut headers = message.headers()?;
        headers.push((headers::FROM, self.mailbox.as_str()));
        headers.push(("content-type", "application/octet-stream"));
        json(self.call(Call {
            method: Method::POST,
            path: self.path("/outbox"),
            headers,
            body: Some(message.body),
            expected: &[202],
        })?)
    }

    /// Reads a message, which stays in the inbox. Next: keep it safe, then
    /// [`acknowledge`](Self::acknowledge).
    ///
    /// MESH API specification, "Get Message".
    ///
    /// # Errors
    /// [`Error::Refused`] with status 404 if there is no such message, 410 if it is gone;
    /// [`Error::Unexpected`] if it is chunked or compressed, which is not read yet.
    pub fn receive(&self, id: &str) -> Result<Reply<Incoming>, Error> {
        check_message_id(id)?;
        let answer = self.get(self.path(&format!("/inbox/{id}")), &[200, 206])?;
        let header = |name: &str| answer.header(name).filter(|v| !v.is_empty()).map(String::from);
        let chunked = header(headers::CHUNK_RANGE).is_some_and(|range| range.trim() != "1:1");
        if answer.status == 206 || chunked {
            return Err(Error::unexpected("the message is in chunks, which are not read yet"));
        }
        if let Some(encoding) = header("content-encoding").filter(|e| e != "identity") {
            let what = format!("the message is compressed ({encoding}), which is not read yet");
            return Err(Error::unexpected(what));
        }
        let message_type = match header(headers::MESSAGE_TYPE).as_deref() {
            None | Some("DATA") => MessageType::Data,
            Some("REPORT") => MessageType::Report,
            Some(other) => return Err(Error::unexpected(format!("the message type is '{other}'"))),
        };
        let mut message = Incoming {
            id: id.into(),
            from: header(headers::FROM),
            workflow: header(headers::WORKFLOW_ID),
            filename: header(headers::FILE_NAME),
            subject: header(headers::SUBJECT),
            local_id: header(headers::LOCAL_ID),
            message_type,
            body: Vec::new(),
        };
        let date = answer.date();
        message.body = answer.read(MESSAGE_MAX)?;
        Ok(Reply { value: message, date })
    }

    /// Takes a message out of the inbox, for ever: only after it has been kept safe. One that is not
    /// acknowledged within five days goes back to its sender as a report.
    ///
    /// MESH API specification, "Acknowledge message".
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transport`].
    pub fn acknowledge(&self, id: &str) -> Result<Reply<()>, Error> {
        check_message_id(id)?;
        let answer = self.call(Call {
            method: Method::PUT,
            path: self.path(&format!("/inbox/{id}/status/acknowledged")),
            headers: Vec::new(),
            body: Some(&[]),
            expected: &[200],
        })?;
        let date = answer.date();
        // Read to its end, so that the connection serves again.
        answer.read(JSON_MAX)?;
        Ok(Reply { value: (), date })
    }

    /// Where a message stands that this mailbox sent. Not to be asked often: it may take hours.
    ///
    /// MESH API specification, "Track outbox".
    ///
    /// # Errors
    /// [`Error::Refused`] with status 404 if there is no such message; [`Error::Transport`].
    pub fn track(&self, id: &str) -> Result<Reply<Tracking>, Error> {
        check_message_id(id)?;
        json(self.get(self.path(&format!("/outbox/tracking?messageID={id}")), &[200])?)
    }

    /// A path below the mailbox.
    fn path(&self, rest: &str) -> String {
        format!("/messageexchange/{}{rest}", self.mailbox)
    }

    fn get(&self, path: String, expected: &[u16]) -> Result<Answer, Error> {
        self.call(Call { method: Method::GET, path, headers: Vec::new(), body: None, expected })
    }

    /// One request with a token of its own; the answer, if its status is one of those expected.
    fn call(&self, call: Call<'_>) -> Result<Answer, Error> {
        let nonce = uuid::Uuid::new_v4().to_string();
        let token = token::header(&self.mailbox, &self.login, &nonce, 0, (self.clock)());
        let mut authorization = HeaderValue::from_str(&token).expect("a token is ASCII");
        authorization.set_sensitive(true);
        let mut request = Request::builder()
            .method(call.method)
            .uri(self.target.url(&call.path))
            .header("accept", ACCEPT_V2)
            .header("authorization", authorization);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let request =
            request.body(call.body).map_err(|e| Error::Invalid { what: "request", rule: e.to_string() })?;
        let answer = self.http.run(request)?;
        match answer.status {
            status if call.expected.contains(&status) => Ok(answer),
            status @ 400.. => {
                let date = answer.date();
                let refusal = Refusal::parse(status, date, &answer.read_error_body(), &token);
                Err(Error::Refused(Box::new(refusal)))
            }
            status @ 300..400 => {
                let place = answer.header("location").unwrap_or_default().into_owned();
                Err(Error::unexpected(format!(
                    "HTTP {status}, a redirect to '{place}'; a MESH service does not redirect"
                )))
            }
            status => Err(Error::unexpected(format!("HTTP {status}"))),
        }
    }
}

/// Reads the JSON of an answer.
fn json<T: DeserializeOwned>(answer: Answer) -> Result<Reply<T>, Error> {
    let date = answer.date();
    let value = serde_json::from_slice(&answer.read(JSON_MAX)?)
        .map_err(|e| Error::unexpected(format!("its body is not what the specification says: {e}")))?;
    Ok(Reply { value, date })
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("target", &self.target)
            .field("mailbox", &self.mailbox)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
