//! A MESH client: the token, what travels, the connection, the calls.
//!
//! Make [`TlsSettings`] from the [`Trust`] in the environment's servers and an [`Identity`],
//! then a [`Service`] from these and a [`Target`], then a [`Client`] from that, the mailbox and its
//! [`Login`](token::Login). Each call is one request, sent again where that may help ([`Retries`]); an
//! [`Error`] tells a connection that failed, with evidence, from a server that refused. To find out where a
//! connection fails, call the stages of [`transport`] one by one.
//!
//! ```no_run
//! use std::sync::Arc;
//! use mesh_onboard::mailbox::Environment;
//! use mesh_onboard::mesh::token::Login;
//! use mesh_onboard::mesh::{Client, Identity, InboxQuery, Outgoing, Service, TlsSettings, Trust, transfer};
//! use mesh_onboard::pki::anchors;
//! use mesh_onboard::secret::{MailboxPassword, SharedKey};
//!
//! # fn example(identity: Identity) -> Result<(), Box<dyn std::error::Error>> {
//! let roots = anchors::server_roots(Environment::Integration);
//! let settings = TlsSettings::new(Trust::Roots(roots), Some(identity), None)?;
//! let service = Service::new(
//!     "https://msg.intspineservices.nhs.uk".parse()?,
//!     &settings,
//!     Arc::new(time::OffsetDateTime::now_utc),
//! );
//! let login = Login { password: MailboxPassword::new("password"), shared_key: SharedKey::new("shared key") };
//! let client = Client::new(service, "X26ABC1".parse()?, login);
//! client.handshake()?;
//! let message = Outgoing {
//!     to: "X26ABC2",
//!     workflow: "TEST_WORKFLOW",
//!     filename: Some("results.csv"),
//!     ..Outgoing::default()
//! };
//! let sent = client.send(&message, &b"one,two\n".as_slice())?;
//! println!("MESH calls it {}", sent.value.message_id);
//! for id in client.inbox(&InboxQuery::default())?.value.messages {
//!     let mut kept = std::fs::File::create_new(&id)?;
//!     transfer::receive(&client, &id, None, &mut kept, false, &mut transfer::Silent)?;
//!     // Only when the message is safe.
//!     kept.sync_all()?;
//!     client.acknowledge(&id)?;
//! }
//! # Ok(())
//! # }
//! ```

mod call;
mod chunk;
mod client;
mod codes;
mod error;
mod getter;
mod http;
mod incoming;
mod message;
mod payload;
mod refusal;
mod retry;
mod service;
#[cfg(test)]
#[path = "../../tests/support/http.rs"]
pub(crate) mod testing;
pub mod token;
pub mod transfer;
pub mod transport;
mod url;
pub mod wire;

pub use call::{Call, InboxQuery};
pub use chunk::{ChunkRange, ChunkRangeError};
pub use client::Client;
pub use codes::{Cause, standing};
pub use error::Error;
pub use getter::{GetError, Getter};
pub use incoming::{Encoding, Head, Incoming, MessageType};
pub use message::{MESSAGE_MAX, Outgoing};
pub use payload::Payload;
pub use refusal::{BodyKind, Refusal};
pub use retry::{Retries, RetryNotice};
pub use service::{Reply, Service};
pub use transport::{
    Clock, Identity, Proxy, ProxyUrlError, SettingsError, TlsSettings, TransportError, Trust,
};
pub use url::{Target, UrlError};
