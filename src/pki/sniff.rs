//! Says what bytes are, and takes the certificates out of them.

use pkcs8::der::{Decode, Header, Reader, SliceReader, Tag};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};

use super::{Certificate, CertificateRequest};

/// One thing found in a file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Object {
    /// A certificate.
    Certificate(Box<Certificate>),
    /// A certificate signing request.
    Request(Box<CertificateRequest>),
    /// A private key, not opened.
    PrivateKey {
        /// Whether it takes a passphrase to open.
        encrypted: bool,
    },
    /// Something else with a name.
    Other(String),
}

impl Object {
    /// What this is, with its article: "a certificate request".
    pub fn name(&self) -> String {
        match self {
            Self::Certificate(_) => "a certificate".into(),
            Self::Request(csr) => match csr.common_name() {
                Some(cn) => format!("a certificate request (CSR) for {cn}"),
                None => "a certificate request (CSR)".into(),
            },
            Self::PrivateKey { encrypted: true } => "an encrypted private key".into(),
            Self::PrivateKey { encrypted: false } => "a private key".into(),
            Self::Other(name) => name.clone(),
        }
    }
}

/// Everything in `bytes`: PEM with one or many objects and text around them, or one object in DER.
/// Never empty: what cannot be named is [`Object::Other`] with the closest description.
pub fn objects(bytes: &[u8]) -> Vec<Object> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return vec![Object::Other("an empty file".into())];
    }
    let begins = contains(bytes, b"-----BEGIN ");
    match pem::parse_many(bytes) {
        Ok(blocks) if !blocks.is_empty() => {
            blocks.iter().map(|block| labelled(block.tag(), block.contents())).collect()
        }
        Err(error) if begins => vec![Object::Other(format!("damaged PEM ({error})"))],
        Ok(_) if begins => vec![Object::Other("damaged PEM (a block has no end)".into())],
        _ => vec![der(bytes)],
    }
}

/// The certificates in `bytes`; if there is none, what is there instead.
pub fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let mut found = Vec::new();
    let mut others = Vec::new();
    for object in objects(bytes) {
        match object {
            Object::Certificate(certificate) => found.push(*certificate),
            other => others.push(other.name()),
        }
    }
    if found.is_empty() { Err(others.join(", ")) } else { Ok(found) }
}

fn labelled(label: &str, contents: &[u8]) -> Object {
    match label {
        "CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE" => match Certificate::from_der(contents) {
            Ok(certificate) => Object::Certificate(Box::new(certificate)),
            Err(error) => Object::Other(format!("a PEM block 'CERTIFICATE' without one in it ({error})")),
        },
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => match CertificateRequest::from_der(contents) {
            Ok(csr) => Object::Request(Box::new(csr)),
            Err(error) => Object::Other(format!("a damaged certificate request ({error})")),
        },
        "ENCRYPTED PRIVATE KEY" => Object::PrivateKey { encrypted: true },
        label if label.ends_with("PRIVATE KEY") => Object::PrivateKey { encrypted: false },
        "PKCS7" | "CMS" => Object::Other("a PKCS#7 file".into()),
        other => Object::Other(format!("a PEM block '{other}'")),
    }
}

fn der(bytes: &[u8]) -> Object {
    if let Ok(certificate) = Certificate::from_der(bytes) {
        return Object::Certificate(Box::new(certificate));
    }
    if let Ok(csr) = CertificateRequest::from_der(bytes) {
        return Object::Request(Box::new(csr));
    }
    if EncryptedPrivateKeyInfoRef::from_der(bytes).is_ok() {
        return Object::PrivateKey { encrypted: true };
    }
    if PrivateKeyInfoRef::from_der(bytes).is_ok() {
        return Object::PrivateKey { encrypted: false };
    }
    Object::Other(other_binary(bytes).into())
}

/// A name for what is neither PEM nor one of the structures read here.
fn other_binary(bytes: &[u8]) -> &'static str {
    const PKCS7_SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let well_formed = |bytes: &[u8]| {
        let mut reader = SliceReader::new(bytes).ok()?;
        let header = Header::decode(&mut reader).ok()?;
        (header.tag() == Tag::Sequence && header.length() == reader.remaining_len()).then_some(())
    };
    match bytes {
        [b'P', b'K', 3, 4, ..] => "a zip file",
        [0xfe, 0xed, 0xfe, 0xed, ..] => "a Java keystore (JKS)",
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "an Outlook message or another OLE file",
        _ if well_formed(bytes).is_some() => {
            if contains(&bytes[..bytes.len().min(32)], PKCS7_SIGNED_DATA) {
                "a PKCS#7 file"
            } else if bytes[1..bytes.len().min(8)].windows(3).any(|w| w == [0x02, 0x01, 0x03]) {
                "a PKCS#12 (PFX) file"
            } else {
                "DER that is no certificate"
            }
        }
        _ if std::str::from_utf8(bytes).is_ok() => "text without a certificate in it",
        _ => "binary data in none of the formats known here",
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{KeySize, PrivateKey};

    #[test]
    fn what_is_no_certificate_is_named() {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let csr = CertificateRequest::create(&key, &"a.x26.nhs.uk".parse().unwrap()).unwrap();
        let csr_pem = csr.pem();
        let rows: [(&[u8], &str); 7] = [
            (b" \r\n", "an empty file"),
            (csr_pem.as_bytes(), "a certificate request (CSR) for a.x26.nhs.uk"),
            (csr.der(), "a certificate request (CSR) for a.x26.nhs.uk"),
            (key.pkcs8().expose(), "a private key"),
            (b"PK\x03\x04....", "a zip file"),
            (b"Dear customer, thank you.", "text without a certificate in it"),
            (&[0x87; 1000], "binary data in none of the formats known here"),
        ];
        for (bytes, name) in rows {
            assert_eq!(certificates(bytes).unwrap_err(), name);
        }
        let damaged = b"-----BEGIN CERTIFICATE-----\nMII";
        assert!(certificates(damaged).unwrap_err().starts_with("damaged PEM"));
    }

    #[test]
    fn certificates_are_found_among_other_text() {
        let text = format!("Dear all,\n{}\nKind regards", include_str!("anchors/ptl-root-g2.pem"));
        assert_eq!(certificates(text.as_bytes()).unwrap().len(), 1);
    }
}
