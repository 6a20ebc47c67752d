//! From bytes to characters.

use zeroize::Zeroizing;

use super::{Encoding, Note};

/// A file that is text.
pub(super) struct Text {
    /// Its characters; they may hold a private key.
    pub characters: Zeroizing<String>,
    pub encoding: Encoding,
    pub notes: Vec<Note>,
}

/// The characters of `bytes`, if they are text.
pub(super) fn decode(bytes: &[u8]) -> Option<Text> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace()) {
        return None;
    }
    let encoding = if text.is_ascii() { Encoding::Ascii } else { Encoding::Utf8 };
    Some(Text { characters: Zeroizing::new(text.to_owned()), encoding, notes: Vec::new() })
}
