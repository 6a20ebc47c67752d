//! The names of our entries. They are kept by people's keyrings and in `mailbox.toml`: none may ever change.

use crate::mailbox::{Environment, MailboxId};

/// The password of a mailbox.
pub fn mailbox_password(mailbox: &MailboxId, environment: Environment) -> String {
    format!("{environment}/{mailbox}/mailbox-password")
}

/// The shared key, which all mailboxes of an environment have in common.
pub fn shared_key(environment: Environment) -> String {
    format!("{environment}/shared-key")
}

/// The password of the PFX files of a mailbox, where it is another one than the key's passphrase.
pub fn pfx_password(mailbox: &MailboxId, environment: Environment) -> String {
    format!("{environment}/{mailbox}/pfx-password")
}

/// A name for the passphrase of one key, never used before: it must not take the place of another key's.
pub fn new_key_passphrase(owner: Option<(&MailboxId, Environment)>) -> String {
    let owner = owner.map(|(mailbox, environment)| format!("{environment}/{mailbox}/")).unwrap_or_default();
    format!("{owner}key-passphrase/{}", uuid::Uuid::new_v4())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_entries_stay_as_they_are() {
        let (mailbox, live) = ("X26ABC1".parse().unwrap(), Environment::Live);
        assert_eq!(mailbox_password(&mailbox, live), "live/X26ABC1/mailbox-password");
        assert_eq!(shared_key(live), "live/shared-key");
        assert_eq!(pfx_password(&mailbox, live), "live/X26ABC1/pfx-password");
        let name = || new_key_passphrase(Some((&mailbox, live)));
        assert!(name().starts_with("live/X26ABC1/key-passphrase/"));
        assert_ne!(name(), name());
    }
}
