use crate::pki::sniff::Kind;

/// What a BEGIN line announces.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// As RFC 7468 or OpenSSL has it.
    pub text: &'static str,
    /// For people, without article.
    pub name: &'static str,
    /// What may be in the block; empty if it is named and not read.
    pub holds: &'static [Kind],
    /// Whether newer software writes another label.
    pub old: bool,
}

const CERTIFICATE: &[Kind] = &[Kind::Der];
const REQUEST: &[Kind] = &[Kind::Csr];
/// Named as whatever is found in it.
const ANYTHING: &[Kind] = &[Kind::Der, Kind::Unknown];
const PKCS7: &[Kind] = &[Kind::Pkcs7];

const fn label(text: &'static str, name: &'static str, holds: &'static [Kind]) -> Label {
    Label { text, name, holds, old: false }
}

const fn old(text: &'static str, name: &'static str, holds: &'static [Kind]) -> Label {
    Label { text, name, holds, old: true }
}

static LABELS: &[Label] = &[
    label("CERTIFICATE", "certificate", CERTIFICATE),
    label("CERTIFICATE REQUEST", "certificate request", REQUEST),
    label("PRIVATE KEY", "private key", &[Kind::Pkcs8]),
    label("ENCRYPTED PRIVATE KEY", "encrypted private key", &[Kind::Pkcs8Encrypted]),
    label("RSA PRIVATE KEY", "private key", &[Kind::Pkcs1]),
    label("EC PRIVATE KEY", "private key", &[Kind::Sec1]),
    label("DSA PRIVATE KEY", "private key", ANYTHING),
    label("PUBLIC KEY", "public key", &[Kind::Der]),
    label("RSA PUBLIC KEY", "public key", &[Kind::Der]),
    label("PKCS7", "PKCS#7 file", PKCS7),
    label("CMS", "PKCS#7 file", PKCS7),
    label("X509 CRL", "certificate revocation list", &[Kind::Crl]),
    label("PKCS12", "PKCS#12 file", &[Kind::Pkcs12]),
    label("EC PARAMETERS", "EC parameters", ANYTHING),
    label("DH PARAMETERS", "DH parameters", ANYTHING),
    old("TRUSTED CERTIFICATE", "certificate", CERTIFICATE),
    old("X509 CERTIFICATE", "certificate", CERTIFICATE),
    old("X.509 CERTIFICATE", "certificate", CERTIFICATE),
    old("NEW CERTIFICATE REQUEST", "certificate request", REQUEST),
    old("CERTIFICATE SIGNING REQUEST", "certificate request", REQUEST),
    old("CERTIFICATE CHAIN", "PKCS#7 file", PKCS7),
    old("PKCS #7 SIGNED DATA", "PKCS#7 file", PKCS7),
    old("PKCS #7", "PKCS#7 file", PKCS7),
    old("PKCS#7", "PKCS#7 file", PKCS7),
    old("CRL", "certificate revocation list", &[Kind::Crl]),
    old("PFX", "PKCS#12 file", &[Kind::Pkcs12]),
    label("OPENSSH PRIVATE KEY", "an OpenSSH private key, which is of no use for MESH", &[]),
    label("SSH2 PUBLIC KEY", "an SSH public key, which is of no use for MESH", &[]),
    label("SSH2 ENCRYPTED PRIVATE KEY", "an SSH private key, which is of no use for MESH", &[]),
    label("PGP MESSAGE", "a PGP message", &[]),
    label("PGP SIGNED MESSAGE", "a text signed with PGP", &[]),
    label("PGP SIGNATURE", "a PGP signature", &[]),
    label("PGP PUBLIC KEY BLOCK", "a PGP public key", &[]),
    label("PGP PRIVATE KEY BLOCK", "a PGP private key", &[]),
    label("AGE ENCRYPTED FILE", "a file encrypted with age", &[]),
];

impl Label {
    /// The label that `text` is, apart from case and white space.
    pub fn known(text: &str) -> Option<&'static Self> {
        if let Some(label) = LABELS.iter().find(|label| label.text == text) {
            return Some(label);
        }
        let words = || text.split_ascii_whitespace().flat_map(|word| word.chars().chain([' ']));
        let same = |label: &&Label| {
            let own = label.text.chars().chain([' ']);
            words().map(|c| c.to_ascii_uppercase()).eq(own)
        };
        LABELS.iter().find(same)
    }

    /// Whether blocks of this label are named and not read.
    pub fn is_named_only(&self) -> bool {
        self.holds.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_whatever_their_case_and_spacing() {
        assert_eq!(Label::known("new  Certificate\trequest").unwrap().text, "NEW CERTIFICATE REQUEST");
        assert_eq!(Label::known("CERTIFICATES"), None);
        assert_eq!(Label::known(""), None);
    }
}
