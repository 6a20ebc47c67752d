//! What `check --all` says: a line for each mailbox, then the details of those that are not well.

use std::fmt::Write;

use crate::check::Verdict;
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
/// for all of them.
fn details(look: Look, all: &[One]) -> Vec<String> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for one in all {
        for detail in detail(look, one) {
            match found.iter_mut().find(|(known, _)| *known == detail) {
                Some((_, names)) => names.push(one.name()),
                None => found.push((detail, vec![one.name()])),
            }
        }
    }
    let whole = |(detail, names): &(String, Vec<String>)| {
        let heading = look.hanging("", &some(names));
        format!("{heading}\n{detail}")
    };
    found.iter().map(whole).collect()
}

fn detail(look: Look, one: &One) -> Vec<String> {
    match one {
        One::Checked(checked) => told::not_well(look, &checked.report),
        One::Waiting { .. } => Vec::new(),
        One::Broken { explained, .. } => {
            let mut lines =
                vec![look.marked(Mark::Fail, &format!("could not be checked ({})", explained.code))];
            let rows = std::iter::once(("Evidence", &explained.message))
                .chain(explained.because.iter().map(|because| ("", because)))
                .chain(explained.hint.iter().map(|hint| ("What to do", hint)));
            lines.extend(rows.map(|(name, text)| look.hanging(&format!("  {name:<14} "), &clean(text))));
            vec![lines.join("\n")]
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
