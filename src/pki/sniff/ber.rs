//! From the basic to the distinguished encoding rules of ASN.1 (X.690): lengths left open, strings in
//! pieces, lengths written longer than they need to be. NSS, Windows and Java write PKCS#7 and PKCS#12 so.
//!
//! The `der` crate's feature `ber` reads these one by one, but the crates above it decode as DER alone,
//! so what is read is transcoded first. Nothing here recurses, and nothing is allocated before its bytes
//! have been seen.

use std::ops::Deref;

use zeroize::Zeroizing;

/// How deep structures may be nested; real ones stay below 20.
const DEEPEST: usize = 64;

/// The first structure of some bytes.
pub(super) struct Structure<'a> {
    /// The structure in DER.
    pub der: Der<'a>,
    /// What follows it.
    pub rest: &'a [u8],
}

/// One structure in DER.
pub(super) enum Der<'a> {
    /// As it lies in the file.
    Found(&'a [u8]),
    /// Transcoded; it may hold a private key.
    Transcoded(Zeroizing<Vec<u8>>),
}

impl Deref for Der<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Found(bytes) => bytes,
            Self::Transcoded(bytes) => bytes,
        }
    }
}

/// Reads the first structure of `bytes`; `None` if it is not well-formed, or nested too deeply.
pub(super) fn first_structure(bytes: &[u8]) -> Option<Structure<'_>> {
    let (end, is_der) = scan(bytes)?;
    let (whole, rest) = bytes.split_at(end);
    let der = if is_der { Der::Found(whole) } else { Der::Transcoded(transcode(whole)?) };
    Some(Structure { der, rest })
}

/// Where the first structure ends, and whether it is DER as far as lengths and strings go.
fn scan(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut is_der = true;
    let mut at = 0;
    // Where each open structure ends; nothing where its end is marked.
    let mut open: Vec<Option<usize>> = Vec::new();
    loop {
        let limit = open.iter().rev().find_map(|end| *end).unwrap_or(bytes.len());
        let header = Header::read(bytes.get(at..limit)?)?;
        at += header.size;
        if header.is_end_of_contents() {
            if open.pop()?.is_some() {
                return None;
            }
        } else {
            is_der &= header.is_der() && !header.is_string_in_pieces();
            match header.length {
                None if header.is_constructed() => open.push(None),
                None => return None,
                Some(length) => {
                    let end = at.checked_add(length).filter(|end| *end <= limit)?;
                    if header.is_constructed() && length > 0 {
                        open.push(Some(end));
                    } else {
                        at = end;
                    }
                }
            }
            if open.len() > DEEPEST {
                return None;
            }
        }
        while let Some(Some(end)) = open.last() {
            if *end != at {
                break;
            }
            open.pop();
        }
        if open.is_empty() {
            return Some((at, is_der));
        }
    }
}

/// One structure that is open while its contents are written.
struct Frame {
    /// The bytes of its tag; nothing for a piece of a string, whose contents go into the string alone.
    tag: Option<Vec<u8>>,
    /// Whether it is a string in pieces.
    is_string: bool,
    end: Option<usize>,
    contents: Zeroizing<Vec<u8>>,
}

/// The structure in DER. `bytes` has passed [`scan`].
fn transcode(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut at = 0;
    let mut open: Vec<Frame> = Vec::new();
    loop {
        let header = Header::read(bytes.get(at..)?)?;
        let tag = bytes.get(at..at + header.tag_size)?;
        at += header.size;
        let in_string = open.last().is_some_and(|frame| frame.is_string);
        let mut finished = None;
        if header.is_end_of_contents() {
            finished = open.pop();
        } else if header.is_constructed() && header.length != Some(0) {
            let is_string = in_string || header.is_string_in_pieces();
            let mut tag = tag.to_vec();
            if is_string {
                tag[0] &= !CONSTRUCTED;
            }
            let end = header.length.map(|length| at + length);
            open.push(Frame {
                tag: (!in_string).then_some(tag),
                is_string,
                end,
                contents: Zeroizing::default(),
            });
        } else {
            let contents = bytes.get(at..at + header.length?)?;
            at += contents.len();
            let tag = (!in_string).then(|| tag.to_vec());
            finished = Some(Frame {
                tag,
                is_string: false,
                end: Some(at),
                contents: Zeroizing::new(contents.to_vec()),
            });
        }
        loop {
            if let Some(frame) = finished.take() {
                let encoded = frame.encode();
                match open.last_mut() {
                    Some(parent) => parent.contents.extend_from_slice(&encoded),
                    None => return Some(encoded),
                }
            }
            match open.last() {
                Some(frame) if frame.end == Some(at) => finished = open.pop(),
                _ => break,
            }
        }
    }
}

