//! The terms in which faults are told.

use std::fmt;

/// How much a fault matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// MESH accepts it, today at least.
    Warn,
    /// MESH refuses it.
    Fail,
}

impl Severity {
    /// The name in JSON and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// A field of the header, or of the message that is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The mailbox ID.
    Mailbox,
    /// The nonce.
    Nonce,
    /// How often the nonce was used.
    NonceCount,
    /// The mailbox password: in the message alone.
    Password,
    /// The time.
    Timestamp,
    /// The hash: in the header alone.
    Hash,
}

impl Field {
    /// The fields of the header, in their order.
    pub const HEADER: [Self; 5] = [Self::Mailbox, Self::Nonce, Self::NonceCount, Self::Timestamp, Self::Hash];
    /// The fields of the message that is hashed, in their order.
    pub const MESSAGE: [Self; 5] =
        [Self::Mailbox, Self::Nonce, Self::NonceCount, Self::Password, Self::Timestamp];

    fn as_str(self) -> &'static str {
        match self {
            Self::Mailbox => "mailbox",
            Self::Nonce => "nonce",
            Self::NonceCount => "nonce count",
            Self::Password => "password",
            Self::Timestamp => "timestamp",
            Self::Hash => "hash",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which of the two secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// The password of the mailbox.
    Password,
    /// The shared key of the environment.
    SharedKey,
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password => "mailbox password",
            Self::SharedKey => "shared key",
        })
    }
}

/// How a program changed a secret before it made the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alteration {
    /// A line end stands behind it.
    LineEnd,
    /// Spaces or a tab stand around it.
    WhiteSpace,
    /// It stands in quotes.
    Quotes,
    /// A byte order mark stands before it.
    ByteOrderMark,
    /// It is in upper or lower case throughout.
    Case,
    /// It was encoded as base64.
    Base64Encoded,
    /// It was taken for base64 and decoded.
    Base64Decoded,
    /// It was taken for hexadecimal and decoded.
    HexDecoded,
    /// It is cut off, or lacks a piece, at a character that shells and settings files read otherwise.
    Cut,
    /// It is in Latin-1 instead of UTF-8.
    Latin1,
    /// It is empty.
    Empty,
}

impl fmt::Display for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LineEnd => "with a line end behind it",
            Self::WhiteSpace => "with white space around it",
            Self::Quotes => "with quotes around it",
            Self::ByteOrderMark => "with a byte order mark before it",
            Self::Case => "in upper or lower case throughout",
            Self::Base64Encoded => "encoded as base64",
            Self::Base64Decoded => "decoded as if it were base64",
            Self::HexDecoded => "decoded as if it were hexadecimal",
            Self::Cut => "cut off at a character such as #, $ or a space",
            Self::Latin1 => "in Latin-1 instead of UTF-8",
            Self::Empty => "empty",
        })
    }
}
