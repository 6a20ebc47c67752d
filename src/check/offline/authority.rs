//! Roots that are known by sight: a chain that ends at one of them is told whose it is.

use crate::check::report::{Cause, Finding, ProbeId};
use crate::mailbox::{Authority, Environment};
use crate::pki::Certificate;
use crate::pki::anchors::{self, CaGeneration, Role};
use crate::pki::chain::ChainError;

pub(super) static WRONG_ENVIRONMENT: Cause = Cause {
    probe: ProbeId::Chain,
    code: "wrong_environment",
    meaning: "The certificate was issued by the authority of another environment. Live and Path to Live trust their own authorities alone, and refuse each other's certificates.",
};

pub(super) static RETIRED_AUTHORITY: Cause = Cause {
    probe: ProbeId::Chain,
    code: "retired_authority",
    meaning: "The certificate was issued by an authority that has been retired, such as the first generation (G1) of NHS CAs. Servers no longer trust it, whatever the certificate's own dates say.",
};

/// A root certificate and whose it is. None is trusted for being known.
#[derive(Debug, Clone)]
pub struct KnownRoot {
    /// The certificate.
    pub certificate: Certificate,
    /// The environments that it stands behind.
    pub authority: Authority,
    /// Whether it issues no longer.
    pub is_retired: bool,
}

impl KnownRoot {
    /// The roots of the NHS that the program carries.
    pub fn built_in() -> Vec<Self> {
        anchors::built_in()
            .iter()
            .filter(|ca| ca.role == Role::Root)
            .map(|ca| Self {
                certificate: ca.certificate.clone(),
                authority: ca.authority,
                is_retired: ca.generation == CaGeneration::G1,
            })
            .collect()
    }
}

/// What is to be said where a chain ends at a root that is known and not trusted here.
pub(super) fn judge(error: &ChainError, known: &[KnownRoot], environment: Environment) -> Option<Finding> {
    let root = match error {
        ChainError::Untrusted { root } => root,
        // The live first generation has expired; that it is retired says more.
        ChainError::Expired { certificate } => {
            let retired = |ca: &&anchors::BuiltIn| ca.generation == CaGeneration::G1;
            return anchors::recognise(certificate).filter(retired).map(|_| retired_authority(certificate));
        }
        _ => return None,
    };
    let root = known.iter().find(|known| known.certificate == **root)?;
    if root.is_retired {
        return Some(retired_authority(&root.certificate));
    }
    // A sandbox trusts whom its user names.
    let elsewhere = root.authority != environment.authority() && environment.authority() != Authority::Own;
    elsewhere.then(|| {
        let (whose, names) = environments(root.authority);
        Finding::failure(
            &WRONG_ENVIRONMENT,
            format!("it is to be used in {environment}, and its chain ends at {}, {whose}", of(&root.certificate)),
            format!(
                "use it where it is for (--env {names}), or ask the service desk for a certificate of {environment}"
            ),
        )
    })
}

fn retired_authority(ca: &Certificate) -> Finding {
    Finding::failure(
        &RETIRED_AUTHORITY,
        format!("the chain leads to {}, which is retired", of(ca)),
        "ask the service desk for a new certificate, with a new key, from the authority of today",
    )
}

/// A certificate with what tells it from its namesakes.
pub(super) fn of(certificate: &Certificate) -> String {
    format!("{} (SHA-256 {})", certificate.subject(), certificate.fingerprint())
}

/// Whose a root is, and the names of the environments that it is for.
fn environments(authority: Authority) -> (&'static str, String) {
    let whose = match authority {
        Authority::Live => "the root of live",
        Authority::PathToLive => "the root of Path to Live",
        Authority::Rehearsal => "the root of the rehearsal on this machine",
        Authority::Own => "a root of your own",
    };
    let names = Environment::ALL.into_iter().filter(|environment| environment.authority() == authority);
    (whose, names.map(Environment::as_str).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending_at(environment: Environment, wanted: impl Fn(&KnownRoot) -> bool) -> Option<&'static str> {
        let known = KnownRoot::built_in();
        let root = known.iter().find(|root| wanted(root)).expect("a root").certificate.clone();
        judge(&ChainError::Untrusted { root: Box::new(root) }, &known, environment)?.code
    }

    #[test]
    fn live_and_path_to_live_are_told_apart() {
        let live = |root: &KnownRoot| root.authority == Authority::Live && !root.is_retired;
        let path_to_live = |root: &KnownRoot| root.authority == Authority::PathToLive && !root.is_retired;
        assert_eq!(ending_at(Environment::Integration, live), Some("wrong_environment"));
        assert_eq!(ending_at(Environment::Live, path_to_live), Some("wrong_environment"));
        assert_eq!(ending_at(Environment::Rehearsal, live), Some("wrong_environment"));
        assert_eq!(ending_at(Environment::Sandbox, live), None, "its user names the roots");
    }

    #[test]
    fn first_generation_is_retired_in_every_environment() {
        for environment in Environment::ALL {
            assert_eq!(ending_at(environment, |root| root.is_retired), Some("retired_authority"));
        }
        let expired = anchors::built_in().iter().find(|ca| {
            (ca.generation, ca.role, ca.authority) == (CaGeneration::G1, Role::SubCa, Authority::Live)
        });
        let certificate = Box::new(expired.expect("built in").certificate.clone());
        let finding = judge(&ChainError::Expired { certificate }, &[], Environment::Live);
        assert_eq!(finding.and_then(|finding| finding.code), Some("retired_authority"));
    }
}
