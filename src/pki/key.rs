use std::fmt;
use std::str::FromStr;

use pkcs8::der::pem::LineEnding;
use pkcs8::der::{Decode, SecretDocument};
use rcgen::{PKCS_RSA_SHA256, PublicKeyData, RsaKeySize};
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::traits::PublicKeyParts;

use super::pbes2::DerivedKey;
use super::sniff::{self, Key};
use super::{Fingerprint, pem_text};
use crate::secret::{Passphrase, SecretBytes};

/// Why a private key could not be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key is encrypted and no passphrase was given.
    #[error("the private key is encrypted and no passphrase was given")]
    PassphraseNeeded,
    /// The passphrase does not open the key.
    #[error("the passphrase does not open the private key")]
    PassphraseWrong,
    /// Encrypted in a way that is not read here.
    #[error("the private key is encrypted as {scheme}, which is not read here")]
    Scheme {
        /// The scheme, by name or object identifier.
        scheme: String,
    },
    /// Not a private key at all.
    #[error("this is not a private key: {found}")]
    NotAKey {
        /// What it is instead.
        found: String,
    },
    /// A key, but not RSA: MESH certificates are issued for RSA keys.
    #[error("this is not an RSA key")]
    NotRsa,
    /// The key could not be made.
    #[error("the key could not be made: {0}")]
    Generate(String),
}

/// The size of an RSA modulus, in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeySize {
    /// 2048 bits, what MESH asks for.
    #[default]
    Rsa2048,
    /// 3072 bits.
    Rsa3072,
    /// 4096 bits.
    Rsa4096,
}

impl FromStr for KeySize {
    type Err = String;
    fn from_str(given: &str) -> Result<Self, String> {
        match given {
            "2048" => Ok(Self::Rsa2048),
            "3072" => Ok(Self::Rsa3072),
            "4096" => Ok(Self::Rsa4096),
            _ => Err(format!("'{given}' is not a key size: 2048, 3072 or 4096")),
        }
    }
}

/// An RSA private key, held in memory as PKCS#8 DER and wiped when dropped.
pub struct PrivateKey {
    pkcs8: SecretBytes,
    public_key: Vec<u8>,
    bits: usize,
}

impl fmt::Debug for PrivateKey {
    /// What is public of it, in short.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey(RSA {}, {})", self.bits, self.fingerprint().short())
    }
}

impl PrivateKey {
    /// Makes a key with aws-lc.
    pub fn generate(size: KeySize) -> Result<Self, KeyError> {
        let (size, bits) = match size {
            KeySize::Rsa2048 => (RsaKeySize::_2048, 2048),
            KeySize::Rsa3072 => (RsaKeySize::_3072, 3072),
            KeySize::Rsa4096 => (RsaKeySize::_4096, 4096),
        };
        let pair = rcgen::KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size)
            .map_err(|e| KeyError::Generate(e.to_string()))?;
        let public_key = pair.subject_public_key_info();
        // The pair wipes its own copy when dropped (feature "zeroize").
        Ok(Self { pkcs8: SecretBytes::new(pair.serialized_der().to_vec()), public_key, bits })
    }

    /// Makes a key and encrypts it: PKCS#8, PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-256 with 600,000
    /// iterations (RFC 8018), as PEM. Making and deriving run side by side.
    pub fn generate_encrypted(size: KeySize, passphrase: &Passphrase) -> Result<(Self, String), KeyError> {
        let (key, derived) = std::thread::scope(|scope| {
            let derived = scope.spawn(|| DerivedKey::derive(passphrase));
            (Self::generate(size), derived.join().expect("deriving does not panic"))
        });
        let key = key?;
        let pem = pem_text("ENCRYPTED PRIVATE KEY", &derived.encrypt(&key.pkcs8));
        Ok((key, pem))
    }

    /// Encrypts the key anew, as [`PrivateKey::generate_encrypted`] does, as PEM.
    pub fn encrypted_pem(&self, passphrase: &Passphrase) -> String {
        pem_text("ENCRYPTED PRIVATE KEY", &DerivedKey::derive(passphrase).encrypt(&self.pkcs8))
    }

    /// Reads the first private key of a file of any kind that [`sniff::read`] knows. `passphrase` is asked
    /// for only when the key turns out to be encrypted.
    pub fn parse(bytes: &[u8], passphrase: Option<&Passphrase>) -> Result<Self, KeyError> {
        let given: Vec<_> = passphrase.map(|given| Passphrase::new(given.expose())).into_iter().collect();
        let contents = sniff::read(bytes, &given);
        let found = contents.describe();
        match contents.into_key() {
            Some(Key::Rsa(key)) => Ok(key),
            Some(Key::Foreign { .. }) => Err(KeyError::NotRsa),
            Some(Key::Locked(error)) => Err(error),
            None => Err(KeyError::NotAKey { found }),
        }
    }

    /// Whether reading `bytes` takes a passphrase.
    pub fn is_encrypted(bytes: &[u8]) -> bool {
        matches!(Self::parse(bytes, None), Err(KeyError::PassphraseNeeded))
    }

    /// The longest encoding of a key that is read, in bytes: of 16,384 bits. What is longer would take
    /// hours to check.
    pub(super) const LONGEST: usize = 12 * 1024;

    /// Reads an RSA key in PKCS#8 DER that is not encrypted.
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        Self::from_der(der, RsaPrivateKey::from_pkcs8_der)
    }

    /// Reads an RSA key in PKCS#1 DER.
    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        Self::from_der(der, RsaPrivateKey::from_pkcs1_der)
    }

    fn from_der<E>(der: &[u8], read: impl Fn(&[u8]) -> Result<RsaPrivateKey, E>) -> Result<Self, KeyError> {
        let key = (der.len() <= Self::LONGEST).then(|| read(der).ok()).flatten();
        let found = || "an RSA key whose numbers do not fit together".into();
        Self::from_rsa(&key.ok_or_else(|| KeyError::NotAKey { found: found() })?)
    }

    /// Encodes anew, so that what is held is always plain PKCS#8 without attributes.
    fn from_rsa(key: &RsaPrivateKey) -> Result<Self, KeyError> {
        let der = key.to_pkcs8_der().map_err(cannot_encode)?;
        let public_key = {
            use rsa::pkcs8::EncodePublicKey;
            key.to_public_key().to_public_key_der().map_err(cannot_encode)?
        };
        Ok(Self {
            pkcs8: SecretBytes::new(der.as_bytes().to_vec()),
            public_key: public_key.into_vec(),
            bits: key.n().bits() as usize,
        })
    }

    /// SHA-256 over the SubjectPublicKeyInfo DER: what says that key, CSR and certificate belong together.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.public_key)
    }

    /// The size of the modulus, in bits.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// The key as plain PKCS#8 DER, for a TLS stack or a PFX.
    pub fn pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }

    /// The key as plain PKCS#8 PEM, `PRIVATE KEY`: whoever reads it holds the key.
    pub fn pkcs8_pem(&self) -> Result<SecretBytes, KeyError> {
        plain_pem("PRIVATE KEY", self.pkcs8.expose())
    }

    /// The key as plain PKCS#1 PEM (RFC 8017), `RSA PRIVATE KEY`: whoever reads it holds the key.
    pub fn pkcs1_pem(&self) -> Result<SecretBytes, KeyError> {
        plain_pem("RSA PRIVATE KEY", self.pkcs1()?)
    }

    /// The key as PKCS#1 DER, which PKCS#8 of an RSA key wraps as it is.
    pub(super) fn pkcs1(&self) -> Result<&[u8], KeyError> {
        let info = pkcs8::PrivateKeyInfoRef::from_der(self.pkcs8.expose()).map_err(cannot_encode)?;
        Ok(info.private_key.as_bytes())
    }
}

