use std::io;
use std::time::Duration;

use super::Refusal;
use super::call::Repeat;
use super::transport::{Stage, TransportError};

/// Why a call did not succeed. No error holds a password, a shared key or a token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No request and answer could pass.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The server answered, and refused (status 400 and above).
    #[error("the server refused: {0}")]
    Refused(Box<Refusal>),
    /// The server answered otherwise than the specification says.
    #[error("unexpected answer: {what}")]
    Unexpected {
        /// What is unexpected about it.
        what: String,
    },
    /// The body of a message is not what it should be. Another try may bring it whole.
    #[error("the body is damaged: {what}")]
    Damaged {
        /// What is wrong with it.
        what: String,
    },
    /// A new message was sent and no answer came that says what became of it: MESH may have it or not.
    /// It was not sent again, since a recipient cannot tell a duplicate from a message of its own.
    #[error("nobody knows whether MESH has the message: {source}")]
    Uncertain {
        /// What came instead of an answer.
        source: Box<Error>,
    },
    /// What was to be sent could not be read.
    #[error("what was to be sent cannot be read")]
    Source(#[source] io::Error),
    /// A value that cannot travel; nothing was sent.
    #[error("the {what} cannot be sent: {rule}")]
    Invalid {
        /// Which value.
        what: &'static str,
        /// The rule that it breaks.
        rule: String,
    },
}

impl Error {
    pub(super) fn unexpected(what: impl Into<String>) -> Self {
        Self::Unexpected { what: what.into() }
    }

    /// How long the server asks to wait (`Retry-After`).
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            Self::Uncertain { source } => source.retry_after(),
            _ => None,
        }
    }

    /// Whether the same request may succeed a little later: a connection that failed or broke, or one of
    /// the statuses 425, 429, 502, 503, 504; or a body that is damaged.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport(error) => error.is_transient(),
            Self::Refused(refusal) => matches!(refusal.status, 425 | 429 | 502..=504),
            Self::Uncertain { source } => source.is_transient(),
            Self::Damaged { .. } => true,
            _ => false,
        }
    }

    /// Whether a request may be sent once more after this.
    pub(super) fn may_be_repeated(&self, repeat: Repeat) -> bool {
        self.is_transient() && (repeat == Repeat::Freely || self.was_turned_away())
    }

    /// Whether MESH certainly did nothing with the request.
    pub(super) fn was_turned_away(&self) -> bool {
        match self {
            Self::Transport(error) => error.stage() < Stage::Send,
            Self::Refused(refusal) => match refusal.status {
                // A gateway that gave up waiting does not know what went on behind it.
                502 | 504 => false,
                503 => refusal.retry_after.is_some(),
                // 408 and the like come when the request was not read to its end.
                400..=499 => true,
                _ => false,
            },
            Self::Invalid { .. } | Self::Source(_) => true,
            Self::Unexpected { .. } | Self::Damaged { .. } | Self::Uncertain { .. } => false,
        }
    }
}
