//! The connection in stages: [`resolve`], [`connect`], [`tunnel`] through a proxy if there is one,
//! [`handshake`]. Each can be called by itself, has its own errors and leaves its own evidence;
//! [`Client`](super::Client) calls them all.

mod alert;
mod common_name;
mod error;
mod judge;
mod plain;
mod plain_answer;
mod proxy;
mod stream;
mod tcp;
#[cfg(test)]
pub(super) mod testing;
mod timed;
mod tls;
mod trust;
mod witness;

pub use alert::alert_reason;
pub use error::{Stage, TransportError};
pub use judge::Belief;
pub use plain::PlainStream;
pub use plain_answer::{PlainAnswer, ask_plainly};
pub use proxy::{Proxy, ProxyUrlError, tunnel};
pub use stream::Stream;
pub use tcp::{connect, connect_watched, resolve};
pub use tls::{TlsStream, handshake, handshake_watched};
pub use trust::{Clock, Identity, SettingsError, TlsSettings, Trust};
