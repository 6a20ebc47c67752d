//! Fetches an issuer's certificate from the address that a certificate names (RFC 5280, 4.2.2.1).
//!
//! The way is plain HTTP, as the RFC means it: what comes is believed only where a signature proves it.

use std::time::Duration;

use crate::mesh::{GetError, Getter};
use crate::pki::{Certificate, sniff};

/// How far fetching goes.
#[derive(Debug, Clone)]
pub struct Fetcher {
    /// One answer.
    pub getter: Getter,
    /// How many addresses are asked for one chain.
    pub addresses: usize,
}

impl Default for Fetcher {
    /// A CA certificate is about 2 kB; PKCS#7 with a whole chain stays below 10 kB.
    fn default() -> Self {
        let getter = Getter { bytes: 64 * 1024, time: Duration::from_secs(10), redirects: 3, proxy: None };
        Self { getter, addresses: 4 }
    }
}

/// Why an address gave no issuer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Nothing came.
    #[error(transparent)]
    Get(#[from] GetError),
    /// Something else than certificates.
    #[error("there is no certificate in the answer, but {0}")]
    NotACertificate(String),
    /// Certificates, and none of them is the issuer.
    #[error("what is there did not issue it: {}", found.join(", "))]
    NotTheIssuer {
        /// Subject and fingerprint of each, for people.
        found: Vec<String>,
    },
    /// So many addresses were asked before that this one was not.
    #[error("not asked, after {0} others")]
    NotAsked(usize),
}

impl Fetcher {
    /// The certificates at an address: DER, PEM or PKCS#7, never empty.
    pub(super) fn certificates(&self, address: &str) -> Result<Vec<Certificate>, FetchError> {
        sniff::certificates(&self.getter.get(address)?).map_err(FetchError::NotACertificate)
    }
}

#[cfg(test)]
mod tests;
