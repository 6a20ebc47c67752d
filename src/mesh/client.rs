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
        let request = request.body(call.body).expect("URL and headers were checked before");
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
mod tests {
    use std::sync::Arc;
    use std::thread::JoinHandle;

    use rustls::version::TLS13;
    use time::macros::datetime;

    use super::*;
    use crate::mesh::transport::testing::{NOW, Pki, serve_tls};
    use crate::mesh::transport::{Stage, TransportError};
    use crate::secret::{MailboxPassword, SharedKey};

    fn client(target: Target, settings: &TlsSettings) -> Client {
        let login = Login { password: MailboxPassword::new("MARK-1"), shared_key: SharedKey::new("MARK-2") };
        Client::new(target, settings, "X26ABC1".parse().unwrap(), login, Arc::new(|| NOW))
    }

    /// A client of a server that gives these answers on one connection.
    fn answered_by(answers: &'static [&'static str]) -> (Client, JoinHandle<()>) {
        let pki = Pki::new();
        let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, None), 1, answers);
        (client(target, &pki.settings(None)), server)
    }

    #[test]
    fn calls_share_a_connection_and_tell_the_clock_of_the_server() {
        let (client, server) = answered_by(&[
            "HTTP/1.1 200 OK\r\ndate: Fri, 20 Nov 2026 11:23:28 GMT\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 23\r\n\r\n{\"messages\":[\"1_A\"]}   ",
        ]);
        assert_eq!(client.handshake().unwrap().date, Some(datetime!(2026-11-20 11:23:28 UTC)));
        let inbox = client.inbox().unwrap();
        assert_eq!((inbox.value.messages, inbox.date), (vec!["1_A".into()], None));
        server.join().unwrap();
    }

    #[test]
    fn refusal_keeps_status_code_and_date() {
        let (client, server) = answered_by(&[
            "HTTP/1.1 403 Forbidden\r\ndate: Fri, 20 Nov 2026 11:23:28 GMT\r\ncontent-length: 40\r\n\r\n{\"errorCode\":\"2\",\"errorDescription\":\"x\"}",
        ]);
        let Error::Refused(refusal) = client.handshake().unwrap_err() else { panic!() };
        assert_eq!((refusal.status, refusal.code.as_deref()), (403, Some("2")));
        assert_eq!(refusal.date, Some(datetime!(2026-11-20 11:23:28 UTC)));
        server.join().unwrap();
    }

    #[test]
    fn answers_that_break_the_specification_are_named() {
        for (answer, expected) in [
            ("HTTP/1.1 302 Found\r\nlocation: https://elsewhere/\r\ncontent-length: 0\r\n\r\n", "elsewhere"),
            ("HTTP/1.1 204 No Content\r\n\r\n", "HTTP 204"),
            ("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>", "specification"),
            ("HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n{", "ended"),
            ("SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"),
        ] {
            let (client, server) = answered_by(Vec::leak(vec![answer]));
            let error = client.inbox().unwrap_err();
            assert!(
                matches!(&error, Error::Unexpected { what } if what.contains(expected)),
                "{expected}: {error:?}"
            );
            server.join().unwrap();
        }
    }

    #[test]
    fn chunked_and_compressed_messages_are_not_taken_for_whole_ones() {
        for (answer, expected) in [
            ("HTTP/1.1 206 Partial Content\r\nmex-chunk-range: 1:2\r\ncontent-length: 1\r\n\r\nx", "chunks"),
            ("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx", "compressed (gzip)"),
        ] {
            let (client, server) = answered_by(Vec::leak(vec![answer]));
            let error = client.receive("1_A").unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            server.join().unwrap();
        }
    }

    #[test]
    fn alert_about_the_certificate_comes_through_every_layer() {
        let pki = Pki::new();
        let (target, server) = serve_tls(pki.server(&["127.0.0.1"], &TLS13, Some(&pki)), 1, &[""]);
        let error = client(target, &pki.settings(None)).handshake().unwrap_err();
        assert!(
            matches!(&error, Error::Transport(TransportError::Alert { name, after_handshake: true, .. }) if name == "certificate_required"),
            "{error:?}"
        );
        server.join().unwrap();
    }

    #[test]
    fn server_that_hangs_up_instead_of_answering_is_named() {
        let (client, server) = answered_by(&[""]);
        let error = client.handshake().unwrap_err();
        assert!(
            matches!(
                &error,
                Error::Transport(TransportError::ClosedWithoutAlert { stage: Stage::Receive, .. })
            ),
            "{error:?}"
        );
        server.join().unwrap();
    }

    #[test]
    fn answer_to_half_a_message_is_read() {
        let (client, server) = answered_by(&["HTTP/1.1 413 Too Large\r\ncontent-length: 9\r\n\r\ntoo large"]);
        let body = vec![0; 50_000_000];
        let error = client
            .send(&Outgoing {
                to: "X26ABC2",
                workflow: "W",
                filename: None,
                local_id: None,
                subject: None,
                body: &body,
            })
            .unwrap_err();
        assert!(matches!(&error, Error::Refused(r) if r.status == 413 && r.text == "too large"), "{error:?}");
        server.join().unwrap();
    }

    #[test]
    fn debug_never_shows_a_secret() {
        let pki = Pki::new();
        let client = client("https://h".parse().unwrap(), &pki.settings(None));
        let shown = format!("{client:?}");
        assert!(!shown.contains("MARK") && !shown.contains("NHSMESH"), "{shown}");
    }
}
