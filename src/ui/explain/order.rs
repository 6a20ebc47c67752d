//! What stands in the way of a request, the first one or a renewal.

use super::{Explained, exit, key, store};
use crate::desk::DeskError;
use crate::expiry::day;
use crate::onboarding::RequestError;

pub(super) fn request(error: &RequestError) -> Explained {
    match error {
        RequestError::Outstanding { mailbox, credential, requested_at } => {
            Explained::new("request_outstanding", error)
                .because(format!("credential {credential} was requested on {}", day(*requested_at)))
                .hint(format!(
                    "wait for the certificate, or replace the request by the same command with --again (nothing is deleted); see where it stands: mesh-onboard status {mailbox}"
                ))
        }
        RequestError::AlreadyInUse { mailbox, credential, not_after } => {
            let until = not_after.map(|at| format!(", and works until {}", day(at))).unwrap_or_default();
            Explained::new("already_in_use", error)
                .because(format!("credential {credential} is current{until}"))
                .hint(format!("ask for one beside it: mesh-onboard renew {mailbox}"))
        }
        RequestError::NoCredential { mailbox, environment, requested: Some(credential) } => {
            Explained::new("no_credential", error)
                .because(format!("credential {credential} waits for its certificate, and is the first"))
                .hint(format!(
                    "import it when it arrives: mesh-onboard import {mailbox} FILE; another one in its place: mesh-onboard request {mailbox} --ods CODE --env {environment} --again"
                ))
        }
        RequestError::NoCredential { mailbox, environment, requested: None } => {
            Explained::new("no_credential", error)
                .hint(format!("ask for one: mesh-onboard request {mailbox} --ods CODE --env {environment}"))
        }
        RequestError::Ready { mailbox, credential } => Explained::new("credential_ready", error)
            .because(format!("credential {credential} is imported, and ready to be put in use"))
            .hint(format!(
                "put it in use: mesh-onboard activate {mailbox}; another one in its place: mesh-onboard renew {mailbox} --again (nothing is deleted)"
            )),
        RequestError::Passphrase(weak) => Explained::new("passphrase_weak", error)
            .exit(exit::USAGE)
            .because(weak.to_string())
            .hint("choose at least 12 printable ASCII characters; four or more random words do well"),
        RequestError::Key(e) => key(e),
        RequestError::Csr(_) => Explained::new("csr_failed", error),
        RequestError::Desk(e @ DeskError::ControlCharacter { .. }) => {
            Explained::new("usage", e).exit(exit::USAGE).hint("give it as one line")
        }
        RequestError::Desk(_) => Explained::new("email_failed", error)
            .hint("check the addresses given, and <home>/templates/request.txt if there is one"),
        RequestError::Store(e) => store(e),
    }
}
