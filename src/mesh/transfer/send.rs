use std::io;

use serde::{Deserialize, Serialize};

use super::checksum::{Chained, crc_at};
use super::chunks::{Chunk, Feed, NextChunk};
use super::content::{Content, Source};
use super::error::SendError;
use super::plan::{CHUNK_DEFAULT, Compression, MESSAGE_TOTAL_MAX, Plan, check_chunk_size};
use crate::mesh::{ChunkRange, Client, Error, Outgoing};

/// What is sent, and how.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'a> {
    /// What is said of it. Its `chunks` and `gzip` are found out here.
    pub message: Outgoing<'a>,
    /// The size of a chunk in bytes, 1 to [`CHUNK_MAX`](super::CHUNK_MAX).
    pub chunk_size: u64,
    /// Whether it is compressed.
    pub compression: Compression,
}

impl<'a> Sending<'a> {
    /// In chunks of [`CHUNK_DEFAULT`], compressed if that saves something.
    pub fn new(message: Outgoing<'a>) -> Self {
        Self { message, chunk_size: CHUNK_DEFAULT, compression: Compression::Auto }
    }
}

/// How far a message was sent: what [`resume`] needs. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendState {
    /// What MESH calls the message.
    pub message_id: String,
    /// How it is cut.
    pub plan: Plan,
    /// How many chunks MESH accepted.
    pub accepted: u32,
    /// How many bytes these were on their way.
    pub wire_bytes: u64,
    /// Over what was sent, before compression.
    pub checksum: u32,
}

/// Is told how a message proceeds.
pub trait SendWatch {
    /// MESH accepted a chunk; the next is not sent before this returns. Keep `state` for [`resume`], unless it is
    /// complete.
    ///
    /// # Errors
    /// End the transfer with [`SendError::Watch`].
    fn accepted(&mut self, state: &SendState) -> io::Result<()> {
        let _ = state;
        Ok(())
    }

    /// So many bytes of the message, before compression, are on their way or have arrived. It goes back when a
    /// chunk is sent again. Called often.
    fn progress(&self, bytes: u64, of: u64) {
        let _ = (bytes, of);
    }
}

/// A message that MESH has whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// What MESH calls it.
    pub message_id: String,
    /// Its length in bytes, before compression.
    pub bytes: u64,
    /// How many bytes travelled.
    pub wire_bytes: u64,
    /// In how many chunks.
    pub chunks: u32,
    /// Whether they were compressed.
    pub gzip: bool,
}

/// Sends a message in as many chunks as it needs, one after the other. Each but the first is sent again
/// where that may help, as [`Retries`](crate::mesh::Retries) say.
///
/// Next: sometime, [`Client::track`].
///
/// MESH API specification, "Send message" and "Send chunked message".
///
/// # Errors
/// [`SendError`]; after the first chunk [`resume`] can go on with a file.
pub fn send(
    client: &Client,
    sending: &Sending<'_>,
    content: Content<'_>,
    watch: &mut dyn SendWatch,
) -> Result<SentMessage, SendError> {
    check_chunk_size(sending.chunk_size)?;
    let feed = Feed::new(content, sending.chunk_size)?;
    let gzip = feed.is_compressed(sending.compression).map_err(SendError::Source)?;
    let plan = Plan::new(feed.len(), sending.chunk_size, gzip)?;
    let message = Outgoing { chunks: plan.chunks, gzip: plan.gzip, ..sending.message };
    feed.chunks(&plan, 1, |next| {
        let chunk = next()?;
        let body = chunk.payload(&plan, watch);
        let reply =
            client.send(&message, &body).map_err(|error| SendError::of_mesh(None, 0, &plan, error))?;
        let crc = body.crc().map_err(SendError::Source)?;
        let mut state = SendState {
            message_id: reply.value.message_id,
            plan,
            accepted: 0,
            wire_bytes: 0,
            checksum: Chained::default().0,
        };
        state.take_in(&chunk, crc, watch)?;
        drop(chunk);
        go_on(client, state, next, watch)
    })
}

