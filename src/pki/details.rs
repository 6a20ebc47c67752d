use data_encoding::HEXLOWER;
use x509_parser::extensions::{DistributionPointName, GeneralName, KeyUsage, ParsedExtension};
use x509_parser::prelude::{ExtendedKeyUsage, FromDer, SubjectAlternativeName, X509Certificate};
use x509_parser::x509::X509Name;

use super::Certificate;
use super::algorithm::{public_key_name, signature_name};

/// What a certificate says beyond what this program decides by: for people, and for lint.
///
/// Text from the certificate stands here as it is; it may hold any characters. An extension that cannot be
/// parsed counts as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateDetails {
    /// The version as people count it: 3.
    pub version: u32,
    /// The signature algorithm as openssl names it: "sha256WithRSAEncryption".
    pub signature_algorithm: String,
    /// Whether it is signed over MD5, SHA-1 or an older hash, which readers refuse.
    pub weak_signature: bool,
    /// The key with its size: "RSA 2048", "EC P-256".
    pub key_algorithm: String,
    /// Key usages by the names of RFC 5280, "digitalSignature"; `None` without the extension.
    pub key_usages: Option<Vec<&'static str>>,
    /// Extended key usages by the names of RFC 5280, "clientAuth", or object identifiers; `None` without
    /// the extension.
    pub extended_key_usages: Option<Vec<String>>,
    /// Where the issuer's certificate can be fetched (authority information access).
    pub ca_issuers: Vec<String>,
    /// Where its status can be asked for.
    pub ocsp: Vec<String>,
    /// Where revocation lists lie.
    pub crl_distribution_points: Vec<String>,
    /// DNS names among the subject alternative names.
    pub dns_names: Vec<String>,
    /// Email addresses in the subject or among its alternative names.
    pub email_addresses: Vec<String>,
    /// How many CAs may follow below this one; `None` without a limit.
    pub path_length: Option<u32>,
    /// The subject key identifier in lower-case hexadecimal.
    pub subject_key_id: Option<String>,
    /// The authority key identifier in lower-case hexadecimal.
    pub authority_key_id: Option<String>,
    /// Critical extensions that are not known here, by object identifier: a verifier has to refuse them.
    pub unknown_critical: Vec<String>,
}

impl Certificate {
    /// Reads out the rest of what the certificate says. Parses it anew: ask once.
    pub fn details(&self) -> CertificateDetails {
        let Ok((_, x509)) = X509Certificate::from_der(self.der()) else {
            // It was parsed when it was made.
            return CertificateDetails::default();
        };
        let (signature_algorithm, weak_signature) = signature_name(&x509.signature_algorithm);
        let mut details = CertificateDetails {
            version: x509.version().0.saturating_add(1),
            signature_algorithm,
            weak_signature,
            key_algorithm: public_key_name(x509.public_key()),
            email_addresses: email_addresses(x509.subject()),
            ..CertificateDetails::default()
        };
        for extension in x509.extensions() {
            let parsed = extension.parsed_extension();
            if extension.critical && parsed.unsupported() {
                details.unknown_critical.push(extension.oid.to_id_string());
            }
            details.add(parsed);
        }
        details
    }
}

impl CertificateDetails {
    fn add(&mut self, extension: &ParsedExtension<'_>) {
        match extension {
            ParsedExtension::KeyUsage(usage) => self.key_usages = Some(key_usage_names(usage)),
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.extended_key_usages = Some(extended_key_usage_names(usage));
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                for description in access.iter() {
                    let GeneralName::URI(uri) = description.access_location else { continue };
                    match description.access_method.to_id_string().as_str() {
                        "1.3.6.1.5.5.7.48.1" => self.ocsp.push(uri.to_owned()),
                        "1.3.6.1.5.5.7.48.2" => self.ca_issuers.push(uri.to_owned()),
                        _ => {}
                    }
                }
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                for point in points.iter() {
                    let Some(DistributionPointName::FullName(names)) = &point.distribution_point else {
                        continue;
                    };
                    self.crl_distribution_points.extend(names.iter().filter_map(|name| match name {
                        GeneralName::URI(uri) => Some((*uri).to_owned()),
                        _ => None,
                    }));
                }
            }
            ParsedExtension::SubjectAlternativeName(names) => {
                add_alternative_names(names, &mut self.dns_names, &mut self.email_addresses);
            }
            ParsedExtension::BasicConstraints(constraints) => {
                self.path_length = constraints.path_len_constraint;
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(HEXLOWER.encode(id.0)),
            ParsedExtension::AuthorityKeyIdentifier(authority) => {
                self.authority_key_id = authority.key_identifier.as_ref().map(|id| HEXLOWER.encode(id.0));
            }
            _ => {}
        }
    }
}

/// Email addresses among the fields of a name.
pub(super) fn email_addresses(name: &X509Name<'_>) -> Vec<String> {
    name.iter_email().filter_map(|email| Some(email.as_str().ok()?.to_owned())).collect()
}

/// Takes DNS names and email addresses out of subject alternative names.
pub(super) fn add_alternative_names(
    names: &SubjectAlternativeName<'_>,
    dns_names: &mut Vec<String>,
    email_addresses: &mut Vec<String>,
) {
    for name in &names.general_names {
        match name {
            GeneralName::DNSName(dns) => dns_names.push((*dns).to_owned()),
            GeneralName::RFC822Name(email) => email_addresses.push((*email).to_owned()),
            _ => {}
        }
    }
}

fn key_usage_names(usage: &KeyUsage) -> Vec<&'static str> {
    // In the order of the bits (RFC 5280, 4.2.1.3).
    const NAMES: [&str; 9] = [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];
    NAMES.iter().enumerate().filter(|(bit, _)| usage.flags >> bit & 1 == 1).map(|(_, name)| *name).collect()
}

fn extended_key_usage_names(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let named = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let named = named.iter().filter(|(present, _)| *present).map(|(_, name)| (*name).to_owned());
    named.chain(usage.other.iter().map(|oid| oid.to_id_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::sniff;

    #[test]
    fn details_of_a_sub_ca_are_those_that_openssl_shows() {
        let pem = include_bytes!("anchors/int-sub-g2.pem");
        let details = sniff::certificates(pem).unwrap()[0].details();
        // openssl x509 -in src/pki/anchors/int-sub-g2.pem -noout -text
        let expected = CertificateDetails {
            version: 3,
            signature_algorithm: "sha384WithRSAEncryption".into(),
            key_algorithm: "RSA 2048".into(),
            key_usages: Some(vec!["keyCertSign", "cRLSign"]),
            ca_issuers: vec!["http://pki.nhs.uk/PTL/G2/root/NHSPTLRootAuthorityG2.crt".into()],
            ocsp: vec!["http://ocsp.nhs.uk/ocsp".into()],
            crl_distribution_points: vec!["http://crl.nhs.uk/PTL/G2/root/NHSPTLrootG2.crl".into()],
            path_length: Some(1),
            subject_key_id: Some("16c74704a860c9e45dab99f294f7c3de3398d422".into()),
            authority_key_id: Some("f5b6d552a8bd78fe72616b3b5d8c23c0b0160cf3".into()),
            ..CertificateDetails::default()
        };
        assert_eq!(details, expected);
    }
}
