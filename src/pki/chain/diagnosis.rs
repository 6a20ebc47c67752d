//! Why no chain was proved, as the first thing that a person can do something about.

use time::OffsetDateTime;

use super::climb::{Step, rank, way_to};
use super::{ChainError, rules};
use crate::pki::Certificate;

/// Names what is wrong on the best way that there is: one to an anchor, else to another root, else to where
/// an issuer is missing. Accepts nothing.
pub(super) fn diagnose(
    steps: &[Step<'_>],
    candidates: &[&Certificate],
    anchors: &[Certificate],
    now: OffsetDateTime,
    refusal: &webpki::Error,
) -> ChainError {
    let leaf = steps[0].certificate;
    let best = |wanted: &dyn Fn(&Step<'_>) -> bool| {
        (0..steps.len()).filter(|i| wanted(&steps[*i])).min_by_key(|i| rank(&steps[*i]))
    };
    if let Some(end) = best(&|step| anchors.contains(step.certificate)) {
        let way = way_to(steps, end);
        return not_now(&way, now).unwrap_or_else(|| match rules::broken(&way) {
            Some((certificate, rule)) => invalid(certificate, rule),
            None => ChainError::Invalid { subject: None, rule: in_words(refusal) },
        });
    }
    if leaf.is_self_signed() {
        let subject = leaf.subject().into();
        return not_now(&[leaf], now).unwrap_or(ChainError::SelfSigned { subject });
    }
    if let Some(end) = best(&|step| step.certificate.is_self_signed()) {
        let root = Box::new(steps[end].certificate.clone());
        return not_now(&way_to(steps, end), now).unwrap_or(ChainError::Untrusted { root });
    }
    if let Some(end) = best(&|step| !step.has_issuer) {
        let last = steps[end].certificate;
        // The order of the candidates is that of the files, so the smallest serves every order.
        let namesakes = candidates.iter().filter(|c| last.names_as_issuer(c));
        let incomplete = ChainError::Incomplete {
            subject: last.subject().into(),
            issuer: last.issuer().into(),
            namesake: namesakes.map(|c| c.fingerprint()).min_by_key(|f| *f.as_bytes()),
        };
        return not_now(&way_to(steps, end), now).unwrap_or(incomplete);
    }
    let rule = "its issuers have signed each other, and none of them is trusted here".to_owned();
    not_now(&[leaf], now).unwrap_or_else(|| invalid(leaf, rule))
}

/// The first certificate on a way that is not valid now.
fn not_now(way: &[&Certificate], now: OffsetDateTime) -> Option<ChainError> {
    way.iter().find_map(|certificate| {
        let boxed = || Box::new((*certificate).clone());
        if now > certificate.not_after() {
            Some(ChainError::Expired { certificate: boxed() })
        } else if now < certificate.not_before() {
            Some(ChainError::NotYetValid { certificate: boxed() })
        } else {
            None
        }
    })
}

pub(super) fn invalid(certificate: &Certificate, rule: String) -> ChainError {
    ChainError::Invalid { subject: Some(certificate.subject().into()), rule }
}

/// What webpki says where no certificate can be named.
fn in_words(refusal: &webpki::Error) -> String {
    use webpki::Error as E;
    match refusal {
        E::NameConstraintViolation => "a CA of the chain may not issue for this name".into(),
        E::MaximumPathDepthExceeded => "there are more CAs in it than the six that are followed".into(),
        E::InvalidSignatureForPublicKey => "a signature in it does not verify".into(),
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "one of its certificates is signed with an algorithm that is not accepted here".into()
        }
        other => format!("it breaks a rule of X.509 ({other})"),
    }
}
