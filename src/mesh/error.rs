use super::Refusal;
use super::transport::TransportError;

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
}