fn cannot_encode<E>(_: E) -> KeyError {
    KeyError::NotAKey { found: "an RSA key that cannot be encoded".into() }
}

fn plain_pem(label: &'static str, der: &[u8]) -> Result<SecretBytes, KeyError> {
    let document = SecretDocument::try_from(der).map_err(cannot_encode)?;
    let text = document.to_pem(label, LineEnding::LF).map_err(cannot_encode)?;
    // The text is wiped when dropped; the copy is a secret from the first byte.
    Ok(SecretBytes::new(text.as_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use pkcs8::EncryptedPrivateKeyInfoRef;
    use pkcs8::der::Decode;

    use super::*;

    #[test]
    fn encrypted_key_opens_with_its_passphrase_only() {
        let passphrase = Passphrase::new("correct horse battery");
        let (key, pem) = PrivateKey::generate_encrypted(KeySize::Rsa2048, &passphrase).unwrap();
        let again = PrivateKey::parse(pem.as_bytes(), Some(&passphrase)).unwrap();
        assert_eq!(again.fingerprint(), key.fingerprint());
        assert_eq!(again.bits(), 2048);
        let wrong = PrivateKey::parse(pem.as_bytes(), Some(&Passphrase::new("wrong horse battery")));
        assert!(matches!(wrong, Err(KeyError::PassphraseWrong)), "{wrong:?}");
        assert!(matches!(PrivateKey::parse(pem.as_bytes(), None), Err(KeyError::PassphraseNeeded)));
    }

    #[test]
    fn key_at_rest_says_pbes2_aes256_and_600000_iterations() {
        let (_, pem) =
            PrivateKey::generate_encrypted(KeySize::Rsa2048, &Passphrase::new("correct horse battery"))
                .unwrap();
        let der = pem::parse(pem).unwrap();
        let info = EncryptedPrivateKeyInfoRef::from_der(der.contents()).unwrap();
        let parameters = info.encryption_algorithm.pbes2().unwrap();
        assert_eq!(parameters.encryption.oid(), pkcs8::pkcs5::pbes2::AES_256_CBC_OID);
        let kdf = parameters.kdf.pbkdf2().unwrap();
        assert_eq!(kdf.iteration_count, 600_000);
        assert_eq!(kdf.prf, pkcs8::pkcs5::pbes2::Pbkdf2Prf::HmacWithSha256);
    }

    #[test]
    fn what_is_not_a_key_is_named() {
        let error = PrivateKey::parse(b"hello", None).unwrap_err();
        assert!(matches!(error, KeyError::NotAKey { .. }), "{error:?}");
        let pem = pem_text("CERTIFICATE", b"x");
        let error = PrivateKey::parse(pem.as_bytes(), None).unwrap_err();
        assert!(error.to_string().contains("a damaged certificate"), "{error}");
    }
}
