use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::chain::Chain;
use super::{Certificate, Pfx, PfxError, PrivateKey};
use crate::secret::Passphrase;

/// Why the bundles could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The PFX file could not be written, or not read back.
    #[error(transparent)]
    Pfx(#[from] PfxError),
    /// What was read back is not what was written.
    #[error("the PFX file does not read back as it was written")]
    ReadBack,
}

/// The files that applications load, made from one proved chain and its key.
#[derive(Debug)]
pub struct Bundles {
    /// The leaf, PEM.
    pub certificate: String,
    /// Sub CA, root, PEM.
    pub chain: String,
    /// Root, sub CA, PEM: the order in which trust stores are loaded.
    pub ca_bundle: String,
    /// Leaf, sub CA, root, PEM.
    pub fullchain: String,
    /// Key and full chain, PKCS#12.
    pub pfx: Vec<u8>,
    /// The PFX file in base64 on one line, without a line end.
    pub pfx_base64: String,
}

impl Bundles {
    /// Makes every bundle and reads the PFX file back before it is trusted.
    pub fn build(
        chain: &Chain,
        key: &PrivateKey,
        pfx_password: &Passphrase,
        friendly_name: &str,
    ) -> Result<Self, BundleError> {
        let pfx = Pfx::write(chain, key, pfx_password, friendly_name)?;
        let back = Pfx::read(&pfx, pfx_password)?;
        if back.key.fingerprint() != key.fingerprint() || !chain.leaf_first().eq(back.certificates.iter()) {
            return Err(BundleError::ReadBack);
        }
        Ok(Self {
            certificate: chain.leaf.pem(),
            chain: pem(chain.authorities()),
            ca_bundle: pem(chain.authorities().rev()),
            fullchain: pem(chain.leaf_first()),
            pfx_base64: BASE64_STANDARD.encode(&pfx),
            pfx,
        })
    }
}

fn pem<'a>(certificates: impl Iterator<Item = &'a Certificate>) -> String {
    certificates.map(Certificate::pem).collect()
}
