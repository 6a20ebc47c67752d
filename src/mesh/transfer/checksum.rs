use std::io;

use libdeflater::Crc;

use super::content::{Source, read_exact_at};

/// A checksum over chunks, one after the other: the CRC-32 of each goes into the next, so that chunks may be
/// summed up in parallel. It tells a file that was changed by accident or by an editor; it is no signature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Chained(pub(super) u32);

impl Chained {
    /// Takes in the CRC-32 of the next chunk.
    pub(super) fn add(&mut self, crc: u32) {
        let mut next = Crc::with_initial(self.0);
        next.update(&crc.to_le_bytes());
        self.0 = next.sum();
    }
}

/// The CRC-32 of a part of `source`.
pub(super) fn crc_at(source: &dyn Source, offset: u64, len: u64) -> io::Result<u32> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_value_of_chunks_count() {
        let sum = |crcs: &[u32]| {
            let mut sum = Chained::default();
            crcs.iter().for_each(|crc| sum.add(*crc));
            sum
        };
        let all = [sum(&[1, 2]), sum(&[2, 1]), sum(&[1]), sum(&[1, 3]), sum(&[0]), sum(&[])];
        for (i, one) in all.iter().enumerate() {
            assert!(!all[..i].contains(one), "{all:?}");
        }
    }
}
