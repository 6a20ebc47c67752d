use rcgen::{Issuer, KeyPair, PKCS_RSA_SHA256, PublicKeyData, SubjectPublicKeyInfo};
use rustls_pki_types::PrivatePkcs8KeyDer;
use time::OffsetDateTime;

use super::profile;
use crate::pki::{Certificate, CertificateRequest, KeyError, KeySize, PrivateKey, sniff};
use crate::secret::SecretBytes;

/// Why the rehearsal CA could not be made or read, or could not issue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaError {
    /// A key of the CA could not be made or read.
    #[error("a key of the rehearsal CA: {0}")]
    Key(#[from] KeyError),
    /// A certificate of the CA could not be read.
    #[error("the {which} certificate of the rehearsal CA is {found}")]
    Certificate {
        /// `root` or `sub CA`.
        which: &'static str,
        /// What was found in its place.
        found: String,
    },
    /// The four parts do not belong together.
    #[error("the rehearsal CA does not fit together: {0}")]
    Mismatch(&'static str),
    /// The request names nobody.
    #[error("the request has no common name")]
    NoCommonName,
    /// The request carries a key that MESH certificates are not issued for.
    #[error("the request does not carry an RSA key")]
    NotRsa,
    /// The certificate would outlive the CA.
    #[error("the rehearsal CA ends on {}, before a certificate issued now would", not_after.date())]
    Ending {
        /// When the sub CA ends.
        not_after: OffsetDateTime,
    },
    /// The certificate could not be made.
    #[error("the certificate could not be made: {0}")]
    Issue(String),
}

impl From<rcgen::Error> for CaError {
    fn from(error: rcgen::Error) -> Self {
        Self::Issue(error.to_string())
    }
}

impl From<x509_cert::der::Error> for CaError {
    fn from(error: x509_cert::der::Error) -> Self {
        Self::Issue(error.to_string())
    }
}

/// A root, a sub CA and their keys, for this machine alone.
#[derive(Debug)]
pub struct RehearsalCa {
    root: Certificate,
    root_key: PrivateKey,
    sub: Certificate,
    sub_key: PrivateKey,
}

/// A [`RehearsalCa`] in PEM, as it is kept.
#[derive(Debug)]
pub struct CaPem {
    /// The root certificate.
    pub root_certificate: String,
    /// The key of the root, plain PKCS#8.
    pub root_key: SecretBytes,
    /// The certificate of the sub CA.
    pub sub_certificate: String,
    /// The key of the sub CA, plain PKCS#8.
    pub sub_key: SecretBytes,
}

impl RehearsalCa {
    /// Makes both keys and both certificates, valid from `now`.
    pub fn create(now: OffsetDateTime) -> Result<Self, CaError> {
        let (root_key, sub_key) = std::thread::scope(|scope| {
            let root = scope.spawn(|| PrivateKey::generate(KeySize::Rsa2048));
            let sub = PrivateKey::generate(KeySize::Rsa2048);
            (root.join().expect("making a key does not panic"), sub)
        });
        let (root_key, sub_key) = (root_key?, sub_key?);
        let root_params = profile::root(now);
        let root_pair = pair(&root_key)?;
        let root = parsed(root_params.self_signed(&root_pair)?)?;
        let sub = profile::sub_ca(now).signed_by(&pair(&sub_key)?, &Issuer::new(root_params, root_pair))?;
        Ok(Self { root, root_key, sub: parsed(sub)?, sub_key })
    }

    /// The four texts to keep.
    pub fn to_pem(&self) -> Result<CaPem, CaError> {
        Ok(CaPem {
            root_certificate: self.root.pem(),
            root_key: self.root_key.pkcs8_pem()?,
            sub_certificate: self.sub.pem(),
            sub_key: self.sub_key.pkcs8_pem()?,
        })
    }

    /// Reads the four texts and proves that they belong together.
    pub fn from_pem(pem: &CaPem) -> Result<Self, CaError> {
        let certificate = |which, text: &str| {
            let found = sniff::certificates(text.as_bytes());
            let mut found = found.map_err(|found| CaError::Certificate { which, found })?;
            if found.len() > 1 {
                return Err(CaError::Certificate { which, found: "more than one certificate".into() });
            }
            Ok(found.remove(0))
        };
        let ca = Self {
            root: certificate("root", &pem.root_certificate)?,
            root_key: PrivateKey::parse(pem.root_key.expose(), None)?,
            sub: certificate("sub CA", &pem.sub_certificate)?,
            sub_key: PrivateKey::parse(pem.sub_key.expose(), None)?,
        };
        let rules = [
            (ca.root.key_fingerprint() == ca.root_key.fingerprint(), "the root's key is another's"),
            (ca.sub.key_fingerprint() == ca.sub_key.fingerprint(), "the sub CA's key is another's"),
            (ca.root.is_self_signed(), "the root is not self-signed"),
            (ca.sub.is_signed_by(&ca.root), "the root did not sign the sub CA"),
        ];
        match rules.into_iter().find(|(kept, _)| !kept) {
            Some((_, broken)) => Err(CaError::Mismatch(broken)),
            None => Ok(ca),
        }
    }

    /// The root certificate, which clients trust.
    pub fn root(&self) -> &Certificate {
        &self.root
    }

    /// The certificate of the sub CA, which goes with every leaf.
    pub fn sub_ca(&self) -> &Certificate {
        &self.sub
    }

    /// Issues a certificate as the NHS does: whatever the request says, the subject is
    /// `O=nhs, OU=Devices` and its common name in lower case.
    pub fn issue(&self, request: &CertificateRequest, now: OffsetDateTime) -> Result<Certificate, CaError> {
        let common_name = request.common_name().ok_or(CaError::NoCommonName)?;
        let key = SubjectPublicKeyInfo::from_der(request.public_key()).map_err(|_| CaError::NotRsa)?;
        if key.algorithm() != &PKCS_RSA_SHA256 {
            return Err(CaError::NotRsa);
        }
        self.sign(&profile::leaf(common_name, &key, now)?, &key)
    }

    /// Makes a key and a certificate for a server under host names and addresses; the sub CA follows it.
    pub fn issue_server(
        &self,
        names: &[&str],
        now: OffsetDateTime,
    ) -> Result<(Vec<Certificate>, PrivateKey), CaError> {
        let key = PrivateKey::generate(KeySize::Rsa2048)?;
        let leaf = self.sign(&profile::server(names, now)?, &pair(&key)?)?;
        Ok((vec![leaf, self.sub.clone()], key))
    }

    fn sign(
        &self,
        params: &rcgen::CertificateParams,
        key: &impl PublicKeyData,
    ) -> Result<Certificate, CaError> {
        if params.not_after > self.sub.not_after() {
            return Err(CaError::Ending { not_after: self.sub.not_after() });
        }
        let issuer = Issuer::from_ca_cert_der(&self.sub.to_rustls(), pair(&self.sub_key)?)?;
        parsed(params.signed_by(key, &issuer)?)
    }
}

/// The key as rcgen signs with it. rcgen wipes its copy when dropped.
fn pair(key: &PrivateKey) -> Result<KeyPair, CaError> {
    let der = PrivatePkcs8KeyDer::from(key.pkcs8().expose());
    Ok(KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256)?)
}

fn parsed(made: rcgen::Certificate) -> Result<Certificate, CaError> {
    Certificate::from_der(made.der()).map_err(|e| CaError::Issue(e.to_string()))
}

#[cfg(test)]
mod tests;
