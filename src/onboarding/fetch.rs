//! Fetches an issuer's certificate from the address that a certificate names (RFC 5280, 4.2.2.1).
//!
//! The way is plain HTTP, as the RFC means it: what comes is believed only where a signature proves it.

use std::time::Duration;

use ureq::{Agent, Error as HttpError, Proxy};

use crate::pki::{Certificate, sniff};

/// How far fetching goes.
#[derive(Debug, Clone)]
pub struct Fetcher {
    /// The longest that one answer may be, in bytes.
    pub bytes: u64,
    /// The longest that one address may take, redirects included.
    pub time: Duration,
    /// How many redirects are followed.
    pub redirects: u32,
    /// How many addresses are asked for one chain.
    pub addresses: usize,
    /// The proxy to go by.
    pub proxy: Option<Proxy>,
}

impl Default for Fetcher {
    /// A CA certificate is about 2 kB; PKCS#7 with a whole chain stays below 10 kB.
    fn default() -> Self {
        Self { bytes: 64 * 1024, time: Duration::from_secs(10), redirects: 3, addresses: 4, proxy: None }
    }
}

/// Why an address gave no issuer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Another scheme, in the certificate or in a redirect.
    #[error("only http addresses are fetched")]
    NotHttp,
    /// The answer is too long.
    #[error("the answer is longer than {} kB", limit / 1024)]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// It takes too long.
    #[error("there was no whole answer within {} seconds", limit.as_secs_f32())]
    TooSlow {
        /// The limit.
        limit: Duration,
    },
    /// One redirect after the other.
    #[error("it redirects more than {limit} times")]
    TooManyRedirects {
        /// The limit.
        limit: u32,
    },
    /// An HTTP status that is no success.
    #[error("the server answers with status {0}")]
    Status(u16),
    /// The server cannot be reached, or does not speak HTTP.
    #[error("{0}")]
    Network(String),
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
        let bytes = self.get(address)?;
        sniff::certificates(&bytes).map_err(FetchError::NotACertificate)
    }

    fn get(&self, address: &str) -> Result<Vec<u8>, FetchError> {
        if !is_http(address) {
            return Err(FetchError::NotHttp);
        }
        let agent: Agent = Agent::config_builder()
            .timeout_global(Some(self.time))
            .max_redirects(self.redirects)
            .max_redirects_will_error(true)
            .proxy(self.proxy.clone())
            .user_agent(concat!("mesh-onboard/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        let answer = agent
            .get(address)
            .call()
            .and_then(|mut answer| answer.body_mut().with_config().limit(self.bytes + 1).read_to_vec());
        answer.map_err(|error| self.explain(error))
    }

    /// What ureq says, in our words.
    fn explain(&self, error: HttpError) -> FetchError {
        match error {
            HttpError::StatusCode(status) => FetchError::Status(status),
            HttpError::BodyExceedsLimit(_) => FetchError::TooLarge { limit: self.bytes },
            HttpError::Timeout(_) => FetchError::TooSlow { limit: self.time },
            HttpError::TooManyRedirects => FetchError::TooManyRedirects { limit: self.redirects },
            HttpError::TlsRequired | HttpError::Tls(_) => FetchError::NotHttp,
            other => FetchError::Network(other.to_string()),
        }
    }
}

/// Whether an address is one that can be fetched.
pub(super) fn is_http(address: &str) -> bool {
    address.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

#[cfg(test)]
mod tests;
