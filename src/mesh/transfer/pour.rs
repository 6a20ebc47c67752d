use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use aws_lc_rs::digest;
use flate2::read::MultiGzDecoder;
use libdeflater::Crc;

use super::fetch::{Body, Fetched, unpack};
use super::receive::ReceiveWatch;
use super::sink::Sink;
use crate::mesh::{Encoding, Error};

/// What is read before it is handed on, in bytes.
const BUFFER: usize = 512 * 1024;

/// How many buffers there are: in work, waiting, being written.
const BUFFERS: usize = 4;

/// The next chunk is asked for when no more than this is left of the one before, so that neither waits long.
const NEARLY: u64 = 512 * 1024;

/// What is known of all that is in the sink.
pub(super) struct Sums {
    pub(super) bytes: u64,
    pub(super) crc: Crc,
    pub(super) hash: Option<digest::Context>,
}

/// Why a chunk is not whole in the sink.
pub(super) enum PourError {
    Body(Error),
    Sink(io::Error),
}

/// Pours one chunk into the sink.
pub(super) struct Pour<'a> {
    pub(super) sink: &'a mut dyn Sink,
    pub(super) sums: &'a mut Sums,
    pub(super) watch: &'a dyn ReceiveWatch,
    /// Room for what is unpacked as a whole.
    pub(super) unpacked: &'a mut Vec<u8>,
    /// How many chunks come after this one.
    pub(super) chunks_left: u32,
}

impl Pour<'_> {
    /// `nearly` is called when it is time to ask for the next chunk.
    pub(super) fn run(mut self, chunk: Fetched, nearly: &mut dyn FnMut()) -> Result<(), PourError> {
        let length = chunk.head.length;
        match chunk.body {
            // Some servers call a message without content compressed.
            Body::Packed(packed) if packed.is_empty() && chunk.head.range.total == 1 => Ok(()),
            Body::Packed(packed) => {
                nearly();
                let mut room = std::mem::take(self.unpacked);
                let result = match unpack(&packed, &mut room) {
                    Some(plain) => self.whole(plain),
                    None => self.stream(&mut MultiGzDecoder::new(&packed[..]), None, nearly),
                };
                *self.unpacked = room;
                result
            }
            Body::Streaming(incoming) => {
                let plain_length = length.filter(|_| incoming.head.encoding == Encoding::Identity);
                self.stream(&mut *incoming.into_reader(), plain_length, nearly)
            }
        }
    }

    /// All of it is here.
    fn whole(&mut self, plain: &[u8]) -> Result<(), PourError> {
        let sums = &mut *self.sums;
        let hash = &mut sums.hash;
        thread::scope(|scope| {
            if let Some(hash) = hash {
                scope.spawn(|| hash.update(plain));
            }
            // In parts: the file system takes longer over one great write than over many of this size.
            plain.chunks(BUFFER).try_for_each(|part| {
                sums.crc.update(part);
                self.sink.write(part)
            })
        })
        .map_err(PourError::Sink)?;
        self.watch.progress(
            sums.bytes + plain.len() as u64,
            Some(sums.bytes + plain.len() as u64 * u64::from(self.chunks_left + 1)),
        );
        sums.bytes += plain.len() as u64;
        Ok(())
    }

    /// Reads in this thread, sums up and writes in others.
    fn stream(
        &mut self,
        body: &mut dyn Read,
        length: Option<u64>,
        nearly: &mut dyn FnMut(),
    ) -> Result<(), PourError> {
        let before = self.sums.bytes;
        let Sums { crc, hash, .. } = &mut *self.sums;
        let sink = &mut *self.sink;
        let (watch, chunks_left) = (self.watch, self.chunks_left);
        let mut read = 0;
        let mut asked = false;
        let result = thread::scope(|scope| {
            let (empty, used) = channel();
            for _ in 0..BUFFERS {
                let _ = empty.send(Vec::with_capacity(BUFFER));
            }
            let (full, mut filled) = sync_channel(BUFFERS);
            if let Some(hash) = hash {
                let (summed, next) = sync_channel(BUFFERS);
                let from = std::mem::replace(&mut filled, next);
                scope.spawn(move || pass_on(&from, &summed, hash));
            }
            let writer = scope.spawn(move || {
                for buffer in filled {
                    let buffer: Vec<u8> = buffer;
                    crc.update(&buffer);
                    sink.write(&buffer)?;
                    // Nobody takes it back at the end.
                    let _ = empty.send(buffer);
                }
                Ok(())
            });
            let mut body_error = None;
            // No buffer comes back, and none is taken, once the writer has failed.
            while let Ok(mut buffer) = used.recv() {
                buffer.clear();
                let end = body.take(BUFFER as u64).read_to_end(&mut buffer);
                let at_end = buffer.len() < BUFFER;
                read += buffer.len() as u64;
                if let Err(error) = end {
                    body_error = Some(Error::from_read(error));
                    break;
                }
                if !buffer.is_empty() && full.send(buffer).is_err() {
                    break;
                }
                watch.progress(before + read, length.map(|l| before + l * u64::from(chunks_left + 1)));
                if !asked && length.is_some_and(|length| length - read.min(length) <= NEARLY) {
                    asked = true;
                    nearly();
                }
                if at_end {
                    break;
                }
            }
            drop(full);
            writer.join().expect("writing does not panic").map_err(PourError::Sink)?;
            body_error.map_or(Ok(()), |error| Err(PourError::Body(error)))
        });
        self.sums.bytes = before + read;
        result
    }
}

/// Sums up what goes by.
fn pass_on(from: &Receiver<Vec<u8>>, to: &SyncSender<Vec<u8>>, hash: &mut digest::Context) {
    while let Ok(buffer) = from.recv() {
        hash.update(&buffer);
        if to.send(buffer).is_err() {
            return;
        }
    }
}