/// Goes on with a message of which MESH accepted the first chunks: `state` is what a [`SendWatch`] was told
/// last. Reads what was sent again, to prove that `source` still begins as it did then; that the rest is the same
/// only the caller can know, by the file's times.
///
/// Next: as after [`send`].
///
/// # Errors
/// [`SendError::SourceChanged`], before anything is sent; as [`send`].
pub fn resume(
    client: &Client,
    state: SendState,
    source: &dyn Source,
    watch: &mut dyn SendWatch,
) -> Result<SentMessage, SendError> {
    let plan = Plan::new(state.plan.len, state.plan.chunk_size, state.plan.gzip)?;
    let changed = |what: String| SendError::SourceChanged { what };
    if plan != state.plan || !(1..=plan.chunks).contains(&state.accepted) {
        return Err(changed("the record of it makes no sense".into()));
    }
    if source.len() != plan.len {
        return Err(changed(format!("it had {} bytes and has {}", plan.len, source.len())));
    }
    let mut sum = Chained::default();
    for index in 1..=state.accepted {
        let (offset, len) = plan.chunk(index);
        sum.add(crc_at(source, offset, len).map_err(SendError::Source)?);
    }
    if sum.0 != state.checksum {
        return Err(changed(format!("its first {} bytes are different", plan.before(state.accepted + 1))));
    }
    let next = state.accepted + 1;
    Feed::File(source).chunks(&plan, next, |next| go_on(client, state, next, watch))
}

/// Sends what is left.
fn go_on<'c>(
    client: &Client,
    mut state: SendState,
    next: &mut NextChunk<'_, 'c>,
    watch: &mut dyn SendWatch,
) -> Result<SentMessage, SendError> {
    let plan = state.plan;
    while !state.is_complete() {
        let range = ChunkRange { index: state.accepted + 1, total: plan.chunks };
        let chunk = next()?;
        if state.wire_bytes + chunk.wire_len() > MESSAGE_TOTAL_MAX {
            return Err(SendError::MessageTooLarge { bytes: state.wire_bytes + chunk.wire_len() });
        }
        let body = chunk.payload(&plan, watch);
        match client.send_chunk(&state.message_id, range, plan.gzip, &body) {
            Ok(_) => {
                let crc = body.crc().map_err(SendError::Source)?;
                state.take_in(&chunk, crc, watch)?;
            }
            Err(source) if is_finalised(client, &state.message_id, &source) => break,
            Err(source) => {
                return Err(SendError::of_mesh(Some(state.message_id), state.accepted, &plan, source));
            }
        }
    }
    Ok(SentMessage {
        message_id: state.message_id,
        bytes: plan.len,
        wire_bytes: state.wire_bytes,
        chunks: plan.chunks,
        gzip: plan.gzip,
    })
}

/// Whether a chunk was refused because MESH has the whole message: the answer to its last chunk was lost.
fn is_finalised(client: &Client, message_id: &str, error: &Error) -> bool {
    let finalised = matches!(error, Error::Refused(refusal) if refusal.status == 423);
    finalised
        && client.track(message_id).is_ok_and(|tracking| {
            let status = tracking.value.status.unwrap_or_default();
            tracking.value.status_success != Some(false)
                && !["error", "uploading", "undeliverable"].contains(&status.to_ascii_lowercase().as_str())
        })
}

impl SendState {
    /// MESH accepted the next chunk.
    fn take_in(&mut self, chunk: &Chunk<'_>, crc: u32, watch: &mut dyn SendWatch) -> Result<(), SendError> {
        let mut sum = Chained(self.checksum);
        sum.add(crc);
        self.checksum = sum.0;
        self.accepted = chunk.index;
        self.wire_bytes += chunk.wire_len();
        watch.accepted(self).map_err(SendError::Watch)
    }

    /// Whether MESH accepted every chunk: there is nothing left to resume.
    pub fn is_complete(&self) -> bool {
        self.accepted == self.plan.chunks
    }
}
