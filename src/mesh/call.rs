use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::Method;

use super::message::{Outgoing, check_message_id};
use super::wire::headers;
use super::{ChunkRange, Error};
use crate::mailbox::{MailboxId, OdsCode};

/// What a path segment or a query value carries as it is (RFC 3986, "unreserved").
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request of the MESH API, version 2, before it has a token and a body: what
/// [`Client`](super::Client) and [`Service`](super::Service) send, one constructor an operation.
///
/// Useful by itself to show what would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub(super) method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    with_body: bool,
    authorised: bool,
    pub(super) expected: &'static [u16],
    pub(super) repeat: Repeat,
}

/// When a request may be sent once more after it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Whenever it may help: twice does no harm.
    Freely,
    /// Only if MESH certainly did nothing with it.
    IfTurnedAway,
}

/// Which messages of an inbox are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InboxQuery<'a> {
    /// At most so many a page, 10 to 5000; MESH takes 500 without.
    pub max_results: Option<u16>,
    /// Workflow IDs: `NAME`, `NAME*` (begins with), `*NAME*` (contains), each negated by `!` before it.
    pub workflow_filter: Option<&'a str>,
}

impl Call {
    fn new(method: Method, path: String, expected: &'static [u16]) -> Self {
        Self {
            method,
            path,
            headers: Vec::new(),
            with_body: false,
            authorised: true,
            expected,
            repeat: Repeat::Freely,
        }
    }

    fn with_body(mut self) -> Self {
        self.with_body = true;
        self
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// "Validate a mailbox (Handshake)".
    pub fn handshake(mailbox: &MailboxId) -> Self {
        Self::new(Method::POST, below(mailbox, ""), &[200])
            .with_body()
            .header(headers::CLIENT_VERSION, concat!("mesh-onboard==", env!("CARGO_PKG_VERSION")))
            .header(headers::OS_NAME, std::env::consts::OS)
            // Asked for, but nobody's business.
            .header(headers::OS_VERSION, "unspecified")
            .header(headers::OS_ARCHITECTURE, std::env::consts::ARCH)
    }

    /// "Check an inbox", the first page.
    pub fn inbox(mailbox: &MailboxId, query: &InboxQuery<'_>) -> Self {
        let max_results = query.max_results.map(|n| n.to_string());
        let parameters =
            [("max_results", max_results.as_deref()), ("workflow_filter", query.workflow_filter)]
                .into_iter()
                .filter_map(|(name, value)| Some(format!("{name}={}", encoded(value?))))
                .collect::<Vec<_>>()
                .join("&");
        Self::inbox_page(mailbox, &parameters)
    }

    /// A page of an inbox by its query, as a page before it named it.
    pub(super) fn inbox_page(mailbox: &MailboxId, parameters: &str) -> Self {
        let mark = if parameters.is_empty() { "" } else { "?" };
        Self::new(Method::GET, below(mailbox, &format!("/inbox{mark}{parameters}")), &[200])
    }

    /// "Check an inbox count", which the specification calls deprecated.
    pub fn count(mailbox: &MailboxId) -> Self {
        Self::new(Method::GET, below(mailbox, "/count"), &[200])
    }

    /// "Get Message", the whole message or its first chunk.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what can be no message ID.
    pub fn message(mailbox: &MailboxId, id: &str) -> Result<Self, Error> {
        check_message_id(id)?;
        let call = Self::new(Method::GET, below(mailbox, &format!("/inbox/{id}")), &[200, 206]);
        Ok(call.header("accept-encoding", "gzip"))
    }

    /// "Get Message chunk", counted from 1.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what can be no message ID.
    pub fn chunk(mailbox: &MailboxId, id: &str, index: u32) -> Result<Self, Error> {
        check_message_id(id)?;
        let call = Self::new(Method::GET, below(mailbox, &format!("/inbox/{id}/{index}")), &[200, 206]);
        Ok(call.header("accept-encoding", "gzip"))
    }

    /// "Head Message".
    ///
    /// # Errors
    /// [`Error::Invalid`] for what can be no message ID.
    pub fn head(mailbox: &MailboxId, id: &str) -> Result<Self, Error> {
        check_message_id(id)?;
        Ok(Self::new(Method::HEAD, below(mailbox, &format!("/inbox/{id}")), &[200, 206]))
    }

    /// "Acknowledge message".
    ///
    /// # Errors
    /// [`Error::Invalid`] for what can be no message ID.
    pub fn acknowledge(mailbox: &MailboxId, id: &str) -> Result<Self, Error> {
        check_message_id(id)?;
        let path = below(mailbox, &format!("/inbox/{id}/status/acknowledged"));
        Ok(Self::new(Method::PUT, path, &[200]).with_body())
    }

    /// "Send message", the whole message or its first chunk.
    ///
    /// # Errors
    /// [`Error::Invalid`] if a header cannot carry a value.
    pub fn send(mailbox: &MailboxId, message: &Outgoing<'_>) -> Result<Self, Error> {
        let mut call = Self::new(Method::POST, below(mailbox, "/outbox"), &[202]).with_body();
        call.repeat = Repeat::IfTurnedAway;
        for (name, value) in message.headers()? {
            call = call.header(name, value);
        }
        call = call
            .header(headers::FROM, mailbox.as_str())
            .header("content-type", message.content_type.unwrap_or("application/octet-stream"));
        if message.chunks > 1 {
            call =
                call.header(headers::CHUNK_RANGE, ChunkRange { index: 1, total: message.chunks }.to_string());
        }
        Ok(call.encoded(message.gzip))
    }

    /// "Send chunked message": the second chunk and those after it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what can be no message ID.
    pub fn send_chunk(mailbox: &MailboxId, id: &str, range: ChunkRange, gzip: bool) -> Result<Self, Error> {
        check_message_id(id)?;
        Ok(Self::new(Method::POST, below(mailbox, &format!("/outbox/{id}/{}", range.index)), &[202])
            .with_body()
            .header(headers::CHUNK_RANGE, range.to_string())
            .header("content-type", "application/octet-stream")
            .encoded(gzip))
    }

    fn encoded(self, gzip: bool) -> Self {
        if gzip { self.header("content-encoding", "gzip") } else { self }
    }

    /// "Track outbox" by the identifier that MESH gave.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what can be no message ID.
    pub fn track(mailbox: &MailboxId, id: &str) -> Result<Self, Error> {
        check_message_id(id)?;
        Ok(Self::new(Method::GET, below(mailbox, &format!("/outbox/tracking?messageID={id}")), &[200]))
    }

    /// "Track outbox" by the sender's own identifier, which the specification calls deprecated.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is empty.
    pub fn track_local(mailbox: &MailboxId, local_id: &str) -> Result<Self, Error> {
        let path = below(mailbox, &format!("/outbox/tracking/{}", segment("local identifier", local_id)?));
        Ok(Self::new(Method::GET, path, &[200]))
    }

    /// "Look up MESH address": the mailboxes of an organisation that take a workflow. Needs no token.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the workflow ID is empty.
    pub fn endpoint_lookup(ods: &OdsCode, workflow: &str) -> Result<Self, Error> {
        let workflow = segment("workflow ID", workflow)?;
        Ok(Self::lookup(format!("/messageexchange/endpointlookup/{ods}/{workflow}")))
    }

    /// "Lookup by workflow": the mailboxes of whomever that take it. Needs no token.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the workflow ID is empty.
    pub fn workflow_search(workflow: &str) -> Result<Self, Error> {
        let workflow = segment("workflow ID", workflow)?;
        Ok(Self::lookup(format!("/messageexchange/workflowsearch/{workflow}")))
    }

    fn lookup(path: String) -> Self {
        Self { authorised: false, ..Self::new(Method::GET, path, &[200]) }
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The path, from `/messageexchange` on, encoded as it travels.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers but for `accept` and `authorization`, names in lower case.
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// Whether a body belongs to it, be it an empty one.
    pub fn has_body(&self) -> bool {
        self.with_body
    }

    /// Whether sending it twice does no harm.
    pub(super) fn can_be_repeated(&self) -> bool {
        self.repeat == Repeat::Freely
    }

    /// Whether it needs a token.
    pub fn is_authorised(&self) -> bool {
        self.authorised
    }
}

/// A path below a mailbox.
fn below(mailbox: &MailboxId, rest: &str) -> String {
    format!("/messageexchange/{mailbox}{rest}")
}

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, ENCODED).to_string()
}

