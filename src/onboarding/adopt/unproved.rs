//! What becomes of a certificate without its key whose chain is not proved.

use time::OffsetDateTime;

use crate::expiry::{Deadlines, day};
use crate::onboarding::completion::Attempts;
use crate::onboarding::{ImportError, Warning};
use crate::pki::chain::ChainError;
use crate::pki::{Certificate, anchors};

/// Why a chain could not be proved, where that does not matter: the certificate is recorded and no more.
pub(super) fn unproved(
    error: ImportError,
    leaf: &Certificate,
    now: OffsetDateTime,
) -> Result<Warning, ImportError> {
    if let Some(forgery) = under_a_false_name(&error, leaf) {
        return Err(forgery.unwrap_or(error));
    }
    let deadlines = Deadlines::of(leaf, now);
    Ok(match error {
        ImportError::WrongEnvironment { .. } | ImportError::Store(_) => return Err(error),
        ImportError::RetiredAuthority { .. } => Warning::new(
            "retired_authority",
            "it was issued by the retired first-generation (G1) authority of the NHS: renew it now",
        ),
        ImportError::Chain(ChainError::Expired { .. }) if deadlines.is_over() => {
            Warning::new("expired", format!("{}: it is recorded all the same", deadlines.expiry_sentence()))
        }
        ImportError::Chain(ChainError::NotYetValid { .. }) if now < leaf.not_before() => {
            Warning::new("not_yet_valid", format!("it is valid only from {}", day(leaf.not_before())))
        }
        other => Warning::new("chain_not_proved", format!("its chain is not proved: {other}")),
    })
}

/// Whether the chain leads to the name of an NHS authority without its signature, which is to be refused;
/// the inner one is the error that says so, where the one at hand does not.
fn under_a_false_name(error: &ImportError, leaf: &Certificate) -> Option<Option<ImportError>> {
    let told = match error {
        ImportError::ChainIncomplete { chain: ChainError::Incomplete { certificate, .. }, .. } => certificate,
        ImportError::Chain(ChainError::Untrusted { root }) => root,
        _ => {
            let namesake = Some(anchors::namesake_of(leaf)?.certificate.fingerprint());
            let chain = ChainError::Incomplete { certificate: Box::new(leaf.clone()), namesake };
            return Some(Some(ImportError::ChainIncomplete { chain, attempts: Attempts::default() }));
        }
    };
    anchors::namesake_of(told).map(|_| None)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::mailbox::Environment;

    #[test]
    fn retired_authority_is_a_warning_and_another_environment_an_error() {
        let leaf = &anchors::built_in()[0].certificate;
        let at = datetime!(2026-06-01 12:00 UTC);
        let retired = ImportError::RetiredAuthority { root: "G1".into() };
        assert_eq!(unproved(retired, leaf, at).unwrap().code, "retired_authority");
        let wrong = ImportError::WrongEnvironment { expected: Environment::Live, root: "PTL".into() };
        assert!(matches!(unproved(wrong, leaf, at), Err(ImportError::WrongEnvironment { .. })));
    }
}
