//! Messages of any size: sent in chunks, received as a stream, taken up again where they broke off.
//!
//! [`send`] takes a file or a stream and tells a [`SendWatch`] of each chunk that MESH accepted; keep that
//! [`SendState`], and [`resume`] goes on from it in another run. [`receive`] writes to a [`Sink`] and tells a
//! [`ReceiveWatch`] of each chunk that is whole in it; its [`ReceiveState`] lets another run continue.
//! Nothing is acknowledged here: [`Client::acknowledge`](super::Client::acknowledge) when the message is safe.
//!
//! Memory does not grow with the message. Chunks that travel as they are pass through small buffers;
//! a chunk that is compressed is in memory as a whole, and so is what becomes of it.
//!
//! ```no_run
//! use std::fs::File;
//! use mesh_onboard::mesh::transfer::{self, Content, Seekable, Sending, Silent};
//! use mesh_onboard::mesh::{Client, Outgoing};
//!
//! # fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
//! let file = Seekable::new(File::open("results.csv")?)?;
//! let message = Outgoing { to: "X26ABC2", workflow: "TEST_WORKFLOW", ..Outgoing::default() };
//! let sent = transfer::send(client, &Sending::new(message), Content::File(&file), &mut Silent)?;
//! println!("{} in {} chunks", sent.message_id, sent.chunks);
//! # Ok(())
//! # }
//! ```

mod checksum;
mod chunks;
mod content;
mod error;
mod fetch;
mod plan;
mod pour;
mod receive;
mod send;
mod sink;
mod stream;

pub use content::{Content, Seekable, Source};
pub use error::{ReceiveError, SendError};
pub use plan::{CHUNK_DEFAULT, CHUNK_MAX, Compression, MESSAGE_TOTAL_MAX, Plan};
pub use receive::{Continuation, ReceiveState, ReceiveWatch, Received, receive};
pub use send::{SendState, SendWatch, Sending, SentMessage, resume, send};
pub use sink::Sink;

/// Watches nothing: for a transfer that is not to be taken up again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl SendWatch for Silent {}
impl ReceiveWatch for Silent {}