impl Frame {
    fn encode(self) -> Zeroizing<Vec<u8>> {
        let Some(tag) = self.tag else { return self.contents };
        let mut encoded = Zeroizing::new(Vec::with_capacity(self.contents.len() + 16));
        encoded.extend(tag);
        let length = self.contents.len();
        if length < 0x80 {
            encoded.push(length as u8);
        } else {
            let bytes = length.to_be_bytes();
            let significant = &bytes[length.leading_zeros() as usize / 8..];
            encoded.push(0x80 | significant.len() as u8);
            encoded.extend_from_slice(significant);
        }
        encoded.extend_from_slice(&self.contents);
        encoded
    }
}

const CONSTRUCTED: u8 = 0x20;

/// Tag and length of one element.
struct Header {
    first: u8,
    tag_size: usize,
    /// Bytes of tag and length together.
    size: usize,
    /// `None` where the end is marked by two zero bytes.
    length: Option<usize>,
    is_shortest: bool,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let first = *bytes.first()?;
        let mut tag_size = 1;
        if first & 0x1f == 0x1f {
            // A tag above 30 goes on while the high bit is set; four bytes are far more than any has.
            loop {
                let byte = *bytes.get(tag_size)?;
                tag_size += 1;
                if byte & 0x80 == 0 {
                    break;
                }
                if tag_size > 4 {
                    return None;
                }
            }
        }
        let byte = *bytes.get(tag_size)?;
        let short = |length, is_shortest| Self { first, tag_size, size: tag_size + 1, length, is_shortest };
        if byte < 0x80 {
            return Some(short(Some(byte.into()), true));
        }
        if byte == 0x80 {
            return Some(short(None, false));
        }
        let digits = bytes.get(tag_size + 1..)?.get(..usize::from(byte & 0x7f))?;
        let significant = &digits[digits.iter().take_while(|&&digit| digit == 0).count()..];
        if significant.len() > 4 {
            return None;
        }
        let length = significant.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
        Some(Self {
            first,
            tag_size,
            size: tag_size + 1 + digits.len(),
            length: Some(length),
            is_shortest: length >= 0x80 && significant.len() == digits.len(),
        })
    }

    fn is_constructed(&self) -> bool {
        self.first & CONSTRUCTED != 0
    }

    fn is_der(&self) -> bool {
        self.length.is_some() && self.is_shortest
    }

    fn is_end_of_contents(&self) -> bool {
        self.first == 0 && self.length == Some(0)
    }

    /// A bit, octet or character string of the universal class that is made of others.
    fn is_string_in_pieces(&self) -> bool {
        // Bit strings are left out: each piece but the last has its own count of unused bits, and none of
        // the structures here is written so.
        self.is_constructed() && matches!(self.first & !CONSTRUCTED, 4 | 12 | 18..=22 | 25..=30)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn der(ber: &[u8]) -> Option<Vec<u8>> {
        first_structure(ber).map(|structure| structure.der.to_vec())
    }

    #[test]
    fn open_lengths_and_strings_in_pieces_become_der() {
        let ber =
            [0x30, 0x80, 0x24, 0x80, 4, 1, 1, 0x24, 5, 4, 1, 2, 4, 0, 0, 0, 0xa0, 0x80, 2, 1, 5, 0, 0, 0, 0];
        assert_eq!(der(&ber).unwrap(), [0x30, 9, 4, 2, 1, 2, 0xa0, 3, 2, 1, 5]);
        let longer_than_needed = [0x30, 0x82, 0, 3, 2, 0x81, 1, 7];
        assert!(der(&longer_than_needed).is_none(), "the inner element is longer than the outer");
        assert_eq!(der(&[0x30, 0x82, 0, 4, 2, 0x81, 1, 7]).unwrap(), [0x30, 3, 2, 1, 7]);
    }

    #[test]
    fn der_is_left_as_it_is_and_what_follows_is_given_back() {
        let bytes = [0x30, 3, 2, 1, 5, 0xff, 0xfe];
        let structure = first_structure(&bytes).unwrap();
        assert!(matches!(structure.der, Der::Found([0x30, 3, 2, 1, 5])));
        assert_eq!(structure.rest, [0xff, 0xfe]);
    }

    #[test]
    fn deep_nesting_and_claimed_lengths_are_refused() {
        assert!(der(&[0x30, 0x80].repeat(100_000)).is_none());
        assert!(der(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1]).is_none());
        assert!(der(&[0x30, 0x88, 1, 0, 0, 0, 0, 0, 0, 0]).is_none());
        assert!(der(&[0x30, 0xff]).is_none());
        assert!(der(&[0, 0]).is_none());
        assert!(der(&[0x04, 0x80, 0, 0]).is_none(), "an open length needs something constructed");
        assert!(der(&[0x30, 3, 0, 0, 0]).is_none());
    }
}
