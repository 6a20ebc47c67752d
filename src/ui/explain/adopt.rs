//! What stands in the way of taking in a key and certificate from elsewhere.

use super::{Explained, OPEN_IT, bundles, capped, exit, import, key, store};
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding::{AdoptError, ImportError, PairError};
use crate::pki::chain::ChainError;
use crate::store::CredentialState;

pub(super) fn pair(error: &PairError) -> Explained {
    match error {
        PairError::NotACertificate { files, locked } => Explained::new("not_a_certificate", error)
            .because_each(files.iter().map(|(name, found)| format!("{name} holds {found}")))
            .hint(if *locked { OPEN_IT } else { "give the certificate with --cert FILE" }),
        PairError::OnlyAuthorities { subjects, with_key } => {
            Explained::new(if *with_key { "key_mismatch" } else { "not_a_certificate" }, error)
                .because_each(subjects.iter().map(|subject| format!("{subject} is the certificate of a CA")))
                .hint("give the client certificate with --cert FILE; CA certificates are welcome beside it")
        }
        PairError::Key { source, .. } => {
            let of_key = key(source);
            Explained { message: error.to_string(), ..of_key }
        }
        PairError::Keystore { .. } => Explained::new("passphrase_wrong", error).hint(OPEN_IT),
        PairError::KeyMismatch { keys, certificates, .. } => {
            let of_alias = |alias: &Option<String>| alias.as_ref().map(|alias| format!(" of {alias}"));
            Explained::new("key_mismatch", error)
                .because_each(keys.iter().map(|(alias, key)| {
                    format!("the key{} is SHA-256 {}", of_alias(alias).unwrap_or_default(), key.short())
                }))
                .because_each(
                    certificates
                        .iter()
                        .map(|(subject, key)| format!("{subject} is for key SHA-256 {}", key.short())),
                )
                .hint("give the key that the certificate was asked for with, or the certificate of this key")
        }
        PairError::SeveralKeys { aliases, .. } => Explained::new("several_keys", error)
            .exit(exit::USAGE)
            .because(format!("their aliases: {}", capped(aliases.iter().cloned()).join(", ")))
            .hint("say which one is meant with --alias-in NAME, or give its certificate with --cert FILE"),
        PairError::NoSuchAlias { aliases, .. } => {
            let explained = Explained::new("no_such_alias", error).exit(exit::USAGE);
            match aliases.as_slice() {
                [] => explained.hint("leave --alias-in out: the key in it has no alias"),
                _ => explained.because(format!("its keys: {}", capped(aliases.iter().cloned()).join(", "))),
            }
        }
        PairError::SeveralCertificates { subjects } => Explained::new("several_certificates", error)
            .exit(exit::USAGE)
            .because(capped(subjects.iter().cloned()).join("; "))
            .hint("give the file of the one certificate that the mailbox uses"),
    }
}

pub(super) fn adopt(error: &AdoptError) -> Explained {
    match error {
        AdoptError::Pair(e) => pair(e),
        AdoptError::Refused(e @ ImportError::Chain(ChainError::Expired { certificate })) if !certificate.is_ca() => {
            import(e).hint("ask the desk for a new certificate; what this one says can be recorded without --key")
        }
        AdoptError::Refused(e @ ImportError::RetiredAuthority { .. }) => import(e)
            .hint("ask the desk for a certificate from the second-generation (G2) authority; what this one says can be recorded without --key"),
        AdoptError::Refused(e) => import(e),
        AdoptError::AlreadyAdopted { mailbox, key_elsewhere: true, .. } => {
            Explained::new("already_adopted", error)
                .because("its certificate is recorded; its key is kept elsewhere")
                .hint(format!("take the key in too: mesh-onboard adopt {mailbox} --key FILE"))
        }
        AdoptError::AlreadyAdopted { mailbox, .. } => Explained::new("already_adopted", error).hint(format!(
            "see where it stands: mesh-onboard status {mailbox}; another certificate for the same key: mesh-onboard import {mailbox} FILE"
        )),
        AdoptError::AlreadyShared { mailbox, .. } => Explained::new("already_adopted", error)
            .hint(format!("see where it stands: mesh-onboard status {mailbox}")),
        AdoptError::NoPlace { mailbox, current, next } => Explained::new("already_in_use", error)
            .because(format!("credential {current} is current, and credential {next} is to follow it"))
            .hint(format!("see where both stand: mesh-onboard status {mailbox}")),
        AdoptError::HasItsOwn { mailbox, credential, state: CredentialState::Requested } => {
            Explained::new("request_outstanding", error)
                .because(format!("credential {credential} waits for its certificate"))
                .hint(format!("see where it stands: mesh-onboard status {mailbox}"))
        }
        AdoptError::HasItsOwn { mailbox, credential, state } => Explained::new("already_in_use", error)
            .because(format!("credential {credential} is {}, and nothing is set aside unasked", state.as_str()))
            .hint(format!("see where it stands: mesh-onboard status {mailbox}")),
        AdoptError::IsShared { mailbox, sharers } => Explained::new("already_in_use", error)
            .because(format!("a mailbox that shares has no credentials that others can use: {mailbox}"))
            .hint(format!("let the others share first: mesh-onboard adopt {} --share OTHER", sharers[0])),
        AdoptError::WithItself(_) => Explained::new("usage", error)
            .exit(exit::USAGE)
            .hint("name the mailbox whose credential is to be used with --share OTHER"),
        AdoptError::NothingToShare { other } => Explained::new("no_certificate", error)
            .hint(format!("see where it stands: mesh-onboard status {other}")),
        AdoptError::EnvironmentUnknown { issuer, false_name: true } => Explained::new("usage", error)
            .exit(exit::USAGE)
            .because(format!("{issuer}, named as its issuer, bears the name of an NHS authority, and the certificate is not signed by it"))
            .hint("ask whoever sent it where it comes from; an authority of that name that is new here goes with --env ENV and its certificates"),
        AdoptError::EnvironmentUnknown { issuer, false_name: false } => Explained::new("usage", error)
            .exit(exit::USAGE)
            .because(format!("it was issued by {issuer}, which is no authority of the NHS known here"))
            .hint("say it with --env ENV; a CA of your own goes with --env sandbox"),
        AdoptError::OdsUnknown { .. } => {
            Explained::new("usage", error).exit(exit::USAGE).hint("give it with --ods CODE")
        }
        AdoptError::Name(_) => Explained::new("name_unusable", error)
            .hint("it can be checked and bundled all the same: mesh-onboard bundle --key FILE --cert FILE"),
        AdoptError::Passphrase(weak) => Explained::new("passphrase_weak", error)
            .exit(exit::USAGE)
            .because(weak.to_string())
            .hint("give a better one for our copy with --key-passphrase-file FILE; what opens your file can be given with --pfx-password-file FILE"),
        AdoptError::Bundles(e) => bundles(e),
        AdoptError::Store(e) => store(e),
    }
}

/// How a mailbox comes back of which the record is lost.
pub(super) fn again(mailbox: &MailboxId, environment: Environment) -> String {
    format!(
        "restore it from a backup; without one, move the mailbox's folder away and take the credential in again from there: mesh-onboard adopt {mailbox} --env {environment} --key FILE --cert FILE"
    )
}
