//! Probes in order, findings, verdict: what of a mailbox's credentials works, and what does not and why.
//!
//! A probe whose ground another probe has found missing is skipped, so that each cause is told once.

mod explained;
mod inside;
mod lacking;
mod material;
mod offline;
mod online;
mod report;
mod way;

pub use inside::{Kept, Lookup, OtherSecrets, RoundTrip, refusal_remedy};
pub use material::{Material, MaterialError, Source};
pub use offline::{Expectation, ImportedBundles, KnownRoot, RevocationLists};
pub use online::Online;
#[cfg(feature = "test-hooks")]
pub use report::Cause;
pub use report::{Finding, ProbeId, Report, Status, Verdict};

use std::time::Instant;

use report::Findings;

/// Judges credentials: first what needs no network, then, with `online`, the way to MESH step by step.
///
/// Writes nothing. `on_finding` hears of each probe as it ends.
pub fn check(
    material: Material,
    expectation: &Expectation,
    online: Option<Online<'_>>,
    on_finding: &mut dyn FnMut(&Finding),
) -> Report {
    let mut findings = Findings::new(on_finding);
    offline::probe(&material, expectation, &mut findings);
    if let Some(online) = online {
        online::probe(material, online, &mut findings);
    }
    findings.into_report()
}

/// Everything that a check can find not well, in the order of the probes: the fault laboratory has a row for each.
#[cfg(feature = "test-hooks")]
pub fn causes() -> impl Iterator<Item = &'static Cause> {
    [offline::CAUSES, way::CAUSES, inside::CAUSES, lacking::CAUSES].into_iter().flatten().copied()
}

/// Milliseconds since `start`.
fn millis(start: Instant) -> u64 {
    start.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
}
