//! Encryption with a passphrase in the age format, version 1 (C2SP `age.md`), as `age -p` writes and reads it.

use std::io::{self, Read, Write};
use std::iter;

use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use secrecy::SecretString;

use crate::secret::Passphrase;

/// The cost of a guess: scrypt with N = 2^18 and r = 8, 256 MiB of memory and about a second; that of `age` itself.
pub const WORK_FACTOR: u8 = 18;

/// The highest that is accepted: 1 GiB of memory.
pub const WORK_FACTOR_MAX: u8 = 20;

#[cfg(not(feature = "test-hooks"))]
fn work_factor() -> u8 {
    WORK_FACTOR
}

/// Tests may lower it: they make many backups, and each costs two guesses.
#[cfg(feature = "test-hooks")]
fn work_factor() -> u8 {
    let set = std::env::var("MESH_ONBOARD_TEST_WORK_FACTOR").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(WORK_FACTOR)
}

/// Why sealed bytes were not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// They are something else, or encrypted to a key and not with a passphrase.
    #[error("it is not encrypted with a passphrase in the age format")]
    Foreign,
    /// The passphrase is another one.
    #[error("the passphrase does not open it")]
    PassphraseWrong,
    /// To try a passphrase would take more memory and time than any of ours or of age's.
    #[error("its work factor is {found}, and {WORK_FACTOR_MAX} is the highest that is tried")]
    TooMuchWork {
        /// That of its header.
        found: u8,
    },
    /// They were changed or cut off.
    #[error("it is damaged")]
    Damaged,
    /// They could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Encrypts what is written to it. It has to be finished.
pub struct Sealed<W: Write>(StreamWriter<W>);

impl<W: Write> Sealed<W> {
    /// Begins, by writing the header.
    pub fn begin(output: W, passphrase: &Passphrase) -> io::Result<Self> {
        let mut recipient = scrypt::Recipient::new(text(passphrase));
        recipient.set_work_factor(work_factor());
        let encryptor = Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient))
            .map_err(|error| io::Error::other(error.to_string()))?;
        encryptor.wrap_output(output).map(Self)
    }

    /// Writes the end, without which the whole cannot be opened.
    pub fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether a passphrase could open it, by its header.
pub fn may_open(input: impl Read) -> Result<(), SealError> {
    match Decryptor::new(input)?.is_scrypt() {
        true => Ok(()),
        false => Err(SealError::Foreign),
    }
}

/// What was sealed. Every byte that comes was authenticated; that the end is there shows only at the end.
pub fn open<R: Read>(input: R, passphrase: &Passphrase) -> Result<StreamReader<R>, SealError> {
    let decryptor = Decryptor::new(input)?;
    if !decryptor.is_scrypt() {
        return Err(SealError::Foreign);
    }
    let mut identity = scrypt::Identity::new(text(passphrase));
    identity.set_max_work_factor(WORK_FACTOR_MAX);
    Ok(decryptor.decrypt(iter::once(&identity as &dyn age::Identity))?)
}

fn text(passphrase: &Passphrase) -> SecretString {
    SecretString::from(passphrase.expose())
}

impl From<DecryptError> for SealError {
    fn from(error: DecryptError) -> Self {
        match error {
            DecryptError::ExcessiveWork { required, .. } => Self::TooMuchWork { found: required },
            DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed
            | DecryptError::NoMatchingKeys => Self::PassphraseWrong,
            DecryptError::InvalidMac => Self::Damaged,
            DecryptError::Io(error)
                if error.kind() != io::ErrorKind::UnexpectedEof
                    && error.kind() != io::ErrorKind::InvalidData =>
            {
                Self::Io(error)
            }
            _ => Self::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut sealed = Sealed::begin(Vec::new(), &Passphrase::new("twelve or more")).unwrap();
        sealed.write_all(plain).unwrap();
        sealed.finish().unwrap()
    }

    fn opened(bytes: &[u8], passphrase: &str) -> Result<Vec<u8>, SealError> {
        let mut plain = Vec::new();
        open(bytes, &Passphrase::new(passphrase))?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn only_the_right_passphrase_opens_what_was_sealed() {
        let bytes = sealed(b"MARK of the plain text");
        assert!(!bytes.windows(4).any(|four| four == b"MARK"));
        assert_eq!(opened(&bytes, "twelve or more").unwrap(), b"MARK of the plain text");
        assert!(matches!(opened(&bytes, "another one"), Err(SealError::PassphraseWrong)));
    }

    #[test]
    fn cut_or_changed_bytes_are_refused() {
        let bytes = sealed(&[7; 200]);
        let passphrase = "twelve or more";
        for end in [bytes.len() - 1, bytes.len() - 100, 30, 0] {
            assert!(opened(&bytes[..end], passphrase).is_err(), "cut at {end}");
        }
        for at in [bytes.len() - 1, bytes.len() / 2] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, passphrase).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn work_beyond_all_bounds_is_not_begun() {
        let bytes = sealed(b"x");
        let text = String::from_utf8_lossy(&bytes).replacen(" 18\n", " 30\n", 1);
        let found = opened(text.as_bytes(), "twelve or more").unwrap_err();
        // Bytes that are no UTF-8 were lost; the header comes first.
        assert!(matches!(found, SealError::TooMuchWork { found: 30 }), "{found}");
    }

    #[test]
    fn what_is_encrypted_to_a_key_or_not_at_all_is_named() {
        for foreign in [&b"no age file"[..], b"", b"age-encryption.org/v1\n-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\nEmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n--- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0\n0123456789abcdef0123456789abcdef"] {
            assert!(matches!(opened(foreign, "twelve or more"), Err(SealError::Foreign)), "{foreign:?}");
        }
    }
}
