use p12_keystore::{
    Certificate as P12Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm,
    PrivateKey as P12PrivateKey, PrivateKeyChain,
};

use super::chain::Chain;
use super::sniff::{self, Key, Kind};
use super::{Certificate, KeyError, PrivateKey};
use crate::secret::{Passphrase, WeakPassphrase};

/// PBKDF2 and MAC iterations: below .NET's limit of 300,000 each, cheap to open.
const ITERATIONS: u32 = 100_000;

/// Why a PFX file could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PfxError {
    /// The key does not belong to the leaf.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// The password would be read differently by different readers.
    #[error("this password cannot protect a PFX file: {0}")]
    Password(#[from] WeakPassphrase),
    /// The file could not be written.
    #[error("the PFX file could not be written: {0}")]
    Write(String),
    /// The password does not open the file, or the file is damaged: its MAC cannot tell which.
    #[error("the password does not open the PFX file, or the file is damaged")]
    PasswordOrDamage,
    /// Not a PKCS#12 file.
    #[error("this is not a PKCS#12 (PFX) file: {0}")]
    Malformed(String),
    /// No private key in it.
    #[error("the PFX file holds no private key")]
    NoKey,
    /// Its key cannot be used.
    #[error("the key in the PFX file cannot be used: {0}")]
    Key(#[from] KeyError),
}

/// What a PFX file (PKCS#12, RFC 7292) holds.
#[derive(Debug)]
pub struct Pfx {
    /// The certificates in the order of the file.
    pub certificates: Vec<Certificate>,
    /// The private key.
    pub key: PrivateKey,
}

impl Pfx {
    /// Writes leaf, sub CAs, root and key in the modern profile: PBES2 with AES-256-CBC and
    /// PBKDF2-HMAC-SHA-256, HMAC-SHA-256, 100,000 iterations. `friendly_name` is the key's alias.
    pub fn write(
        chain: &Chain,
        key: &PrivateKey,
        password: &Passphrase,
        friendly_name: &str,
    ) -> Result<Vec<u8>, PfxError> {
        password.check_printable()?;
        // The writer takes any key with any certificate.
        if chain.leaf.key_fingerprint() != key.fingerprint() {
            return Err(PfxError::KeyMismatch);
        }
        let failed = |e: p12_keystore::error::Error| PfxError::Write(e.to_string());
        let certificates = chain
            .leaf_first()
            .map(|c| P12Certificate::from_der(c.der()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        let p12_key = P12PrivateKey::from_der(key.pkcs8().expose()).map_err(failed)?;
        // The local key ID ties key and leaf together; its value is free.
        let fingerprint = chain.leaf.fingerprint();
        let local_key_id = &fingerprint.as_bytes()[..20];
        let mut store = KeyStore::new();
        store.add_entry(
            friendly_name,
            KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new(local_key_id, p12_key, certificates)),
        );
        store
            .writer(password.expose())
            .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
            .encryption_iterations(ITERATIONS)
            .mac_algorithm(MacAlgorithm::HmacSha256)
            .mac_iterations(ITERATIONS)
            .write()
            .map_err(failed)
    }

    /// Reads a PFX file with one private key. `password` alone opens it: no published one is taken.
    pub fn read(bytes: &[u8], password: &Passphrase) -> Result<Self, PfxError> {
        let contents = sniff::read(bytes, &[Passphrase::new(password.expose())]);
        if contents.kind != Kind::Pkcs12 {
            return Err(PfxError::Malformed(contents.describe()));
        }
        let other_password =
            contents.notes.iter().any(|note| matches!(note.code, "published_password" | "empty_password"));
        if contents.is_locked() || other_password {
            return Err(PfxError::PasswordOrDamage);
        }
        let certificates = contents.certificates().cloned().collect();
        match contents.into_key() {
            Some(Key::Rsa(key)) => Ok(Self { certificates, key }),
            Some(Key::Locked(error)) => Err(error.into()),
            Some(Key::Foreign { .. }) => Err(KeyError::NotRsa.into()),
            None => Err(PfxError::NoKey),
        }
    }
}
