//! Where every mailbox stands, read at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use time::{Duration, OffsetDateTime};

use super::{Need, Standing, Urgency, need, standing};
use crate::expiry::Deadlines;
use crate::mailbox::{Environment, MailboxId};
use crate::store::{CredentialRecord, CredentialState, Folder, MailboxRecord, Store, StoreError};

/// A mailbox and the credential that says where it stands.
#[derive(Debug, Clone)]
pub struct Whereabouts {
    /// The mailbox.
    pub record: Arc<MailboxRecord>,
    /// The mailbox whose credential it is: the same, unless it shares.
    pub owner: Arc<MailboxRecord>,
    /// Where it stands.
    pub standing: Standing,
    /// By this credential of the owner's.
    pub credential: CredentialRecord,
    /// Its dates, once it is imported.
    pub deadlines: Option<Deadlines>,
    /// What it needs next.
    pub need: Need,
    /// What to compare mailboxes by.
    pub urgency: Urgency,
}

/// What a home holds.
#[derive(Debug, Default)]
pub struct Overview {
    /// The mailboxes that there is something to say of, in the order of their folders.
    pub mailboxes: Vec<Whereabouts>,
    /// Mailboxes with nothing but archived credentials, and the owners of these.
    pub bare: Vec<(Arc<MailboxRecord>, Arc<MailboxRecord>)>,
    /// What a run left that was interrupted, and whose it is.
    pub orphans: Vec<(PathBuf, MailboxId)>,
    /// Mailboxes that could not be read: they must not hide the others.
    pub unread: Vec<(Folder, StoreError)>,
    /// Mailboxes that several environments hold.
    pub ambiguous: BTreeSet<MailboxId>,
}

impl Whereabouts {
    /// Where a mailbox stands by the records of itself and of the owner of its credential; nothing if it has none but
    /// archived ones.
    pub fn of(
        record: Arc<MailboxRecord>,
        owner: Arc<MailboxRecord>,
        soon: Duration,
        now: OffsetDateTime,
    ) -> Option<Self> {
        let (standing, credential, deadlines) = standing(&owner, soon, now)?;
        let (credential, (need, urgency)) = (credential.clone(), need(&owner, soon, now));
        Some(Self { standing, credential, deadlines, need, urgency, record, owner })
    }

    /// Whether it uses another mailbox's credential.
    pub fn shares(&self) -> bool {
        self.record.shares.is_some()
    }

    /// The request that waits for its certificate, if its email was sent, and when that was.
    pub fn sent_request(&self) -> Option<(&CredentialRecord, OffsetDateTime)> {
        self.owner.requested().and_then(|request| Some((request, request.sent_at?)))
    }

    /// Whether the certificate is in use, not only imported.
    pub fn is_in_use(&self) -> bool {
        self.credential.state == CredentialState::Current && self.credential.certificate.is_some()
    }

    /// Whether the next certificate is still to be asked for: one is in use, and no request for another was sent.
    pub fn is_to_ask(&self) -> bool {
        self.is_in_use()
            && self.sent_request().is_none()
            && self.owner.in_state(CredentialState::Ready).is_none()
    }
}

/// Looks at every mailbox, or those of one environment.
///
/// # Errors
/// When the home itself cannot be listed.
pub fn overview(
    store: &Store,
    environment: Option<Environment>,
    soon: Duration,
    now: OffsetDateTime,
) -> Result<Overview, StoreError> {
    let folders = store.folders()?;
    let ambiguous = ambiguous(&folders);
    let folders: Vec<Folder> =
        folders.into_iter().filter(|folder| environment.is_none_or(|e| e == folder.environment())).collect();
    let read = side_by_side(&folders, Read::of);
    let mut overview = Overview { ambiguous, ..Overview::default() };
    let (mut places, mut records) = (Vec::new(), HashMap::new());
    for (folder, read) in folders.into_iter().zip(read) {
        match read {
            Ok(Read { record, orphans }) => {
                overview.orphans.extend(orphans.into_iter().map(|path| (path, folder.mailbox().clone())));
                if let Some(record) = record {
                    let place = (record.environment, record.mailbox.clone());
                    places.push(place.clone());
                    records.insert(place, (folder, Arc::new(record)));
                }
            }
            Err(error) => overview.unread.push((folder, error)),
        }
    }
    for place in places {
        let (folder, record) = &records[&place];
        let owner = match &record.shares {
            None => Ok(Arc::clone(record)),
            Some(other) => match records.get(&(record.environment, other.clone())) {
                Some((_, owner)) if owner.shares.is_none() => Ok(Arc::clone(owner)),
                // It cannot be, and the store says why.
                _ => {
                    let found = store.credentials_of(folder.clone(), record.as_ref().clone());
                    found.map(|(_, owner)| Arc::new(owner))
                }
            },
        };
        match owner {
            Ok(owner) => match Whereabouts::of(Arc::clone(record), Arc::clone(&owner), soon, now) {
                Some(place) => overview.mailboxes.push(place),
                None => overview.bare.push((Arc::clone(record), owner)),
            },
            Err(error) => overview.unread.push((folder.clone(), error)),
        }
    }
    Ok(overview)
}

/// What one folder says.
struct Read {
    record: Option<MailboxRecord>,
    orphans: Vec<PathBuf>,
}

impl Read {
    fn of(folder: &Folder) -> Result<Self, StoreError> {
        let record = folder.load()?;
        let orphans = folder.orphans(record.as_ref())?.into_iter().map(|(_, path)| path).collect();
        Ok(Self { record, orphans })
    }
}

/// The IDs that several environments hold: a command about one of these has to name its own.
fn ambiguous(folders: &[Folder]) -> BTreeSet<MailboxId> {
    let mut seen = HashSet::new();
    let twice: HashSet<_> =
        folders.iter().map(Folder::mailbox).filter(|mailbox| !seen.insert(*mailbox)).collect();
    let mut held: HashMap<&MailboxId, usize> = HashMap::new();
    for folder in folders.iter().filter(|folder| twice.contains(folder.mailbox()) && folder.is_begun()) {
        *held.entry(folder.mailbox()).or_default() += 1;
    }
    held.into_iter().filter(|(_, count)| *count > 1).map(|(mailbox, _)| mailbox.clone()).collect()
}

/// The same done to each of many, on every processor. The results stand in the order of what they are of.
pub fn side_by_side<T: Sync, R: Send>(items: &[T], one: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let one = &one;
    thread::scope(|scope| {
        let chunks = items.chunks(items.len().div_ceil(workers).max(1));
        let threads: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(one).collect::<Vec<R>>())).collect();
        threads
            .into_iter()
            .flat_map(|t| t.join().expect("what is done side by side does not panic"))
            .collect()
    })
}
