//! Says what bytes are, and takes out of them what this program can use.
//!
//! [`read`] never fails and never panics: what cannot be named is [`Kind::Unknown`] with the closest
//! description. Damage that can be repaired without guessing is repaired, and [`Contents::notes`] says so.
//! Containers of whole files (zip, email) are opened one room higher, in `desk`.

mod armour;
mod ber;
mod binary;
mod der;
mod element;
mod foreign;
mod jks;
mod keys;
mod kind;
mod object;
mod passwords;
mod pkcs12;
mod pkcs7;
mod text;
mod unlocking;

use crate::secret::Passphrase;

pub use kind::{Encoding, Kind};
pub use object::{Content, Key, Note, Object, Protection};
pub(crate) use unlocking::Unlocking;

use super::{Certificate, CertificateRequest};

/// What a file is, and what is in it.
#[derive(Debug)]
pub struct Contents {
    /// What the file is as a whole.
    pub kind: Kind,
    /// How its characters or bytes are encoded.
    pub encoding: Encoding,
    /// What protects it or its parts, in the order of the file.
    pub protection: Vec<Protection>,
    /// What is in it, in the order of the file; never empty.
    pub objects: Vec<Object>,
    /// What was repaired, and what else is worth knowing of how it is written.
    pub notes: Vec<Note>,
}

impl Contents {
    /// Bytes of one kind with these objects, nothing protected and nothing to remark.
    pub fn new(kind: Kind, encoding: Encoding, objects: Vec<Object>) -> Self {
        Self { kind, encoding, protection: Vec::new(), objects, notes: Vec::new() }
    }

    /// What could not be named, with the closest description.
    pub fn unknown(encoding: Encoding, description: impl Into<String>) -> Self {
        Self::new(Kind::Unknown, encoding, vec![Object::new(Content::Other(description.into()))])
    }

    /// Whether something stays closed for want of a password that opens it.
    pub fn is_locked(&self) -> bool {
        self.protection.iter().any(|protection| !protection.opened)
    }

    /// The certificates, in the order of the file.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.objects.iter().filter_map(|object| match &object.content {
            Content::Certificate(certificate) => Some(&**certificate),
            _ => None,
        })
    }

    /// The first certificate request that is signed by the key in it.
    pub fn request(&self) -> Option<&CertificateRequest> {
        self.objects.iter().find_map(|object| match &object.content {
            Content::Request(request) if request.is_signed_by_its_key() => Some(&**request),
            _ => None,
        })
    }

    /// The first private key, opened or not; taken out, because a key is never copied.
    pub fn into_key(self) -> Option<Key> {
        self.objects.into_iter().find_map(|object| match object.content {
            Content::PrivateKey(key) => Some(key),
            _ => None,
        })
    }

    /// What is here, in a few words: "an encrypted private key, a certificate".
    pub fn describe(&self) -> String {
        let objects = self.objects.iter().map(|object| object.content.name()).collect::<Vec<_>>().join(", ");
        match self.kind {
            // What is in them says nothing of what they are.
            Kind::Pkcs7 | Kind::Pkcs12 | Kind::Jks | Kind::Jceks if !objects.contains(self.kind.name()) => {
                format!("{} with {objects}", self.kind.name())
            }
            _ => objects,
        }
    }
}

/// Reads a file: PEM and what is left of it after mail programs and terminals, DER, base64 without armour,
/// PKCS#7, PKCS#12, JKS. Each of `passwords` is tried on what is protected; without a fitting one, what can
/// be read without is read all the same.
pub fn read(bytes: &[u8], passwords: &[Passphrase]) -> Contents {
    read_part(bytes, &Unlocking::of_one_file(passwords))
}

/// The same for what is only a part of the file that was given.
pub(crate) fn read_part(bytes: &[u8], unlocking: &Unlocking<'_>) -> Contents {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Contents::unknown(Encoding::Ascii, "an empty file");
    }
    match text::decode(bytes) {
        Some(text) => armour::read(&text, unlocking),
        None => binary::read(bytes, unlocking),
    }
}

/// The certificates in `bytes`; if there is none, what is there instead.
pub fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let contents = read(bytes, &[]);
    let found: Vec<_> = contents.certificates().cloned().collect();
    if found.is_empty() { Err(contents.describe()) } else { Ok(found) }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
