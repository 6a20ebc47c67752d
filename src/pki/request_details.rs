use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use super::CertificateRequest;
use super::algorithm::{public_key_name, rsa_bits, signature_name};

/// What a certificate request says beyond what this program decides by: for people, and for lint.
///
/// Text from the request stands here as it is; it may hold any characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestDetails {
    /// The key with its size: "RSA 2048", "EC P-256".
    pub key_algorithm: String,
    /// The size of an RSA modulus in bits; `None` for other keys.
    pub key_bits: Option<usize>,
    /// The signature algorithm as openssl names it: "sha256WithRSAEncryption".
    pub signature_algorithm: String,
    /// Whether it is signed over MD5, SHA-1 or an older hash.
    pub weak_signature: bool,
    /// Email addresses in the subject.
    pub email_addresses: Vec<String>,
}

impl CertificateRequest {
    /// Reads out the rest of what the request says. Parses it anew: ask once.
    pub fn details(&self) -> RequestDetails {
        let Ok((_, csr)) = X509CertificationRequest::from_der(self.der()) else {
            // It was parsed when it was made.
            return RequestDetails::default();
        };
        let info = &csr.certification_request_info;
        let (signature_algorithm, weak_signature) = signature_name(&csr.signature_algorithm);
        let emails = info.subject.iter_email().filter_map(|email| Some(email.as_str().ok()?.to_owned()));
        RequestDetails {
            key_algorithm: public_key_name(&info.subject_pki),
            key_bits: rsa_bits(&info.subject_pki),
            signature_algorithm,
            weak_signature,
            email_addresses: emails.collect(),
        }
    }
}
