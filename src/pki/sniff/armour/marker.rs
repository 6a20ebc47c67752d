//! BEGIN and END lines, as they are and as they are left behind.

use super::label::Label;
use super::repair::{Repair, Repairs};

/// A BEGIN or END line, without its line break.
#[derive(Debug)]
pub(super) struct Marker<'a> {
    pub start: usize,
    pub end: usize,
    pub begins: bool,
    /// As written, trimmed.
    pub label: &'a str,
    pub known: Option<&'static Label>,
    /// Whether it has five hyphens on both sides.
    pub five: bool,
    /// Whether it is in capitals.
    pub capitals: bool,
}

impl Marker<'_> {
    /// What about the line itself is unusual.
    pub fn repairs(&self, repairs: &mut Repairs) {
        if !self.five {
            repairs.add(Repair::Hyphens, self.start);
        }
        if !self.capitals {
            repairs.add(Repair::Case, self.start);
        }
    }
}

/// The longest label that is looked for, in bytes.
const LONGEST: usize = 64;

/// All of them, in the order of the text.
pub(super) fn find(text: &str) -> Vec<Marker<'_>> {
    let mut markers: Vec<Marker> = Vec::new();
    let mut at = 0;
    while let Some(step) = text[at..].find('-') {
        let run = at + step;
        let after = run + hyphens(&text[run..]);
        let last = markers.last().map_or(0, |m| m.end);
        let found = from_hyphens(text, run, after).or_else(|| before_hyphens(text, last, run, after));
        at = found.as_ref().map_or(after, |marker| marker.end);
        markers.extend(found);
    }
    if markers.is_empty() { without_hyphens(text) } else { markers }
}

fn hyphens(text: &str) -> usize {
    text.bytes().take_while(|&b| b == b'-').count()
}

/// BEGIN or END at the beginning of `text` in any case, and the text after it.
fn keyword(text: &str) -> Option<(bool, bool, &str)> {
    for (word, begins) in [("BEGIN", true), ("END", false)] {
        if let Some(found) = text.get(..word.len()).filter(|found| found.eq_ignore_ascii_case(word)) {
            return Some((begins, found == word, &text[word.len()..]));
        }
    }
    None
}

/// With hyphens before it, from `run` to `after`.
fn from_hyphens(text: &str, run: usize, after: usize) -> Option<Marker<'_>> {
    let rest = text[after..].trim_start_matches([' ', '\t']);
    let (begins, capitals, rest) = keyword(rest)?;
    let label_at = text.len() - rest.len();
    let is_label =
        |&b: &u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'\t' | b'#' | b'.' | b'/' | b'_');
    let length = rest.bytes().take(LONGEST).take_while(is_label).count();
    let label = rest[..length].trim();
    let known = Label::known(label);
    let closing = hyphens(&rest[length..]);
    let spaced = rest.starts_with([' ', '\t']);
    let ends_line = rest[length..].is_empty() || rest[length..].starts_with(['\n', '\r']);
    let closed = closing > 0 || (ends_line && after - run >= 2);
    let sure = match known {
        Some(_) => closed && (capitals || (after - run) + closing > 2),
        // Any other label only in the form that the standard gives it.
        None => spaced && capitals && after - run >= 5 && closing >= 5 && !label.is_empty(),
    };
    if !sure {
        return None;
    }
    let mut end = label_at + length + closing;
    let mut closed_by = closing;
    // END and the next BEGIN without a line break between them share one row of hyphens.
    if closing > 5 && keyword(text[end..].trim_start_matches(' ')).is_some() {
        end -= closing - 5;
        closed_by = 5;
    }
    let capitals = capitals && !label.bytes().any(|b| b.is_ascii_lowercase());
    let plain = spaced && text[after..label_at].len() == if begins { 5 } else { 3 };
    let five = after - run == 5 && closed_by == 5 && plain && rest[..length].len() == label.len() + 1;
    Some(Marker { start: run, end, begins, label, known, five, capitals })
}

/// With hyphens only behind it, from `run` to `after`, on the same line and not before `last`.
fn before_hyphens(text: &str, last: usize, run: usize, after: usize) -> Option<Marker<'_>> {
    if after - run < 2 || !text[..run].trim_end_matches(' ').ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let from = last.max(run.saturating_sub(LONGEST));
    let before = &text.as_bytes()[from..run];
    let line =
        before.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(from, |newline| from + newline + 1);
    whole_line(text.get(line..run)?, line, after)
}

/// `BEGIN LABEL` and nothing else; `end` is where the hyphens after it end.
fn whole_line(line: &str, at: usize, end: usize) -> Option<Marker<'_>> {
    let start = line.trim_start_matches([' ', '\t', '>', '|']);
    let (begins, capitals, label) = keyword(start)?;
    let label = label.strip_prefix([' ', '\t'])?.trim();
    let known = Some(Label::known(label)?);
    let capitals = capitals && !label.bytes().any(|b| b.is_ascii_lowercase());
    let start = at + line.len() - start.len();
    Some(Marker { start, end, begins, label, known, five: false, capitals })
}

/// Lines that lost all their hyphens, in a text where no line has any.
fn without_hyphens(text: &str) -> Vec<Marker<'_>> {
    let mut at = 0;
    let mut markers = Vec::new();
    for line in text.split(['\n', '\r']) {
        if line.len() <= LONGEST {
            markers.extend(whole_line(line, at, at + line.len()));
        }
        at += line.len() + 1;
    }
    markers
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found<'a> = (bool, &'a str, bool);

    fn found(text: &str) -> Vec<Found<'_>> {
        find(text).into_iter().map(|m| (m.begins, m.label, m.five)).collect()
    }

    #[test]
    fn armour_lines_are_found_in_every_state() {
        let rows: &[(&str, &[Found<'_>])] = &[
            ("-----BEGIN CERTIFICATE-----", &[(true, "CERTIFICATE", true)]),
            ("----BEGIN CERTIFICATE---", &[(true, "CERTIFICATE", false)]),
            ("-----BEGIN CERTIFICATE", &[(true, "CERTIFICATE", false)]),
            ("BEGIN CERTIFICATE-----\nMI", &[(true, "CERTIFICATE", false)]),
            ("x\nBEGIN CERTIFICATE\nMI", &[(true, "CERTIFICATE", false)]),
            ("----- begin certificate -----", &[(true, "certificate", false)]),
            ("-----BEGINCERTIFICATE-----", &[(true, "CERTIFICATE", false)]),
            ("-----END PKCS7----------BEGIN CMS-----", &[(false, "PKCS7", true), (true, "CMS", true)]),
            ("-----BEGIN SOMETHING NEW-----", &[(true, "SOMETHING NEW", true)]),
            ("-- begin something new --", &[]),
            ("we begin certificate work - soon -", &[]),
            ("-----BEGIN", &[]),
            ("-----BEGIN -----", &[]),
        ];
        for (text, markers) in rows {
            assert_eq!(found(text), *markers, "{text}");
        }
    }
}
