use std::path::PathBuf;

use time::OffsetDateTime;

use crate::mailbox::{Environment, MailboxId};
use crate::store::{CredentialRecord, CredentialState, Folder, MailboxRecord, Store, StoreError};

/// Another credential is in use now.
#[derive(Debug)]
pub struct Switched {
    /// The mailbox as it stands now.
    pub record: MailboxRecord,
    /// The credential in use.
    pub current: CredentialRecord,
    /// The one that was in use before it, archived.
    pub previous: Option<CredentialRecord>,
    /// Mailboxes that use the same credential, and switched with it.
    pub sharers: Vec<MailboxId>,
}

/// Why another credential was not put in use. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SwitchError {
    /// No credential waits for being put in use.
    #[error("no credential of {mailbox} is ready to be put in use")]
    NothingReady {
        /// The mailbox.
        mailbox: MailboxId,
        /// Its environment.
        environment: Environment,
        /// The credential that waits for its certificate.
        requested: Option<u32>,
        /// The credential in use.
        current: Option<u32>,
        /// The credential that was in use before.
        previous: Option<u32>,
    },
    /// No credential was in use before.
    #[error("{mailbox} had no other credential in use before")]
    NoPrevious {
        /// The mailbox.
        mailbox: MailboxId,
        /// The credential that could be put in use instead.
        ready: Option<u32>,
    },
    /// Its certificate is over.
    #[error("the certificate of credential {credential} is over")]
    Expired {
        /// The mailbox.
        mailbox: MailboxId,
        /// The credential's number.
        credential: u32,
        /// Since when.
        not_after: OffsetDateTime,
    },
    /// Its key is not here, and that of the one in use is.
    #[error("the key of credential {credential} is kept elsewhere")]
    KeyElsewhere {
        /// The mailbox.
        mailbox: MailboxId,
        /// The credential's number.
        credential: u32,
    },
    /// Its key may be in other hands, and nobody said that it is meant all the same.
    #[error("the key of credential {credential} may be in other hands")]
    Compromised {
        /// The mailbox.
        mailbox: MailboxId,
        /// The credential's number.
        credential: u32,
        /// When that was reported.
        since: OffsetDateTime,
    },
    /// What belongs to it is not there any more.
    #[error("credential {credential} is not whole: {} is missing", path.display())]
    Missing {
        /// The mailbox.
        mailbox: MailboxId,
        /// The credential's number.
        credential: u32,
        /// What is missing.
        path: PathBuf,
    },
    /// The disk refused, or another run is at work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts the credential in use that is ready. It is not proved again.
pub fn activate(
    store: &Store,
    folder: &Folder,
    holder: &str,
    now: OffsetDateTime,
) -> Result<Switched, SwitchError> {
    switch(store, folder, holder, now, |record| {
        let none = || SwitchError::NothingReady {
            mailbox: record.mailbox.clone(),
            environment: record.environment,
            requested: record.requested().map(|c| c.number),
            current: record.current().map(|c| c.number),
            previous: record.previous().map(|c| c.number),
        };
        let ready = record.in_state(CredentialState::Ready).ok_or_else(none)?;
        // Where the one in use is elsewhere too, both are here for their dates alone.
        let both_elsewhere = record.current().is_none_or(|current| current.key_elsewhere);
        usable(folder, record, ready, both_elsewhere, now)?;
        Ok(ready.number)
    })
}

/// Puts the credential in use again that was in use before the one of now; one whose key may be in other hands only
/// where that is `understood`.
pub fn rollback(
    store: &Store,
    folder: &Folder,
    understood: bool,
    holder: &str,
    now: OffsetDateTime,
) -> Result<Switched, SwitchError> {
    switch(store, folder, holder, now, |record| {
        let previous = way_back(folder, record, now)?;
        match previous.compromised_at {
            Some(since) if !understood => Err(SwitchError::Compromised {
                mailbox: record.mailbox.clone(),
                credential: previous.number,
                since,
            }),
            _ => Ok(previous.number),
        }
    })
}

/// Whether [`rollback`] would do something, and something that nobody has to be warned of.
pub fn may_roll_back(folder: &Folder, record: &MailboxRecord, now: OffsetDateTime) -> bool {
    way_back(folder, record, now).is_ok_and(|previous| previous.compromised_at.is_none())
}

