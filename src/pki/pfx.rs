mod alias;
mod write;

pub use alias::{Alias, AliasError};
pub use write::PfxProfile;
pub(super) use write::Pkcs12;

use super::sniff::{self, Key, Kind};
use super::{Certificate, KeyError, PrivateKey};
use crate::secret::{Passphrase, WeakPassphrase};

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
    /// Two entries of one keystore under the same alias.
    #[error("two entries of the keystore would have the alias '{0}'")]
    AliasTaken(String),
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
