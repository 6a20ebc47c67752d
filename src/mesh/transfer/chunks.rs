use std::cell::Cell;
use std::io::{self, Read};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use libdeflater::{CompressionLvl, Compressor, Crc};

use super::checksum::crc_at;
use super::content::{Content, Source, read_exact_at};
use super::error::SendError;
use super::plan::{Compression, Plan, is_compressed};
use super::send::SendWatch;
use super::stream::Stream;
use crate::mesh::{MESSAGE_MAX, Payload};

/// How many bytes are compressed at a time, all threads together; one chunk in any case.
const AT_A_TIME: u64 = 64 * 1024 * 1024;

/// Gives the chunks in order, each ready to travel.
pub(super) type NextChunk<'n, 'c> = dyn FnMut() -> Result<Chunk<'c>, SendError> + 'n;

/// Where chunks come from.
pub(super) enum Feed<'a> {
    File(&'a dyn Source),
    Stream(Stream<'a>),
}

impl<'a> Feed<'a> {
    pub(super) fn new(content: Content<'a>, chunk_size: u64) -> Result<Self, SendError> {
        match content {
            Content::File(source) => Ok(Self::File(source)),
            Content::Stream { reader, len } => Stream::new(reader, len, chunk_size).map(Self::Stream),
        }
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::File(source) => source.len(),
            Self::Stream(stream) => stream.len,
        }
    }

    /// Of a stream its first chunk speaks for the rest.
    pub(super) fn is_compressed(&self, compression: Compression) -> io::Result<bool> {
        match self {
            Self::File(source) => is_compressed(compression, *source),
            Self::Stream(stream) => is_compressed(compression, &&stream.first[..]),
        }
    }

    /// Runs `send` with the chunks from `first` on. Those that are compressed are so by other threads, while
    /// the one before is on its way.
    pub(super) fn chunks<T>(
        self,
        plan: &Plan,
        first: u32,
        send: impl FnOnce(&mut NextChunk<'_, 'a>) -> Result<T, SendError>,
    ) -> Result<T, SendError> {
        if plan.gzip {
            return self.compressed(plan, first, send);
        }
        let mut feed = self;
        let mut index = first;
        send(&mut move || {
            let (offset, len) = plan.chunk(index);
            let body = match &mut feed {
                Self::File(source) => Body::Part { source: *source, offset },
                Self::Stream(stream) => {
                    let bytes = stream.chunk(plan, index)?;
                    Body::Memory { crc: libdeflater::crc32(&bytes), bytes }
                }
            };
            index += 1;
            Ok(Chunk { index: index - 1, offset, len, body })
        })
    }

    /// Worker `w` of `n` compresses the chunks `w`, `w + n`, `w + 2n`, … and waits with each until it is taken.
    /// So there are never more than one chunk a worker in work, one a worker done, and the one on its way.
    fn compressed<T>(
        self,
        plan: &Plan,
        first: u32,
        send: impl FnOnce(&mut NextChunk<'_, 'a>) -> Result<T, SendError>,
    ) -> Result<T, SendError> {
        let workers = workers(plan, first);
        thread::scope(|scope| {
            let mut finished = Vec::new();
            for (worker, plain) in (0..).zip(self.shares(workers)) {
                let (done, taken) = sync_channel(0);
                finished.push(taken);
                scope.spawn(move || work(plain, plan, first + worker, workers, &done));
            }
            let mut turns = finished.iter().cycle();
            // Dropped when `send` is through, which ends the workers.
            let finished_chunk = move || {
                let turn = turns.next().expect("there is a worker");
                turn.recv().expect("a worker gives each of its chunks, or an error")
            };
            let result = send(&mut { finished_chunk });
            drop(finished);
            result
        })
    }

    /// What each of `workers` reads its chunks from. A stream goes round among them.
    fn shares(self, workers: u32) -> Vec<Plain<'a>> {
        match self {
            Self::File(source) => (0..workers).map(|_| Plain::File(source)).collect(),
            Self::Stream(stream) => {
                let (senders, receivers): (Vec<_>, Vec<_>) = (0..workers).map(|_| channel()).unzip();
                senders[0].send(stream).unwrap_or_else(|_| unreachable!("its receiver is here"));
                let mut next = senders.into_iter().cycle().skip(1);
                receivers
                    .into_iter()
                    .map(|turn| Plain::Stream { turn, next: next.next().expect("a ring") })
                    .collect()
            }
        }
    }
}

/// As many as there are processors, while what they hold is bounded.
fn workers(plan: &Plan, first: u32) -> u32 {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let room = (AT_A_TIME / plan.chunk_size).clamp(1, 64) as u32;
    room.min(processors.try_into().unwrap_or(1)).min(plan.chunks - first + 1)
}

/// Where a worker reads.
enum Plain<'a> {
    File(&'a dyn Source),
    Stream { turn: Receiver<Stream<'a>>, next: Sender<Stream<'a>> },
}

