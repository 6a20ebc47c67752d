//! Probes in order, findings, verdict: what of a mailbox's credentials works, and what does not and why.
//!
//! A probe whose ground another probe has found missing is skipped, so that each cause is told once.

mod material;
mod offline;
mod online;
mod refused;
mod report;
mod round_trip;
mod way;

pub use material::{Material, MaterialError, Source};
pub use offline::Expectation;
pub use online::{Online, RoundTrip};
pub use refused::remedy as refusal_remedy;
pub use report::{Finding, Report, Status, Verdict};

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

/// Milliseconds since `start`.
fn millis(start: Instant) -> u64 {
    start.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
}
