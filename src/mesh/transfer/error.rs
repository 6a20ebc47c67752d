use std::io;

use super::plan::{CHUNK_MAX, MESSAGE_TOTAL_MAX, Plan};
use crate::mesh::{Error, MESSAGE_MAX};

/// Why a message was not sent, or not whole. What MESH accepted of it, the [`SendWatch`](super::SendWatch) was told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// A chunk size that MESH does not take; nothing was sent.
    #[error("a chunk of {given} bytes is not possible: 1 to {CHUNK_MAX} are")]
    ChunkSize {
        /// What was asked for.
        given: u64,
    },
    /// More than MESH takes in one message (MESH API specification, "Sending large messages").
    #[error("the message has {bytes} bytes; MESH takes {MESSAGE_TOTAL_MAX}")]
    MessageTooLarge {
        /// How many it has; of a compressed one, those so far.
        bytes: u64,
    },
    /// More chunks than can be counted; nothing was sent.
    #[error("the message would have {chunks} chunks; at most {} can be counted", u32::MAX)]
    TooManyChunks {
        /// How many.
        chunks: u64,
    },
    /// A stream of unknown length did not end with the first chunk; nothing was sent.
    #[error("it has more than {chunk_size} bytes, which one chunk holds, and nobody said how many")]
    SizeNeeded {
        /// The size of a chunk.
        chunk_size: u64,
    },
    /// A stream has another length than was said. The last chunk was not sent, so nobody receives anything.
    #[error("{said} bytes were announced, and {}", if *more { "more came".into() } else { format!("{found} came") })]
    StreamLength {
        /// What was announced.
        said: u64,
        /// How many came.
        found: u64,
        /// Whether there are more than that.
        more: bool,
    },
    /// A chunk became larger by compression than a request may be.
    #[error("chunk {chunk} has {bytes} bytes when compressed; one request holds {MESSAGE_MAX}")]
    ChunkTooLarge {
        /// Which one.
        chunk: u32,
        /// Its size.
        bytes: u64,
    },
    /// The source is not what was sent the first time; nothing was sent.
    #[error("what is to be sent has changed since the first part was sent: {what}")]
    SourceChanged {
        /// What is different.
        what: String,
    },
    /// It could not be read.
    #[error("what was to be sent cannot be read: {0}")]
    Source(#[source] io::Error),
    /// [`SendWatch::accepted`](super::SendWatch::accepted) failed: what was sent so far is not recorded.
    #[error("how far the message was sent could not be recorded: {0}")]
    Watch(#[source] io::Error),
    /// MESH, or the way to it. After the first chunk the message can be resumed.
    #[error("{source}")]
    Mesh {
        /// The message, if MESH took the first chunk.
        message_id: Option<String>,
        /// How many chunks it took.
        accepted: u32,
        /// Of how many.
        of: u32,
        /// What went wrong.
        source: Box<Error>,
    },
}

/// Why a message was not received, or not whole. Nothing was acknowledged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// MESH, or the way to it.
    #[error("{source}")]
    Mesh {
        /// Which chunk was wanted.
        chunk: u32,
        /// What went wrong.
        source: Box<Error>,
    },
    /// The [`Sink`](super::Sink) took no more, such as a full disk.
    #[error("what was received cannot be written: {0}")]
    Sink(#[source] io::Error),
    /// [`ReceiveWatch::kept`](super::ReceiveWatch::kept) failed.
    #[error("how far the message was received could not be recorded: {0}")]
    Watch(#[source] io::Error),
    /// The message is not the one of which a part was received before.
    #[error("the message is not the one that was begun: {what}")]
    MessageChanged {
        /// What is different.
        what: String,
    },
    /// The part that was received before is not as it was left.
    #[error("the part that was received before has changed: {what}")]
    PartChanged {
        /// What is different.
        what: String,
    },
}

impl SendError {
    pub(super) fn of_mesh(message_id: Option<String>, accepted: u32, plan: &Plan, error: Error) -> Self {
        match error {
            Error::Source(error) => Self::Source(error),
            error => Self::Mesh { message_id, accepted, of: plan.chunks, source: Box::new(error) },
        }
    }
}

impl ReceiveError {
    /// The same from a chunk.
    pub(super) fn mesh(chunk: u32, source: Error) -> Self {
        Self::Mesh { chunk, source: Box::new(source) }
    }
}
