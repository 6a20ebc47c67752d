use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

/// Bits after the last byte are let pass: whether all is there, the DER tells.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How long something in DER is by its own account, header included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// In bytes.
    Known(u64),
    /// BER of indefinite length.
    Indefinite,
    /// The beginning of a sequence, too short to tell.
    Unfinished,
    /// Not the beginning of a sequence.
    None,
}

impl Length {
    /// From the first bytes; six suffice.
    pub fn of(bytes: &[u8]) -> Self {
        match *bytes {
            [0x30, 0x80, ..] => Self::Indefinite,
            [0x30, short @ 0..0x80, ..] => Self::Known(2 + u64::from(short)),
            [0x30, long @ 0x81..=0x84, ref rest @ ..] => {
                let octets = usize::from(long - 0x80);
                let Some(octets) = rest.get(..octets) else { return Self::Unfinished };
                let value = octets.iter().fold(0, |sum, &octet| sum << 8 | u64::from(octet));
                Self::Known(2 + octets.len() as u64 + value)
            }
            [] | [0x30] => Self::Unfinished,
            _ => Self::None,
        }
    }

    /// From the first characters of base64, of either alphabet; eight suffice.
    pub fn of_base64(characters: impl Iterator<Item = u8>) -> Self {
        let mut first = [0; 8];
        let mut count = 0;
        for (place, character) in first.iter_mut().zip(characters) {
            *place = standard(character);
            count += 1;
        }
        let count = if count % 4 == 1 { count - 1 } else { count };
        let mut bytes = [0; 6];
        let decoded = LENIENT.decode_slice(&first[..count], &mut bytes);
        decoded.map_or(Self::None, |length| Self::of(&bytes[..length]))
    }

    /// How many characters of base64 it fills, without padding.
    pub fn characters(self) -> Option<u64> {
        match self {
            Self::Known(bytes) => Some((bytes * 4).div_ceil(3)),
            _ => None,
        }
    }
}

/// Whether this is of the base64 alphabet (RFC 4648, section 4).
pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// The same character in the ordinary alphabet.
pub(super) fn standard(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

/// Decodes base64 of the ordinary alphabet; `None` if it cannot be any.
pub(super) fn decode(characters: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; characters.len() / 4 * 3 + 3]);
    let length = LENIENT.decode_slice(characters, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_told_from_the_first_characters() {
        assert_eq!(Length::of_base64(b"MIIDazCC".iter().copied()), Length::Known(4 + 0x36b));
        assert_eq!(Length::of_base64(b"MIAGCSqG".iter().copied()), Length::Indefinite);
        assert_eq!(Length::of_base64(b"MIID".iter().copied()), Length::Unfinished);
        assert_eq!(Length::of_base64(b"SGVsbG8s".iter().copied()), Length::None);
        assert_eq!(Length::of(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Length::Known(6 + 0xffff_ffff));
        assert_eq!(Length::Known(4).characters(), Some(6));
    }
}
