//! What stands around the five fields: the header's name, quotes, white space, the scheme.

use super::fault::Fault;

/// The name of the header that carries the token.
const NAME: &str = "authorization";

/// The scheme without its space.
const WORD: &str = "NHSMESH";

/// The fields alone, with all that stood around them taken off and told.
pub(super) fn unwrap(header: &str, faults: &mut Vec<Fault>) -> String {
    let printable = printable(header, faults);
    let text = bare(&printable, faults);
    let text = match after_name(text) {
        Some(value) => {
            add(faults, Fault::HeaderName);
            // The space behind the colon belongs there.
            bare(value.strip_prefix(' ').unwrap_or(value), faults)
        }
        None => text,
    };
    let folded: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    if folded != text {
        add(faults, Fault::LineEnd);
    }
    without_scheme(&folded, faults).to_owned()
}

/// Once each, however often it is met.
fn add(faults: &mut Vec<Fault>, fault: Fault) {
    if !faults.contains(&fault) {
        faults.push(fault);
    }
}

/// ASCII only: typographical quotes and spaces as plain ones, nothing for the rest.
fn printable(header: &str, faults: &mut Vec<Fault>) -> String {
    let is_usual = |c: char| matches!(c, ' '..='~' | '\t' | '\r' | '\n');
    if let Some(first) = header.chars().find(|c| !is_usual(*c)) {
        faults.push(Fault::UnusualCharacter { first });
    }
    let plain = |c| match c {
        '\u{2018}' | '\u{2019}' => Some('\''),
        '\u{201c}' | '\u{201d}' => Some('"'),
        '\u{a0}' | '\u{2003}' | '\u{202f}' => Some(' '),
        c => is_usual(c).then_some(c),
    };
    header.chars().filter_map(plain).collect()
}

/// Without white space and quotes around it.
fn bare<'a>(text: &'a str, faults: &mut Vec<Fault>) -> &'a str {
    let mut inner = text;
    loop {
        let trimmed = inner.trim();
        let outside = inner.len() - trimmed.len();
        let line_ends = inner.trim_matches(['\r', '\n']).len();
        if line_ends < inner.len() {
            add(faults, Fault::LineEnd);
        }
        if outside > inner.len() - line_ends {
            add(faults, Fault::WhiteSpace);
        }
        let unquoted = trimmed.trim_matches(['"', '\'', '`']);
        if unquoted.len() == trimmed.len() {
            return trimmed;
        }
        add(faults, Fault::Quotes);
        inner = unquoted;
    }
}

/// What follows `text` where it begins with `word`, case ignored.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(rest)
}

fn after_name(text: &str) -> Option<&str> {
    // Quotes may stand around the name alone, as in JSON.
    after(text, NAME)?.trim_start_matches([' ', '"', '\'']).strip_prefix([':', '='])
}

fn without_scheme<'a>(text: &'a str, faults: &mut Vec<Fault>) -> &'a str {
    let Some(mut rest) = after(text, WORD) else {
        faults.push(Fault::SchemeMissing);
        // Another scheme, or a misspelt one, is still a word and a space before the first colon.
        let first = text.find(':').unwrap_or(text.len());
        return text[..first].rfind(' ').map_or(text, |space| &text[space + 1..]);
    };
    if !text.starts_with(WORD) {
        faults.push(Fault::SchemeCase);
    }
    loop {
        let fields = rest.trim_start_matches([' ', '\t', ':', '=', ',']);
        if rest.strip_suffix(fields) != Some(" ") {
            add(faults, Fault::SchemeSpace);
        }
        match after(fields, WORD) {
            Some(again) => {
                add(faults, Fault::SchemeTwice);
                rest = again;
            }
            None => return fields,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_whatever_stands_around_them() {
        for (header, expected) in [
            ("NHSMESH a:b", &[][..]),
            ("a:b", &["scheme_missing"]),
            ("Bearer a:b", &["scheme_missing"]),
            ("nhsmesh a:b", &["scheme_case"]),
            ("NHSMESHa:b", &["scheme_space"]),
            ("NHSMESH  a:b", &["scheme_space"]),
            ("NHSMESH\ta:b", &["scheme_space"]),
            ("NHSMESH: a:b", &["scheme_space"]),
            ("NHSMESH : a:b", &["scheme_space"]),
            ("NHSMESH NHSMESH a:b", &["scheme_twice"]),
            ("Authorization: NHSMESH a:b", &["header_name"]),
            ("authorization:NHSMESH a:b\r\n", &["line_end", "header_name"]),
            ("\"Authorization\": \"NHSMESH a:b\"", &["quotes", "header_name"]),
            (" NHSMESH a:b", &["white_space"]),
            ("NHSMESH a:b\n", &["line_end"]),
            ("NHSMESH a:b \r\n", &["line_end", "white_space"]),
            ("NHSMESH a:\nb", &["line_end"]),
            ("\u{feff}NHSMESH a:b", &["unusual_character"]),
            ("\u{201c}NHSMESH a:b\u{201d}", &["unusual_character", "quotes"]),
            ("'NHSMESH a:b\n'", &["quotes", "line_end"]),
        ] {
            let mut faults = Vec::new();
            assert_eq!(unwrap(header, &mut faults), "a:b", "{header:?}");
            assert_eq!(faults.iter().map(Fault::code).collect::<Vec<_>>(), expected, "{header:?}");
        }
    }
}
