use std::time::Duration;

use clap::Args;

use crate::check::RevocationLists;
use crate::commands::Context;
use crate::mesh::Getter;
use crate::ui::InputError;

/// Arguments about certificates that were taken back.
#[derive(Debug, Args)]
pub(super) struct RevocationArgs {
    /// Fetch the revocation lists (CRL) from the addresses in the certificates, over plain HTTP, and look whether one
    /// was revoked. A list counts only if the issuer signed it
    #[arg(long)]
    online_revocation: bool,
}

impl RevocationArgs {
    /// What fetches the lists, if they are wanted: by the proxy of the environment, as `--fetch` does. Clones are for
    /// further mailboxes: each list is fetched once.
    pub(super) fn lists(&self, context: &Context) -> Result<Option<RevocationLists>, InputError> {
        if !self.online_revocation {
            return Ok(None);
        }
        let fetching = context.fetcher()?.getter;
        // The list of a CA with many certificates takes some megabytes.
        let getter = Getter { bytes: 16 * 1024 * 1024, time: Duration::from_secs(20), ..fetching };
        Ok(Some(RevocationLists::new(getter)))
    }
}
