//! One structure in DER or BER after the other.

use std::fmt::Write;

use super::ber::{Der, first_structure};
use super::element::Element;
use super::{Content, Contents, Encoding, Kind, Note, Object, keys, pkcs7, pkcs12};
use crate::pki::algorithm::key_name;
use crate::pki::encryption::{Traditional, Work};
use crate::pki::{Certificate, CertificateRequest};
use crate::secret::Passphrase;

/// The content of a PEM block with its label and headers: what it is counts, whatever the label says.
pub(super) fn labelled(
    label: &str,
    headers: &[(String, String)],
    der_bytes: &[u8],
    passwords: &[Passphrase],
) -> Contents {
    if let Some(encryption) = Traditional::from_headers(headers) {
        return keys::traditional(&encryption, label, der_bytes, passwords);
    }
    if label.ends_with("PARAMETERS") {
        return parameters(label, der_bytes);
    }
    let mut found = der(der_bytes, passwords);
    if found.kind == Kind::Unknown {
        return Contents::unknown(Encoding::Der, format!("a PEM block '{label}' without one in it"));
    }
    if let Some(expected) = expected_kinds(label)
        && !expected.contains(&found.kind)
    {
        found
            .notes
            .push(Note::new("label_wrong", format!("labelled '{label}', but it is {}", found.kind.name())));
    }
    found
}

/// What may stand behind a label; nothing is said of labels that are not known.
fn expected_kinds(label: &str) -> Option<&'static [Kind]> {
    Some(match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" | "PUBLIC KEY" | "RSA PUBLIC KEY" => {
            &[Kind::Der]
        }
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => &[Kind::Csr],
        "PRIVATE KEY" => &[Kind::Pkcs8],
        "ENCRYPTED PRIVATE KEY" => &[Kind::Pkcs8Encrypted],
        "RSA PRIVATE KEY" => &[Kind::Pkcs1],
        "EC PRIVATE KEY" => &[Kind::Sec1],
        "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => &[Kind::Pkcs7],
        "PKCS12" => &[Kind::Pkcs12],
        "X509 CRL" => &[Kind::Crl],
        _ => return None,
    })
}

/// What `openssl ecparam -genkey` puts before a key.
fn parameters(label: &str, der_bytes: &[u8]) -> Contents {
    let curve = Element::of(der_bytes).and_then(|element| element.oid());
    let name = match (label, curve) {
        ("EC PARAMETERS", Some(curve)) => {
            format!("parameters of a key ({})", key_name("1.2.840.10045.2.1", Some(&curve)))
        }
        _ => format!("parameters of a key ('{label}')"),
    };
    Contents::new(Kind::Der, Encoding::Der, vec![Object::other(name)])
}

/// Structures in DER or BER, usually one.
pub(super) fn der(bytes: &[u8], passwords: &[Passphrase]) -> Contents {
    if let Ok(certificate) = Certificate::from_der(bytes) {
        return one(Kind::Der, Content::Certificate(Box::new(certificate)));
    }
    let first = bytes.starts_with(&[0x30]).then(|| first_structure(bytes)).flatten();
    let Some(first) = first else { return no_structure(bytes) };
    let mut work = Work::of_one_file();
    let mut contents = structure(&first.der, passwords, &mut work);
    if matches!(first.der, Der::Transcoded(_)) {
        contents.encoding = Encoding::Ber;
    }
    // Files joined with `cat` or `copy /b`.
    let mut rest = first.rest;
    while !rest.is_empty() {
        let next = first_structure(rest).map(|next| (structure(&next.der, passwords, &mut work), next.rest));
        match next {
            Some((more, after)) if more.is_named() => {
                contents.objects.extend(more.objects);
                contents.protection.extend(more.protection);
                contents.notes.extend(more.notes);
                rest = after;
            }
            _ => {
                let count = rest.len();
                let bytes = if count == 1 { "byte follows" } else { "bytes follow" };
                let message = format!("{count} {bytes} the end of the structure and were left out");
                contents.notes.push(Note::new("trailing_bytes", message));
                break;
            }
        }
    }
    contents
}

fn one(kind: Kind, content: Content) -> Contents {
    Contents::new(kind, Encoding::Der, vec![Object::new(content)])
}

fn structure(der: &[u8], passwords: &[Passphrase], work: &mut Work) -> Contents {
    if let Ok(certificate) = Certificate::from_der(der) {
        return one(Kind::Der, Content::Certificate(Box::new(certificate)));
    }
    if let Some(whole) = Element::of(der).filter(Element::is_sequence) {
        let found = pkcs7::read(&whole)
            .or_else(|| pkcs12::read(&whole, passwords, work))
            .or_else(|| keys::read(&whole, passwords, work));
        if let Some(contents) = found {
            return contents;
        }
    }
    if let Ok(csr) = CertificateRequest::from_der_unverified(der) {
        let mut contents = one(Kind::Csr, Content::Request(Box::new(csr.clone())));
        if !csr.is_signed_by_its_key() {
            contents.notes.push(Note::new(
                "signature_wrong",
                "the request is not signed by the key in it: altered on the way, or damaged",
            ));
        }
        return contents;
    }
    if let Some(list) = pkcs7::crl(der) {
        return one(Kind::Crl, list);
    }
    one(Kind::Der, Content::Other(NOT_NAMED.into()))
}

const NOT_NAMED: &str = "DER that is no certificate";

impl Contents {
    /// Whether it is more than well-formed.
    fn is_named(&self) -> bool {
        !matches!(&self.objects[..], [Object { content: Content::Other(name), .. }] if name == NOT_NAMED)
    }
}

/// Names what is no structure: one that was cut off, above all.
fn no_structure(bytes: &[u8]) -> Contents {
    let mut description = "binary data in none of the formats known here".to_owned();
    if let [0x30, 0x81..=0x84, ..] = bytes {
        let digits = usize::from(bytes[1] & 0x7f);
        if let Some(digits) = bytes.get(2..2 + digits) {
            let announced = digits.iter().fold(0_u64, |length, digit| length << 8 | u64::from(*digit));
            let here = (bytes.len() - 2 - digits.len()) as u64;
            if announced > here {
                description = "damaged DER".into();
                let _ = write!(description, " (it announces {announced} bytes, and {here} are there)");
            } else {
                description = "damaged DER (its parts do not fit together)".into();
            }
        }
    }
    Contents::unknown(Encoding::Binary, description)
}
