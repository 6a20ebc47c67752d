use std::path::Path;

use crate::onboarding::Standing;
use crate::store::{CredentialRecord, PassphraseHolder};

/// What to do next with a mailbox, as a sentence with a command. `line` makes the command from a verb and
/// what follows the mailbox; `check` is the check that can be made.
pub fn next_step(
    standing: Standing,
    credential: &CredentialRecord,
    line: impl Fn(&str, &str) -> String,
    check: impl Fn() -> String,
) -> String {
    match standing {
        Standing::Requested if credential.sent_at.is_none() => {
            format!("send the email, then: {}", line("sent", ""))
        }
        Standing::Requested => format!("when the certificate arrives: {}", line("import", "FILE")),
        Standing::Ready => format!("see its dates: {}", line("--json status", "")),
        Standing::Current => format!("prove that it works: {}", check()),
        Standing::Expiring | Standing::Expired => {
            "ask the service desk for a new certificate now: it takes up to 5 working days".into()
        }
        Standing::Renewing => format!("when the new certificate arrives: {}", line("import", "FILE")),
    }
}

/// Commands in `text` with the `--home` that this run was given, so that they work when they are pasted.
pub fn with_home(text: &str, home: Option<&Path>) -> String {
    let Some(home) = home else { return text.to_owned() };
    let home = home.display().to_string();
    text.replace("mesh-onboard ", &format!("mesh-onboard --home {} ", shell_words::quote(&home)))
}

/// Where the passphrase of a key is, and what losing it means.
pub fn passphrase_sentence(holder: &PassphraseHolder) -> &'static str {
    match holder {
        PassphraseHolder::You => {
            "the key's passphrase is yours to keep: losing it means asking the desk again"
        }
        PassphraseHolder::Keyring { .. } => {
            "the key's passphrase is in this account's keyring: losing it means asking the desk again"
        }
    }
}
