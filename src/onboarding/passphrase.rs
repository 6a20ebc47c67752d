//! Who holds the passphrase of a key: proved by opening the key, and recorded.

use crate::pki::{KeyError, PrivateKey};
use crate::secret::{Passphrase, SecretBytes};
use crate::store::{FILE_LIMIT, Folder, PassphraseHolder, StoreError, files};

/// Why it was not recorded; nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// None of those given opens the key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The disk refused, or another run is at work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which of several readings opens the key of a credential, by its place among them.
pub fn opener(folder: &Folder, number: u32, readings: &[Passphrase]) -> Result<usize, PassphraseError> {
    let path = folder.credential(number).join("key.pem");
    let pem = SecretBytes::new(files::read_bounded(&path, FILE_LIMIT)?);
    for (index, passphrase) in readings.iter().enumerate() {
        match PrivateKey::parse(pem.expose(), Some(passphrase)) {
            Ok(_) => return Ok(index),
            Err(KeyError::PassphraseWrong) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(KeyError::PassphraseWrong.into())
}

/// Records who holds the passphrase of a credential. Returns who did before.
pub fn record_holder(
    folder: &Folder,
    number: u32,
    passphrase: PassphraseHolder,
    holder: &str,
) -> Result<PassphraseHolder, StoreError> {
    let writer = folder.lock(holder)?;
    let gone = || StoreError::NoSuchMailbox {
        mailbox: folder.mailbox().clone(),
        environment: Some(folder.environment()),
        home: folder.path().to_owned(),
    };
    let mut record = folder.load()?.ok_or_else(gone)?;
    let credential = record.credentials.iter_mut().find(|c| c.number == number).ok_or_else(gone)?;
    let before = std::mem::replace(&mut credential.passphrase, passphrase);
    if before != credential.passphrase {
        writer.commit(&record)?;
    }
    Ok(before)
}
