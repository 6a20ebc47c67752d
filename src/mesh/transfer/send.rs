use std::io::{self, Read};

use libdeflater::{CompressionLvl, Compressor, Crc};
use serde::{Deserialize, Serialize};

use super::checksum::Chained;
use super::content::{Content, Source, read_exact_at};
use super::error::SendError;
use super::plan::{CHUNK_DEFAULT, Compression, MESSAGE_TOTAL_MAX, Plan, check_chunk_size, is_compressed};
use crate::mesh::{ChunkRange, Client, Error, MESSAGE_MAX, Outgoing, Payload};

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
    let mut feed = match content {
        Content::File(source) => Feed::File(source),
        Content::Stream { reader, len } => Feed::stream(reader, len, sending.chunk_size)?,
    };
    let (len, gzip) = match &feed {
        Feed::File(source) => (source.len(), is_compressed(sending.compression, *source)),
        Feed::Stream(stream) => (stream.len, is_compressed(sending.compression, &&stream.chunk[..])),
    };
    let plan = Plan::new(len, sending.chunk_size, gzip.map_err(SendError::Source)?)?;
    let message = Outgoing { chunks: plan.chunks, gzip: plan.gzip, ..sending.message };
    let chunk = feed.chunk(&plan, 1)?;
    let reply = client
        .send(&message, &chunk.payload(&plan, watch))
        .map_err(|error| SendError::of_mesh(None, 0, &plan, error))?;
    let mut state = SendState {
        message_id: reply.value.message_id,
        plan,
        accepted: 0,
        wire_bytes: 0,
        checksum: Chained::default().0,
    };
    state.take_in(&chunk, watch)?;
    drop(chunk);
    go_on(client, state, feed, watch)
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
        sum.add(crc_of(source, offset, len).map_err(SendError::Source)?);
    }
    if sum.0 != state.checksum {
        return Err(changed(format!("its first {} bytes are different", plan.before(state.accepted + 1))));
    }
    go_on(client, state, Feed::File(source), watch)
}

fn go_on(
    client: &Client,
    mut state: SendState,
    mut feed: Feed<'_>,
    watch: &mut dyn SendWatch,
) -> Result<SentMessage, SendError> {
    let plan = state.plan;
    while state.accepted < plan.chunks {
        let range = ChunkRange { index: state.accepted + 1, total: plan.chunks };
        let chunk = feed.chunk(&plan, range.index)?;
        let sent = client.send_chunk(&state.message_id, range, plan.gzip, &chunk.payload(&plan, watch));
        match sent {
            Ok(_) => state.take_in(&chunk, watch)?,
            Err(source) if is_complete(client, &state.message_id, &source) => break,
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
fn is_complete(client: &Client, message_id: &str, error: &Error) -> bool {
    let finalised = matches!(error, Error::Refused(refusal) if refusal.status == 423);
    finalised
        && client.track(message_id).is_ok_and(|tracking| {
            let status = tracking.value.status.unwrap_or_default();
            tracking.value.status_success != Some(false)
                && !["error", "uploading", "undeliverable"].contains(&status.to_ascii_lowercase().as_str())
        })
}

/// Where chunks come from.
enum Feed<'a> {
    File(&'a dyn Source),
    Stream(Stream<'a>),
}

struct Stream<'a> {
    reader: Box<dyn Read + Send + 'a>,
    len: u64,
    /// The first chunk, read to find out about it; later the one that is sent.
    chunk: Vec<u8>,
}

impl<'a> Feed<'a> {
    fn stream(mut reader: Box<dyn Read + Send + 'a>, len: Option<u64>, size: u64) -> Result<Self, SendError> {
        let first = len.unwrap_or(u64::MAX).min(size);
        let mut chunk = Vec::new();
        reader.by_ref().take(first).read_to_end(&mut chunk).map_err(SendError::Source)?;
        let mut stream = Stream { reader, len: len.unwrap_or(chunk.len() as u64), chunk };
        if stream.chunk.len() as u64 == stream.len {
            match (stream.ends().map_err(SendError::Source)?, len) {
                (true, _) => {}
                (false, Some(said)) => {
                    return Err(SendError::StreamLength { said, found: said, more: true });
                }
                (false, None) => return Err(SendError::SizeNeeded { chunk_size: size }),
            }
        } else if (stream.chunk.len() as u64) < first {
            let found = stream.chunk.len() as u64;
            return Err(SendError::StreamLength { said: stream.len, found, more: false });
        }
        Ok(Self::Stream(stream))
    }

    /// The next chunk, ready to travel.
    fn chunk(&mut self, plan: &Plan, index: u32) -> Result<Chunk<'_>, SendError> {
        let (offset, len) = plan.chunk(index);
        let plain = match self {
            Self::File(source) if plan.gzip => {
                let mut bytes = vec![0; len as usize];
                read_exact_at(*source, offset, &mut bytes).map_err(SendError::Source)?;
                bytes
            }
            Self::File(source) => {
                let crc = crc_of(*source, offset, len).map_err(SendError::Source)?;
                return Ok(Chunk {
                    index,
                    offset,
                    len,
                    crc,
                    body: Body::Part { source: *source, offset, len },
                });
            }
            Self::Stream(stream) => {
                if index > 1 {
                    stream.advance(plan, index)?;
                }
                stream.chunk.clone()
            }
        };
        let crc = libdeflater::crc32(&plain);
        let body = if plan.gzip { gzip(&plain, index)? } else { plain };
        Ok(Chunk { index, offset, len, crc, body: Body::Memory(body) })
    }
}

impl Stream<'_> {
    /// Reads the chunk `index`, and one byte after the last.
    fn advance(&mut self, plan: &Plan, index: u32) -> Result<(), SendError> {
        let (offset, len) = plan.chunk(index);
        self.chunk.clear();
        self.reader.by_ref().take(len).read_to_end(&mut self.chunk).map_err(SendError::Source)?;
        let found = offset + self.chunk.len() as u64;
        if found < offset + len {
            return Err(SendError::StreamLength { said: self.len, found, more: false });
        }
        if index == plan.chunks && !self.ends().map_err(SendError::Source)? {
            return Err(SendError::StreamLength { said: self.len, found, more: true });
        }
        Ok(())
    }

    fn ends(&mut self) -> io::Result<bool> {
        let mut one = [0];
        loop {
            match self.reader.read(&mut one) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return Ok(other? == 0),
            }
        }
    }
}

