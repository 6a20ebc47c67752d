//! One structure in DER or BER after the other.

use std::fmt::Write;

use super::ber::{Der, first_structure};
use super::element::Element;
use super::{Content, Contents, Encoding, Kind, Note, Object, Unlocking, keys, pkcs7, pkcs12};
use crate::pki::algorithm::key_name;
use crate::pki::certificate::Signed;
use crate::pki::encryption::Traditional;
use crate::pki::{Certificate, CertificateRequest};

/// The content of a PEM block with its label and headers: what it is counts, whatever the label says. Whether
/// the two agree is for the caller to see.
pub(super) fn labelled(
    label: &str,
    headers: &[(String, String)],
    der_bytes: &[u8],
    unlocking: &Unlocking<'_>,
) -> Contents {
    if let Some(encryption) = Traditional::from_headers(headers) {
        return keys::traditional(&encryption, label, der_bytes, unlocking.passwords);
    }
    if label.ends_with("PARAMETERS") {
        return parameters(label, der_bytes);
    }
    let found = der(der_bytes, unlocking);
    if found.kind == Kind::Unknown {
        return Contents::unknown(Encoding::Der, format!("a PEM block '{label}' without one in it"));
    }
    found
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
pub(super) fn der(bytes: &[u8], unlocking: &Unlocking<'_>) -> Contents {
    if let Ok(certificate) = Certificate::from_der(bytes) {
        return one(Kind::Der, Content::Certificate(Box::new(certificate)));
    }
    let first = bytes.starts_with(&[0x30]).then(|| first_structure(bytes)).flatten();
    let Some(first) = first else { return no_structure(bytes) };
    let mut contents = structure(&first.der, unlocking);
    if matches!(first.der, Der::Transcoded(_)) {
        contents.encoding = Encoding::Ber;
    }
    // Files joined with `cat` or `copy /b`.
    let mut rest = first.rest;
    while !rest.is_empty() {
        let next = first_structure(rest).map(|next| (structure(&next.der, unlocking), next.rest));
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

fn structure(der: &[u8], unlocking: &Unlocking<'_>) -> Contents {
    if let Ok(certificate) = Certificate::from_der(der) {
        return one(Kind::Der, Content::Certificate(Box::new(certificate)));
    }
    if let Some(whole) = Element::of(der).filter(Element::is_sequence) {
        let found = pkcs7::read(&whole)
            .or_else(|| pkcs12::read(&whole, unlocking))
            .or_else(|| keys::read(&whole, unlocking));
        if let Some(contents) = found {
            return contents;
        }
    }
    if let Ok(csr) = CertificateRequest::from_der_unverified(der) {
        let mut contents = one(Kind::Csr, Content::Request(Box::new(csr.clone())));
        if csr.signed_by_its_key() == Signed::No {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{KeySize, PrivateKey, sniff};

    fn read(bytes: &[u8]) -> Contents {
        der(bytes, &Unlocking::of_one_file(&[]))
    }

    /// Made with `openssl req -new -newkey rsa:1024`.
    const RSA_1024: &str = "\
-----BEGIN CERTIFICATE REQUEST-----\n\
MIIBVjCBwAIBADAXMRUwEwYDVQQDDAxhLngyNi5uaHMudWswgZ8wDQYJKoZIhvcN\n\
AQEBBQADgY0AMIGJAoGBAM+N3pd2g1Cl8Q5xfRay85M3plfhAsSQkRckH3reg2a+\n\
6WVeLIhqvjKkaUk41eGsS9i/mmrbVsinsABooyCZ2tIoWdrtcScGawzyCNlLfA43\n\
aHs6R1E2ba6NqJPfWLF8n2+8lniI9RN+8ihBvLi79Qi3ITnPD5lBTSy064tGnRuh\n\
AgMBAAGgADANBgkqhkiG9w0BAQsFAAOBgQAjXZlulrM05figi8hGlfLgJbllX0Ka\n\
IBdJLK4EMWLSm7fM8ldcBbgZe7FDZsKNCLj0bTRmecQNPy3KGFxRAs7JCYi42NDO\n\
FzKKIzRwv4Le57VAPXfkelC3Ttmqz6FxNDohpk6LjOPe25X8B6H9l8821SA4fqwk\n\
Zow49oE1SiVYFQ==\n\
-----END CERTIFICATE REQUEST-----\n\
";

    fn codes(contents: &Contents) -> Vec<&str> {
        contents.notes.iter().map(|note| note.code).collect()
    }

    fn root() -> Vec<u8> {
        sniff::certificates(include_bytes!("../anchors/ptl-root-g2.pem")).unwrap()[0].der().to_vec()
    }

    #[test]
    fn altered_request_is_named_and_never_given_out() {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let csr = CertificateRequest::create(&key, &"a.x26.nhs.uk".parse().unwrap()).unwrap();
        assert!(codes(&read(csr.der())).is_empty());
        let mut altered = csr.der().to_vec();
        *altered.last_mut().unwrap() ^= 1;
        let contents = read(&altered);
        assert_eq!((contents.kind, codes(&contents)), (Kind::Csr, vec!["signature_wrong"]));
        assert_eq!(contents.describe(), "a certificate request (CSR) for a.x26.nhs.uk");
        assert!(contents.request().is_none());
        let details = csr.details();
        assert_eq!(details.key_algorithm, "RSA 2048");
        assert_eq!(details.signature_algorithm, "sha256WithRSAEncryption");
    }

    #[test]
    fn request_whose_signature_is_not_judged_here_is_not_called_altered() {
        let contents = crate::pki::sniff::read(RSA_1024.as_bytes(), &[]);
        assert!(matches!(contents.objects[0].content, Content::Request(_)), "{contents:?}");
        assert!(!codes(&contents).contains(&"signature_wrong"), "{contents:?}");
        assert!(contents.request().is_none());
    }

    #[test]
    fn joined_files_are_all_read_and_what_is_none_is_said() {
        let root = root();
        let contents = read(&root.repeat(3));
        assert_eq!((contents.kind, contents.certificates().count()), (Kind::Der, 3));
        assert!(contents.notes.is_empty());
        let contents = read(&[&root[..], b"\r\n"].concat());
        assert_eq!((contents.certificates().count(), codes(&contents)), (1, vec!["trailing_bytes"]));
    }

    #[test]
    fn cut_off_der_is_told_from_other_binary() {
        let root = root();
        let contents = read(&root[..1000]);
        let announced = root.len() - 4;
        let name = format!("damaged DER (it announces {announced} bytes, and 996 are there)");
        assert_eq!((contents.kind, contents.describe()), (Kind::Unknown, name));
        assert_eq!(read(&[0x30, 3, 2, 1, 5]).describe(), NOT_NAMED);
    }

    #[test]
    fn revocation_list_is_named_with_its_issuer() {
        let pair = rcgen::KeyPair::generate().unwrap();
        let mut ca = rcgen::CertificateParams::default();
        ca.distinguished_name.push(rcgen::DnType::CommonName, "Test CA");
        ca.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
        let now = time::OffsetDateTime::UNIX_EPOCH;
        let list = rcgen::CertificateRevocationListParams {
            this_update: now,
            next_update: now + time::Duration::DAY,
            crl_number: rcgen::SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&rcgen::Issuer::new(ca, pair)).unwrap();
        let contents = read(list.der());
        assert_eq!(contents.kind, Kind::Crl);
        let Content::Crl { issuer } = &contents.objects[0].content else { panic!("{contents:?}") };
        assert!(issuer.contains("Test CA"), "{issuer}");
    }
}
