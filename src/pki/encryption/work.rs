use std::cell::Cell;

use super::Closed;

/// How much key derivation one file may still ask for, so that a file cannot keep this program busy.
#[derive(Debug)]
pub(in crate::pki) struct Work {
    left: Cell<u64>,
}

impl Work {
    /// Iterations that one derivation may take: what PFX readers allow in all.
    const EACH: u64 = 1_000_000;
    /// Iterations for all of a file: some seconds, twice as many where one derivation takes two blocks. GnuTLS asks for 600,000 to each certificate.
    const ALL: u64 = 40_000_000;

    /// What one file may ask for.
    pub fn of_one_file() -> Self {
        Self { left: Cell::new(Self::ALL) }
    }

    /// Takes `iterations` off, or refuses before anything is derived.
    pub fn spend(&self, iterations: u64) -> Result<(), Closed> {
        if iterations > Self::EACH {
            return Err(Closed::TooMuchWork);
        }
        let left = self.left.get().checked_sub(iterations).ok_or(Closed::TooMuchWork)?;
        self.left.set(left);
        Ok(())
    }
}
