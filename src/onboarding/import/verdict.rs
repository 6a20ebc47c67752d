//! What a chain means for a mailbox: why it is refused, or what to know of it.

use time::OffsetDateTime;

use super::ImportError;
use crate::expiry::Deadlines;
use crate::mailbox::{Authority, Environment};
use crate::onboarding::Warning;
use crate::pki::Certificate;
use crate::pki::anchors::{self, CaGeneration};
use crate::pki::chain::{Chain, ChainError};

/// What a chain that cannot be proved means for a mailbox of `environment`.
pub(in crate::onboarding) fn explain_chain(error: ChainError, environment: Environment) -> ImportError {
    // The live first generation has expired; that it is retired says more.
    if let ChainError::Expired { certificate } = &error
        && anchors::recognise(certificate).is_some_and(|ca| ca.generation == CaGeneration::G1)
    {
        return ImportError::RetiredAuthority { root: certificate.subject().into() };
    }
    let ChainError::Untrusted { root } = &error else { return ImportError::Chain(error) };
    let Some(known) = anchors::recognise(root) else { return ImportError::Chain(error) };
    let root = root.subject().to_owned();
    let nhs = matches!(environment.authority(), Authority::Live | Authority::PathToLive);
    if nhs && known.authority != environment.authority() {
        ImportError::WrongEnvironment { expected: environment, root }
    } else if known.generation == CaGeneration::G1 {
        ImportError::RetiredAuthority { root }
    } else {
        ImportError::Chain(error)
    }
}

/// When a certificate stops working, and when the CA means it to be renewed; `whose` it is, in words.
pub(in crate::onboarding) fn deadlines(leaf: &Certificate, whose: &str, now: OffsetDateTime) -> Vec<Warning> {
    let deadlines = Deadlines::of(leaf, now);
    let mut warnings =
        vec![Warning::new("expires", format!("the certificate of {whose}: {}", deadlines.expiry_sentence()))];
    if let Some(sentence) = deadlines.key_usage_sentence() {
        warnings.push(Warning::new("key_usage_period", format!("the certificate of {whose}: {sentence}")));
    }
    warnings
}

/// What to know of a chain that was proved: its deadlines, and a sub CA that is not the usual one.
pub(in crate::onboarding) fn warnings(
    chain: &Chain,
    whose: &str,
    environment: Environment,
    now: OffsetDateTime,
) -> Vec<Warning> {
    let mut warnings = deadlines(&chain.leaf, whose, now);
    if environment.authority() == Authority::PathToLive
        && let Some(sub_ca) = chain.intermediates.first()
        && !anchors::recognise(sub_ca).is_some_and(|ca| ca.environments.contains(&environment))
    {
        warnings.push(Warning::new(
            "other_sub_ca",
            format!(
                "issued by {}, which is not known to issue for {}: ask the desk whether it is meant for another Path to Live environment",
                sub_ca.subject(),
                environment
            ),
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::pki::anchors::{BuiltIn, Role};

    fn built_in(role: Role, authority: Authority, generation: CaGeneration) -> &'static BuiltIn {
        let wanted = |ca: &&BuiltIn| (ca.role, ca.authority, ca.generation) == (role, authority, generation);
        anchors::built_in().iter().find(wanted).expect("built in")
    }

    fn ending_at(root: &BuiltIn, environment: Environment) -> ImportError {
        let root = Box::new(root.certificate.clone());
        explain_chain(ChainError::Untrusted { root }, environment)
    }

    #[test]
    fn root_of_another_nhs_environment_is_named() {
        let live = built_in(Role::Root, Authority::Live, CaGeneration::G2);
        let path_to_live = built_in(Role::Root, Authority::PathToLive, CaGeneration::G2);
        for (root, environment) in [(live, Environment::Integration), (path_to_live, Environment::Live)] {
            let error = ending_at(root, environment);
            assert!(matches!(error, ImportError::WrongEnvironment { .. }), "{error:?}");
        }
        let error = ending_at(live, Environment::Sandbox);
        assert!(matches!(error, ImportError::Chain(_)), "a sandbox trusts whom its user names: {error:?}");
    }

    #[test]
    fn retired_authority_is_named() {
        let retired = built_in(Role::Root, Authority::PathToLive, CaGeneration::G1);
        let error = ending_at(retired, Environment::Integration);
        assert!(matches!(error, ImportError::RetiredAuthority { .. }), "{error:?}");
        let expired = built_in(Role::SubCa, Authority::Live, CaGeneration::G1).certificate.clone();
        let error = explain_chain(ChainError::Expired { certificate: Box::new(expired) }, Environment::Live);
        assert!(matches!(error, ImportError::RetiredAuthority { .. }), "{error:?}");
    }

    #[test]
    fn sub_ca_of_another_path_to_live_environment_is_a_warning() {
        let sub_ca = built_in(Role::SubCa, Authority::PathToLive, CaGeneration::G2).certificate.clone();
        let root = built_in(Role::Root, Authority::PathToLive, CaGeneration::G2).certificate.clone();
        let chain = Chain { leaf: sub_ca.clone(), intermediates: vec![sub_ca], root };
        let codes = |environment| {
            let warnings = warnings(&chain, "X26ABC1", environment, datetime!(2026-11-20 12:00 UTC));
            warnings.iter().map(|w| w.code).collect::<Vec<_>>()
        };
        assert!(!codes(Environment::Integration).contains(&"other_sub_ca"));
        assert!(codes(Environment::Training).contains(&"other_sub_ca"));
    }
}
