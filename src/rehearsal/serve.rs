//! The rehearsal MESH alone, for tests that bring clients of their own.

use std::path::Path;

use super::journey::{AuthorityError, authority};
use super::{Clock, RehearsalConfig, RehearsalMesh};
use crate::store::Store;

/// Why it does not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Its CA.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// Its port, or its TLS.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Serves the mailboxes of the official sandbox, with the rehearsal CA of `home`, until dropped.
pub fn serve(home: &Path, clock: Clock) -> Result<RehearsalMesh, ServeError> {
    let ca = authority(&Store::at(home), clock())?;
    Ok(RehearsalMesh::start(RehearsalConfig::default(), &ca, clock)?)
}
