//! The keyring, backups and what comes back from them.

use super::{Explained, exit, store};
use crate::keyring::KeyringError;
use crate::onboarding::{BackupError, RestoreError};
use crate::store::{ArchiveError, SealError};

/// What stands in for a keyring.
const INSTEAD: &str = "without it, secrets come from --secrets FILE, the environment or secret_command of settings.toml; see where each is found: mesh-onboard secret list";

pub(super) fn keyring(error: &KeyringError) -> Explained {
    Explained::new("keyring", error).hint(match error {
        KeyringError::Locked(_) => {
            "unlock it, as logging in at the desktop does, and try again; it is not asked twice in one run"
        }
        _ => INSTEAD,
    })
}

pub(super) fn backup(error: &BackupError) -> Explained {
    match error {
        BackupError::Nothing { .. } => Explained::new("nothing_to_back_up", error)
            .because("a wrong --home looks the same")
            .hint("see what is here: mesh-onboard status"),
        BackupError::Passphrases { reason, .. } => Explained::new("keyring", error)
            .because("a key without its passphrase is lost")
            .because_each(reason.iter().cloned())
            .hint("unlock the keyring and try again; or keep those passphrases elsewhere yourself, and add --without-passphrases"),
        BackupError::Differs { .. } => {
            Explained::new("io", error).hint("check the disk and try again; no backup was made")
        }
        BackupError::Store(e) => store(e),
    }
}

pub(super) fn restore(error: &RestoreError) -> Explained {
    match error {
        RestoreError::Seal { error: e @ SealError::PassphraseWrong, .. } => {
            Explained::new("passphrase_wrong", error).because(e.to_string()).hint(
                "give the right one with --backup-passphrase-file FILE; a passphrase of a key is another one",
            )
        }
        RestoreError::Seal { error: SealError::Foreign | SealError::TooMuchWork { .. }, .. } => {
            Explained::new("not_a_backup", error)
                .because("a backup is a tar that is encrypted with a passphrase, as age -p does")
                .hint("see what the file is: mesh-onboard inspect FILE")
        }
        RestoreError::Seal { .. } => {
            Explained::new("not_a_backup", error).hint("take another copy of it; nothing was written")
        }
        RestoreError::Archive { error: e, .. } => archive(error, e),
        RestoreError::AlreadyHere { home, .. } => Explained::new("already_here", error)
            .because(format!("in {}; nothing was written", home.display()))
            .hint("restore into another home, and compare: mesh-onboard --home DIR restore FILE"),
        RestoreError::Store(e) => store(e),
    }
}

fn archive(error: &RestoreError, archive: &ArchiveError) -> Explained {
    match archive {
        ArchiveError::NewerFormat(_) => Explained::new("newer_format", error)
            .exit(exit::FAILED)
            .hint("use the version of mesh-onboard that made it"),
        ArchiveError::Io(_) => Explained::new("not_a_backup", error)
            .hint("it is damaged or cut off: take another copy of it; nothing was written"),
        _ => Explained::new("not_a_backup", error).because("nothing was written"),
    }
}
