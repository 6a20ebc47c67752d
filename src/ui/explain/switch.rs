//! What stands in the way of putting another credential in use.

use super::{Explained, store};
use crate::expiry::day;
use crate::onboarding::SwitchError;

pub(super) fn switch(error: &SwitchError) -> Explained {
    match error {
        SwitchError::NothingReady { mailbox, environment, requested, current, previous } => {
            let explained = Explained::new("nothing_ready", error)
                .because_each(requested.iter().map(|n| format!("credential {n} waits for its certificate")))
                .because_each(current.iter().map(|n| format!("credential {n} is in use")));
            match (requested, current, previous) {
                (Some(_), ..) => explained
                    .hint(format!("import it when it arrives: mesh-onboard import {mailbox} FILE")),
                (None, Some(_), Some(previous)) => explained.hint(format!(
                    "for credential {previous}, which was in use before: mesh-onboard rollback {mailbox}; for a new one: mesh-onboard renew {mailbox}"
                )),
                (None, Some(_), None) => {
                    explained.hint(format!("ask for a new one: mesh-onboard renew {mailbox}"))
                }
                (None, None, _) => explained.hint(format!(
                    "ask for one: mesh-onboard request {mailbox} --ods CODE --env {environment}"
                )),
            }
        }
        SwitchError::NoPrevious { mailbox, ready: Some(ready) } => Explained::new("no_previous", error)
            .because(format!("credential {ready} is ready, and was never in use"))
            .hint(format!("put it in use: mesh-onboard activate {mailbox}")),
        SwitchError::NoPrevious { mailbox, ready: None } => Explained::new("no_previous", error)
            .hint(format!("see what there is: mesh-onboard history {mailbox}")),
        SwitchError::Expired { mailbox, not_after, .. } => Explained::new("expired", error)
            .because(format!("it expired on {}, and MESH would refuse it", day(*not_after)))
            .hint(format!("see what there is: mesh-onboard history {mailbox}; for a new one: mesh-onboard renew {mailbox}")),
        SwitchError::KeyElsewhere { mailbox, .. } => Explained::new("key_elsewhere", error)
            .because("only its certificate was adopted, so nothing here could work with it")
            .hint(format!("see what there is: mesh-onboard history {mailbox}; for a new one: mesh-onboard renew {mailbox}")),
        SwitchError::Compromised { since, .. } => Explained::new("compromised", error)
            .because(format!("it was renewed as compromised on {}", day(*since)))
            .because("whoever has the key can act as the mailbox while MESH accepts its certificate")
            .hint("if that is meant, add --i-understand"),
        SwitchError::Missing { mailbox, credential, .. } => Explained::new("files_missing", error)
            .because("it would be in use and could not be used")
            .hint(format!(
                "bring its files back from a backup, or make its bundles again from the desk's answer to credential {credential}: mesh-onboard import {mailbox} FILE"
            )),
        SwitchError::Store(e) => store(e),
    }
}
