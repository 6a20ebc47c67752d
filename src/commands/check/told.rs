//! A check for people: a line for each probe, then what is not well, in full.

use crate::check::{Finding, ProbeId, Report, Status, Verdict};
use crate::ui::{Look, Mark, clean};

/// The lines of probes as they come.
pub(super) struct Lines {
    look: Look,
    /// With the time that each took.
    timed: bool,
    skipped: Option<String>,
}

impl Lines {
    pub fn new(look: Look, timed: bool) -> Self {
        Self { look, timed, skipped: None }
    }

    /// The line of a probe. Why several in a row are skipped is said once.
    pub fn line(&mut self, finding: &Finding) -> String {
        let mark = mark(finding.status);
        let mut evidence = clean(&finding.evidence);
        let skipped = (finding.status == Status::Skipped).then(|| evidence.clone());
        if skipped.is_some() && skipped == self.skipped {
            evidence.clear();
        }
        self.skipped = skipped;
        if self.timed && finding.status != Status::Skipped {
            evidence.push_str(&format!(" ({} ms)", finding.millis));
        }
        let marked = self.look.marked(mark, &format!("{:<8}", mark.word()));
        self.look.hanging(&format!("  {marked} {:<19} ", finding.probe.as_str()), &evidence)
    }

    /// All of them.
    pub fn of(&mut self, report: &Report) -> String {
        report.findings.iter().map(|finding| self.line(finding) + "\n").collect()
    }
}

/// What follows the lines: the first failure in full, what else is not well in short, and the verdict.
pub(super) fn ending(look: Look, report: &Report) -> String {
    let told = |(number, finding): (usize, &Finding)| match (number, finding.status) {
        (0, Status::Fail) => in_full(look, finding),
        _ => in_short(look, finding),
    };
    let mut parts: Vec<String> = not_well(report).enumerate().map(told).collect();
    parts.push(verdict(report));
    parts.join("\n\n")
}

/// Each probe that is not well, what failed before what warns.
pub(super) fn not_well(report: &Report) -> impl Iterator<Item = &Finding> {
    let of = |status| report.findings.iter().filter(move |f| f.status == status);
    of(Status::Fail).chain(of(Status::Warn))
}

/// A paragraph about a probe that is not well, which stands without the probe's line.
pub(super) fn in_full(look: Look, finding: &Finding) -> String {
    let rows = [
        ("What it means", finding.meaning.map(str::to_owned)),
        ("Evidence", Some(clean(&finding.evidence))),
        ("What to do", finding.remedy.as_deref().map(clean)),
    ];
    rows_below(look, finding, rows)
}

/// The evidence stands in the line of the probe.
fn in_short(look: Look, finding: &Finding) -> String {
    let what_to_do = ("What to do", finding.remedy.as_deref().map(clean));
    rows_below(look, finding, [("What it means", finding.meaning.map(str::to_owned)), what_to_do])
}

fn rows_below<const N: usize>(look: Look, finding: &Finding, rows: [(&str, Option<String>); N]) -> String {
    let mark = mark(finding.status);
    let verb = if mark == Mark::Fail { "failed" } else { "warns" };
    let heading = format!("{} {verb} ({})", finding.probe.as_str(), finding.code.unwrap_or_default());
    let mut lines = vec![look.marked(mark, &heading)];
    for (name, text) in rows {
        lines.extend(text.map(|text| look.hanging(&format!("  {name:<14} "), &text)));
    }
    lines.join("\n")
}

/// The last line. What was not tried is not called well.
pub(super) fn verdict(report: &Report) -> String {
    let count = |status| report.findings.iter().filter(|f| f.status == status).count();
    let warnings = match count(Status::Warn) {
        0 => String::new(),
        1 => "one thing deserves attention".into(),
        more => format!("{more} things deserve attention"),
    };
    match (report.verdict(), report.findings.iter().any(|f| f.status == Status::Skipped)) {
        (Verdict::Fail, _) => "It does not work.".into(),
        (Verdict::Warn, false) => format!("It works; {warnings}."),
        (Verdict::Warn, true) => format!("What was tried works; {warnings}."),
        (Verdict::Pass, false) if report.findings.iter().all(|f| f.probe <= ProbeId::Expiry) => {
            "All is well that needs no network.".into()
        }
        (Verdict::Pass, false) => "All is well.".into(),
        (Verdict::Pass, true) => "What was tried is well.".into(),
    }
}

pub(super) fn mark(status: Status) -> Mark {
    match status {
        Status::Pass => Mark::Pass,
        Status::Warn => Mark::Warn,
        Status::Fail => Mark::Fail,
        Status::Skipped => Mark::Skipped,
    }
}
