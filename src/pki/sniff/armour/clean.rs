//! Takes out of a text what programs put between its characters: escapes, tags, invisible characters.

use std::ops::{Deref, Range};

use zeroize::Zeroizing;

use super::repair::Repair;

/// A text without that, its line breaks where they were.
pub(super) struct Cleaned<'a> {
    text: Characters<'a>,
    /// Where something was taken out, in the order of the text.
    changes: Vec<(u32, Repair)>,
}

enum Characters<'a> {
    AsGiven(&'a str),
    /// May hold a private key.
    Changed(Zeroizing<String>),
}

impl Deref for Cleaned<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.text {
            Characters::AsGiven(text) => text,
            Characters::Changed(text) => text,
        }
    }
}

impl Cleaned<'_> {
    /// What was taken out within a range, with its place.
    pub fn changes(&self, range: Range<usize>) -> impl Iterator<Item = (Repair, usize)> {
        let first = self.changes.partition_point(|&(at, _)| (at as usize) < range.start);
        let within = self.changes[first..].iter().map(|&(at, repair)| (repair, at as usize));
        within.take_while(move |&(_, at)| at < range.end)
    }
}

/// What stands at one place instead of what should.
struct Found {
    /// In bytes.
    length: usize,
    instead: Option<char>,
    repair: Repair,
}

impl Found {
    fn some(length: usize, instead: impl Into<Option<char>>, repair: Repair) -> Option<Self> {
        Some(Self { length, instead: instead.into(), repair })
    }
}

/// Cleans a text of any size in one pass.
pub(super) fn clean(text: &str) -> Cleaned<'_> {
    if !text.bytes().any(is_suspect) {
        return Cleaned { text: Characters::AsGiven(text), changes: Vec::new() };
    }
    let style = Style {
        form: text.contains("BEGIN+") && text.contains('%'),
        rich_text: text.trim_start().starts_with("{\\rtf"),
    };
    // Nothing becomes longer, and a grown string leaves its former self behind.
    let mut cleaned = Zeroizing::new(String::with_capacity(text.len()));
    let mut changes: Vec<(u32, Repair)> = Vec::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(step) = text.as_bytes()[at..].iter().position(|&b| style.is_suspect(b)) {
        at += step;
        let Some(found) = style.find(&text[at..]) else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        cleaned.push_str(&text[kept..at]);
        let change = (u32::try_from(cleaned.len()).unwrap_or(u32::MAX), found.repair);
        if changes.last() != Some(&change) {
            changes.push(change);
        }
        cleaned.extend(found.instead);
        at += found.length;
        kept = at;
    }
    cleaned.push_str(&text[kept..]);
    Cleaned { text: Characters::Changed(cleaned), changes }
}

fn is_suspect(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0b..=0x0c | 0x0e..=0x1f | 0x7f.. | b'\\' | b'<' | b'&' | b'%' | b'^' | b'$' | b'`')
}

struct Style {
    /// A form's encoding, in which a space is a plus.
    form: bool,
    rich_text: bool,
}

impl Style {
    fn is_suspect(&self, byte: u8) -> bool {
        is_suspect(byte) || (self.form && byte == b'+')
    }

    /// What stands at the beginning of `rest`, which is not empty.
    fn find(&self, rest: &str) -> Option<Found> {
        match rest.as_bytes()[0] {
            b'\\' => self.escape(rest),
            b'<' => tag(rest),
            b'&' => entity(rest),
            b'%' => percent(rest),
            b'+' => Found::some(1, ' ', Repair::Percent),
            b'^' | b'$' => made_visible(rest),
            b'`' => back_tick(rest),
            0x1b => terminal(rest),
            0..=0x1f | 0x7f => Found::some(1, None, Repair::Controls),
            _ => beyond_ascii(rest),
        }
    }

    /// Escapes of JSON, C and shells; of RTF in RTF.
    fn escape(&self, rest: &str) -> Option<Found> {
        let slashes = rest.bytes().take_while(|&b| b == b'\\').count();
        let after = &rest[slashes..];
        if self.rich_text {
            let words = ["par\r\n", "par\n", "pard", "par", "line", "tab"];
            if let Some(word) = words.iter().find(|word| after.starts_with(**word)) {
                return Found::some(slashes + word.trim_end().len(), ' ', Repair::Escapes);
            }
        }
        match after.as_bytes().first() {
            Some(b'n' | b'r' | b't') => Found::some(slashes + 1, ' ', Repair::Escapes),
            Some(&c @ (b'/' | b'"' | b'\'')) => Found::some(slashes + 1, char::from(c), Repair::Escapes),
            // A shell's line goes on.
            Some(b'\n' | b'\r') | None => Found::some(slashes, None, Repair::Escapes),
            Some(b'u' | b'x') => {
                let digits = after.get(1..if after.starts_with('u') { 5 } else { 3 })?;
                let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
                Found::some(slashes + 1 + digits.len(), plain(character)?, Repair::Escapes)
            }
            _ => None,
        }
    }
}

