//! Secrets that are looked for, keys that do not open, the keyring, backups and what comes back from them.

use super::{BETTER, Explained, exit, store};
use crate::keyring::KeyringError;
use crate::onboarding::{BackupError, RestoreError};
use crate::pki::KeyError;
use crate::store::{ArchiveError, SealError};
use crate::ui::InputError;

/// What stands in for a keyring.
const INSTEAD: &str = "without it, secrets come from --secrets FILE, the environment or secret_command of settings.toml; see where each is found: mesh-onboard secret list";

/// A secret that was looked for, or an answer.
pub(super) fn input(error: &InputError) -> Explained {
    let usage = |code| Explained::new(code, error).exit(exit::USAGE);
    match error {
        InputError::SecretNeeded { flag, variable, .. } => {
            let variable = variable.map(|name| format!(", or in the environment as {name}")).unwrap_or_default();
            usage("input_needed").hint(format!("give it with {flag} FILE{variable}"))
        }
        InputError::YesNeeded { flag, .. } => {
            usage("input_needed").hint(format!("if that is meant, add {flag}"))
        }
        InputError::BackupPassphrase(weak) => {
            Explained::new("passphrase_weak", error).exit(exit::USAGE).because(weak.to_string()).hint(BETTER)
        }
        InputError::SecretEmpty { .. } | InputError::SecretNotText { .. } => usage("usage"),
        InputError::SecretFileMissing { .. } => Explained::new("io", error)
            .hint("give the path of a file that holds the secret, or - for standard input; what was given is not repeated, for it may be the secret itself"),
        InputError::SecretsFileOpen { path } => {
            usage("usage").hint(format!("make it private: chmod 600 {}", path.display()))
        }
        InputError::SecretsFileLine { .. } => usage("usage").hint(
            "a secrets file holds lines such as MESH_MAILBOX_PASSWORD=value, or the same as TOML with quotes",
        ),
        InputError::SecretCommand { .. } => Explained::new("secret_command_failed", error),
        other => Explained::new("usage", other).exit(exit::USAGE),
    }
}

/// A key that does not open.
pub(super) fn key(error: &KeyError) -> Explained {
    match error {
        KeyError::PassphraseWrong => Explained::new("passphrase_wrong", error)
            .hint("give the right one with --key-passphrase-file FILE"),
        KeyError::PassphraseNeeded => Explained::new("input_needed", error)
            .exit(exit::USAGE)
            .hint("give it with --key-passphrase-file FILE"),
        KeyError::Scheme { .. } => Explained::new("key_unreadable", error)
            .hint("convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW"),
        _ => Explained::new("key_unreadable", error),
    }
}

pub(super) fn keyring(error: &KeyringError) -> Explained {
    let explained =
        Explained::new("keyring", error).because_each(error.reason().map(str::to_owned).into_iter());
    explained.hint(match error {
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
        RestoreError::Seal { error: SealError::PassphraseWrong, .. } => {
            Explained::new("passphrase_wrong", error).hint(
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
