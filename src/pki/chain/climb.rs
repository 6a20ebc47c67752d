//! Everything that stands above a certificate, found by signatures.

use std::cmp::{Ordering, Reverse};

use time::OffsetDateTime;

use crate::pki::Certificate;
use crate::pki::certificate::Signed;

/// The most signatures that are looked at: far more than honest files need, and soon done.
const SIGNATURES: usize = 2000;

/// One certificate above the leaf, or the leaf itself.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub certificate: &'a Certificate,
    /// The step of the certificate that this one signed; `None` for the leaf.
    below: Option<usize>,
    /// How many certificates from the leaf up to here are not valid now.
    pub faults: usize,
    /// How many certificates stand below.
    pub depth: usize,
    /// Whether an issuer of it was found.
    pub has_issuer: bool,
}

/// Climbs from the leaf to every signer among the candidates, each certificate once and by its best way:
/// the fewest that are not valid, then the shortest. The order of the candidates does not matter.
///
/// Where a signature cannot be judged, the name decides; proving is left to others.
pub(super) fn climb<'a>(
    leaf: &'a Certificate,
    candidates: impl IntoIterator<Item = &'a Certificate>,
    now: OffsetDateTime,
) -> Vec<Step<'a>> {
    let mut remaining: Vec<&Certificate> = candidates.into_iter().filter(|c| *c != leaf).collect();
    remaining.sort_by(|a, b| preference(a, b, now));
    remaining.dedup();
    let fault = |c: &Certificate| usize::from(!is_valid(c, now));
    let mut steps =
        vec![Step { certificate: leaf, below: None, faults: fault(leaf), depth: 0, has_issuer: false }];
    let mut climbed = vec![false];
    let mut budget = SIGNATURES;
    while let Some(at) = (0..steps.len()).filter(|i| !climbed[*i]).min_by_key(|i| rank(&steps[*i])) {
        climbed[at] = true;
        let (certificate, faults, depth) = (steps[at].certificate, steps[at].faults, steps[at].depth + 1);
        // Also by one that was reached another way: a circle is no dead end.
        let signed_by_known = |step: &Step<'_>| signed(certificate, step.certificate, &mut budget);
        let mut has_issuer = steps.iter().map(signed_by_known).fold(false, |any, one| any | one);
        remaining.retain(|candidate| {
            if !signed(certificate, candidate, &mut budget) {
                return true;
            }
            let faults = faults + fault(candidate);
            steps.push(Step { certificate: candidate, below: Some(at), faults, depth, has_issuer: false });
            climbed.push(false);
            has_issuer = true;
            false
        });
        steps[at].has_issuer = has_issuer;
    }
    steps
}

/// The certificates from the leaf up to a step.
pub(super) fn way_to<'a>(steps: &[Step<'a>], step: usize) -> Vec<&'a Certificate> {
    let mut way: Vec<_> =
        std::iter::successors(Some(step), |i| steps[*i].below).map(|i| steps[i].certificate).collect();
    way.reverse();
    way
}

/// What makes one way better than another.
pub(super) fn rank(step: &Step<'_>) -> (usize, usize) {
    (step.faults, step.depth)
}

fn signed(certificate: &Certificate, issuer: &Certificate, budget: &mut usize) -> bool {
    if !certificate.names_as_issuer(issuer) || *budget == 0 {
        return false;
    }
    *budget -= 1;
    !matches!(certificate.signed_by(issuer), Signed::No)
}

/// Of several certificates that would do, the one that is valid, was issued last and lives longest.
pub(super) fn preference(a: &Certificate, b: &Certificate, now: OffsetDateTime) -> Ordering {
    let key = |c: &Certificate| (!is_valid(c, now), Reverse((c.not_before(), c.not_after())));
    key(a).cmp(&key(b)).then_with(|| a.der().cmp(b.der()))
}

pub(super) fn is_valid(certificate: &Certificate, now: OffsetDateTime) -> bool {
    certificate.not_before() <= now && now <= certificate.not_after()
}
