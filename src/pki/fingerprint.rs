use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

/// A SHA-256 fingerprint; shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = digest::digest(&digest::SHA256, bytes);
        Self(digest.as_ref().try_into().expect("SHA-256 is 32 bytes"))
    }

    /// The first 8 digits and an ellipsis, for people.
    pub fn short(&self) -> String {
        format!("{}…", HEXLOWER.encode(&self.0[..4]))
    }

    /// The 32 bytes themselves.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Fingerprint {
    type Err = data_encoding::DecodeError;

    /// Reads hexadecimal digits of either case, with or without colons.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.replace(':', "").as_bytes())?;
        bytes.try_into().map(Self).map_err(|bytes: Vec<u8>| data_encoding::DecodeError {
            position: bytes.len() * 2,
            kind: data_encoding::DecodeKind::Length,
        })
    }
}
