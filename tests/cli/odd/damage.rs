//! Small ways to damage a good PEM file.

/// `before` and `after` around each line.
pub fn each(text: &str, before: &str, after: &str) -> String {
    text.lines().map(|line| format!("{before}{line}{after}\n")).collect()
}

pub fn utf16_le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

pub fn utf16_be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

pub fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// In one character set of eight bits, where every character here has a place.
pub fn eight_bits(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        '–' => 0x96,
        '—' => 0x97,
        '“' => 0x93,
        '”' => 0x94,
        other => u8::try_from(u32::from(other)).expect("a character of Windows-1252"),
    };
    text.chars().map(byte).collect()
}

/// PEM of one label around base64 in lines of `width`.
pub fn armoured(label: &str, base64: &str, width: usize) -> String {
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", wrapped(base64, width, "\n"))
}

/// In lines of `width`, each ended by `end`.
pub fn wrapped(base64: &str, width: usize, end: &str) -> String {
    let line = |line: &[u8]| std::str::from_utf8(line).expect("base64 is ASCII").to_owned() + end;
    base64.as_bytes().chunks(width).map(line).collect()
}

/// What stands in line `number`, counted from 1, put through `change`.
pub fn in_line(text: &str, number: usize, change: impl Fn(&str) -> String) -> String {
    let line = |(i, line): (usize, &str)| if i + 1 == number { change(line) } else { format!("{line}\n") };
    text.lines().enumerate().map(line).collect()
}

/// Percent escapes for everything that a form escapes.
pub fn percent(text: &str, space: &str) -> String {
    let escape = |c: char| match c {
        ' ' => space.to_owned(),
        '+' | '/' | '=' | '\n' => format!("%{:02X}", u32::from(c)),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}
