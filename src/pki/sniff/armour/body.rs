//! The base64 between two armour lines.

use std::ops::Range;

use zeroize::Zeroizing;

use super::length::{Length, is_base64, standard};
use super::prefix::Prefix;
use super::repair::{Repair, Repairs};

/// The characters between BEGIN and END.
pub(super) struct Region<'a> {
    pub text: &'a str,
    /// Where it begins in the cleaned text.
    pub at: usize,
    /// What stands before the BEGIN line.
    pub prefix: &'a str,
    /// Whether an END line follows.
    pub ends: bool,
}

/// Shorter pieces are not taken for one of several in a block, in characters.
const SHORTEST: usize = 88;

/// What was gathered of it.
pub(super) struct Gathered {
    /// Base64 of the ordinary alphabet without padding; it may be a private key.
    pub characters: Zeroizing<Vec<u8>>,
    /// Where in it another piece begins, after padding.
    cuts: Vec<usize>,
    /// The first character that is no base64, with its place.
    pub stray: Option<(char, usize)>,
    /// Where the gathering ended.
    pub end: usize,
    pub repairs: Repairs,
    seen: Seen,
}

/// What was seen of the padding and of the alphabet.
#[derive(Clone, Copy, Default)]
struct Seen {
    pads: usize,
    pad_ends_line: bool,
    url_safe: Option<(char, usize)>,
    ordinary: bool,
}

impl Gathered {
    /// The pieces, each of which is padded by itself; mostly one.
    pub fn pieces(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.cuts.iter().copied());
        let ends = self.cuts.iter().copied().chain([self.characters.len()]);
        starts.zip(ends).map(|(start, end)| start..end)
    }

    fn piece(&self) -> usize {
        self.cuts.last().copied().unwrap_or(0)
    }

    /// How many characters the last piece holds by its own length.
    fn needed(&self) -> Option<usize> {
        let length = Length::of_base64(self.characters[self.piece()..].iter().copied());
        length.characters().and_then(|n| usize::try_from(n).ok())
    }

    fn is_whole(&self) -> bool {
        self.needed().is_some_and(|needed| self.characters.len() - self.piece() >= needed)
    }

    /// Whether base64 may go on after a `=`.
    fn go_on(&mut self, at: usize) -> bool {
        if self.is_whole() && self.characters.len() - self.piece() >= SHORTEST {
            self.cuts.push(self.characters.len());
            self.repairs.add(Repair::Several, at);
        } else if self.seen.pads == 1 && self.seen.pad_ends_line {
            self.repairs.add(Repair::Printable, at);
        } else {
            return false;
        }
        self.seen.pads = 0;
        true
    }
}

/// Gathers the base64 of a region. `leave_out` drops lines that hold anything else.
pub(super) fn gather(region: &Region<'_>, leave_out: bool) -> Gathered {
    let mut found = Gathered {
        characters: Zeroizing::new(Vec::with_capacity(region.text.len())),
        cuts: Vec::new(),
        stray: None,
        end: region.at + region.text.len(),
        repairs: Repairs::default(),
        seen: Seen::default(),
    };
    let prefix = Prefix::of(region.prefix, region.text);
    let mut at = region.at;
    let mut blank_at = None;
    for (number, whole) in region.text.split('\n').enumerate() {
        let start = at;
        at += whole.len() + 1;
        for line in whole.strip_suffix('\r').unwrap_or(whole).split('\r') {
            let offset = start + (line.as_ptr() as usize - whole.as_ptr() as usize);
            if offset > start {
                found.repairs.add(Repair::CarriageReturns, offset);
            }
            let content = prefix.strip(line, number, offset, &mut found.repairs);
            if content.is_empty() {
                if !found.characters.is_empty() && line.trim().is_empty() {
                    blank_at = blank_at.or(Some(offset));
                }
                continue;
            }
            let content_at = offset + (content.as_ptr() as usize - line.as_ptr() as usize);
            let before = leave_out.then(|| (found.characters.len(), found.seen, found.repairs.clone()));
            line_of_base64(content, content_at, &mut found);
            if let Some((length, seen, repairs)) = before.filter(|_| found.stray.is_some()) {
                found.characters.truncate(length);
                (found.stray, found.seen, found.repairs) = (None, seen, repairs);
                found.cuts.retain(|&cut| cut <= length);
                found.repairs.add(Repair::TextInside, offset);
                continue;
            }
            if let Some(blank) = blank_at.take() {
                found.repairs.add(Repair::Blanks, blank);
            }
            let on_armour_line =
                offset == region.at || (region.ends && offset + line.len() == region.at + region.text.len());
            if on_armour_line || content.len() > 76 {
                found.repairs.add(Repair::LineBreaks, offset);
            }
            if !region.ends && found.is_whole() {
                let needed = found.needed().unwrap_or(0);
                let piece = found.piece();
                if found.characters.len() - piece > needed {
                    found.repairs.add(Repair::Trailing, offset);
                    found.characters.truncate(piece + needed);
                }
                // Whatever was no base64 comes after the end.
                found.stray = None;
                found.end = offset + line.len();
                return finish(found);
            }
            if !region.ends && found.stray.is_some() {
                return finish(found);
            }
        }
    }
    finish(found)
}

