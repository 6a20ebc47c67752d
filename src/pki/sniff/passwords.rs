use super::{Note, Protection};
use crate::pki::KeyError;
use crate::pki::encryption::{Closed, Encryption, Traditional};
use crate::secret::Passphrase;

/// The keystore passwords that NHS England publishes for MESH clients on Path to Live. They are no secret,
/// and live keystores have others.
const PUBLISHED: [&str; 4] = ["Spine2Int", "Spine2Dev", "Spine2Dep", "Spine2Train"];

/// The passwords that are tried on a keystore: those given, the empty one, and those that are published.
pub(super) struct Candidates {
    given: usize,
    public: Vec<Passphrase>,
}

impl Candidates {
    pub fn new(given: &[Passphrase]) -> Self {
        let known = |text: &&str| given.iter().all(|password| password.expose() != *text);
        let public = [""].into_iter().chain(PUBLISHED).filter(known).map(Passphrase::new).collect();
        Self { given: given.len(), public }
    }

    /// All of them, those given first.
    pub fn all<'a>(&'a self, given: &'a [Passphrase]) -> Vec<&'a Passphrase> {
        given.iter().chain(&self.public).collect()
    }

    /// What to say of a keystore that the password at `position` opened, where that was not given.
    pub fn remark(&self, position: usize) -> Option<Note> {
        let password = self.public.get(position.checked_sub(self.given)?)?.expose();
        Some(if password.is_empty() {
            Note::new(
                "empty_password",
                "opens with an empty password: whoever has the file has what is in it",
            )
        } else {
            Note::new(
                "published_password",
                format!(
                    "opens with '{password}', which is published for MESH clients on Path to Live: \
                     whoever has the file has what is in it"
                ),
            )
        })
    }
}

/// Why a key stays closed.
pub(super) fn locked(closed: Closed, any_given: bool, scheme: &str) -> KeyError {
    match closed {
        Closed::Wrong if any_given => KeyError::PassphraseWrong,
        Closed::Wrong => KeyError::PassphraseNeeded,
        Closed::Scheme => KeyError::Scheme { scheme: scheme.into() },
        Closed::TooMuchWork => {
            KeyError::Scheme { scheme: format!("{scheme} with more iterations than are tried here") }
        }
    }
}

/// What is said where passwords were given and none of them fits.
pub(super) fn wrong_password() -> Note {
    Note::new("password_wrong", "none of the passwords given opens it, or it is damaged")
}

impl Protection {
    pub(super) fn of(part: &'static str, encryption: &Encryption, opened: bool) -> Self {
        Self {
            part,
            scheme: encryption.scheme.clone(),
            cipher: encryption.cipher.clone(),
            kdf: encryption.kdf.clone(),
            iterations: encryption.iterations,
            opened,
        }
    }

    pub(super) fn traditional(encryption: &Traditional, opened: bool) -> Self {
        Self {
            part: "private key",
            scheme: "traditional PEM".into(),
            cipher: Some(encryption.cipher.clone()),
            kdf: Some("MD5".into()),
            iterations: Some(1),
            opened,
        }
    }

    /// Something that lies there for everybody to read.
    pub(super) fn none(part: &'static str) -> Self {
        Self { part, scheme: "none".into(), cipher: None, kdf: None, iterations: None, opened: true }
    }
}
