//! What programs do to a password or a key before they hash with it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use super::candidates::Variant;
use super::fault::Fault;
use super::terms::{Alteration, Secret};
use super::{Login, hash};

type Bytes = Zeroizing<Vec<u8>>;

/// Shared keys of sandboxes, which are published: that of the container image and that of the package.
pub const SANDBOX_KEYS: [&str; 2] = ["TestKey", "Banana"];

/// What the hash is made with.
pub(super) struct Pair {
    pub(super) password: Bytes,
    pub(super) key: Bytes,
}

/// The secrets as they are; then every way to get one of them wrong, or both in the same way.
pub(super) fn pairs(login: &Login) -> Vec<Variant<Pair>> {
    let password = || bytes(login.password.expose());
    let key = || bytes(login.shared_key.expose());
    let mut found = vec![Variant::right(Pair { password: password(), key: key() })];
    if login.password.expose() != login.shared_key.expose() {
        let pair = Pair { password: key(), key: password() };
        found.push(Variant { value: pair, faults: vec![Fault::SecretsSwapped], likely: true });
    }
    for name in SANDBOX_KEYS.into_iter().filter(|name| *name != login.shared_key.expose()) {
        let pair = Pair { password: password(), key: bytes(name) };
        found.push(Variant { value: pair, faults: vec![Fault::SandboxKey { name }], likely: true });
    }
    let of_password = alterations(login.password.expose());
    let of_key = alterations(login.shared_key.expose());
    let altered = |which, how| Fault::SecretAltered { which, how };
    // One file or variable is often read as the other is.
    for (index, how, one) in &of_password {
        for (_, _, other) in of_key.iter().filter(|(of_other, ..)| of_other == index) {
            let faults = vec![altered(Secret::Password, *how), altered(Secret::SharedKey, *how)];
            found.push(Variant {
                value: Pair { password: one.clone(), key: other.clone() },
                faults,
                likely: false,
            });
        }
    }
    let likely = |how| matches!(how, Alteration::LineEnd | Alteration::WhiteSpace | Alteration::Quotes);
    for (_, how, password) in of_password {
        let faults = vec![altered(Secret::Password, how)];
        found.push(Variant { value: Pair { password, key: key() }, faults, likely: likely(how) });
    }
    for (_, how, key) in of_key {
        let faults = vec![altered(Secret::SharedKey, how)];
        found.push(Variant { value: Pair { password: password(), key }, faults, likely: likely(how) });
    }
    found
}

fn bytes(text: &str) -> Bytes {
    text.as_bytes().to_vec().into()
}

/// Every alteration that changes it, with the place of its kind in the list.
fn alterations(secret: &str) -> Vec<(usize, Alteration, Bytes)> {
    use Alteration as A;
    let around =
        |before: &str, after: &str| Some(Zeroizing::new([before, secret, after].concat().into_bytes()));
    let ends = secret.len().min(secret.find('#').unwrap_or(secret.len()));
    let all = [
        (A::LineEnd, around("", "\n")),
        (A::LineEnd, around("", "\r\n")),
        (A::WhiteSpace, around("", " ")),
        (A::WhiteSpace, around(" ", "")),
        (A::WhiteSpace, around(" ", " ")),
        (A::WhiteSpace, around("", "\t")),
        (A::Quotes, around("\"", "\"")),
        (A::Quotes, around("'", "'")),
        (A::ByteOrderMark, around("\u{feff}", "")),
        (A::Case, Some(bytes(&Zeroizing::new(secret.to_uppercase())))),
        (A::Case, Some(bytes(&Zeroizing::new(secret.to_lowercase())))),
        (A::Base64Encoded, Some(bytes(&Zeroizing::new(BASE64_STANDARD.encode(secret))))),
        (A::Base64Encoded, around("", "\n").map(|line| BASE64_STANDARD.encode(line).into_bytes().into())),
        (A::Base64Decoded, hash::base64(secret)),
        (A::HexDecoded, HEXLOWER_PERMISSIVE.decode(secret.as_bytes()).ok().map(Into::into)),
        (A::Cut, Some(bytes(secret[..ends].trim_end()))),
        (A::Cut, secret.split([' ', '\t']).next().map(bytes)),
        (A::Cut, Some(without_variable(secret))),
        (A::Latin1, latin1(secret)),
        (A::Empty, Some(Zeroizing::new(Vec::new()))),
    ];
    let mut found: Vec<(usize, Alteration, Bytes)> = Vec::with_capacity(all.len());
    for (index, (how, altered)) in all.into_iter().enumerate() {
        let Some(altered) = altered else { continue };
        let is_new = found.iter().all(|(.., known)| *known != altered);
        // What leaves nothing of it is empty, and was not cut off.
        let fits = how == A::Empty || !altered.is_empty();
        if *altered != secret.as_bytes() && is_new && fits {
            found.push((index, how, altered));
        }
    }
    found
}

/// `$name` is nothing to a shell that knows no such name.
fn without_variable(secret: &str) -> Bytes {
    let Some((before, rest)) = secret.split_once('$') else { return bytes(secret) };
    let after = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    Zeroizing::new([before, after].concat().into_bytes())
}

fn latin1(secret: &str) -> Option<Bytes> {
    let bytes: Option<Vec<u8>> = secret.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.map(Zeroizing::new)
}
