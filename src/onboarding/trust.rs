use crate::check::KnownRoot;
use crate::mailbox::{Authority, Environment};
use crate::pki::{Certificate, anchors, sniff};
use crate::store::{MailboxRecord, Store, StoreError};

/// The roots that may issue a mailbox's client certificate: those of its environment, and those that were
/// given with `--ca`.
pub fn trusted_roots(
    store: &Store,
    environment: Environment,
    record: Option<&MailboxRecord>,
) -> Result<Vec<Certificate>, StoreError> {
    roots(store, environment, record, anchors::client_roots)
}

/// The roots that the MESH server of a mailbox may present, where the user names none.
pub fn server_roots(
    store: &Store,
    environment: Environment,
    record: Option<&MailboxRecord>,
) -> Result<Vec<Certificate>, StoreError> {
    roots(store, environment, record, anchors::server_roots)
}

/// Roots that are recognised where a chain ends at one: the built-in ones and the rehearsal's of this home.
pub fn known_roots(store: &Store) -> Result<Vec<KnownRoot>, StoreError> {
    let own = rehearsal_roots(store)?.into_iter().map(|certificate| KnownRoot {
        certificate,
        authority: Authority::Rehearsal,
        is_retired: false,
    });
    Ok(KnownRoot::built_in().into_iter().chain(own).collect())
}

fn roots(
    store: &Store,
    environment: Environment,
    record: Option<&MailboxRecord>,
    built_in: fn(Environment) -> Vec<Certificate>,
) -> Result<Vec<Certificate>, StoreError> {
    let mut roots = match environment.authority() {
        Authority::Rehearsal => rehearsal_roots(store)?,
        _ => built_in(environment),
    };
    roots.extend(recorded(record));
    Ok(roots)
}

fn recorded(record: Option<&MailboxRecord>) -> impl Iterator<Item = Certificate> {
    record
        .into_iter()
        .flat_map(|r| &r.authorities)
        .flat_map(|pem| sniff::certificates(pem.as_bytes()).unwrap_or_default())
}

fn rehearsal_roots(store: &Store) -> Result<Vec<Certificate>, StoreError> {
    let root = store.rehearsal_ca("root.pem")?;
    Ok(root.map(|pem| sniff::certificates(pem.as_bytes()).unwrap_or_default()).unwrap_or_default())
}

/// The certificates of a mailbox's earlier credentials: the sub CA that came with the last answer completes
/// the next. What cannot be read completes nothing, and is for others to complain about.
pub(super) fn earlier(store: &Store, record: Option<&MailboxRecord>) -> Vec<Certificate> {
    let Some(record) = record else { return Vec::new() };
    let folder = store.folder(record.environment, &record.mailbox);
    record
        .credentials
        .iter()
        .flat_map(|credential| folder.certificates(credential).unwrap_or_default())
        .collect()
}

/// CA certificates that may complete a chain, trusted or not: the built-in ones and the rehearsal's.
pub(super) fn completing(store: &Store, environment: Environment) -> Result<Vec<Certificate>, StoreError> {
    let mut pool: Vec<Certificate> = anchors::known_certificates().collect();
    if environment.authority() == Authority::Rehearsal
        && let Some(pem) = store.rehearsal_ca("ca-bundle.pem")?
    {
        pool.extend(sniff::certificates(pem.as_bytes()).unwrap_or_default());
    }
    Ok(pool)
}
