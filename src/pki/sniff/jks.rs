//! Java keystores of the old kinds, JKS and JCEKS, and the key protection of the first
//! (`docs/decisions/0010-java-keystores.md` says why this is our own reader).
//!
//! Names, chains and trusted certificates are there for everybody to read; a password is needed for the
//! digest at the end and for keys, and each key may have its own.

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA1_OUTPUT_LEN};
use zeroize::Zeroizing;

use super::element::Element;
use super::passwords::{Candidates, wrong_password};
use super::{Content, Contents, Encoding, Key, Kind, Note, Object, Protection, keys};
use crate::pki::{Certificate, KeyError};
use crate::secret::Passphrase;

/// The object identifier of the key protection of JKS.
const PROTECTION: &str = "1.3.6.1.4.1.42.2.17.1.1";

/// A keystore that begins with one of the two magic numbers.
pub(super) fn read(bytes: &[u8], given: &[Passphrase]) -> Contents {
    let kind = if bytes.starts_with(&[0xce; 4]) { Kind::Jceks } else { Kind::Jks };
    let candidates = Candidates::new(given);
    let passwords = candidates.all(given);
    let mut contents = Contents::new(kind, Encoding::Binary, Vec::new());
    let mut cursor = Cursor { bytes, at: 4 };
    let mut store = Store { kind, passwords: &passwords, any_given: !given.is_empty(), used: None };
    let whole = store.entries(&mut cursor, &mut contents);
    let mut integrity = Protection { opened: true, ..Protection::none("integrity") };
    integrity.scheme = "SHA-1 over password and file".into();
    match (whole, cursor.take(SHA1_OUTPUT_LEN)) {
        (Some(()), Some(digest)) => {
            let sealed = &bytes[..cursor.at - SHA1_OUTPUT_LEN];
            let fits = |password: &&Passphrase| seal(password, sealed) == digest;
            let position = passwords.iter().position(fits);
            store.used = store.used.or(position);
            // It closes nothing: a password is asked for where a key is closed.
            integrity.opened = position.is_some() || !(store.any_given || contents.is_locked());
        }
        _ => contents.notes.push(Note::new(
            "damaged",
            format!("{} is cut off or damaged; what stands before that was read", kind.name()),
        )),
    }
    contents.protection.push(integrity);
    if contents.is_locked() && !given.is_empty() {
        contents.notes.push(wrong_password());
    }
    contents.notes.extend(store.used.and_then(|position| candidates.remark(position)));
    if kind == Kind::Jceks {
        contents.notes.push(Note::new(
            "convert",
            "keys in a JCEKS keystore are not read here; convert it first: keytool -importkeystore \
             -srckeystore FILE -srcstoretype JCEKS -destkeystore keystore.p12 -deststoretype PKCS12",
        ));
    }
    if contents.objects.is_empty() {
        contents.objects.push(Object::other(format!("{} with nothing in it", kind.name())));
    }
    contents
}

struct Store<'a> {
    kind: Kind,
    passwords: &'a [&'a Passphrase],
    any_given: bool,
    /// The first password that opened something.
    used: Option<usize>,
}

