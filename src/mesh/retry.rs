//! When a request is sent again, and after how long.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use backon::{BlockingRetryable, ExponentialBuilder};

use super::Error;

/// Told before each wait: why, and how long.
pub type RetryNotice = Arc<dyn Fn(&Error, Duration) + Send + Sync>;

/// How often and how patiently a failed request is sent again: exponential, with jitter. `Retry-After` of
/// the server is honoured where it asks for a longer wait, up to [`longest`](Self::longest).
///
/// Sent again after a connection that failed or broke, and after the statuses 425, 429, 502, 503 and 504.
/// A new message is sent again only where MESH certainly did not take it: the connection was not made, or
/// it answered 425, 429, or 503 with `Retry-After`. All else ends in [`Error::Uncertain`].
#[derive(Clone)]
pub struct Retries {
    /// How many times after the first; 0 is never.
    pub times: usize,
    /// The wait before the second try; it doubles with each. Up to as much again is added by chance.
    pub first: Duration,
    /// No wait is longer. A server that asks for more is not waited for.
    pub longest: Duration,
    /// Told before each wait.
    pub notice: Option<RetryNotice>,
}

impl Default for Retries {
    /// Five times, after 1, 2, 4, 8 and 16 seconds and up to as much again; `Retry-After` up to two minutes.
    fn default() -> Self {
        Self { times: 5, first: Duration::from_secs(1), longest: Duration::from_secs(120), notice: None }
    }
}

impl Retries {
    /// Every request once.
    pub fn none() -> Self {
        Self { times: 0, ..Self::default() }
    }

    /// Runs `attempt` until it succeeds, fails for good or has been tried often enough.
    pub(super) fn run<T>(
        &self,
        may_repeat: impl Fn(&Error) -> bool,
        attempt: impl FnMut() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let waits = ExponentialBuilder::default()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .with_max_times(self.times)
            .with_jitter();
        // What the server asked for; the longer of the two is waited.
        let asked = Rc::new(Cell::new(Duration::ZERO));
        let waited = Rc::clone(&asked);
        attempt
            .retry(waits)
            .when(|error| {
                asked.set(error.retry_after().unwrap_or_default());
                asked.get() <= self.longest && may_repeat(error)
            })
            .notify(|error, wait| {
                if let Some(notice) = &self.notice {
                    notice(error, wait.max(asked.get()));
                }
            })
            .sleep(move |wait: Duration| std::thread::sleep(wait.max(waited.get())))
            .call()
    }
}

impl fmt::Debug for Retries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retries")
            .field("times", &self.times)
            .field("first", &self.first)
            .field("longest", &self.longest)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
