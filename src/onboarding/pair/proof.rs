//! The chain of a certificate that no record of ours speaks of, proved as `import` proves one.

use time::OffsetDateTime;

use crate::mailbox::Environment;
use crate::onboarding::import::{self, DeliveredFile, ImportError};
use crate::onboarding::trust::{completing, trusted_roots};
use crate::pki::Certificate;
use crate::pki::chain::{self, Chain};
use crate::store::{MailboxRecord, Store, StoreError};

/// Where the chain of a certificate may end, and what may complete it.
#[derive(Debug)]
pub(in crate::onboarding) struct Ground {
    environment: Option<Environment>,
    roots: Vec<Certificate>,
    pool: Vec<Certificate>,
    /// The self-signed certificates of `--ca`, trusted because the user says so.
    pub(in crate::onboarding) authorities: Vec<Certificate>,
}

impl Ground {
    /// The roots of one environment, or of all of them; those of `authorities`, files given with `--ca`; and
    /// those recorded with the mailbox.
    pub(in crate::onboarding) fn of(
        store: &Store,
        environment: Option<Environment>,
        record: Option<&MailboxRecord>,
        authorities: &[DeliveredFile],
    ) -> Result<Self, ImportError> {
        let (given, _) = import::certificates(authorities, &[])?;
        let authorities: Vec<Certificate> = given.iter().filter(|c| c.is_self_signed()).cloned().collect();
        let mut roots = roots(store, environment, record)?;
        roots.extend(authorities.iter().cloned());
        // For the rehearsal, these are the built-in ones and its own.
        let mut pool = completing(store, environment.unwrap_or(Environment::Rehearsal))?;
        pool.extend(given);
        Ok(Self { environment, roots, pool, authorities })
    }

    /// Proves the chain of `leaf`; `given` are certificates that came along, in any order, with strangers
    /// among them.
    pub(in crate::onboarding) fn prove(
        &self,
        leaf: &Certificate,
        given: &[Certificate],
        now: OffsetDateTime,
    ) -> Result<Chain, ImportError> {
        let pool: Vec<Certificate> = given.iter().chain(&self.pool).cloned().collect();
        chain::build(leaf, &pool, &self.roots, now)
            .map_err(|e| import::explain_chain(e, self.environment.unwrap_or(Environment::Sandbox)))
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
