//! Private and public keys in DER.

use pkcs8::der::Tag;
use rcgen::{KeyPair, PublicKeyData};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

use super::element::Element;
use super::passwords::{locked, wrong_password};
use super::{Content, Contents, Encoding, Key, Kind, Object, Protection, Unlocking};
use crate::pki::algorithm::key_name;
use crate::pki::encryption::{Encryption, Traditional, Work};
use crate::pki::{Fingerprint, KeyError, PrivateKey};
use crate::secret::Passphrase;

const RSA: &str = "1.2.840.113549.1.1.1";

/// A private key that is not encrypted, or what it is that cannot be read.
pub(super) struct Plain {
    pub kind: Kind,
    pub content: Content,
}

/// A key of any kind; `None` if the structure is none.
pub(super) fn read(whole: &Element<'_>, unlocking: &Unlocking<'_>) -> Option<Contents> {
    let Unlocking { passwords, work } = unlocking;
    if let Some(key) = plain(whole.whole) {
        return Some(Contents::new(key.kind, Encoding::Der, vec![Object::new(key.content)]));
    }
    if is_encrypted(whole) {
        let tried: Vec<&Passphrase> = passwords.iter().collect();
        let (content, protection, _) = encrypted(whole, &tried, !passwords.is_empty(), work)?;
        let mut contents = Contents::new(Kind::Pkcs8Encrypted, Encoding::Der, vec![Object::new(content)]);
        contents.protection.push(protection);
        remark(&mut contents, passwords);
        return Some(contents);
    }
    let content = public(whole)?;
    Some(Contents::new(Kind::Der, Encoding::Der, vec![Object::new(content)]))
}

/// The content of a PEM block that is encrypted as OpenSSL did before PKCS#8.
pub(super) fn traditional(
    encryption: &Traditional,
    label: &str,
    data: &[u8],
    passwords: &[Passphrase],
) -> Contents {
    let kind = if label.starts_with("EC") { Kind::Sec1 } else { Kind::Pkcs1 };
    let tried: Vec<&Passphrase> = passwords.iter().collect();
    let opened = encryption.open(data, &tried, |bytes| plain(bytes));
    let protection = Protection::traditional(encryption, opened.is_ok());
    let (kind, content) = match opened {
        Ok((key, _)) => (key.kind, key.content),
        Err(closed) => {
            let scheme = format!("traditional PEM with {}", encryption.cipher);
            (kind, Content::PrivateKey(Key::Locked(locked(closed, !passwords.is_empty(), &scheme))))
        }
    };
    let mut contents = Contents::new(kind, Encoding::Der, vec![Object::new(content)]);
    contents.protection.push(protection);
    remark(&mut contents, passwords);
    contents
}

fn remark(contents: &mut Contents, passwords: &[Passphrase]) {
    let scheme = matches!(
        contents.objects.first().map(|object| &object.content),
        Some(Content::PrivateKey(Key::Locked(KeyError::Scheme { .. })))
    );
    if contents.is_locked() && !passwords.is_empty() && !scheme {
        contents.notes.push(wrong_password());
    }
}

/// `EncryptedPrivateKeyInfo` (RFC 5958): an algorithm and octets.
fn is_encrypted(whole: &Element<'_>) -> bool {
    let mut children = whole.children();
    let algorithm = children.next().filter(Element::is_sequence).and_then(|a| a.children().next());
    algorithm.is_some_and(|oid| oid.oid().is_some())
        && children.next().is_some_and(|data| data.octets().is_some())
        && children.next().is_none()
}

/// Opens an `EncryptedPrivateKeyInfo`, and says which of `passwords` did.
pub(super) fn encrypted(
    whole: &Element<'_>,
    passwords: &[&Passphrase],
    any_given: bool,
    work: &Work,
) -> Option<(Content, Protection, Option<usize>)> {
    let mut children = whole.children();
    let encryption = Encryption::from_algorithm(children.next()?.any()?);
    let data = children.next()?.octets()?;
    let opened = encryption.open(data, passwords, work, |bytes| plain(bytes));
    let protection = Protection::of("private key", &encryption, opened.is_ok());
    Some(match opened {
        Ok((key, position)) => (key.content, protection, Some(position)),
        Err(closed) => {
            let error = locked(closed, any_given, &encryption.scheme);
            (Content::PrivateKey(Key::Locked(error)), protection, None)
        }
    })
}

