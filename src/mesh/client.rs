use std::fmt;

use super::call::{Call, InboxQuery};
use super::http::Answer;
use super::service::{JSON_MAX, Reply, Service};
use super::token::{self, Login};
use super::wire::{Count, Inbox, Sent, Tracking};
use super::{ChunkRange, Error, Head, Incoming, MESSAGE_MAX, Outgoing, Payload};
use crate::mailbox::MailboxId;

/// One mailbox at one MESH service.
///
/// Every request, and every repetition of one, has a token of its own. Can be shared between threads.
pub struct Client {
    service: Service,
    mailbox: MailboxId,
    login: Login,
}

impl Client {
    /// A client for `mailbox` at `service`. Next: [`handshake`](Self::handshake).
    pub fn new(service: Service, mailbox: MailboxId, login: Login) -> Self {
        Self { service, mailbox, login }
    }

    /// The service, for the calls that belong to no mailbox.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The mailbox.
    pub fn mailbox(&self) -> &MailboxId {
        &self.mailbox
    }

    /// The secrets that its tokens are made with.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// The URL that [`handshake`](Self::handshake) asks.
    pub fn handshake_url(&self) -> String {
        self.service.target().url(Call::handshake(&self.mailbox).path())
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
        self.handshake_with(&self.login)
    }

    /// [`handshake`](Self::handshake) with other secrets, to find out which of them MESH takes. What the
    /// client itself goes by stays as it was.
    ///
    /// # Errors
    /// As [`handshake`](Self::handshake).
    pub fn handshake_with(&self, login: &Login) -> Result<Reply<()>, Error> {
        let token = || self.token_with(login);
        self.service.run(&Call::handshake(&self.mailbox), None, &token, |answer| {
            let date = answer.date();
            // Empty in version 2, JSON in version 1. Anything else was not said by MESH.
            let body = answer.read(JSON_MAX)?;
            if !body.is_empty() && serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_err() {
                return Err(Error::unexpected(
                    "a handshake is not answered by a page; is the URL that of MESH?",
                ));
            }
            Ok(Reply { value: (), date })
        })
    }

    /// A page of the messages that wait to be read, oldest first. Next: [`message`](Self::message) each,
    /// then [`inbox_after`](Self::inbox_after) while there is a next page.
    ///
    /// MESH API specification, "Check an inbox": at least once a day, at most every five minutes unless
    /// more messages wait.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transport`], [`Error::Unexpected`].
    pub fn inbox(&self, query: &InboxQuery<'_>) -> Result<Reply<Inbox>, Error> {
        self.service.json(&Call::inbox(&self.mailbox, query), None, &|| self.token())
    }

    /// The page after `page`, if there is one. Its query is taken from the link, and nothing else: a link
    /// never leads elsewhere.
    ///
    /// # Errors
    /// As [`inbox`](Self::inbox).
    pub fn inbox_after(&self, page: &Inbox) -> Result<Option<Reply<Inbox>>, Error> {
        let Some(next) = page.links.next.as_deref().filter(|next| !next.is_empty()) else {
            return Ok(None);
        };
        let (_, parameters) =
            next.split_once('?').ok_or_else(|| Error::unexpected(format!("the next page is '{next}'")))?;
        let call = Call::inbox_page(&self.mailbox, parameters);
        self.service.json(&call, None, &|| self.token()).map(Some)
    }

    /// How many messages wait to be read.
    ///
    /// MESH API specification, "Check an inbox count", which it calls deprecated.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transport`], [`Error::Unexpected`].
    pub fn count(&self) -> Result<Reply<Count>, Error> {
        self.service.json(&Call::count(&self.mailbox), None, &|| self.token())
    }

    /// Sends a message of at most 100 MB, or the first chunk of a larger one: then
    /// [`send_chunk`](Self::send_chunk) the others in order. The answer says that MESH took it, not that it
    /// was delivered: next, sometime, [`track`](Self::track).
    ///
    /// `body` is what travels: compressed already, if `message` says so.
    ///
    /// MESH API specification, "Send message".
    ///
    /// # Errors
    /// [`Error::Invalid`] if the message cannot travel, before anything is sent; [`Error::Refused`], with
    /// code 12 if the recipient is unknown; [`Error::Uncertain`] if nobody knows whether MESH has the
    /// message.
    pub fn send(&self, message: &Outgoing<'_>, body: &dyn Payload) -> Result<Reply<Sent>, Error> {
        let call = Call::send(&self.mailbox, message)?;
        fits_one_request(body)?;
        self.service.json(&call, Some(body), &|| self.token())
    }