impl Store<'_> {
    /// All entries; `None` where the file ends before they do.
    fn entries(&mut self, cursor: &mut Cursor<'_>, contents: &mut Contents) -> Option<()> {
        let version = cursor.number()?;
        let count = cursor.number()?;
        if !matches!(version, 1 | 2) {
            return None;
        }
        for _ in 0..count {
            let tag = cursor.number()?;
            let alias = cursor.text()?;
            cursor.take(8)?; // when it was made
            match tag {
                1 => {
                    let key = cursor.block()?;
                    self.add(contents, &alias, false, |store, rows| store.key(key, rows));
                    for _ in 0..cursor.number()? {
                        let certificate = cursor.certificate(version)?;
                        self.add(contents, &alias, false, |_, _| certificate);
                    }
                }
                2 => {
                    let certificate = cursor.certificate(version)?;
                    self.add(contents, &alias, true, |_, _| certificate);
                }
                // A secret key of JCEKS is a serialised Java object, which does not say how long it is.
                3 if self.kind == Kind::Jceks => {
                    let secret = Content::Other("a secret key of Java; what follows it is not read".into());
                    self.add(contents, &alias, false, |_, _| secret);
                    return None;
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn add(
        &mut self,
        contents: &mut Contents,
        alias: &str,
        trusted: bool,
        content: impl FnOnce(&mut Self, &mut Vec<Protection>) -> Content,
    ) {
        let mut object = Object::new(content(self, &mut contents.protection));
        object.alias = Some(alias.to_owned());
        object.trusted = trusted;
        contents.objects.push(object);
    }

    /// `EncryptedPrivateKeyInfo` with the protection of JKS.
    fn key(&mut self, block: &[u8], rows: &mut Vec<Protection>) -> Content {
        let mut row = Protection { opened: false, ..Protection::none("private key") };
        let whole = Element::of(block);
        let parts: Vec<Element<'_>> = whole.iter().flat_map(|whole| whole.children()).collect();
        let id = parts.first().and_then(|algorithm| algorithm.children().next()?.oid());
        let data = parts.get(1).and_then(|data| data.octets());
        let (Some(id), Some(data)) = (id, data) else {
            return Content::Other("a damaged private key".into());
        };
        row.scheme = if id == PROTECTION { "JKS" } else { "JCEKS" }.into();
        row.kdf = (id == PROTECTION).then(|| "SHA-1, once".into());
        let content = if id == PROTECTION {
            let open =
                |(position, password): (usize, &&Passphrase)| Some((position, unprotect(data, password)?));
            match self.passwords.iter().enumerate().find_map(open) {
                Some((position, plain)) => {
                    row.opened = true;
                    self.used.get_or_insert(position);
                    keys::plain(&plain)
                        .map_or_else(|| Content::Other("a damaged private key".into()), |key| key.content)
                }
                None if self.any_given => Content::PrivateKey(Key::Locked(KeyError::PassphraseWrong)),
                None => Content::PrivateKey(Key::Locked(KeyError::PassphraseNeeded)),
            }
        } else {
            let scheme = "JCEKS (PBEWithMD5AndTripleDES)".to_owned();
            Content::PrivateKey(Key::Locked(KeyError::Scheme { scheme }))
        };
        rows.push(row);
        content
    }
}

/// The password as JKS takes it: UTF-16, high byte first.
fn utf16(password: &Passphrase) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * password.expose().len()));
    bytes.extend(password.expose().encode_utf16().flat_map(u16::to_be_bytes));
    bytes
}

fn sha1(parts: &[&[u8]]) -> [u8; SHA1_OUTPUT_LEN] {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().try_into().expect("SHA-1 is 20 bytes")
}

/// The digest at the end of a keystore.
fn seal(password: &Passphrase, sealed: &[u8]) -> [u8; SHA1_OUTPUT_LEN] {
    sha1(&[&utf16(password), b"Mighty Aphrodite", sealed])
}

/// Takes the key out of its protection: salt, then the key xored with a chain of digests, then a digest
/// over password and key, by which a wrong password is known.
fn unprotect(data: &[u8], password: &Passphrase) -> Option<Zeroizing<Vec<u8>>> {
    let (salt, rest) = data.split_at_checked(SHA1_OUTPUT_LEN)?;
    let (hidden, check) = rest.split_at_checked(rest.len().checked_sub(SHA1_OUTPUT_LEN)?)?;
    let password = utf16(password);
    let mut plain = Zeroizing::new(hidden.to_vec());
    let mut digest = Zeroizing::new(salt.to_vec());
    for block in plain.chunks_mut(SHA1_OUTPUT_LEN) {
        digest = Zeroizing::new(sha1(&[&password, &digest]).to_vec());
        block.iter_mut().zip(digest.iter()).for_each(|(byte, mask)| *byte ^= mask);
    }
    (sha1(&[&password, &plain]) == check).then_some(plain)
}

/// Numbers, texts and blocks as Java's `DataOutputStream` writes them. Nothing is taken that is not there.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn block(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?.try_into().ok()?;
        self.take(length)
    }

    /// Java's variant of UTF-8, which agrees with UTF-8 in all that an alias is likely to hold.
    fn text(&mut self) -> Option<String> {
        let length = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        Some(String::from_utf8_lossy(self.take(length.into())?).into_owned())
    }

    fn certificate(&mut self, version: u32) -> Option<Content> {
        // Version 2 names the kind of each certificate.
        let is_x509 = version == 1 || matches!(&self.text()?[..], "X.509" | "X509");
        let block = self.block()?;
        let certificate = is_x509.then(|| Certificate::from_der(block).ok()).flatten();
        Some(certificate.map_or_else(
            || Content::Other("a certificate that cannot be read".into()),
            |certificate| Content::Certificate(Box::new(certificate)),
        ))
    }
}
