//! The bundles of `import` from a key and certificate that were made elsewhere. Nothing is recorded.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::completion::{Completed, first_proved};
use super::fetch::Fetcher;
use super::ground::Ground;
use super::import::{DeliveredFile, ImportError};
use super::pair::{Pair, stem};
use super::{Warning, import, plaintext_key, weak_key};
use crate::mailbox::Environment;
use crate::pki::chain::Chain;
use crate::pki::{BundleChoices, BundleOptions, Bundles, PrivateKey};
use crate::secret::Passphrase;
use crate::store::{KeptBundles, Store};

/// Key and certificate whose chain is proved. Nothing is written yet. Next: [`ProvedPair::write`].
#[derive(Debug)]
pub struct ProvedPair {
    key: PrivateKey,
    chain: Chain,
    warnings: Vec<Warning>,
}

/// What was written.
#[derive(Debug)]
pub struct Bundled {
    /// The proved chain.
    pub chain: Chain,
    /// The key, encrypted, beside the bundles.
    pub key: PathBuf,
    /// The bundles on disk.
    pub bundles: KeptBundles,
    /// What to know.
    pub warnings: Vec<Warning>,
}

/// Proves that the certificate chains to a root that is trusted for `environment`, or for any if none is
/// named. `authorities` are files given with `--ca`; with a fetcher a missing issuer is fetched.
pub fn prove_pair(
    store: &Store,
    environment: Option<Environment>,
    authorities: &[DeliveredFile],
    fetcher: Option<Fetcher>,
    pair: Pair,
    now: OffsetDateTime,
) -> Result<ProvedPair, ImportError> {
    let ground = Ground::of(store, environment, None, authorities)?;
    let Completed { chain, fetched } = first_proved(&pair.leaves, fetcher.as_ref(), |leaf, fetcher| {
        ground.prove(leaf, &pair.given, fetcher, now)
    })?;
    let whose = chain.leaf.common_name().unwrap_or(chain.leaf.subject());
    let mut warnings = match environment {
        Some(environment) => import::warnings(&chain, whose, environment, now),
        None => import::deadlines(&chain.leaf, whose, now),
    };
    warnings.extend(fetched);
    warnings.extend(weak_key(&pair.key));
    Ok(ProvedPair { key: pair.key, chain, warnings })
}

impl ProvedPair {
    /// What the bundles are called by: the mailbox ID if the name tells it.
    pub fn stem(&self) -> String {
        stem(&self.chain.leaf)
    }

    /// Writes bundles and encrypted key as the new folder `path`, whole or not at all.
    pub fn write(
        self,
        path: &Path,
        passphrase: &Passphrase,
        pfx_password: &Passphrase,
        choices: &BundleChoices,
    ) -> Result<Bundled, ImportError> {
        let stem = self.stem();
        let options = BundleOptions { password: pfx_password, stem: &stem, choices };
        let built = Bundles::build(&self.chain, &self.key, &options)?;
        let key_pem = self.key.encrypted_pem(passphrase);
        let bundles = KeptBundles::write_with(path, &built, &[("key.pem", key_pem.as_bytes())])?;
        let mut warnings = self.warnings;
        warnings.extend(plaintext_key(&bundles));
        Ok(Bundled { chain: self.chain, key: path.join("key.pem"), bundles, warnings })
    }
}