fn way_back<'a>(
    folder: &Folder,
    record: &'a MailboxRecord,
    now: OffsetDateTime,
) -> Result<&'a CredentialRecord, SwitchError> {
    let none = || SwitchError::NoPrevious {
        mailbox: record.mailbox.clone(),
        ready: record.in_state(CredentialState::Ready).map(|c| c.number),
    };
    let previous = record.previous().ok_or_else(none)?;
    usable(folder, record, previous, false, now)?;
    Ok(previous)
}

/// Puts a credential in use that was proved while `seen` was how things stood; `None` if that has changed
/// meanwhile, and nothing was done. One that another run has put in use meanwhile is in use.
pub fn put_in_use(
    store: &Store,
    seen: &MailboxRecord,
    credential: u32,
    holder: &str,
    now: OffsetDateTime,
) -> Result<Option<Switched>, StoreError> {
    let folder = store.folder(seen.environment, &seen.mailbox);
    let writer = folder.lock(holder)?;
    let Some(mut record) = folder.load()?.filter(|record| record.shares.is_none()) else { return Ok(None) };
    let certificate =
        |record: &MailboxRecord| record.credential(credential).and_then(|c| c.certificate.clone());
    let is_in_use = record.current().is_some_and(|current| current.number == credential);
    if is_in_use && certificate(&record) == certificate(seen) {
        return Switched::of(store, record).map(Some);
    }
    let same =
        record.current() == seen.current() && record.credential(credential) == seen.credential(credential);
    if !same {
        return Ok(None);
    }
    record.put_in_use(credential, now);
    writer.commit(&record)?;
    Switched::of(store, record).map(Some)
}

/// Notes why a credential was not put in use, for whoever comes back days later. One that is not ready any more
/// needs no reason.
pub fn note_stays_ready(
    store: &Store,
    seen: &MailboxRecord,
    credential: u32,
    reason: &str,
    holder: &str,
) -> Result<(), StoreError> {
    let folder = store.folder(seen.environment, &seen.mailbox);
    let writer = folder.lock(holder)?;
    let Some(mut record) = folder.load()? else { return Ok(()) };
    let is_ready = |c: &&mut CredentialRecord| c.number == credential && c.state == CredentialState::Ready;
    let Some(ready) = record.credentials.iter_mut().find(is_ready) else { return Ok(()) };
    ready.stays_ready = Some(reason.to_owned());
    writer.commit(&record)
}

/// Looks before the lock, so that a refusal leaves no trace, and again under it.
fn switch(
    store: &Store,
    folder: &Folder,
    holder: &str,
    now: OffsetDateTime,
    choose: impl Fn(&MailboxRecord) -> Result<u32, SwitchError>,
) -> Result<Switched, SwitchError> {
    let load = || -> Result<MailboxRecord, SwitchError> {
        let record = folder.load()?.ok_or_else(|| StoreError::NoSuchMailbox {
            mailbox: folder.mailbox().clone(),
            environment: Some(folder.environment()),
            home: store.home().to_owned(),
        })?;
        record.must_not_share()?;
        Ok(record)
    };
    choose(&load()?)?;
    let writer = folder.lock(holder)?;
    let mut record = load()?;
    let number = choose(&record)?;
    record.put_in_use(number, now);
    writer.commit(&record)?;
    Ok(Switched::of(store, record)?)
}

impl Switched {
    /// How things stand after a credential was put in use, or got new bundles.
    pub fn of(store: &Store, record: MailboxRecord) -> Result<Self, StoreError> {
        let folder = store.folder(record.environment, &record.mailbox);
        let current = record.current().cloned();
        let current = current.ok_or_else(|| StoreError::Malformed {
            path: folder.path().join("mailbox.toml"),
            detail: "no credential is in use".into(),
        })?;
        Ok(Self {
            previous: record.previous().cloned(),
            sharers: store.sharers(record.environment, &record.mailbox)?,
            current,
            record,
        })
    }
}

/// Whether a credential could be worked with.
fn usable(
    folder: &Folder,
    record: &MailboxRecord,
    credential: &CredentialRecord,
    may_lack_key: bool,
    now: OffsetDateTime,
) -> Result<(), SwitchError> {
    let (mailbox, number) = (record.mailbox.clone(), credential.number);
    if let Some(over) = credential.certificate.as_ref().filter(|c| c.not_after < now) {
        return Err(SwitchError::Expired { mailbox, credential: number, not_after: over.not_after });
    }
    if credential.key_elsewhere && !may_lack_key {
        return Err(SwitchError::KeyElsewhere { mailbox, credential: number });
    }
    match folder.missing(credential) {
        Some(path) => Err(SwitchError::Missing { mailbox, credential: number, path }),
        None => Ok(()),
    }
}