impl Plain<'_> {
    /// The chunk `index`; nothing if the work has ended elsewhere.
    fn chunk(&self, plan: &Plan, index: u32, buffer: &mut Vec<u8>) -> Option<Result<(), SendError>> {
        match self {
            Self::File(source) => {
                let (offset, len) = plan.chunk(index);
                buffer.resize(len as usize, 0);
                Some(read_exact_at(*source, offset, buffer).map_err(SendError::Source))
            }
            Self::Stream { turn, next } => {
                let mut stream = turn.recv().ok()?;
                let read = stream.chunk(plan, index).map(|bytes| *buffer = bytes);
                // After the last chunk nobody waits for it.
                let _ = next.send(stream);
                Some(read)
            }
        }
    }
}

fn work<'a>(
    plain: Plain<'_>,
    plan: &Plan,
    first: u32,
    step: u32,
    done: &SyncSender<Result<Chunk<'a>, SendError>>,
) {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut buffer = Vec::new();
    for index in (first..=plan.chunks).step_by(step as usize) {
        let Some(read) = plain.chunk(plan, index, &mut buffer) else { return };
        let (offset, len) = plan.chunk(index);
        let chunk = read.and_then(|()| {
            let bytes = gzip(&mut compressor, &buffer, index)?;
            let crc = crc_of_gzip(&bytes);
            Ok(Chunk { index, offset, len, body: Body::Memory { bytes, crc } })
        });
        let failed = chunk.is_err();
        if done.send(chunk).is_err() || failed {
            return;
        }
    }
}

fn gzip(compressor: &mut Compressor, plain: &[u8], chunk: u32) -> Result<Vec<u8>, SendError> {
    // Zeroed by the operating system, page by page where it is written to.
    let mut packed = vec![0; compressor.gzip_compress_bound(plain.len())];
    let len = compressor.gzip_compress(plain, &mut packed).expect("the buffer is as large as it may become");
    if len as u64 > MESSAGE_MAX {
        return Err(SendError::ChunkTooLarge { chunk, bytes: len as u64 });
    }
    packed.truncate(len);
    packed.shrink_to_fit();
    Ok(packed)
}

/// What a gzip member says of its content (RFC 1952, CRC32).
fn crc_of_gzip(member: &[u8]) -> u32 {
    let trailer = member.last_chunk::<8>().expect("a member has a trailer");
    u32::from_le_bytes([trailer[0], trailer[1], trailer[2], trailer[3]])
}

/// A chunk, ready to travel.
pub(super) struct Chunk<'a> {
    pub(super) index: u32,
    offset: u64,
    /// Before compression.
    len: u64,
    body: Body<'a>,
}

enum Body<'a> {
    /// `crc` is of what it was before compression.
    Memory { bytes: Vec<u8>, crc: u32 },
    /// As it lies in the file.
    Part { source: &'a dyn Source, offset: u64 },
}

impl Chunk<'_> {
    pub(super) fn wire_len(&self) -> u64 {
        match &self.body {
            Body::Memory { bytes, .. } => bytes.len() as u64,
            Body::Part { .. } => self.len,
        }
    }

    pub(super) fn payload<'b>(&'b self, plan: &'b Plan, watch: &'b dyn SendWatch) -> ChunkPayload<'b> {
        ChunkPayload { chunk: self, total: plan.len, watch, read: Cell::default() }
    }
}

/// A chunk on its way.
pub(super) struct ChunkPayload<'a> {
    chunk: &'a Chunk<'a>,
    total: u64,
    watch: &'a dyn SendWatch,
    /// How much of it was read the last time, and the CRC-32 of that.
    read: Cell<(u64, u32)>,
}

impl ChunkPayload<'_> {
    /// The CRC-32 of what was sent, before compression.
    pub(super) fn crc(&self) -> io::Result<u32> {
        match (&self.chunk.body, self.read.get()) {
            (Body::Memory { crc, .. }, _) => Ok(*crc),
            (Body::Part { .. }, (read, crc)) if read == self.chunk.len => Ok(crc),
            // The server was content before it had read everything.
            (Body::Part { source, offset }, _) => crc_at(*source, *offset, self.chunk.len),
        }
    }
}

impl Payload for ChunkPayload<'_> {
    fn len(&self) -> u64 {
        self.chunk.wire_len()
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        self.read.set((0, 0));
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
        let left = chunk.wire_len() - self.at;
        let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let buffer = &mut buffer[..room];
        let read = match &chunk.body {
            Body::Memory { bytes, .. } => (&bytes[self.at as usize..]).read(buffer)?,
            Body::Part { source, offset } => {
                let read = source.read_at(offset + self.at, buffer)?;
                if read == 0 && room > 0 {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it has become shorter"));
                }
                let mut crc = Crc::with_initial(self.payload.read.get().1);
                crc.update(&buffer[..read]);
                self.payload.read.set((self.at + read as u64, crc.sum()));
                read
            }
        };
        self.at += read as u64;
        // In proportion: what is compressed counts as what it was before.
        let part = u128::from(chunk.len) * u128::from(self.at) / u128::from(chunk.wire_len().max(1));
        self.payload.watch.progress(chunk.offset + part as u64, self.payload.total);
        Ok(read)
    }
}