    /// Sends the second chunk of a message, and those after it, one after the other. A chunk that broke off
    /// can be sent again. With the last one the message is on its way.
    ///
    /// MESH API specification, "Send chunked message".
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Refused`] with status 423 if the message is complete already,
    /// [`Error::Transport`].
    pub fn send_chunk(
        &self,
        id: &str,
        range: ChunkRange,
        gzip: bool,
        body: &dyn Payload,
    ) -> Result<Reply<()>, Error> {
        let call = Call::send_chunk(&self.mailbox, id, range, gzip)?;
        fits_one_request(body)?;
        self.run(&call, Some(body), done)
    }

    /// Opens a message, whole or its first chunk; it stays in the inbox. Next: while
    /// [`range`](Head::range) is not the last, [`chunk`](Self::chunk); keep it safe; then
    /// [`acknowledge`](Self::acknowledge).
    ///
    /// MESH API specification, "Get Message".
    ///
    /// # Errors
    /// [`Error::Refused`] with status 404 if there is no such message, 410 if it is gone.
    pub fn message(&self, id: &str) -> Result<Reply<Incoming>, Error> {
        self.open(&Call::message(&self.mailbox, id)?, id, 1)
    }

    /// Opens chunk `index` of a message, counted from 1.
    ///
    /// MESH API specification, "Get Message chunk".
    ///
    /// # Errors
    /// As [`message`](Self::message), and [`Error::Unexpected`] if another chunk comes.
    pub fn chunk(&self, id: &str, index: u32) -> Result<Reply<Incoming>, Error> {
        self.open(&Call::chunk(&self.mailbox, id, index)?, id, index)
    }

    /// What the headers of a message say, without the message.
    ///
    /// MESH API specification, "Head Message".
    ///
    /// # Errors
    /// As [`message`](Self::message).
    pub fn head(&self, id: &str) -> Result<Reply<Head>, Error> {
        self.run(&Call::head(&self.mailbox, id)?, None, |answer| {
            Ok(Reply { value: Head::read(id, &answer)?, date: answer.date() })
        })
    }

    /// Takes a message out of the inbox, for ever: only after it has been kept safe. One that is not
    /// acknowledged within five days goes back to its sender as a report.
    ///
    /// MESH API specification, "Acknowledge message".
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transport`].
    pub fn acknowledge(&self, id: &str) -> Result<Reply<()>, Error> {
        self.run(&Call::acknowledge(&self.mailbox, id)?, None, done)
    }

    /// Where a message stands that this mailbox sent. Not to be asked often: it may take hours.
    ///
    /// MESH API specification, "Track outbox".
    ///
    /// # Errors
    /// [`Error::Refused`] with status 404 if there is no such message; [`Error::Transport`].
    pub fn track(&self, id: &str) -> Result<Reply<Tracking>, Error> {
        self.service.json(&Call::track(&self.mailbox, id)?, None, &|| self.token())
    }

    /// The same, by the sender's own identifier.
    ///
    /// MESH API specification, "Track outbox (deprecated)".
    ///
    /// # Errors
    /// [`Error::Unexpected`] (HTTP 300) if several messages have it.
    pub fn track_local(&self, local_id: &str) -> Result<Reply<Tracking>, Error> {
        self.service.json(&Call::track_local(&self.mailbox, local_id)?, None, &|| self.token())
    }

    /// Opens a chunk without sending the request again: for whoever tries again with the body, too.
    pub(super) fn open_once(&self, id: &str, index: u32) -> Result<Incoming, Error> {
        let call = match index {
            1 => Call::message(&self.mailbox, id)?,
            index => Call::chunk(&self.mailbox, id, index)?,
        };
        incoming(self.service.once(&call, None, self.token())?, id, index)
    }

    fn open(&self, call: &Call, id: &str, index: u32) -> Result<Reply<Incoming>, Error> {
        self.run(call, None, |answer| {
            let date = answer.date();
            Ok(Reply { value: incoming(answer, id, index)?, date })
        })
    }

    fn run<T>(
        &self,
        call: &Call,
        payload: Option<&dyn Payload>,
        read: impl Fn(Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.service.run(call, payload, &|| self.token(), read)
    }

    /// A token for one request.
    fn token(&self) -> Option<String> {
        self.token_with(&self.login)
    }

    fn token_with(&self, login: &Login) -> Option<String> {
        let nonce = uuid::Uuid::new_v4().to_string();
        Some(token::header(&self.mailbox, login, &nonce, 0, self.service.now()))
    }
}

/// The chunk that was asked for, or an error if another came.
fn incoming(answer: Answer, id: &str, index: u32) -> Result<Incoming, Error> {
    let head = Head::read(id, &answer)?;
    // Two ways to say whether more chunks come; one that is wrong would cost the rest of a message.
    let more = answer.status == 206;
    if head.range.index != index || more == head.range.is_last() {
        return Err(Error::unexpected(format!(
            "chunk {index} was asked for; HTTP {} came with chunk range {}",
            answer.status, head.range
        )));
    }
    if !answer.has_length() {
        // Nothing would tell its end from a connection that broke.
        return Err(Error::unexpected("a message came without its length"));
    }
    Ok(Incoming { head, body: answer.into_body() })
}

/// An answer whose body says nothing; it is read to its end, so that the connection serves again.
fn done(answer: Answer) -> Result<Reply<()>, Error> {
    let date = answer.date();
    answer.read(JSON_MAX)?;
    Ok(Reply { value: (), date })
}

fn fits_one_request(body: &dyn Payload) -> Result<(), Error> {
    if body.len() <= MESSAGE_MAX {
        return Ok(());
    }
    let rule = format!("it has {} bytes; one request holds {MESSAGE_MAX}", body.len());
    Err(Error::Invalid { what: "message", rule })
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &self.service)
            .field("mailbox", &self.mailbox)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
