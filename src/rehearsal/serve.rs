//! The rehearsal MESH alone, for tests that bring clients of their own.

use std::path::Path;

use super::faults::{FaultRule, FaultRuleError, Faults};
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
    /// A fault rule.
    #[error(transparent)]
    Fault(#[from] FaultRuleError),
}

/// Serves the mailboxes of the official sandbox, with the rehearsal CA of `home`, until dropped.
pub fn serve(home: &Path, clock: Clock) -> Result<RehearsalMesh, ServeError> {
    serve_with_faults(home, clock, &[])
}

/// The same, with what goes wrong on purpose: rules as docs/rehearsal-faults.md has them.
pub fn serve_with_faults(home: &Path, clock: Clock, rules: &[&str]) -> Result<RehearsalMesh, ServeError> {
    let rules = rules.iter().map(|rule| rule.parse()).collect::<Result<Vec<FaultRule>, _>>()?;
    let ca = authority(&Store::at(home), clock())?;
    let config = RehearsalConfig { faults: Faults::new(rules), ..RehearsalConfig::default() };
    Ok(RehearsalMesh::start(config, &ca, clock)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn bad_fault_rule_is_refused_before_anything_is_made() {
        let home = std::env::temp_dir().join("mesh-onboard-no-such-home");
        let clock: Clock = Arc::new(time::OffsetDateTime::now_utc);
        let error = serve_with_faults(&home, clock, &["* delay=1s", "GET corupt"]).unwrap_err();
        assert!(
            matches!(&error, ServeError::Fault(e) if (e.at, e.word.as_str()) == (5, "corupt")),
            "{error}"
        );
        assert!(!home.exists());
    }
}
