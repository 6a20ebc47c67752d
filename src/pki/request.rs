use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256};
use rustls_pki_types::PrivatePkcs8KeyDer;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::error::X509Error;
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::OID_PKCS1_RSASSAPSS;
use x509_parser::prelude::FromDer;

use super::algorithm::{public_key_name, rsa_bits, signature_name};
use super::certificate::Signed;
use super::details::{add_alternative_names, email_addresses};
use super::{Fingerprint, PrivateKey, pem_text};
use crate::mailbox::CommonName;

/// Why a certificate request could not be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The request could not be made.
    #[error("the certificate request could not be made: {0}")]
    Create(String),
    /// The bytes are no PKCS#10 request.
    #[error("this is not a certificate request: {0}")]
    Malformed(String),
    /// The request is not signed by the key that it carries.
    #[error("the request is not signed by the key in it")]
    Signature,
}

/// What a request says beyond what this program decides by. Text stands here as it is; it may hold any
/// characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestDetails {
    /// The signature algorithm as openssl names it: "sha256WithRSAEncryption".
    pub signature_algorithm: String,
    /// Whether it is signed over MD5, SHA-1 or an older hash.
    pub weak_signature: bool,
    /// The key with its size: "RSA 2048", "EC P-256".
    pub key_algorithm: String,
    /// The size of an RSA modulus in bits; `None` for other keys.
    pub key_bits: Option<usize>,
    /// Email addresses in the subject or asked for beside it.
    pub email_addresses: Vec<String>,
    /// DNS names that are asked for beside the subject.
    pub dns_names: Vec<String>,
}

/// A certificate signing request (PKCS#10, RFC 2986).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    der: Vec<u8>,
    common_name: Option<String>,
    subject: String,
    public_key: Vec<u8>,
    signed_by_its_key: Signed,
}

impl CertificateRequest {
    /// Makes the request that the NHS service desk expects: the subject is the common name alone,
    /// sha256WithRSA, no attributes.
    pub fn create(key: &PrivateKey, common_name: &CommonName) -> Result<Self, RequestError> {
        let failed = |e: rcgen::Error| RequestError::Create(e.to_string());
        let der = PrivatePkcs8KeyDer::from(key.pkcs8().expose());
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256).map_err(failed)?;
        let mut params = CertificateParams::default();
        // rcgen's default name holds a placeholder.
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name.as_str());
        let csr = params.serialize_request(&pair).map_err(failed)?;
        Self::from_der(csr.der())
    }

    /// Reads a request in DER and checks its signature.
    pub fn from_der(der: &[u8]) -> Result<Self, RequestError> {
        let request = Self::from_der_unverified(der)?;
        if request.is_signed_by_its_key() { Ok(request) } else { Err(RequestError::Signature) }
    }

    /// Reads a request in DER, whoever signed it: to say what it is, never to sign it. See
    /// [`Self::is_signed_by_its_key`].
    pub fn from_der_unverified(der: &[u8]) -> Result<Self, RequestError> {
        let (rest, csr) =
            X509CertificationRequest::from_der(der).map_err(|e| RequestError::Malformed(e.to_string()))?;
        if !rest.is_empty() {
            return Err(RequestError::Malformed("bytes follow its end".into()));
        }
        let info = &csr.certification_request_info;
        Ok(Self {
            der: der.to_vec(),
            common_name: info
                .subject
                .iter_common_name()
                .next()
                .and_then(|cn| Some(cn.as_str().ok()?.to_owned())),
            subject: info.subject.to_string(),
            public_key: info.subject_pki.raw.to_vec(),
            signed_by_its_key: signed(&csr),
        })
    }

    /// Whether the key in it made its signature, which shows that whoever asks holds the key.
    pub fn is_signed_by_its_key(&self) -> bool {
        self.signed_by_its_key == Signed::Yes
    }

    /// The same with a third answer for signatures that cannot be judged here.
    pub(super) fn signed_by_its_key(&self) -> Signed {
        self.signed_by_its_key
    }

    /// Reads out what else the request says. Parses it anew: ask once.
    pub fn details(&self) -> RequestDetails {
        let Ok((_, csr)) = X509CertificationRequest::from_der(&self.der) else {
            // It was parsed when it was made.
            return RequestDetails::default();
        };
        let info = &csr.certification_request_info;
        let (signature_algorithm, weak_signature) = signature_name(&csr.signature_algorithm);
        let mut details = RequestDetails {
            signature_algorithm,
            weak_signature,
            key_algorithm: public_key_name(&info.subject_pki),
            key_bits: rsa_bits(&info.subject_pki),
            email_addresses: email_addresses(&info.subject),
            dns_names: Vec::new(),
        };
        for extension in csr.requested_extensions().into_iter().flatten() {
            if let ParsedExtension::SubjectAlternativeName(names) = extension {
                add_alternative_names(names, &mut details.dns_names, &mut details.email_addresses);
            }
        }
        details
    }

    /// The request in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The request in PEM, `CERTIFICATE REQUEST`.
    pub fn pem(&self) -> String {
        pem_text("CERTIFICATE REQUEST", &self.der)
    }

    /// The common name that is asked for.
    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// The whole subject, for people.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The SubjectPublicKeyInfo in DER.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// SHA-256 over the SubjectPublicKeyInfo DER.
    pub fn key_fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.public_key)
    }
}

fn signed(csr: &X509CertificationRequest<'_>) -> Signed {
    let bits = rsa_bits(&csr.certification_request_info.subject_pki);
    match csr.verify_signature() {
        Ok(()) => Signed::Yes,
        Err(X509Error::SignatureUnsupportedAlgorithm) => Signed::Unknown,
        // The verifier takes RSA keys of 2048 to 8192 bits alone.
        Err(_) if bits.is_some_and(|bits| !(2048..=8192).contains(&bits)) => Signed::Unknown,
        // And a salt as long as the hash alone, which is not what every writer of PSS makes.
        Err(_) if csr.signature_algorithm.algorithm == OID_PKCS1_RSASSAPSS => Signed::Unknown,
        Err(_) => Signed::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::KeySize;

    #[test]
    fn request_carries_the_common_name_alone_and_no_attributes() {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let name: CommonName = "X26ABC1.X26.api.mesh-client.nhs.uk".parse().unwrap();
        let csr = CertificateRequest::create(&key, &name).unwrap();
        assert_eq!(csr.subject(), "CN=X26ABC1.X26.api.mesh-client.nhs.uk");
        assert_eq!(csr.key_fingerprint(), key.fingerprint());
        let (_, parsed) = X509CertificationRequest::from_der(csr.der()).unwrap();
        assert_eq!(parsed.certification_request_info.attributes().len(), 0);
    }

    #[test]
    fn request_altered_on_the_way_is_refused() {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let csr = CertificateRequest::create(&key, &"a.nhs.uk".parse().unwrap()).unwrap();
        let mut der = csr.der().to_vec();
        *der.last_mut().unwrap() ^= 1;
        assert!(matches!(CertificateRequest::from_der(&der), Err(RequestError::Signature)));
    }
}
