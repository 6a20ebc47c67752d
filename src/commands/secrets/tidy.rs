//! Secrets as they come out of files, variables, programs and keyboards, and what stands around them by accident.

use zeroize::Zeroizing;

pub(super) type Text = Zeroizing<String>;

/// A secret that was found.
pub(super) struct Given {
    /// Without what is not meant.
    pub tidy: Text,
    /// With white space or quotes around it, where there were any.
    pub as_it_was: Option<Text>,
}

/// A secret and what was noticed about it, in words for people.
pub(super) struct Tidied {
    pub given: Given,
    pub noticed: Vec<&'static str>,
}

/// Quotes that stand around a secret: as shells and settings have them, and as word processors make them.
const QUOTES: [(char, char); 6] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('\u{201c}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{201e}', '\u{201c}'),
];

/// The characters of `bytes` in UTF-8, or in UTF-16 as PowerShell writes it; `None` if they are neither.
pub(super) fn decode(bytes: &[u8]) -> Option<(Text, bool)> {
    let big = |pair: &[u8; 2]| u16::from_be_bytes(*pair);
    let little = |pair: &[u8; 2]| u16::from_le_bytes(*pair);
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, little)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, big)?,
        // A secret in UTF-8 holds no zero byte, and one in UTF-16 without its mark hardly lacks them.
        [_, 0, ..] => utf16(bytes, little)?,
        [0, _, ..] => utf16(bytes, big)?,
        _ => return Some((Zeroizing::new(std::str::from_utf8(bytes).ok()?.to_owned()), false)),
    };
    Some((text, true))
}

fn utf16(bytes: &[u8], unit: impl Fn(&[u8; 2]) -> u16) -> Option<Text> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    // Three bytes a unit suffice for any, and a grown string leaves its former self behind.
    let mut text = Zeroizing::new(String::with_capacity(pairs.len() * 3));
    for character in char::decode_utf16(pairs.iter().map(unit)) {
        text.push(character.ok()?);
    }
    Some(text)
}

/// Takes off what stands around a secret: line ends in silence; a byte order mark, white space, characters that
/// nobody sees, and one pair of quotes with words.
pub(super) fn tidied(text: &str) -> Tidied {
    let lines = text.trim_matches(['\r', '\n']);
    let mut noticed = Vec::new();
    let mut notice = |what| {
        if !noticed.contains(&what) {
            noticed.push(what);
        }
    };
    let unmarked = lines.trim_start_matches('\u{feff}');
    if unmarked.len() < lines.len() {
        notice("a byte order mark");
    }
    let around = |c: char| c.is_whitespace() || is_unseen(c);
    let bare = unmarked.trim_matches(around);
    let before = unmarked.len() - unmarked.trim_start_matches(around).len();
    let after = before + bare.len();
    for c in unmarked[..before].chars().chain(unmarked[after..].chars()) {
        notice(match c {
            c if is_unseen(c) => "a character that nobody sees",
            c if c.is_ascii_whitespace() => "white space",
            _ => "a space that is none of the keyboard's",
        });
    }
    let inner = QUOTES
        .iter()
        .find_map(|(open, close)| bare.strip_prefix(*open)?.strip_suffix(*close))
        .inspect(|_| notice("quotes"))
        .unwrap_or(bare);
    let tidy = Zeroizing::new(inner.to_owned());
    let as_it_was = (inner != lines).then(|| Zeroizing::new(lines.to_owned()));
    Tidied { given: Given { tidy, as_it_was }, noticed }
}

/// Zero-width characters and byte order marks.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, mark: bool, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(unit).collect()
    }

    #[test]
    fn what_stands_around_a_secret_is_taken_off_and_named() {
        for (text, tidy, noticed) in [
            ("secret", "secret", &[][..]),
            ("secret\r\n", "secret", &[]),
            ("se cret\n\n", "se cret", &[]),
            (" secret\t", "secret", &["white space"]),
            ("\u{feff}secret\n", "secret", &["a byte order mark"]),
            ("secret\u{a0}", "secret", &["a space that is none of the keyboard's"]),
            ("\u{2003}secret", "secret", &["a space that is none of the keyboard's"]),
            ("\u{200b}secret\u{feff}", "secret", &["a character that nobody sees"]),
            ("\"secret\"", "secret", &["quotes"]),
            ("'secret'\n", "secret", &["quotes"]),
            ("\u{201c}secret\u{201d}", "secret", &["quotes"]),
            ("\u{feff} \"secret\" ", "secret", &["a byte order mark", "white space", "quotes"]),
            // One pair alone, and what is inside it is meant.
            ("\" secret \"", " secret ", &["quotes"]),
            ("\"'secret'\"", "'secret'", &["quotes"]),
            ("\"secret", "\"secret", &[]),
            ("it's", "it's", &[]),
            (" ", "", &["white space"]),
            ("\"", "\"", &[]),
        ] {
            let found = tidied(text);
            assert_eq!((found.given.tidy.as_str(), &found.noticed[..]), (tidy, noticed), "{text:?}");
            let lines = text.trim_matches(['\r', '\n']);
            let was = found.given.as_it_was.as_ref().map(|was| was.as_str());
            assert_eq!(was, (tidy != lines).then_some(lines), "{text:?}");
        }
    }

    #[test]
    fn utf_16_is_read_with_and_without_its_mark() {
        let text = "s\u{e9}cret\r\n";
        for bytes in [
            utf16(text, true, u16::to_le_bytes),
            utf16(text, true, u16::to_be_bytes),
            utf16(text, false, u16::to_le_bytes),
            utf16(text, false, u16::to_be_bytes),
        ] {
            let (read, is_utf16) = decode(&bytes).unwrap();
            assert_eq!((read.as_str(), is_utf16), (text, true));
        }
        let (read, is_utf16) = decode(text.as_bytes()).unwrap();
        assert_eq!((read.as_str(), is_utf16), (text, false));
        for no_text in [&b"\xff\xfea"[..], b"\xff\xfe\x00\xd8", b"\xe9", b"a\0b"] {
            assert!(decode(no_text).is_none(), "{no_text:?}");
        }
    }
}
