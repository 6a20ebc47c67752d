mod alias;
mod write;

pub use alias::{Alias, AliasError};
pub use write::PfxProfile;
pub(super) use write::Pkcs12;

use p12_keystore::Pkcs12Archive;

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
    /// Reads a PFX file with one private key.
    pub fn read(bytes: &[u8], password: &Passphrase) -> Result<Self, PfxError> {
        let archive = Pkcs12Archive::from_pkcs12(bytes, password.expose()).map_err(|error| match error {
            p12_keystore::error::Error::MacError(_) => PfxError::PasswordOrDamage,
            other => PfxError::Malformed(other.to_string()),
        })?;
        let key = archive.keys.first().ok_or(PfxError::NoKey)?;
        let key = PrivateKey::parse(key.key.as_der(), None)?;
        let certificates = archive
            .certs
            .iter()
            .map(|bag| Certificate::from_der(bag.cert.as_der()))
            .collect::<Result<_, _>>()
            .map_err(|e| PfxError::Malformed(e.to_string()))?;
        Ok(Self { certificates, key })
    }
}