/// A value as one segment of a path.
fn segment(what: &'static str, value: &str) -> Result<String, Error> {
    match value {
        "" => Err(Error::Invalid { what, rule: "it is empty".into() }),
        // Dots alone would lead to another path, however they are encoded.
        "." | ".." => Err(Error::Invalid { what, rule: format!("'{value}' is no identifier") }),
        value => Ok(encoded(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox() -> MailboxId {
        "X26ABC1".parse().unwrap()
    }

    #[test]
    fn values_stay_within_their_segment_or_parameter() {
        let call = Call::track_local(&mailbox(), "a/b?c#d é").unwrap();
        assert_eq!(call.path(), "/messageexchange/X26ABC1/outbox/tracking/a%2Fb%3Fc%23d%20%C3%A9");
        let query = InboxQuery { max_results: Some(10), workflow_filter: Some("!*_ACK*&x=1") };
        assert_eq!(
            Call::inbox(&mailbox(), &query).path(),
            "/messageexchange/X26ABC1/inbox?max_results=10&workflow_filter=%21%2A_ACK%2A%26x%3D1"
        );
        for bad in ["", ".", ".."] {
            assert!(Call::track_local(&mailbox(), bad).is_err(), "{bad:?} was accepted");
            assert!(Call::workflow_search(bad).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn message_ids_cannot_leave_their_path() {
        for bad in ["", "..", "a/b", "a?b", "a%2Fb", "a b", "é"] {
            assert!(Call::message(&mailbox(), bad).is_err(), "{bad} was accepted");
            assert!(Call::acknowledge(&mailbox(), bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn first_chunk_says_how_many_there_are_and_a_whole_message_does_not() {
        let message = Outgoing { to: "X26ABC2", workflow: "W", chunks: 3, gzip: true, ..Outgoing::default() };
        let call = Call::send(&mailbox(), &message).unwrap();
        assert!(call.headers().contains(&(headers::CHUNK_RANGE, "1:3".into())));
        assert!(call.headers().contains(&("content-encoding", "gzip".into())));
        let call = Call::send(&mailbox(), &Outgoing { chunks: 1, gzip: false, ..message }).unwrap();
        assert!(call.headers().iter().all(|(name, _)| *name != headers::CHUNK_RANGE));
        assert!(call.headers().iter().all(|(name, _)| *name != "content-encoding"));
    }
}
