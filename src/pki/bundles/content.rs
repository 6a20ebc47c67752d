use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::{BundleError, PlaintextKey};
use crate::pki::pfx::Pkcs12;
use crate::pki::{Certificate, PfxProfile, PrivateKey};
use crate::secret::{Passphrase, SecretBytes};

/// What goes into one file, and has to come out of it again.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// Certificates in PEM, in this order.
    Certificates(Vec<&'a Certificate>),
    /// Anything of PKCS#12.
    Pkcs12(Pkcs12<'a>),
    /// These bytes in base64 on one line.
    Base64(&'a [u8]),
    /// The key, not encrypted.
    Key(&'a PrivateKey, PlaintextKey),
}

impl Content<'_> {
    /// The bytes of the file.
    pub(super) fn write(
        &self,
        password: &Passphrase,
        profile: PfxProfile,
    ) -> Result<SecretBytes, BundleError> {
        Ok(match self {
            Self::Certificates(certificates) => pem(certificates),
            Self::Pkcs12(pkcs12) => SecretBytes::new(pkcs12.write(password, profile)?),
            Self::Base64(bytes) => SecretBytes::new(BASE64_STANDARD.encode(bytes).into_bytes()),
            Self::Key(key, PlaintextKey::Pkcs8) => key.pkcs8_pem()?,
            Self::Key(key, PlaintextKey::Pkcs1) => key.pkcs1_pem()?,
        })
    }

    /// Whether `bytes` hold this and nothing else.
    pub(super) fn is_in(&self, bytes: &[u8], password: &Passphrase) -> bool {
        match self {
            Self::Certificates(certificates) => pem::parse_many(bytes).is_ok_and(|blocks| {
                blocks.iter().all(|block| block.tag() == "CERTIFICATE")
                    && blocks.iter().map(pem::Pem::contents).eq(certificates.iter().map(|c| c.der()))
            }),
            Self::Pkcs12(pkcs12) => pkcs12.is_in(bytes, password),
            Self::Base64(of) => BASE64_STANDARD.decode(bytes).is_ok_and(|decoded| decoded == *of),
            // Bit by bit: a key of the right modulus can still have a wrong exponent.
            Self::Key(key, PlaintextKey::Pkcs8) => is_pem(bytes, "PRIVATE KEY", key.pkcs8().expose()),
            Self::Key(key, PlaintextKey::Pkcs1) => {
                key.pkcs1().is_ok_and(|der| is_pem(bytes, "RSA PRIVATE KEY", der))
            }
        }
    }
}

/// Certificates in PEM, in this order.
pub(super) fn pem(certificates: &[&Certificate]) -> SecretBytes {
    SecretBytes::new(certificates.iter().map(|c| c.pem()).collect::<String>().into_bytes())
}

/// Whether `text` is one PEM block of this label and content.
fn is_pem(text: &[u8], label: &str, der: &[u8]) -> bool {
    pem::parse(text).is_ok_and(|block| {
        let same_label = block.tag() == label;
        same_label && Zeroizing::new(block.into_contents()).as_slice() == der
    })
}
