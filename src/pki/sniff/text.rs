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
    if is_container(bytes) {
        return None;
    }
    match bytes {
        [0xff, 0xfe, rest @ ..] => Some(utf16(rest, Encoding::Utf16Le)),
        [0xfe, 0xff, rest @ ..] => Some(utf16(rest, Encoding::Utf16Be)),
        [0xef, 0xbb, 0xbf, rest @ ..] => {
            let mut text = eight_bits(rest)?;
            if text.encoding == Encoding::Ascii {
                text.encoding = Encoding::Utf8;
            }
            let mark = "the text begins with a byte order mark, on which OpenSSL and others stumble";
            text.notes.insert(0, Note::new("byte_order_mark", mark));
            Some(text)
        }
        _ => match unmarked_utf16(bytes) {
            Some(encoding) => Some(utf16(bytes, encoding)),
            None => eight_bits(bytes),
        },
    }
}

/// Files whose parts may be readable text, which is not to be taken out of its context.
fn is_container(bytes: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 7] = [
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"%PDF",
        b"SQLite format 3\0",
        &[0xd0, 0xcf, 0x11, 0xe0],
        &[0xfe, 0xed, 0xfe, 0xed],
        &[0xce, 0xce, 0xce, 0xce],
    ];
    let tar = bytes.get(257..262).is_some_and(|magic| magic == b"ustar");
    tar || BEGINNINGS.iter().any(|beginning| bytes.starts_with(beginning))
}

/// UTF-16 without its mark: every other byte is zero, and the rest is ASCII.
fn unmarked_utf16(bytes: &[u8]) -> Option<Encoding> {
    let sample = &bytes[..bytes.len().min(512) & !1];
    if sample.len() < 8 || !sample.contains(&0) {
        return None;
    }
    let pairs = sample.len() / 2;
    let fits = |zero: usize| {
        let letter = |pair: &&[u8]| pair[zero] == 0 && is_letter(pair[1 - zero]);
        sample.chunks_exact(2).filter(letter).count() * 10 >= pairs * 9
    };
    if fits(1) {
        return Some(Encoding::Utf16Le);
    }
    fits(0).then_some(Encoding::Utf16Be)
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte.is_ascii_whitespace()
}

fn utf16(bytes: &[u8], encoding: Encoding) -> Text {
    let (pairs, _) = bytes.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| match encoding {
        Encoding::Utf16Be => u16::from_be_bytes(*pair),
        _ => u16::from_le_bytes(*pair),
    };
    // Three bytes a unit suffice for any, and a grown string leaves its former self behind.
    let mut characters = Zeroizing::new(String::with_capacity(pairs.len() * 3));
    characters
        .extend(char::decode_utf16(pairs.iter().map(unit)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    let end = characters.trim_end_matches(['\0', '\u{1a}']).len();
    characters.truncate(end);
    let note = Note::new(
        "utf16",
        "the text is UTF-16, as PowerShell and Windows editors save it; few programs read PEM in it",
    );
    Text { characters, encoding, notes: vec![note] }
}

/// UTF-8, or a character set of eight bits.
fn eight_bits(bytes: &[u8]) -> Option<Text> {
    let end = bytes.iter().rposition(|b| !matches!(b, 0 | 0x1a)).map_or(0, |last| last + 1);
    // One NUL alone is the second half of a last character in UTF-16.
    let padded = bytes[end..].len() > 1 || bytes.ends_with(&[0x1a]);
    let bytes = &bytes[..end];
    let mut notes = Vec::new();
    let (characters, encoding) = match std::str::from_utf8(bytes) {
        Ok(text) => {
            if is_mostly_binary(bytes, 0) && !has_armour(bytes) {
                return None;
            }
            let encoding = if text.is_ascii() { Encoding::Ascii } else { Encoding::Utf8 };
            (Zeroizing::new(text.to_owned()), encoding)
        }
        // A sequence with a long length: DER, whatever lies in it.
        Err(_) if matches!(bytes, [0x30, 0x80..=0xff, ..]) => return None,
        Err(_) => {
            let high = bytes.iter().filter(|b| !b.is_ascii()).count();
            if is_mostly_binary(bytes, high) {
                if !has_armour(bytes) {
                    return None;
                }
                let note = "beside the PEM text there is binary data, which is not read";
                notes.push(Note::new("binary_data", note));
            }
            let mut characters = Zeroizing::new(String::with_capacity(bytes.len() + 2 * high));
            characters.extend(bytes.iter().map(|&b| windows_1252(b)));
            (characters, Encoding::EightBit)
        }
    };
    if padded {
        let note = "NUL bytes or a Ctrl-Z after the end of the text were left out";
        notes.push(Note::new("padded_end", note));
    }
    Some(Text { characters, encoding, notes })
}

/// Control characters or bytes beyond ASCII in such numbers that no text has them.
fn is_mostly_binary(bytes: &[u8], high: usize) -> bool {
    let is_control = |b: &&u8| matches!(b, 0..=0x08 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    let controls = bytes.iter().filter(is_control).count();
    controls * 20 > bytes.len() || high * 3 > bytes.len()
}

fn has_armour(bytes: &[u8]) -> bool {
    bytes.windows(6).any(|window| window == b"-BEGIN")
}

/// Windows-1252, which is ISO 8859-1 but for 32 places. Those that it leaves free are C1 controls here.
fn windows_1252(byte: u8) -> char {
    const PLACES: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => PLACES[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
