use time::OffsetDateTime;

use super::AdoptError;
use crate::onboarding::Warning;
use crate::pki::Certificate;
use crate::store::{CredentialRecord, CredentialState, MailboxRecord};

/// Where among a mailbox's credentials one more belongs.
#[derive(Debug)]
pub(super) struct Place {
    /// The state that it gets.
    pub state: CredentialState,
    /// The credential, known by its certificate alone, whose place it takes.
    pub takes_over: Option<u32>,
    /// The credential that stays in use.
    in_use: Option<u32>,
}

impl Place {
    /// The first credential becomes current, one beside it ready. `with_key` says whether the key is taken in
    /// too: then it takes the place of the same credential without its key.
    pub fn find(
        record: Option<&MailboxRecord>,
        leaf: &Certificate,
        with_key: bool,
        now: OffsetDateTime,
    ) -> Result<Self, AdoptError> {
        let Some(record) = record else {
            return Ok(Self { state: CredentialState::Current, takes_over: None, in_use: None });
        };
        let key = leaf.key_fingerprint();
        let known_better = |c: &CredentialRecord| {
            // A certificate alone may give way to its key, or to a later certificate for the same key.
            let same = c.certificate.as_ref().is_some_and(|known| known.sha256 == leaf.fingerprint());
            !c.key_elsewhere || !with_key && same
        };
        let mut same_key = record.credentials.iter().filter(|c| c.key_sha256 == key);
        if let Some(known) = same_key.clone().find(|c| known_better(c)) {
            return Err(AdoptError::AlreadyAdopted {
                mailbox: record.mailbox.clone(),
                credential: known.number,
                key_elsewhere: known.key_elsewhere,
            });
        }
        if let Some(known) = same_key.rfind(|c| c.state != CredentialState::Archived) {
            let in_use = record.current().map(|c| c.number).filter(|number| *number != known.number);
            return Ok(Self { state: known.state, takes_over: Some(known.number), in_use });
        }
        let Some(current) = record.current() else {
            return Ok(Self { state: CredentialState::Current, takes_over: None, in_use: None });
        };
        let in_use = Some(current.number);
        // One that cannot be used now is for the record, and must not look like a successor.
        if now < leaf.not_before() || leaf.not_after() < now {
            return Ok(Self { state: CredentialState::Archived, takes_over: None, in_use });
        }
        match record.requested().or(record.in_state(CredentialState::Ready)) {
            Some(next) => Err(AdoptError::NoPlace {
                mailbox: record.mailbox.clone(),
                current: current.number,
                next: next.number,
            }),
            None => Ok(Self { state: CredentialState::Ready, takes_over: None, in_use }),
        }
    }

    /// What to know of it; `record` as it was before.
    pub fn warnings(&self, record: &MailboxRecord) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Some(number) = self.takes_over {
            warnings.push(Warning::new(
                "takes_over",
                format!("it takes the place of credential {number}, of which only the certificate was known"),
            ));
        }
        if let Some(number) = self.in_use {
            let kept = match self.state {
                CredentialState::Archived => "archived",
                _ => "ready",
            };
            warnings.push(Warning::new(
                "not_in_use",
                format!("credential {number} stays in use; this one is kept as {kept}"),
            ));
        }
        if let Some(other) = &record.shares {
            warnings.push(Warning::new(
                "shares_no_longer",
                format!("{} shared the credential of {other}, and has its own from now on", record.mailbox),
            ));
        }
        warnings
    }
}
