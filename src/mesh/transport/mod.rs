//! The connection in stages: [`resolve`], [`connect`], [`handshake`]. Each can be called by itself, has
//! its own errors and leaves its own evidence; [`Client`](super::Client) calls all three.

mod alert;
mod error;
mod tcp;
#[cfg(test)]
pub(super) mod testing;
mod tls;
mod trust;

pub use error::{Stage, TransportError};
pub use tcp::{connect, resolve};
pub use tls::{TlsStream, handshake};
pub use trust::{Clock, Identity, SettingsError, TlsSettings};
