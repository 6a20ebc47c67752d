use std::io;

use libdeflater::{CompressionLvl, Compressor};
use serde::{Deserialize, Serialize};

use super::content::{Source, read_exact_at};
use super::error::SendError;
use crate::mesh::MESSAGE_MAX;

/// The size of a chunk in bytes, unless another is asked for: outside HSCN about 20 MB are customary.
pub const CHUNK_DEFAULT: u64 = 20 * 1024 * 1024;

/// The largest chunk in bytes, before it is compressed.
pub const CHUNK_MAX: u64 = MESSAGE_MAX;

/// The largest message in bytes, all its chunks as they travel (MESH API specification, "Sending large
/// messages": "the upper limit of a single chunked message is 100GB").
pub const MESSAGE_TOTAL_MAX: u64 = 100 * 1000 * 1000 * 1000;

/// How many blocks of what is sent are tried, and how large each is.
const SAMPLE_BLOCKS: u64 = 16;
const SAMPLE_BLOCK: u64 = 16 * 1024;

/// Compression has to save a twentieth at least, or it is not worth anybody's time.
const WORTHWHILE: (usize, usize) = (19, 20);

/// Whether the chunks of a message are compressed with gzip. It is the same for all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// If it saves something in a sample.
    #[default]
    Auto,
    /// Whatever it saves.
    Always,
    /// As it is.
    Never,
}

/// How a message is cut into chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The length of the message in bytes, before compression.
    pub len: u64,
    /// The length of each chunk but the last, which may be shorter.
    pub chunk_size: u64,
    /// How many chunks there are, 1 or more.
    pub chunks: u32,
    /// Whether each is compressed.
    pub gzip: bool,
}

impl Plan {
    /// # Errors
    /// [`SendError::ChunkSize`], [`SendError::TooManyChunks`], [`SendError::MessageTooLarge`].
    pub(super) fn new(len: u64, chunk_size: u64, gzip: bool) -> Result<Self, SendError> {
        check_chunk_size(chunk_size)?;
        // What is compressed is counted as it travels.
        if !gzip && len > MESSAGE_TOTAL_MAX {
            return Err(SendError::MessageTooLarge { bytes: len });
        }
        let chunks = len.div_ceil(chunk_size).max(1);
        let chunks = u32::try_from(chunks).map_err(|_| SendError::TooManyChunks { chunks })?;
        Ok(Self { len, chunk_size, chunks, gzip })
    }

    /// Where chunk `index` (from 1) begins, and its length in bytes.
    pub(super) fn chunk(&self, index: u32) -> (u64, u64) {
        let offset = self.before(index);
        (offset, self.chunk_size.min(self.len - offset))
    }

    /// How many bytes lie before chunk `index`, which may be one more than there are.
    pub(super) fn before(&self, index: u32) -> u64 {
        self.chunk_size.saturating_mul(u64::from(index - 1)).min(self.len)
    }
}

pub(super) fn check_chunk_size(chunk_size: u64) -> Result<(), SendError> {
    if (1..=CHUNK_MAX).contains(&chunk_size) {
        Ok(())
    } else {
        Err(SendError::ChunkSize { given: chunk_size })
    }
}

/// Whether `source` is to be compressed. Reads at most a quarter of a MiB, at places spread over it.
pub(super) fn is_compressed(compression: Compression, source: &dyn Source) -> io::Result<bool> {
    match compression {
        Compression::Always => Ok(true),
        Compression::Never => Ok(false),
        Compression::Auto => shrinks(source),
    }
}

/// Tries level 1 on a few blocks, each from the middle of its share: a head of text, as archives
/// have it, does not speak for the rest.
fn shrinks(source: &dyn Source) -> io::Result<bool> {
    let len = source.len();
    let blocks = len.div_ceil(SAMPLE_BLOCK).min(SAMPLE_BLOCKS);
    // What the crate calls fastest does not compress at all.
    let mut compressor = Compressor::new(CompressionLvl::new(1).expect("level 1 is one"));
    let mut plain = vec![0; SAMPLE_BLOCK as usize];
    let mut packed = vec![0; compressor.deflate_compress_bound(plain.len())];
    let (mut before, mut after) = (0, 0);
    for i in 0..blocks {
        // In 128 bits: the length is whatever the caller says.
        let edge = |i: u64| (u128::from(len) * u128::from(i) / u128::from(blocks)) as u64;
        let share = edge(i + 1) - edge(i);
        let plain = &mut plain[..SAMPLE_BLOCK.min(share) as usize];
        read_exact_at(source, edge(i) + (share - plain.len() as u64) / 2, plain)?;
        before += plain.len();
        after +=
            compressor.deflate_compress(plain, &mut packed).expect("the buffer is as large as it may become");
    }
    Ok(after * WORTHWHILE.1 < before * WORTHWHILE.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(len: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn chunks_cover_the_message_without_gap() {
        for (len, size, chunks) in
            [(0, 5, 1), (1, 5, 1), (5, 5, 1), (6, 5, 2), (10, 5, 2), (11, 5, 3), (3, 1, 3)]
        {
            let plan = Plan::new(len, size, false).unwrap();
            assert_eq!(plan.chunks, chunks, "{len} by {size}");
            let mut end = 0;
            for index in 1..=chunks {
                let (offset, bytes) = plan.chunk(index);
                assert_eq!((offset, plan.before(index)), (end, end));
                end += bytes;
            }
            assert_eq!((end, plan.before(chunks + 1)), (len, len));
        }
    }

    #[test]
    fn sizes_beyond_the_limits_are_refused() {
        for size in [0, CHUNK_MAX + 1] {
            assert!(
                matches!(Plan::new(1, size, false), Err(SendError::ChunkSize { given }) if given == size)
            );
        }
        assert!(Plan::new(MESSAGE_TOTAL_MAX, CHUNK_MAX, false).is_ok());
        let error = Plan::new(MESSAGE_TOTAL_MAX + 1, CHUNK_MAX, false).unwrap_err();
        assert!(matches!(error, SendError::MessageTooLarge { .. }));
        // It may become smaller on its way.
        assert!(Plan::new(MESSAGE_TOTAL_MAX + 1, CHUNK_MAX, true).is_ok());
        assert!(matches!(Plan::new(5_000_000_000, 1, false), Err(SendError::TooManyChunks { .. })));
    }

    #[test]
    fn sample_tells_text_from_what_is_compressed_already() {
        let auto = |bytes: &[u8]| is_compressed(Compression::Auto, &bytes).unwrap();
        let text = b"20261120,X26ABC1,X26ABC2,TEST_WORKFLOW,practice record line,OK\n".repeat(50_000);
        let noise = random(3_000_000);
        assert!(auto(&text));
        assert!(auto(&text[..200]));
        assert!(!auto(&noise));
        assert!(!auto(&noise[..1000]));
        assert!(!auto(b""));
        assert!(!auto(b"a"));
        // Archives and documents begin with text.
        assert!(!auto(&[&text[..30_000], &noise[..]].concat()));
        // Half and half is worth it.
        assert!(auto(&[&text[..], &noise[..]].concat()));
        assert!(is_compressed(Compression::Always, &&noise[..]).unwrap());
        assert!(!is_compressed(Compression::Never, &&text[..]).unwrap());
    }
}
