//! Gets what lies at a public address, over plain HTTP and within bounds (RFC 9110).
//!
//! Certificates name such addresses for their issuer and for revocation lists. Plain HTTP is meant there: what comes is
//! believed only where a signature proves it.

use std::time::Duration;

use ureq::{Agent, Error as HttpError, Proxy};

/// How far getting goes.
#[derive(Debug, Clone)]
pub struct Getter {
    /// The longest that one answer may be, in bytes.
    pub bytes: u64,
    /// The longest that one address may take, redirects included.
    pub time: Duration,
    /// How many redirects are followed.
    pub redirects: u32,
    /// The proxy to go by.
    pub proxy: Option<Proxy>,
}

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GetError {
    /// Another scheme, in the address or in a redirect.
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
}

impl Getter {
    /// Whether an address is one that can be got.
    pub fn takes(address: &str) -> bool {
        address.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
    }

    /// The bytes at an address.
    pub fn get(&self, address: &str) -> Result<Vec<u8>, GetError> {
        if !Self::takes(address) {
            return Err(GetError::NotHttp);
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
    fn explain(&self, error: HttpError) -> GetError {
        match error {
            HttpError::StatusCode(status) => GetError::Status(status),
            HttpError::BodyExceedsLimit(_) => GetError::TooLarge { limit: self.bytes },
            HttpError::Timeout(_) => GetError::TooSlow { limit: self.time },
            HttpError::TooManyRedirects => GetError::TooManyRedirects { limit: self.redirects },
            HttpError::TlsRequired | HttpError::Tls(_) => GetError::NotHttp,
            other => GetError::Network(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
