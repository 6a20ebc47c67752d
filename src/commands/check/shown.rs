use serde_json::{Value, json};

use crate::check::{Finding, Report, Status, Verdict};
use crate::commands::known;
use crate::ui::clean;

/// A probe, for scripts.
pub(super) fn probe_json(finding: &Finding) -> Value {
    known(json!({
        "id": finding.probe.as_str(),
        "status": finding.status.as_str(),
        "code": finding.code,
        "evidence": finding.evidence,
        "remedy": finding.remedy,
        "millis": finding.millis,
    }))
}

/// One line a probe; then the first failure in full, and every warning's remedy.
pub(super) fn text(report: &Report) -> String {
    let mut lines: Vec<String> = report
        .findings
        .iter()
        .map(|f| format!("  {:<8} {:<19} {}", f.status.as_str(), f.probe.as_str(), clean(&f.evidence)))
        .collect();
    lines.push(String::new());
    match report.first_failure() {
        Some(failure) => {
            lines.push(format!("{} failed ({}).", failure.probe.as_str(), failure.code.unwrap_or_default()));
            lines.push(format!("because: {}", clean(&failure.evidence)));
            lines.extend(failure.remedy.iter().map(|remedy| format!("hint: {}", clean(remedy))));
        }
        None if report.verdict() == Verdict::Warn => {
            lines.push("The credentials work; something deserves attention:".into());
            for warning in report.findings.iter().filter(|f| f.status == Status::Warn) {
                let remedy = warning.remedy.as_deref().unwrap_or_default();
                lines.push(format!("  {}: {}", warning.probe.as_str(), clean(remedy)));
            }
        }
        None => lines.push("All is well.".into()),
    }
    lines.join("\n")
}
