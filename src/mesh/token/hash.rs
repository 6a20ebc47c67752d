//! Hashes in the forms that programs write them, as hexadecimal digits in lower case.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use data_encoding::HEXLOWER;

use super::fault::Fault;

/// Digits of SHA-256.
pub(super) const DIGITS: usize = 64;

/// Fewer digits of a hash prove nothing.
pub(super) const DIGITS_MIN: usize = 16;

/// The hash in lower-case hexadecimal, if it can be read, and what is wrong with its form. Its length is judged
/// when it is known what it fits.
pub(super) fn read(text: &str, faults: &mut Vec<Fault>) -> Option<String> {
    if let Some(digits) = hexadecimal(text, faults) {
        return Some(digits);
    }
    let separated: String = text.chars().filter(|c| !matches!(c, '-' | ' ' | '_')).collect();
    let mut more = Vec::new();
    // Hyphens are digits of base64 too, but not between any two digits.
    if separated.len() < text.len()
        && let Some(digits) = hexadecimal(&separated, &mut more)
    {
        faults.push(Fault::HashSeparators);
        faults.append(&mut more);
        return Some(digits);
    }
    let bytes = base64(text).unwrap_or_default();
    // Some encode the digits.
    let digits = str::from_utf8(&bytes).ok().and_then(|text| hexadecimal(text, &mut more));
    let digits = digits.or_else(|| matches!(bytes.len(), 20 | 32 | 48 | 64).then(|| HEXLOWER.encode(&bytes)));
    faults.push(if digits.is_some() { Fault::HashBase64 } else { Fault::HashNotHex });
    faults.append(&mut more);
    digits
}

/// Digits and nothing else; base64 of a hash is never of them alone, but for a chance of 1 in 10²⁶.
fn hexadecimal(text: &str, faults: &mut Vec<Fault>) -> Option<String> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        faults.push(Fault::HashCase);
    }
    Some(text.to_ascii_lowercase())
}

/// Base64 of either alphabet, padded or not.
pub(super) fn base64(text: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { alphabet::URL_SAFE } else { alphabet::STANDARD };
    let bytes = GeneralPurpose::new(&alphabet, config).decode(text).ok()?;
    Some(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "8ec019222dc49de2f518782c9f39e952a9eafec644f0f715d3b5cc89e57fea61";

    /// Made by `xxd -r -p | base64` of the hash, and by `tr` and `sed` of its digits.
    #[test]
    fn hash_is_read_in_every_form() {
        let upper = HASH.to_ascii_uppercase();
        let hyphens: Vec<_> = upper.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap()).collect();
        for (text, expected) in [
            (HASH, &[][..]),
            (&upper, &["hash_case"]),
            (&hyphens.join("-"), &["hash_separators", "hash_case"]),
            ("jsAZIi3EneL1GHgsnznpUqnq/sZE8PcV07XMieV/6mE=", &["hash_base64"]),
            ("jsAZIi3EneL1GHgsnznpUqnq/sZE8PcV07XMieV/6mE", &["hash_base64"]),
            ("jsAZIi3EneL1GHgsnznpUqnq_sZE8PcV07XMieV_6mE", &["hash_base64"]),
        ] {
            let mut faults = Vec::new();
            assert_eq!(read(text, &mut faults).as_deref(), Some(HASH), "{text}");
            assert_eq!(faults.iter().map(Fault::code).collect::<Vec<_>>(), expected, "{text}");
        }
        for text in ["", "not a hash!", "==", "Tm8gaGFzaA=="] {
            let mut faults = Vec::new();
            assert_eq!(read(text, &mut faults), None, "{text}");
            assert_eq!(faults, [Fault::HashNotHex], "{text}");
        }
    }
}
