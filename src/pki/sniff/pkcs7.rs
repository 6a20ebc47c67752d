//! PKCS#7, also called CMS (RFC 5652).
//!
//! Not by the `cms` crate: it sorts the certificates, so that their order in the file is lost, and refuses
//! the whole for one that it cannot decode. Only certificates and CRLs are wanted.

use x509_parser::prelude::{CertificateRevocationList, FromDer};

use super::element::Element;
use super::{Content, Contents, Encoding, Kind, Note, Object, Protection};
use crate::pki::Certificate;

/// Below it lie the content types of PKCS#7, and below the second those that CMS added.
const PKCS7: &str = "1.2.840.113549.1.7.";
const CMS: &str = "1.2.840.113549.1.9.16.1.";

/// A ContentInfo; `None` if the structure is none.
pub(super) fn read(whole: &Element<'_>) -> Option<Contents> {
    let mut children = whole.children();
    let id = children.next()?.oid().filter(|id| id.starts_with(PKCS7) || id.starts_with(CMS))?;
    let mut contents = Contents::new(Kind::Pkcs7, Encoding::Der, Vec::new());
    let inner = children.next().and_then(|content| content.explicit(0));
    if id == "1.2.840.113549.1.7.2" {
        match inner {
            Some(signed) => signed_data(&signed, &mut contents),
            None => contents.objects.push(Object::other("signed data (PKCS#7) without anything in it")),
        }
        return Some(contents);
    }
    let (name, is_closed) = match id.as_str() {
        "1.2.840.113549.1.7.1" => ("data (PKCS#7) without certificates".to_owned(), false),
        "1.2.840.113549.1.7.3" | "1.2.840.113549.1.9.16.1.23" => {
            ("data encrypted for somebody's certificate (PKCS#7 enveloped data)".into(), true)
        }
        "1.2.840.113549.1.7.4" => ("signed data encrypted for somebody's certificate (PKCS#7)".into(), true),
        "1.2.840.113549.1.7.5" => ("data with a digest (PKCS#7) without certificates".into(), false),
        "1.2.840.113549.1.7.6" => ("data encrypted with a password or key (PKCS#7)".into(), true),
        other => (format!("PKCS#7 content of the type {other}"), false),
    };
    contents.objects.push(Object::other(name));
    if is_closed {
        contents.protection.push(Protection {
            scheme: "PKCS#7".into(),
            opened: false,
            ..Protection::none("contents")
        });
    }
    Some(contents)
}

/// `SignedData`: version, digest algorithms, content, certificates as [0], CRLs as [1], signers.
fn signed_data(signed: &Element<'_>, contents: &mut Contents) {
    for (position, part) in signed.children().enumerate() {
        if part.is_context(0) {
            contents.objects.extend(part.children().map(|member| Object::new(certificate(&member))));
        } else if part.is_context(1) {
            let lists = part.children().map(|member| match crl(member.whole) {
                Some(list) => Object::new(list),
                None => Object::other("revocation information that cannot be read"),
            });
            contents.objects.extend(lists);
        } else if position == 2 && part.children().nth(1).is_some() {
            contents.notes.push(Note::new(
                "signed_content",
                "it is a signed message as well; only its certificates were taken out",
            ));
        }
    }
    if contents.objects.is_empty() {
        contents.objects.push(Object::other("a PKCS#7 file without certificates"));
    }
}

fn certificate(member: &Element<'_>) -> Content {
    match Certificate::from_der(member.whole) {
        Ok(certificate) => Content::Certificate(Box::new(certificate)),
        Err(_) if member.is_sequence() => Content::Other("a certificate that cannot be read".into()),
        Err(_) => Content::Other("a certificate of a kind that is not used for TLS".into()),
    }
}

/// A certificate revocation list (RFC 5280).
pub(super) fn crl(der: &[u8]) -> Option<Content> {
    let (rest, list) = CertificateRevocationList::from_der(der).ok()?;
    rest.is_empty().then(|| Content::Crl { issuer: list.issuer().to_string() })
}
