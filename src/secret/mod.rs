//! Secrets in memory: wiped when dropped, never shown by `Debug`, never cloned by accident.
//!
//! The types tell them apart, so that a password cannot stand where a shared key belongs.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

macro_rules! secret_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(SecretString);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<SecretString>) -> Self {
                Self(text.into())
            }

            /// The text itself. Keep it no longer than one call.
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    };
}

secret_text!(
    /// What encrypts a private key or a PFX file.
    Passphrase
);
secret_text!(
    /// The password of a MESH mailbox.
    MailboxPassword
);
secret_text!(
    /// The shared key of a MESH environment, also called shared secret.
    SharedKey
);

/// The shortest passphrase accepted for a new key, in characters.
pub const PASSPHRASE_MIN: usize = 12;

/// Why a passphrase cannot protect a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeakPassphrase {
    /// Fewer than [`PASSPHRASE_MIN`] characters.
    #[error("it has {0} characters; at least {PASSPHRASE_MIN} are needed")]
    TooShort(usize),
    /// A character outside printable ASCII.
    #[error(
        "it holds a character outside printable ASCII, which Java and some PFX readers reject or read differently"
    )]
    NotPrintableAscii,
    /// White space or quotes around it.
    #[error(
        "it begins or ends with white space or quotes, which are lost where it is kept in a file or a variable"
    )]
    Surrounded,
}

impl Passphrase {
    /// Whether this may protect a new key: at least [`PASSPHRASE_MIN`] printable ASCII characters.
    /// Existing keys are opened with whatever they were given.
    pub fn check_for_new_key(&self) -> Result<(), WeakPassphrase> {
        let text = self.expose();
        self.check_printable()?;
        if text.starts_with([' ', '"', '\'']) || text.ends_with([' ', '"', '\'']) {
            return Err(WeakPassphrase::Surrounded);
        }
        if text.len() < PASSPHRASE_MIN {
            return Err(WeakPassphrase::TooShort(text.len()));
        }
        Ok(())
    }

    /// Whether every reader takes it in the same way: printable ASCII.
    pub fn check_printable(&self) -> Result<(), WeakPassphrase> {
        if self.expose().bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Ok(());
        }
        Err(WeakPassphrase::NotPrintableAscii)
    }
}

/// Secret bytes, such as a private key in DER.
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes the bytes over; `bytes` itself is moved, not copied.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves. Keep them no longer than one call.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_a_secret() {
        let shown = format!(
            "{:?} {:?} {:?} {:?}",
            Passphrase::new("MARK-1-passphrase"),
            MailboxPassword::new("MARK-2"),
            SharedKey::new("MARK-3"),
            SecretBytes::new(b"MARK-4".to_vec()),
        );
        assert!(!shown.contains("MARK"), "{shown}");
    }

    #[test]
    fn new_passphrases_are_long_and_printable_ascii() {
        assert_eq!(Passphrase::new("twelve chars").check_for_new_key(), Ok(()));
        assert_eq!(Passphrase::new("too short").check_for_new_key(), Err(WeakPassphrase::TooShort(9)));
        assert_eq!(
            Passphrase::new("twelve chärs!").check_for_new_key(),
            Err(WeakPassphrase::NotPrintableAscii)
        );
        assert_eq!(
            Passphrase::new("twelve\tchars!").check_for_new_key(),
            Err(WeakPassphrase::NotPrintableAscii)
        );
        for surrounded in ["\"quoted passphrase\"", " leading space", "trailing space "] {
            assert_eq!(Passphrase::new(surrounded).check_for_new_key(), Err(WeakPassphrase::Surrounded));
        }
    }
}
