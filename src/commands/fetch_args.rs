use clap::Args;

use super::Context;
use crate::onboarding::Fetcher;
use crate::ui::InputError;

/// Whether a missing issuer may be fetched.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// Fetch a missing CA certificate from the address in the certificate that it issued, over plain HTTP.
    /// It counts only if the chain then ends at a trusted root
    #[arg(long)]
    fetch: bool,
}

impl FetchArgs {
    /// The fetcher, if one is wanted.
    pub fn fetcher(&self, context: &Context) -> Result<Option<Fetcher>, InputError> {
        self.fetch.then(|| context.fetcher()).transpose()
    }
}
