//! What a chain is proved with: where it may end, and what may complete it.

use time::OffsetDateTime;

use super::Warning;
use super::completion::{Completed, complete};
use super::fetch::Fetcher;
use super::import::{self, DeliveredFile, ImportError};
use super::trust::{completing, earlier, trusted_roots};
use crate::mailbox::Environment;
use crate::pki::Certificate;
use crate::pki::chain::ChainError;
use crate::store::{MailboxRecord, Store, StoreError};

/// Where the chain of a certificate may end, and what may complete it.
#[derive(Debug)]
pub(super) struct Ground {
    environment: Option<Environment>,
    roots: Vec<Certificate>,
    pool: Vec<Certificate>,
    /// The self-signed certificates of `--ca`, trusted because the user says so.
    pub authorities: Vec<Certificate>,
    /// What was seen in the files of `--ca`.
    pub notes: Vec<Warning>,
}

impl Ground {
    /// The roots of one environment, or of all of them; those of `authorities`, files given with `--ca`; and
    /// those recorded with the mailbox. What completes a chain besides: the built-in CAs, those of the
    /// mailbox's earlier credentials.
    pub fn of(
        store: &Store,
        environment: Option<Environment>,
        record: Option<&MailboxRecord>,
        authorities: &[DeliveredFile],
    ) -> Result<Self, ImportError> {
        let (given, notes) = import::certificates(authorities, &[])?;
        let authorities: Vec<Certificate> = given.iter().filter(|c| c.is_self_signed()).cloned().collect();
        let mut roots = roots(store, environment, record)?;
        roots.extend(authorities.iter().cloned());
        // For the rehearsal, these are the built-in ones and its own.
        let mut pool = completing(store, environment.unwrap_or(Environment::Rehearsal))?;
        pool.extend(given);
        pool.extend(earlier(store, record));
        Ok(Self { environment, roots, pool, authorities, notes })
    }

    /// Proves the chain of `leaf`; `given` are certificates that came along, in any order, with strangers
    /// among them. With a fetcher, what lies where a certificate says completes it too.
    pub fn prove(
        &self,
        leaf: &Certificate,
        given: &[Certificate],
        fetcher: Option<&Fetcher>,
        now: OffsetDateTime,
    ) -> Result<Completed, ImportError> {
        let pool: Vec<Certificate> = given.iter().chain(&self.pool).cloned().collect();
        complete(leaf, pool, &self.roots, fetcher, now).map_err(|failure| match failure.error {
            chain @ ChainError::Incomplete { .. } => {
                ImportError::ChainIncomplete { chain, attempts: failure.attempts }
            }
            error => import::explain_chain(error, self.environment.unwrap_or(Environment::Sandbox)),
        })
    }
}

fn roots(
    store: &Store,
    environment: Option<Environment>,
    record: Option<&MailboxRecord>,
) -> Result<Vec<Certificate>, StoreError> {
    if let Some(environment) = environment {
        return trusted_roots(store, environment, record);
    }
    let mut all: Vec<Certificate> = Vec::new();
    for environment in Environment::ALL {
        for root in trusted_roots(store, environment, record)? {
            if !all.contains(&root) {
                all.push(root);
            }
        }
    }
    Ok(all)
}
