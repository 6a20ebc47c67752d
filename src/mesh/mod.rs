//! A MESH client: the token, what travels, the connection, the calls.
//!
//! Make [`TlsSettings`] from the roots that the environment's servers are trusted by and an [`Identity`],
//! then a [`Client`] from these, a [`Target`], the mailbox and its [`Login`](token::Login). Each call is
//! one request; an [`Error`] tells a connection that failed, with evidence, from a server that refused.
//! To find out where a connection fails, call the stages of [`transport`] one by one. Messages are held
//! in memory and travel in one request, so they have at most 100 MB.
//!
//! ```no_run
//! use std::sync::Arc;
//! use mesh_onboard::mailbox::Environment;
//! use mesh_onboard::mesh::token::Login;
//! use mesh_onboard::mesh::{Client, Identity, Outgoing, TlsSettings};
//! use mesh_onboard::pki::anchors;
//! use mesh_onboard::secret::{MailboxPassword, SharedKey};
//!
//! # fn example(identity: Identity) -> Result<(), Box<dyn std::error::Error>> {
//! let roots = anchors::server_roots(Environment::Integration);
//! let settings = TlsSettings::new(&roots, Some(identity), None)?;
//! let client = Client::new(
//!     "https://msg.intspineservices.nhs.uk".parse()?,
//!     &settings,
//!     "X26ABC1".parse()?,
//!     Login { password: MailboxPassword::new("password"), shared_key: SharedKey::new("shared key") },
//!     Arc::new(time::OffsetDateTime::now_utc),
//! );
//! client.handshake()?;
//! let sent = client.send(&Outgoing {
//!     to: "X26ABC2",
//!     workflow: "TEST_WORKFLOW",
//!     filename: Some("results.csv"),
//!     local_id: None,
//!     subject: None,
//!     body: b"one,two\n",
//! })?;
//! println!("MESH calls it {}", sent.value.message_id);
//! for id in client.inbox()?.value.messages {
//!     let message = client.receive(&id)?.value;
//!     // Keep the message safe, and only then:
//!     client.acknowledge(&message.id)?;
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod error;
mod http;
mod message;
mod refusal;
pub mod token;
pub mod transport;
mod url;
pub mod wire;

pub use client::{Client, Reply};
pub use error::Error;
pub use message::{Incoming, MESSAGE_MAX, MessageType, Outgoing};
pub use refusal::{BodyKind, Refusal};
pub use transport::{Clock, Identity, SettingsError, TlsSettings, TransportError};
pub use url::{Target, UrlError};
