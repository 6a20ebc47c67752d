//! What is no text: DER and the containers made of it, Java keystores, and names for the rest.

use pkcs8::der::{Decode, Header, Reader, SliceReader, Tag};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};

use super::{Content, Contents, Encoding, Key, Kind, Object};
use crate::pki::{Certificate, CertificateRequest, KeyError, PrivateKey};
use crate::secret::Passphrase;

/// One structure in binary.
pub(super) fn read(bytes: &[u8], passwords: &[Passphrase]) -> Contents {
    match bytes {
        [b'P', b'K', 3, 4, ..] => named(Kind::Zip),
        [0xfe, 0xed, 0xfe, 0xed, ..] => named(Kind::Jks),
        [0xce, 0xce, 0xce, 0xce, ..] => named(Kind::Jceks),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            let name = "an Outlook message or another OLE file".to_owned();
            Contents::new(Kind::OutlookMsg, Encoding::Binary, vec![Object::new(Content::Other(name))])
        }
        _ => der(bytes, passwords),
    }
}

/// The content of a PEM block: what it is counts, whatever the label says.
pub(super) fn labelled(
    label: &str,
    _headers: &[(String, String)],
    der_bytes: &[u8],
    passwords: &[Passphrase],
) -> Contents {
    let found = der(der_bytes, passwords);
    if found.kind == Kind::Unknown {
        let name = format!("a PEM block '{label}' without one in it");
        return Contents::new(Kind::Unknown, Encoding::Der, vec![Object::new(Content::Other(name))]);
    }
    found
}

fn named(kind: Kind) -> Contents {
    Contents::new(kind, Encoding::Binary, vec![Object::new(Content::Other(kind.name().into()))])
}

/// One structure in DER.
pub(super) fn der(bytes: &[u8], passwords: &[Passphrase]) -> Contents {
    let one = |kind, content| Contents::new(kind, Encoding::Der, vec![Object::new(content)]);
    if let Ok(certificate) = Certificate::from_der(bytes) {
        return one(Kind::Der, Content::Certificate(Box::new(certificate)));
    }
    if let Ok(csr) = CertificateRequest::from_der(bytes) {
        return one(Kind::Csr, Content::Request(Box::new(csr)));
    }
    let encrypted = EncryptedPrivateKeyInfoRef::from_der(bytes).is_ok();
    if encrypted || PrivateKeyInfoRef::from_der(bytes).is_ok() {
        let kind = if encrypted { Kind::Pkcs8Encrypted } else { Kind::Pkcs8 };
        let key = match PrivateKey::parse(bytes, passwords.first()) {
            Ok(key) => Key::Rsa(key),
            Err(KeyError::NotRsa) => Key::Foreign { algorithm: "not RSA".into(), key: None },
            Err(error) => Key::Locked(error),
        };
        return one(kind, Content::PrivateKey(key));
    }
    const PKCS7_SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    if !is_well_formed(bytes) {
        return Contents::unknown(Encoding::Binary, "binary data in none of the formats known here");
    }
    let head = &bytes[..bytes.len().min(32)];
    if head.windows(PKCS7_SIGNED_DATA.len()).any(|w| w == PKCS7_SIGNED_DATA) {
        return one(Kind::Pkcs7, Content::Other(Kind::Pkcs7.name().into()));
    }
    if bytes[1..bytes.len().min(8)].windows(3).any(|w| w == [0x02, 0x01, 0x03]) {
        return one(Kind::Pkcs12, Content::Other(Kind::Pkcs12.name().into()));
    }
    one(Kind::Der, Content::Other("DER that is no certificate".into()))
}

/// A sequence whose length is that of the bytes.
fn is_well_formed(bytes: &[u8]) -> bool {
    let whole = |bytes| {
        let mut reader = SliceReader::new(bytes).ok()?;
        let header = Header::decode(&mut reader).ok()?;
        Some(header.tag() == Tag::Sequence && header.length() == reader.remaining_len())
    };
    whole(bytes).unwrap_or(false)
}
