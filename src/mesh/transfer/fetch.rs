use std::io::Read;

use libdeflater::Decompressor;

use crate::mesh::{Client, Encoding, Error, Head, Incoming};

/// A compressed chunk of at most so many bytes is fetched as a whole.
const PACKED_MAX: u64 = 16 * 1024 * 1024;

/// And unpacked as a whole, if it says that it holds no more than this; larger ones pass through a small buffer.
const UNPACKED_MAX: usize = 32 * 1024 * 1024;

/// A chunk that MESH has begun to send.
pub(super) struct Fetched {
    pub(super) head: Head,
    pub(super) body: Body,
}

pub(super) enum Body {
    /// A whole gzip body.
    Packed(Vec<u8>),
    /// Still to be read.
    Streaming(Box<Incoming>),
}

impl Fetched {
    /// Asks for a chunk, once.
    pub(super) fn fetch(client: &Client, id: &str, index: u32) -> Result<Self, Error> {
        let incoming = client.open_once(id, index)?;
        let head = incoming.head.clone();
        let body = match (head.encoding, head.length) {
            (Encoding::Gzip, Some(length)) if length <= PACKED_MAX => {
                let mut bytes = Vec::with_capacity(length as usize);
                incoming.into_encoded().read_to_end(&mut bytes).map_err(Error::from_read)?;
                Body::Packed(bytes)
            }
            _ => Body::Streaming(Box::new(incoming)),
        };
        Ok(Self { head, body })
    }
}

/// Unpacks a gzip body that is one member of moderate size, three times as fast as a stream can be. Nothing if it is
/// anything else, or damaged: a stream will tell. `plain` is used again from chunk to chunk.
pub(super) fn unpack<'p>(packed: &[u8], plain: &'p mut Vec<u8>) -> Option<&'p [u8]> {
    // The end of a member: CRC-32 and length of what it holds (RFC 1952).
    let end: &[u8; 8] = packed.last_chunk()?;
    let length = u32::from_le_bytes([end[4], end[5], end[6], end[7]]) as usize;
    if length > UNPACKED_MAX {
        return None;
    }
    plain.resize(length, 0);
    let found = Decompressor::new().gzip_decompress(packed, plain).ok()?;
    // It stops at the end of the first member and does not tell where that was. There is no second if the end
    // of the first stands nowhere but at the end.
    let sums = [libdeflater::crc32(plain).to_le_bytes(), end[4..].try_into().ok()?].concat();
    let only = found == length && sums == end && position(packed, end) == Some(packed.len() - end.len());
    only.then_some(plain.as_slice())
}

/// Where `part` begins in `whole`.
fn position(whole: &[u8], part: &[u8; 8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn member(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn whole(packed: &[u8]) -> Option<Vec<u8>> {
        unpack(packed, &mut b"what was there before".to_vec()).map(Into::into)
    }

    #[test]
    fn one_member_is_unpacked_and_nothing_else_is() {
        for plain in [&b"a"[..], b"abc", &[7; 100_000]] {
            assert_eq!(whole(&member(plain)).as_deref(), Some(plain));
        }
        let one = member(b"the same");
        // Two members of the same content: the end of the second is the end of the first.
        assert_eq!(whole(&[&one[..], &one[..]].concat()), None);
        assert_eq!(whole(&[&one[..], &member(b"another!")[..]].concat()), None);
        assert_eq!(whole(&[&one[..], b"trailing"].concat()), None);
        let mut damaged = member(&[7; 100_000]);
        damaged[40] ^= 1;
        assert_eq!(whole(&damaged), None);
        assert_eq!(whole(&one[..one.len() - 1]), None);
        assert_eq!(whole(b""), None);
    }

    #[test]
    fn claim_of_a_great_length_is_not_believed() {
        let mut bomb = member(b"small");
        let end = bomb.len() - 4;
        bomb[end..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(whole(&bomb), None);
    }
}
