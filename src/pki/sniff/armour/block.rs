//! One block between BEGIN and END: from its text to the pieces of DER in it.

use std::ops::Range;

use zeroize::Zeroizing;

use super::body::{Gathered, Region, gather};
use super::damage::Damage;
use super::length::{Length, decode};
use super::repair::{Repair, Repairs};

/// What is in a block.
pub(super) struct Block {
    /// Headers of RFC 1421 and what looks like them.
    pub headers: Vec<(String, String)>,
    /// The decoded bytes; they may be a private key.
    pub bytes: Zeroizing<Vec<u8>>,
    /// The parts of them that are DER each, mostly one: all.
    pub parts: Vec<Range<usize>>,
    /// What had to be put right.
    pub repairs: Repairs,
    /// Where the block ends in the cleaned text.
    pub end: usize,
}

/// What the bytes of a block may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One sequence, or several that were put together.
    Sequences,
    /// OpenSSL's own kind of certificate, after which its trust settings stand.
    Trusted,
    /// Anything in DER.
    Any,
}

/// Smaller pieces after the first are not looked at, in bytes.
const SMALLEST: usize = 64;

/// Reads a block; on failure says what is damaged and where.
pub(super) fn read(mut region: Region<'_>, shape: Shape) -> Result<Block, (Damage, usize)> {
    let (headers, length) = headers(region.text);
    region.text = &region.text[length..];
    region.at += length;
    let encrypted = headers.iter().any(|(name, value)| name == "Proc-Type" && value.contains("ENCRYPTED"));
    let mut gathered = gather(&region, false);
    if gathered.stray.is_some() && region.ends && !encrypted {
        let without = gather(&region, true);
        if without.stray.is_none() && is_exact(&without) {
            gathered = without;
        }
    }
    if let Some((character, at)) = gathered.stray.filter(|_| region.ends || gathered.characters.is_empty()) {
        return Err((Damage::Character(character), at));
    }
    if gathered.characters.is_empty() {
        return Err((Damage::Empty, region.at));
    }
    let opaque = encrypted || shape == Shape::Any;
    if opaque && !region.ends {
        return Err((Damage::NoEnd, region.at));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(gathered.characters.len() / 4 * 3 + 3));
    let mut parts = Vec::new();
    for piece in gathered.pieces().collect::<Vec<_>>() {
        let start = bytes.len();
        let characters = complete(&gathered.characters[piece]);
        let decoded = decode(characters).ok_or((Damage::Count(characters.len()), region.at))?;
        bytes.extend_from_slice(&decoded);
        if opaque {
            parts.push(start..bytes.len());
            continue;
        }
        if decoded.is_empty() {
            return Err((Damage::Truncated { found: 0, whole: None }, gathered.end));
        }
        let end = split(&bytes, start, shape, &mut parts, &mut gathered.repairs, region.at)
            .map_err(|damage| (damage.clone(), damage.place(region.at, gathered.end)))?;
        if characters.len() % 4 == 1 && end == bytes.len() {
            return Err((Damage::Count(characters.len()), region.at));
        }
    }
    if !region.ends {
        if bytes.starts_with(&[0x30, 0x80]) {
            return Err((Damage::NoEnd, region.at));
        }
        gathered.repairs.add(Repair::MissingEnd, gathered.end);
    }
    Ok(Block { headers, bytes, parts, repairs: gathered.repairs, end: gathered.end })
}

/// Whether the base64 is as long as the DER in it says, to the character.
fn is_exact(gathered: &Gathered) -> bool {
    let length = Length::of_base64(gathered.characters.iter().copied());
    length.characters() == Some(gathered.characters.len() as u64)
}

/// All but a last character that holds no whole byte.
fn complete(characters: &[u8]) -> &[u8] {
    match characters.len() % 4 {
        1 => &characters[..characters.len() - 1],
        _ => characters,
    }
}

/// Finds the pieces of DER from `start` on; returns where the last ends.
fn split(
    bytes: &[u8],
    start: usize,
    shape: Shape,
    parts: &mut Vec<Range<usize>>,
    repairs: &mut Repairs,
    at: usize,
) -> Result<usize, Damage> {
    let trusted = shape == Shape::Trusted;
    let mut from = start;
    while from < bytes.len() {
        let rest = &bytes[from..];
        let whole = match Length::of(rest) {
            Length::Indefinite if from == start => rest.len() as u64,
            Length::Known(whole) => whole,
            Length::Unfinished if from == start => {
                return Err(Damage::Truncated { found: rest.len(), whole: None });
            }
            _ if from == start => return Err(Damage::NotDer),
            _ => 0,
        };
        let length = usize::try_from(whole).ok().filter(|&length| length <= rest.len());
        match length {
            None if from == start => return Err(Damage::Truncated { found: rest.len(), whole: Some(whole) }),
            Some(length) if from == start || (!trusted && length >= SMALLEST) => {
                if from > start {
                    repairs.add(Repair::Several, at);
                }
                parts.push(from..from + length);
                from += length;
            }
            _ => {
                repairs.add(if trusted { Repair::Trust } else { Repair::Trailing }, at);
                return Ok(from);
            }
        }
    }
    Ok(from)
}

/// The headers at the beginning of a block, and where they end.
fn headers(text: &str) -> (Vec<(String, String)>, usize) {
    let mut headers = Vec::new();
    let mut end = 0;
    // No base64 has a colon in it.
    let head_end = text.char_indices().map(|(i, _)| i).take_while(|&i| i < 2048).last().unwrap_or(0);
    let head =
        text.get(..head_end + text[head_end..].chars().next().map_or(0, char::len_utf8)).unwrap_or(text);
    if !head.contains(':') {
        return (headers, end);
    }
    if let Some((value, length)) = encryption(head) {
        headers.push(("Proc-Type".into(), "4,ENCRYPTED".into()));
        headers.push(("DEK-Info".into(), value.into()));
        return (headers, length);
    }
    let mut at = 0;
    for line in head.split_inclusive(['\n', '\r']) {
        let content = line.trim_matches(['>', '|', ' ', '\t', '\r', '\n', '"']);
        match content.split_once(':') {
            Some((name, value)) if is_name(name) && (value.is_empty() || value.starts_with(' ')) => {
                headers.push((name.to_owned(), value.trim().to_owned()));
                // The line break stays, so that what follows does not seem to stand on the BEGIN line.
                end = at + line.trim_end().len();
            }
            _ if content.is_empty() => {}
            _ => break,
        }
        at += line.len();
    }
    (headers, end)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The cipher and salt of a traditional encrypted key (RFC 1421, section 4.6.1.3), with or without line
/// breaks around it, and where they end.
fn encryption(head: &str) -> Option<(&str, usize)> {
    if !head.contains("Proc-Type:") || !head.contains("ENCRYPTED") {
        return None;
    }
    let info = head.find("DEK-Info:")? + "DEK-Info:".len();
    let start = head.len() - head[info..].trim_start().len();
    let comma = start + head[start..].find(',')?;
    let salt = head[comma + 1..].bytes().take_while(u8::is_ascii_hexdigit).count();
    let end = comma + 1 + salt;
    Some((&head[start..end], end))
}
