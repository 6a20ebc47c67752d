use std::path::Path;

use crate::onboarding::{Standing, Successor};
use crate::store::{CredentialRecord, PassphraseHolder};

/// What to do next with a mailbox, as a sentence with a command. `line` makes the command from a verb and
/// what follows the mailbox; `check` is the check that can be made, of a credential that is not in use by its number.
pub fn next_step(
    standing: Standing,
    credential: &CredentialRecord,
    line: impl Fn(&str, &str) -> String,
    check: impl Fn(Option<u32>) -> String,
) -> String {
    let renew =
        || format!("renew it now, the service desk takes up to 5 working days: {}", line("renew", ""));
    let follow = |successor| match successor {
        Successor::Unsent => format!("send the email, then: {}", line("sent", "")),
        Successor::Sent => format!("when the new certificate arrives: {}", line("import", "FILE")),
        // Had its check passed when it was imported, it would be in use.
        Successor::Ready(number) => format!(
            "prove the new credential: {}; then put it in use: {}",
            check(Some(number)),
            line("activate", "")
        ),
    };
    match standing {
        Standing::Requested if credential.sent_at.is_none() => follow(Successor::Unsent),
        Standing::Requested => format!("when the certificate arrives: {}", line("import", "FILE")),
        Standing::Ready => follow(Successor::Ready(credential.number)),
        Standing::Current => format!("prove that it works: {}", check(None)),
        Standing::Expiring | Standing::Expired(None) => renew(),
        Standing::Renewing(successor) | Standing::Expired(Some(successor)) => follow(successor),
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
