//! What stands before every line of a block: quotation marks, comment signs, line numbers.

use super::repair::{Repair, Repairs};

/// What stands before the BEGIN line and so before the others.
pub(super) enum Prefix<'a> {
    None,
    /// The same text before each line.
    Same(&'a str),
    /// A number that grows by one, and what follows it.
    Numbered {
        first: u64,
    },
}

impl<'a> Prefix<'a> {
    /// `before` stands before BEGIN on its line; `body` is everything after that line.
    pub fn of(before: &'a str, body: &str) -> Self {
        let before = before.trim();
        if before.is_empty() || before.len() > 64 {
            return Self::None;
        }
        let number = number(before).filter(|(_, rest)| rest.is_empty());
        if let Some((first, _)) = number {
            return Self::Numbered { first };
        }
        let quoted = before.chars().all(|c| matches!(c, '>' | '|' | '"' | '\'' | ' ' | '\t'));
        let mut lines =
            body.split(['\n', '\r']).skip(1).map(str::trim).filter(|line| !line.is_empty()).peekable();
        if quoted || lines.peek().is_none() || !lines.all(|line| line.starts_with(before)) {
            return Self::None;
        }
        Self::Same(before)
    }

    /// The line without it, without white space, and without quotation marks. `number` counts the line
    /// breaks since BEGIN. Empty for a comment.
    pub fn strip<'l>(&self, line: &'l str, count: usize, at: usize, repairs: &mut Repairs) -> &'l str {
        let mut content = line.trim_matches([' ', '\t']);
        if content.is_empty() {
            return content;
        }
        let bytes = content.as_bytes();
        if bytes[0].is_ascii_alphanumeric()
            && bytes[bytes.len() - 1].is_ascii_alphanumeric()
            && matches!(self, Self::None)
        {
            if line.starts_with([' ', '\t']) && count > 0 {
                repairs.add(Repair::Indented, at);
            }
            return content;
        }
        match self {
            Self::Same(prefix) => {
                if let Some(rest) = content.strip_prefix(prefix) {
                    repairs.add(Repair::Prefixed, at);
                    content = rest.trim_start();
                }
            }
            Self::Numbered { first } => {
                if let Some((_, rest)) = number(content).filter(|(n, _)| *n == first + count as u64) {
                    repairs.add(Repair::Prefixed, at);
                    content = rest;
                }
            }
            Self::None => {
                if content.starts_with(['#', ';']) || content.starts_with("// ") || content.starts_with("-- ")
                {
                    repairs.add(Repair::Comments, at);
                    return "";
                }
            }
        }
        let unquoted = content.trim_start_matches(['>', '|', ' ', '\t']);
        if unquoted.len() < content.len() {
            repairs.add(Repair::Quoted, at);
        } else if line.starts_with([' ', '\t']) && count > 0 {
            repairs.add(Repair::Indented, at);
        }
        within_quotes(unquoted, at, repairs)
    }
}

/// A line number with what separates it from the line.
fn number(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text[..digits].parse().ok()?;
    let rest = text[digits..].trim_start_matches([' ', '\t', ':', '.', '|', ')']);
    (rest.len() < text.len() - digits || rest.is_empty()).then_some((number, rest))
}

/// What is in quotation marks, if any are there, without what joins such lines in source text.
fn within_quotes<'l>(content: &'l str, at: usize, repairs: &mut Repairs) -> &'l str {
    const QUOTES: [char; 2] = ['"', '\''];
    let inner = match (content.find(QUOTES), content.rfind(QUOTES)) {
        (Some(first), Some(last)) if first < last => &content[first + 1..last],
        (Some(0), _) => &content[1..],
        (Some(only), _) if is_joint(&content[only + 1..]) => &content[..only],
        _ if content.ends_with([',', ';']) => content.trim_end_matches([',', ';']),
        _ => return content,
    };
    repairs.add(Repair::Quotes, at);
    if is_joint(inner) { "" } else { inner.trim_matches([' ', '\t']) }
}

fn is_joint(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t' | ',' | ';' | '+' | '\\' | ')' | ']' | '}' | '(' | '[' | '{'))
}