/// The characters of one line, up to the first that is no base64.
fn line_of_base64(line: &str, at: usize, found: &mut Gathered) {
    if found.seen.pads == 0 && line.bytes().all(is_base64) {
        found.seen.ordinary = found.seen.ordinary || line.bytes().any(|b| matches!(b, b'+' | b'/'));
        found.characters.extend_from_slice(line.as_bytes());
        return;
    }
    let bytes = line.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let byte = bytes[i];
        match byte {
            b'=' => {
                let (length, stands_for) = printable(&bytes[i..]);
                if length > 1 {
                    found.repairs.add(Repair::Printable, at + i);
                }
                match stands_for {
                    b'=' => {
                        found.seen.pads += 1;
                        found.seen.pad_ends_line = i + length == bytes.len();
                    }
                    b' ' => {}
                    other => found.characters.push(other),
                }
                i += length;
                continue;
            }
            b' ' | b'\t' => found.repairs.add(Repair::LineBreaks, at + i),
            _ if is_base64(byte) || matches!(byte, b'-' | b'_') => {
                if found.seen.pads > 0 && !found.go_on(at + i) {
                    found.stray = found.stray.or(Some(('=', at + i - 1)));
                    return;
                }
                match byte {
                    b'-' | b'_' => {
                        found.seen.url_safe = found.seen.url_safe.or(Some((char::from(byte), at + i)))
                    }
                    b'+' | b'/' => found.seen.ordinary = true,
                    _ => {}
                }
                found.characters.push(standard(byte));
            }
            _ => {
                let character = line[i..].chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                found.stray = found.stray.or(Some((character, at + i)));
                return;
            }
        }
        i += 1;
    }
}

/// What an equals sign stands for, and in how many bytes: itself, or a character in quoted-printable.
fn printable(bytes: &[u8]) -> (usize, u8) {
    let digits = bytes.get(1..3).unwrap_or_default();
    match digits.to_ascii_uppercase().as_slice() {
        b"3D" => (3, b'='),
        b"2B" => (3, b'+'),
        b"2F" => (3, b'/'),
        b"20" | b"09" | b"0D" | b"0A" => (3, b' '),
        _ => (1, b'='),
    }
}

fn finish(mut found: Gathered) -> Gathered {
    if let Some((character, at)) = found.seen.url_safe {
        // Both alphabets at once is neither.
        if found.seen.ordinary {
            found.stray = found.stray.or(Some((character, at)));
        } else {
            found.repairs.add(Repair::UrlSafe, at);
        }
    }
    let last = found.characters.len() - found.piece();
    if last % 4 != 1 && found.seen.pads != (4 - last % 4) % 4 && found.stray.is_none() {
        found.repairs.add(Repair::Padding, found.end.saturating_sub(1));
    }
    found
}