/// A private key in PKCS#8, PKCS#1 or SEC 1, not encrypted.
pub(super) fn plain(der: &[u8]) -> Option<Plain> {
    let whole = Element::of(der).filter(Element::is_sequence)?;
    // The longest of them, PKCS#1 with more than two primes apart.
    let children: Vec<Element<'_>> = whole.children().take(10).collect();
    let [version, second, ..] = children[..] else { return None };
    version.number()?;
    let of = |kind, content| Some(Plain { kind, content });
    if second.is_sequence() && children.get(2)?.octets().is_some() {
        return of(Kind::Pkcs8, pkcs8(der, &second)?);
    }
    if version.value == [1] && second.octets().is_some() {
        return of(Kind::Sec1, Content::PrivateKey(sec1(der, &children)));
    }
    let numbers = children.iter().filter(|child| child.tag == Tag::Integer).count();
    match (numbers, children.len()) {
        (9.., _) => {
            let key = PrivateKey::from_pkcs1(der);
            of(Kind::Pkcs1, key.map_or_else(|_| damaged(), |key| Content::PrivateKey(Key::Rsa(key))))
        }
        (6, 6) => {
            let algorithm = key_name("1.2.840.10040.4.1", None);
            of(Kind::Der, Content::PrivateKey(Key::Foreign { algorithm, key: None }))
        }
        _ => None,
    }
}

fn damaged() -> Content {
    Content::Damaged("an RSA private key whose numbers do not fit together".into())
}

fn pkcs8(der: &[u8], algorithm: &Element<'_>) -> Option<Content> {
    let mut parts = algorithm.children();
    let id = parts.next()?.oid()?;
    if id == RSA {
        let key = PrivateKey::from_pkcs8(der);
        return Some(key.map_or_else(|_| damaged(), |key| Content::PrivateKey(Key::Rsa(key))));
    }
    let curve = parts.next().and_then(|curve| curve.oid());
    let pair = KeyPair::try_from(&PrivatePkcs8KeyDer::from(der));
    let key = pair.ok().map(|pair| Fingerprint::of(&pair.subject_public_key_info()));
    let algorithm = key_name(&id, curve.as_deref());
    Some(Content::PrivateKey(Key::Foreign { algorithm, key }))
}

fn sec1(der: &[u8], children: &[Element<'_>]) -> Key {
    let curve = children.iter().find_map(|child| child.explicit(0)).and_then(|curve| curve.oid());
    let pair = KeyPair::try_from(&PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(der)));
    let key = pair.ok().map(|pair| Fingerprint::of(&pair.subject_public_key_info()));
    Key::Foreign { algorithm: key_name("1.2.840.10045.2.1", curve.as_deref()), key }
}

/// A public key as SubjectPublicKeyInfo (RFC 5280) or, for RSA, as PKCS#1.
fn public(whole: &Element<'_>) -> Option<Content> {
    use rsa::pkcs1::DecodeRsaPublicKey;
    use rsa::pkcs8::EncodePublicKey;
    let children: Vec<Element<'_>> = whole.children().take(3).collect();
    let [first, second] = children[..] else { return None };
    if first.is_sequence() && second.tag == Tag::BitString {
        let (_, info) = SubjectPublicKeyInfo::from_der(whole.whole).ok()?;
        return Some(Content::PublicKey { key: Fingerprint::of(info.raw) });
    }
    if first.tag == Tag::Integer && second.tag == Tag::Integer && whole.whole.len() <= PrivateKey::LONGEST {
        let key = rsa::RsaPublicKey::from_pkcs1_der(whole.whole).ok()?;
        let info = key.to_public_key_der().ok()?;
        return Some(Content::PublicKey { key: Fingerprint::of(info.as_bytes()) });
    }
    None
}
