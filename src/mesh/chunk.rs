use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Chunk `index` of `total`, both counted from 1: the header `mex-chunk-range`, written `2:3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkRange {
    /// Which one, from 1.
    pub index: u32,
    /// How many there are.
    pub total: u32,
}

impl ChunkRange {
    /// A message that travels in one piece.
    pub const WHOLE: Self = Self { index: 1, total: 1 };

    /// Whether no chunk comes after this one.
    pub fn is_last(self) -> bool {
        self.index == self.total
    }
}

impl fmt::Display for ChunkRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.index, self.total)
    }
}

/// Text that is no chunk range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no chunk range such as 2:3")]
pub struct ChunkRangeError(String);

impl FromStr for ChunkRange {
    type Err = ChunkRangeError;

    fn from_str(text: &str) -> Result<Self, ChunkRangeError> {
        let number = |part: &str| part.trim().parse::<u32>().ok();
        text.split_once(':')
            .and_then(|(index, total)| Some(Self { index: number(index)?, total: number(total)? }))
            .filter(|range| (1..=range.total).contains(&range.index))
            .ok_or_else(|| ChunkRangeError(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_nonsense_is_not() {
        let range = ChunkRange { index: 2, total: 3 };
        assert_eq!("2:3".parse(), Ok(range));
        assert_eq!(" 2 : 3 ".parse(), Ok(range));
        assert_eq!(range.to_string(), "2:3");
        for bad in ["", "2", "0:3", "4:3", "2:3:4", "-1:3", "a:b", "1:4294967296"] {
            assert!(bad.parse::<ChunkRange>().is_err(), "{bad}");
        }
    }
}
