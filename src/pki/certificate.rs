use std::fmt;

use rustls_pki_types::CertificateDer;
use time::{Duration, OffsetDateTime};
use x509_cert::der::Decode;
use x509_cert::ext::pkix::PrivateKeyUsagePeriod;
use x509_parser::error::X509Error;
use x509_parser::oid_registry::OID_X509_EXT_PRIVATE_KEY_USAGE_PERIOD;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::algorithm::rsa_bits;
use super::{Fingerprint, pem_text};

/// Why bytes are no certificate.
#[derive(Debug, thiserror::Error)]
#[error("this is not an X.509 certificate: {0}")]
pub struct CertificateError(String);

/// An X.509 certificate (RFC 5280) with what this program asks of it read out once.
///
/// Nothing in it is believed for being there: see [`super::chain::build`].
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    subject: String,
    issuer: String,
    subject_raw: Vec<u8>,
    issuer_raw: Vec<u8>,
    common_name: Option<String>,
    serial: String,
    public_key: Vec<u8>,
    key_bits: Option<usize>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    key_usage_ends: Option<OffsetDateTime>,
    is_ca: bool,
    may_sign_certificates: bool,
    client_auth: bool,
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    /// Subject and fingerprint; the DER would fill pages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({:?}, {})", self.subject, self.fingerprint().short())
    }
}

impl Certificate {
    /// Reads a certificate in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, x509) = X509Certificate::from_der(der).map_err(|e| CertificateError(e.to_string()))?;
        if !rest.is_empty() {
            return Err(CertificateError("bytes follow its end".into()));
        }
        let key_usage = x509.key_usage().ok().flatten();
        let extended = x509.extended_key_usage().ok().flatten();
        Ok(Self {
            der: der.to_vec(),
            subject: x509.subject().to_string(),
            issuer: x509.issuer().to_string(),
            subject_raw: x509.subject().as_raw().to_vec(),
            issuer_raw: x509.issuer().as_raw().to_vec(),
            common_name: x509
                .subject()
                .iter_common_name()
                .next()
                .and_then(|cn| Some(cn.as_str().ok()?.to_owned())),
            serial: data_encoding::HEXLOWER.encode(x509.raw_serial()),
            public_key: x509.public_key().raw.to_vec(),
            key_bits: rsa_bits(x509.public_key()),
            not_before: x509.validity().not_before.to_datetime(),
            not_after: x509.validity().not_after.to_datetime(),
            key_usage_ends: private_key_usage_ends(&x509),
            is_ca: x509.is_ca(),
            may_sign_certificates: key_usage.is_none_or(|ku| ku.value.key_cert_sign()),
            client_auth: extended.is_none_or(|eku| eku.value.client_auth || eku.value.any),
        })
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate in DER, as the TLS crates take it.
    pub fn to_rustls(&self) -> CertificateDer<'static> {
        CertificateDer::from(self.der.clone())
    }

    /// The certificate in PEM.
    pub fn pem(&self) -> String {
        pem_text("CERTIFICATE", &self.der)
    }

    /// The subject, for people; it may hold any characters.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The issuer, for people; it may hold any characters.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The subject in DER, which is how names are compared.
    pub fn subject_der(&self) -> &[u8] {
        &self.subject_raw
    }

    /// The issuer in DER.
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer_raw
    }

    /// The first common name of the subject.
    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// The serial number in lower-case hexadecimal.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// SHA-256 over the whole certificate.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.der)
    }

    /// SHA-256 over the SubjectPublicKeyInfo DER.
    pub fn key_fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.public_key)
    }

    /// The size of an RSA modulus in bits; `None` for other keys.
    pub fn key_bits(&self) -> Option<usize> {
        self.key_bits
    }

    /// Valid from.
    pub fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// Valid until: MESH refuses the certificate from then on.
    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// Whole days until `not_after`, rounded down; negative once it is over.
    pub fn days_left(&self, now: OffsetDateTime) -> i64 {
        (self.not_after - now).whole_seconds().div_euclid(Duration::DAY.whole_seconds())
    }

    /// End of the private key usage period, if the certificate names one: when the CA means the key to be
    /// renewed. MESH does not refuse at that date.
    pub fn key_usage_ends(&self) -> Option<OffsetDateTime> {
        self.key_usage_ends
    }

    /// Whether basicConstraints say that this is a CA.
    pub fn is_ca(&self) -> bool {
        self.is_ca
    }

    /// Whether its key may sign certificates: keyCertSign, or no key usage at all.
    pub fn may_sign_certificates(&self) -> bool {
        self.may_sign_certificates
    }

    /// Whether a client may authenticate with it: clientAuth, anyExtendedKeyUsage, or none at all.
    pub fn may_authenticate_client(&self) -> bool {
        self.client_auth
    }

    /// Whether subject and issuer are the same name.
    pub fn is_self_issued(&self) -> bool {
        self.subject_raw == self.issuer_raw
    }

    /// Whether it is self-issued and its own key verifies its signature.
    pub fn is_self_signed(&self) -> bool {
        self.is_self_issued() && self.is_signed_by(self)
    }

    /// Whether `issuer` bears the name that this certificate gives as its issuer.
    pub fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.issuer_raw == issuer.subject_raw
    }

    /// Whether `issuer` bears the right name and its key verifies this certificate's signature.
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        matches!(self.signed_by(issuer), Signed::Yes)
    }

    /// The same with a third answer for signatures that cannot be judged here.
    pub(super) fn signed_by(&self, issuer: &Self) -> Signed {
        if !self.names_as_issuer(issuer) {
            return Signed::No;
        }
        let (Ok((_, this)), Ok((_, ca))) =
            (X509Certificate::from_der(&self.der), X509Certificate::from_der(&issuer.der))
        else {
            return Signed::No;
        };
        match this.verify_signature(Some(ca.public_key())) {
            Ok(()) => Signed::Yes,
            Err(X509Error::SignatureUnsupportedAlgorithm) => Signed::Unknown,
            // The verifier takes no RSA key of less than 2048 bits.
            Err(_) if issuer.key_bits.is_some_and(|bits| bits < 2048) => Signed::Unknown,
            Err(_) => Signed::No,
        }
    }
}

/// Whether a key made a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    Yes,
    No,
    /// The algorithm is not supported here.
    Unknown,
}

/// privateKeyUsagePeriod (2.5.29.16, RFC 3280 4.2.1.4), which x509-parser leaves unparsed.
fn private_key_usage_ends(x509: &X509Certificate<'_>) -> Option<OffsetDateTime> {
    let extension = x509.get_extension_unique(&OID_X509_EXT_PRIVATE_KEY_USAGE_PERIOD).ok()??;
    let period = PrivateKeyUsagePeriod::from_der(extension.value).ok()?;
    let ends = period.not_after?.to_unix_duration();
    OffsetDateTime::from_unix_timestamp(ends.as_secs().try_into().ok()?).ok()
}
