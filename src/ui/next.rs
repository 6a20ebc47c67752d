use crate::mailbox::MailboxId;
use crate::onboarding::Standing;
use crate::store::{CredentialRecord, PassphraseHolder};

/// What to do next with a mailbox, as a sentence with a command.
pub fn next_step(mailbox: &MailboxId, standing: Standing, credential: &CredentialRecord) -> String {
    match standing {
        Standing::Requested if credential.sent_at.is_none() => {
            format!("send the email, then: mesh-onboard sent {mailbox}")
        }
        Standing::Requested => {
            format!("when the certificate arrives: mesh-onboard import {mailbox} FILE")
        }
        Standing::Ready => format!("see its dates: mesh-onboard --json status {mailbox}"),
        Standing::Current => format!("prove that it works: mesh-onboard check {mailbox}"),
        Standing::Expiring | Standing::Expired => {
            "ask the service desk for a new certificate now: it takes up to 5 working days".into()
        }
        Standing::Renewing => {
            format!("when the new certificate arrives: mesh-onboard import {mailbox} FILE")
        }
    }
}

/// Where the passphrase of a key is, and what losing it means.
pub fn passphrase_sentence(holder: &PassphraseHolder) -> &'static str {
    match holder {
        PassphraseHolder::You => {
            "the key's passphrase is held by you alone: losing it means asking the desk again"
        }
        PassphraseHolder::Keyring { .. } => {
            "the key's passphrase is in this account's keyring: losing it means asking the desk again"
        }
    }
}
