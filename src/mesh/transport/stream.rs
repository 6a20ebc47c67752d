use std::time::Instant;

use super::{PlainStream, TlsStream, TransportError};

/// A connection that a request can travel by.
#[derive(Debug)]
pub enum Stream {
    /// Encrypted.
    Tls(Box<TlsStream>),
    /// To the `http://` address of a sandbox.
    Plain(PlainStream),
}

impl Stream {
    pub(in crate::mesh) fn set_deadline(&mut self, deadline: Option<Instant>) {
        match self {
            Self::Tls(tls) => tls.set_deadline(deadline),
            Self::Plain(plain) => plain.set_deadline(deadline),
        }
    }

    pub(in crate::mesh) fn send(&mut self, data: &[u8]) -> Result<(), TransportError> {
        match self {
            Self::Tls(tls) => tls.send(data),
            Self::Plain(plain) => plain.send(data),
        }
    }

    pub(in crate::mesh) fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, TransportError> {
        match self {
            Self::Tls(tls) => tls.receive(buffer),
            Self::Plain(plain) => plain.receive(buffer),
        }
    }

    pub(in crate::mesh) fn has_answer(&mut self) -> bool {
        match self {
            Self::Tls(tls) => tls.has_answer(),
            Self::Plain(plain) => plain.has_answer(),
        }
    }

    pub(in crate::mesh) fn is_open(&mut self) -> bool {
        match self {
            Self::Tls(tls) => tls.is_open(),
            Self::Plain(plain) => plain.is_open(),
        }
    }

    pub(in crate::mesh) fn certificate_requested(&self) -> bool {
        matches!(self, Self::Tls(tls) if tls.certificate_requested())
    }
}
