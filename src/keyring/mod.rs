//! Passwords in the keyring of the operating system: Secret Service, Keychain or Credential Manager.

use std::sync::{Mutex, PoisonError};

use crate::secret::Passphrase;

/// Under this name the operating system lists our entries.
const SERVICE: &str = "mesh-onboard";

/// Why the keyring did not answer. Callers fall back to asking.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// There is none on this machine, or none is running.
    #[error("there is no keyring on this machine")]
    Absent,
    /// It is locked, or access was refused.
    #[error("the keyring is locked or refused access: {0}")]
    NoAccess(String),
    /// Anything else that it said.
    #[error("the keyring failed: {0}")]
    Failed(String),
}

impl From<keyring::Error> for KeyringError {
    fn from(error: keyring::Error) -> Self {
        match error {
            keyring::Error::NoDefaultStore => Self::Absent,
            keyring::Error::NoStorageAccess(reason) => Self::NoAccess(reason.to_string()),
            // Its text for bad encodings would hold the bytes themselves.
            keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => {
                Self::Failed("the entry is not text".into())
            }
            other => Self::Failed(other.to_string()),
        }
    }
}

/// Threads ask in turns: one that is locked is to be unlocked once.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// What an entry holds; `None` if there is no such entry.
pub fn get(entry: &str) -> Result<Option<String>, KeyringError> {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    match keyring::Entry::new(SERVICE, entry)?.get_password() {
        Ok(text) => Ok(Some(text)),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Keeps a passphrase and reads it back: only then is it safe to rely on.
pub fn keep(entry: &str, passphrase: &Passphrase) -> Result<(), KeyringError> {
    keyring::Entry::new(SERVICE, entry)?.set_password(passphrase.expose())?;
    match get(entry)? {
        Some(back) if back == passphrase.expose() => Ok(()),
        _ => Err(KeyringError::Failed("the entry does not read back".into())),
    }
}
