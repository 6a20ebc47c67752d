//! The connection in stages: [`resolve`], [`connect`], [`tunnel`] through a proxy if there is one,
//! [`handshake`]. Each can be called by itself, has its own errors and leaves its own evidence;
//! [`Client`](super::Client) calls them all.

mod alert;
mod common_name;
mod error;
mod judge;
mod plain;
mod proxy;
mod tcp;
#[cfg(test)]
pub(super) mod testing;
mod tls;
mod trust;
mod witness;

pub use error::{Stage, TransportError};
pub use judge::Belief;
pub use plain::PlainStream;
pub use proxy::{Proxy, ProxyUrlError, tunnel};
pub use tcp::{connect, resolve};
pub use tls::{TlsStream, handshake};
pub use trust::{Clock, Identity, SettingsError, TlsSettings, Trust};