fn gzip(plain: &[u8], chunk: u32) -> Result<Vec<u8>, SendError> {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut packed = vec![0; compressor.gzip_compress_bound(plain.len())];
    let len = compressor.gzip_compress(plain, &mut packed).expect("the buffer is as large as it may become");
    if len as u64 > MESSAGE_MAX {
        return Err(SendError::ChunkTooLarge { chunk, bytes: len as u64 });
    }
    packed.truncate(len);
    Ok(packed)
}

fn crc_of(source: &dyn Source, offset: u64, len: u64) -> io::Result<u32> {
    let mut crc = Crc::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut done = 0;
    while done < len {
        let part = (len - done).min(buffer.len() as u64) as usize;
        read_exact_at(source, offset + done, &mut buffer[..part])?;
        crc.update(&buffer[..part]);
        done += part as u64;
    }
    Ok(crc.sum())
}

/// A chunk, ready to travel.
struct Chunk<'a> {
    index: u32,
    offset: u64,
    /// Before compression.
    len: u64,
    crc: u32,
    body: Body<'a>,
}

enum Body<'a> {
    Memory(Vec<u8>),
    Part { source: &'a dyn Source, offset: u64, len: u64 },
}

impl Chunk<'_> {
    fn wire_len(&self) -> u64 {
        match &self.body {
            Body::Memory(bytes) => bytes.len() as u64,
            Body::Part { len, .. } => *len,
        }
    }

    fn payload<'b>(&'b self, plan: &'b Plan, watch: &'b dyn SendWatch) -> ChunkPayload<'b> {
        ChunkPayload { chunk: self, plan, watch }
    }
}

struct ChunkPayload<'a> {
    chunk: &'a Chunk<'a>,
    plan: &'a Plan,
    watch: &'a dyn SendWatch,
}

impl Payload for ChunkPayload<'_> {
    fn len(&self) -> u64 {
        self.chunk.wire_len()
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Reading { payload: self, at: 0 }))
    }
}

struct Reading<'a> {
    payload: &'a ChunkPayload<'a>,
    at: u64,
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let chunk = self.payload.chunk;
        let read = match &chunk.body {
            Body::Memory(bytes) => (&bytes[self.at as usize..]).read(buffer)?,
            Body::Part { source, offset, len } => {
                let room = buffer.len().min(usize::try_from(len - self.at).unwrap_or(usize::MAX));
                match source.read_at(offset + self.at, &mut buffer[..room])? {
                    0 if room > 0 => {
                        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it has become shorter"));
                    }
                    read => read,
                }
            }
        };
        self.at += read as u64;
        let wire = chunk.wire_len().max(1);
        // In proportion: what is compressed counts as what it was before.
        let part = u128::from(chunk.len) * u128::from(self.at) / u128::from(wire);
        self.payload.watch.progress(chunk.offset + part as u64, self.payload.plan.len);
        Ok(read)
    }
}

impl SendState {
    /// MESH accepted the next chunk.
    fn take_in(&mut self, chunk: &Chunk<'_>, watch: &mut dyn SendWatch) -> Result<(), SendError> {
        let mut sum = Chained(self.checksum);
        sum.add(chunk.crc);
        self.checksum = sum.0;
        self.accepted = chunk.index;
        self.wire_bytes += chunk.wire_len();
        watch.accepted(self).map_err(SendError::Watch)?;
        if self.wire_bytes > MESSAGE_TOTAL_MAX {
            return Err(SendError::MessageTooLarge { bytes: self.wire_bytes });
        }
        Ok(())
    }

    /// Whether MESH accepted every chunk: there is nothing left to resume.
    pub fn is_complete(&self) -> bool {
        self.accepted == self.plan.chunks
    }
}