/// An escaped character as it is to be read; those beyond ASCII are not looked for.
fn plain(character: char) -> Option<char> {
    match character {
        ' '..='~' => Some(character),
        '\t' | '\n' | '\r' | '\u{a0}' => Some(' '),
        '\u{2010}'..='\u{2015}' => Some('-'),
        _ => None,
    }
}

/// `<br>`, `</p>`, `<ds:X509Certificate>`: on one line and not too long.
fn tag(rest: &str) -> Option<Found> {
    let begins = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?');
    rest.as_bytes().get(1).filter(|b| begins(b))?;
    let mut others = rest.bytes().enumerate().skip(1).take(256);
    let stop = others.find(|(_, b)| matches!(b, b'>' | b'<' | b'\n' | b'\r'));
    let (end, _) = stop.filter(|(_, b)| *b == b'>')?;
    Found::some(end + 1, ' ', Repair::Html)
}

fn entity(rest: &str) -> Option<Found> {
    let end = rest.bytes().take(12).position(|b| b == b';')?;
    let character = match &rest[1..end] {
        "nbsp" | "ensp" | "emsp" | "thinsp" | "NewLine" | "Tab" => ' ',
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" | "ldquo" | "rdquo" => '"',
        "apos" | "lsquo" | "rsquo" => '\'',
        "plus" => '+',
        "sol" => '/',
        "equals" => '=',
        "hyphen" | "dash" | "ndash" | "mdash" | "minus" => '-',
        "shy" | "zwnj" | "zwj" | "ZeroWidthSpace" => return Found::some(end + 1, None, Repair::Html),
        other => {
            let digits = other.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => digits.parse(),
            };
            plain(char::from_u32(code.ok()?)?)?
        }
    };
    Found::some(end + 1, character, Repair::Html)
}

fn percent(rest: &str) -> Option<Found> {
    let digits = rest.get(1..3)?;
    let character = char::from(u8::from_str_radix(digits, 16).ok()?);
    Found::some(3, plain(character)?, Repair::Percent)
}

/// The ends of lines as `cat -A` shows them: `^M$`.
fn made_visible(rest: &str) -> Option<Found> {
    let length = ["^M$", "^M", "$"].iter().find(|mark| rest.starts_with(**mark))?.len();
    let at_end = matches!(rest.as_bytes().get(length), None | Some(b'\n' | b'\r'));
    if at_end { Found::some(length, None, Repair::Controls) } else { None }
}

/// Escapes of PowerShell, and the marks around code in Markdown.
fn back_tick(rest: &str) -> Option<Found> {
    match rest.as_bytes().get(1) {
        Some(b'n' | b'r') => Found::some(2, ' ', Repair::Escapes),
        _ => Found::some(1, ' ', Repair::Quotes),
    }
}

/// ECMA-48 sequences such as `ESC [ 3 1 m`.
fn terminal(rest: &str) -> Option<Found> {
    let length = match rest.as_bytes().get(1) {
        Some(b'[') => rest.bytes().skip(2).take(32).position(|b| matches!(b, 0x40..=0x7e)).map(|end| end + 3),
        Some(b']') => rest.bytes().take(256).position(|b| b == 0x07).map(|end| end + 1),
        _ => None,
    };
    Found::some(length.unwrap_or(1), None, Repair::Terminal)
}

fn beyond_ascii(rest: &str) -> Option<Found> {
    let character = rest.chars().next()?;
    let (instead, repair) = match character {
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fe0f}' => (None, Repair::Invisible),
        '\u{85}'
        | '\u{a0}'
        | '\u{2000}'..='\u{200a}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}' => (Some(' '), Repair::Invisible),
        '\u{80}'..='\u{9f}' => (None, Repair::Controls),
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{2500}'
        | '\u{2501}'
        | '\u{2e3a}'
        | '\u{2e3b}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}' => (Some('-'), Repair::Smart),
        '‘' | '’' | '‚' | '“' | '”' | '„' | '«' | '»' | '‹' | '›' => {
            (Some('"'), Repair::Smart)
        }
        _ => return None,
    };
    Found::some(character.len_utf8(), instead, repair)
}
