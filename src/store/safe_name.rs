//! Names from elsewhere, made fit for a file of ours.

/// The longest name that common file systems take, in bytes.
const MAX: usize = 255;

/// What Windows gives to devices, whatever the extension.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// A base name that stays in its folder on every operating system: no path, no control or direction
/// characters, nothing that Windows or a shell takes for something else, at most `MAX` bytes.
/// Nothing where nothing is left.
pub fn safe_name(given: &str) -> Option<String> {
    let base = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = base
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\u{fffd}') { '_' } else { c })
        .collect();
    // Hidden names are ours; Windows drops what these end with.
    let kept = kept.trim().trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    if kept.is_empty() {
        return None;
    }
    let (stem, extension) = parts(kept);
    let marked = if is_device(stem) || kept.starts_with('-') { "_" } else { "" };
    Some(shortened(&format!("{marked}{stem}"), extension))
}

/// The same name with something between its stem and its extension.
pub fn with_mark(name: &str, mark: &str) -> String {
    let (stem, extension) = parts(name);
    shortened(
        &cut(stem, MAX.saturating_sub(extension.len() + mark.len() + 1)),
        &format!("-{mark}{extension}"),
    )
}

/// Stem, and extension with its dot.
fn parts(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        // A name whose whole end is an extension has none worth keeping.
        Some(dot) if dot > 0 && name.len() - dot <= 20 => name.split_at(dot),
        _ => (name, ""),
    }
}

fn shortened(stem: &str, extension: &str) -> String {
    let stem = cut(stem, MAX - extension.len().min(MAX));
    format!("{}{extension}", stem.trim_end_matches([' ', '.']))
}

/// At most `max` bytes, in whole characters.
fn cut(text: &str, max: usize) -> String {
    let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= max).last();
    text[..end.unwrap_or_default()].to_owned()
}

fn is_device(stem: &str) -> bool {
    // Also CON.tar.gz is the console.
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = |name: &str| {
        first.strip_prefix(name).is_some_and(|n| {
            n.chars().count() == 1 && n.contains(|c: char| c.is_ascii_digit() || "¹²³".contains(c))
        })
    };
    DEVICES.contains(&first.as_str()) || numbered("COM") || numbered("LPT")
}

/// Characters that are not seen, or that turn the direction of those that are.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["results.csv", "Zoë's Bericht (2).tar.gz", "a b", "CONTRACT.txt", "COM10", "console.log"]
        {
            assert_eq!(safe_name(name).as_deref(), Some(name));
        }
    }

    #[test]
    fn nothing_leads_out_of_the_folder_or_into_a_device() {
        let rows = [
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Users\\x\\report.csv", Some("report.csv")),
            ("..", None),
            ("a/..", None),
            ("", None),
            (" . . ", None),
            ("\u{0}\u{1b}\r\n", None),
            (".bashrc", Some("bashrc")),
            (".X26.part", Some("X26.part")),
            ("a\u{1b}[31m\n\u{202e}vsc.exe", Some("a[31mvsc.exe")),
            ("report.csv. .", Some("report.csv")),
            ("report .csv", Some("report.csv")),
            ("a:b*c?.txt", Some("a_b_c_.txt")),
            ("-rf", Some("_-rf")),
            ("con", Some("_con")),
            ("NUL.txt", Some("_NUL.txt")),
            ("com1.tar.gz", Some("_com1.tar.gz")),
            ("LPT².log", Some("_LPT².log")),
        ];
        for (given, expected) in rows {
            assert_eq!(safe_name(given).as_deref(), expected, "{given:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension_and_whole_characters() {
        let name = safe_name(&format!("{}.csv", "é".repeat(300))).unwrap();
        assert!(name.len() <= MAX && name.len() > MAX - 2 && name.ends_with("é.csv"), "{name}");
        let marked = with_mark(&name, "20261118093000123456_A1B2C3");
        assert!(marked.len() <= MAX && marked.ends_with("é-20261118093000123456_A1B2C3.csv"), "{marked}");
        assert_eq!(with_mark("report.csv", "ID"), "report-ID.csv");
        assert_eq!(with_mark("report", "2"), "report-2");
        assert_eq!(safe_name(&".".repeat(600)), None);
        assert!(safe_name(&format!("a.{}", "b".repeat(600))).unwrap().len() <= MAX);
    }
}
