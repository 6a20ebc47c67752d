//! What `check --all` says: a line for each mailbox, then the details of those that are not well.

use std::fmt::Write;

use crate::check::{Finding, Verdict};
use crate::commands::check::checked::One;
use crate::commands::check::told;
use crate::ui::{Look, Mark, clean};

/// How many mailboxes with the same trouble are named.
const NAMED: usize = 8;

/// Every mailbox, the details, and how many are well.
pub(super) fn text(look: Look, all: &[One]) -> String {
    let mut text = lines(look, all.iter());
    for part in details(look, all) {
        write!(text, "\n{part}\n").expect("writing to a string");
    }
    write!(text, "\n{}", tally(all)).expect("writing to a string");
    text
}

/// The same of those that are not well; nothing at all if there are none.
pub(in crate::commands::check) fn not_well(look: Look, all: &[One]) -> String {
    let (mut text, details) =
        (lines(look, all.iter().filter(|one| one.verdict() != Verdict::Pass)), details(look, all));
    for part in details {
        write!(text, "\n{part}\n").expect("writing to a string");
    }
    text
}

fn lines<'a>(look: Look, all: impl Iterator<Item = &'a One> + Clone) -> String {
    let width = |of: fn(&One) -> usize, least| all.clone().map(of).max().unwrap_or(0).max(least);
    let mailbox = |one: &One| one.whose().0.map_or_else(|| "files".into(), ToString::to_string);
    let first = width(|one| one.whose().0.map_or(5, |mailbox| mailbox.as_str().len()), 8);
    let second = width(|one| one.whose().1.as_str().len(), 8);
    all.map(|one| {
        let marked = look.marked(one.mark(), &format!("{:<8}", one.mark().word()));
        let lead = format!("  {marked} {:<first$} {:<second$}  ", mailbox(one), one.whose().1.as_str());
        look.hanging(&lead, &clean(&one.first())) + "\n"
    })
    .collect()
}

/// A paragraph for each trouble, headed by the mailboxes that have it: what is wrong with the way there is wrong
/// for all of them. The names and commands in it are those of the first.
fn details(look: Look, all: &[One]) -> Vec<String> {
    let mut found: Vec<(Detail, Vec<String>)> = Vec::new();
    for one in all {
        for detail in details_of(look, one) {
            match found.iter_mut().find(|(known, _)| known.same_as == detail.same_as) {
                Some((_, names)) => names.push(one.name()),
                None => found.push((detail, vec![one.name()])),
            }
        }
    }
    let whole = |(detail, names): &(Detail, Vec<String>)| {
        let heading = look.hanging("", &some(names));
        format!("{heading}\n{}", detail.text)
    };
    found.iter().map(whole).collect()
}

/// One trouble of one mailbox.
struct Detail {
    text: String,
    /// All that it says, but without the name of the mailbox: equal where several have the same trouble.
    same_as: Vec<String>,
}

impl Detail {
    fn of(one: &One, text: String, said: &[&str]) -> Self {
        let nameless = |said: &&str| match one.whose().0 {
            Some(mailbox) => said.replace(mailbox.as_str(), "\0"),
            None => (*said).to_owned(),
        };
        Self { text, same_as: said.iter().map(nameless).collect() }
    }
}

fn details_of(look: Look, one: &One) -> Vec<Detail> {
    match one {
        One::Checked(checked) => {
            let detail = |finding: &Finding| {
                let (probe, code) = (finding.probe.as_str(), finding.code.unwrap_or_default());
                let remedy = finding.remedy.as_deref().unwrap_or_default();
                Detail::of(one, told::in_full(look, finding), &[probe, code, &finding.evidence, remedy])
            };
            told::not_well(&checked.report).map(detail).collect()
        }
        One::Waiting { .. } => Vec::new(),
        One::Broken { explained, .. } => {
            let mut lines =
                vec![look.marked(Mark::Fail, &format!("could not be checked ({})", explained.code))];
            let rows: Vec<(&str, &str)> = std::iter::once(("Evidence", explained.message.as_str()))
                .chain(explained.because.iter().map(|because| ("", because.as_str())))
                .chain(explained.hint.iter().map(|hint| ("What to do", hint.as_str())))
                .collect();
            let told = rows.iter().map(|(name, text)| look.hanging(&format!("  {name:<14} "), &clean(text)));
            lines.extend(told);
            let said: Vec<&str> =
                std::iter::once(explained.code).chain(rows.iter().map(|row| row.1)).collect();
            vec![Detail::of(one, lines.join("\n"), &said)]
        }
    }
}

/// Names, and how many more there are.
fn some(names: &[String]) -> String {
    match names.split_at_checked(NAMED) {
        Some((named, rest @ [_, ..])) => format!("{} and {} more", named.join(", "), rest.len()),
        _ => names.join(", "),
    }
}

/// How many are well.
pub(in crate::commands::check) fn tally(all: &[One]) -> String {
    let count = |mark| all.iter().filter(|one| one.mark() == mark).count();
    let (pass, warn, fail, skipped) =
        (count(Mark::Pass), count(Mark::Warn), count(Mark::Fail), count(Mark::Skipped));
    let mut parts = Vec::new();
    if fail > 0 {
        parts.push(format!(
            "{fail} of {} {} not work",
            mailboxes(all.len()),
            if fail == 1 { "does" } else { "do" }
        ));
    }
    if warn > 0 {
        parts.push(format!(
            "{} {} attention",
            mailboxes(warn),
            if warn == 1 { "deserves" } else { "deserve" }
        ));
    }
    if pass > 0 {
        parts.push(format!("{} {} well", mailboxes(pass), if pass == 1 { "is" } else { "are" }));
    }
    if skipped > 0 {
        parts.push(format!("{} could not be checked yet", mailboxes(skipped)));
    }
    format!("{}.", parts.join("; "))
}

fn mailboxes(count: usize) -> String {
    format!("{count} mailbox{}", if count == 1 { "" } else { "es" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{ProbeId, Report, Status};
    use crate::commands::check::checked::Checked;
    use crate::mailbox::Environment;

    fn failing(mailbox: &str, evidence: &str) -> One {
        let finding = Finding {
            probe: ProbeId::Expiry,
            status: Status::Fail,
            code: Some("expired"),
            meaning: Some("It is over."),
            evidence: evidence.into(),
            remedy: Some(format!("mesh-onboard request {mailbox}")),
            millis: 1,
        };
        One::Checked(Checked {
            mailbox: mailbox.parse().ok(),
            environment: Environment::Live,
            url: None,
            certificates: Vec::new(),
            report: Report { findings: vec![finding] },
        })
    }

    #[test]
    fn same_trouble_is_told_once_and_what_was_seen_besides_is_never_lost() {
        let look = Look::default();
        let same = ["X26ABC1", "X26ABC2"].map(|mailbox| failing(mailbox, &format!("{mailbox}: over in May")));
        let text = not_well(look, &same);
        assert_eq!(text.matches("expiry failed").count(), 1, "{text}");
        assert!(text.contains("\nX26ABC1 (live), X26ABC2 (live)\n"), "{text}");
        let different = [failing("X26ABC1", "over in May"), failing("X26ABC2", "over in June")];
        let text = not_well(look, &different);
        assert!(
            text.contains("Evidence       over in May") && text.contains("Evidence       over in June"),
            "{text}"
        );
    }
}
