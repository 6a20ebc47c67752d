//! Sentences that fit the terminal, between what is copied from it and stays whole.

use super::Look;

/// Stands for a space at which no line ends. A private-use character: no text of ours has it.
const WHOLE: char = '\u{e000}';

/// How our commands begin.
const COMMAND: &str = "mesh-onboard ";

impl Look {
    /// Text in lines that fit: sentences break at words, what stands beside a label goes on below itself.
    /// Paths and commands stay whole, because they are copied, and so do the rows of a table.
    pub fn prose(&self, text: &str) -> String {
        text.split('\n').map(|line| self.line(line)).collect::<Vec<_>>().join("\n")
    }

    fn line(&self, line: &str) -> String {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let lead = match line[indent..].split_once("  ") {
            None => indent,
            Some((label, value)) => {
                let value = value.trim_start_matches(' ');
                // More gaps than one are columns.
                if value.contains("  ") || label.is_empty() {
                    return line.to_owned();
                }
                line.len() - value.len()
            }
        };
        self.hanging(&line[..lead], &shielded(&line[lead..])).replace(WHOLE, " ")
    }
}

/// The text with its commands as single words.
fn shielded(text: &str) -> String {
    let mut shielded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(COMMAND) {
        let (before, command) = rest.split_at(at);
        // "mesh-onboard 0.1.0" is no command.
        let is_command = command[COMMAND.len()..].starts_with(|c: char| c.is_ascii_lowercase() || c == '-');
        let end = if is_command { end_of_command(command) } else { COMMAND.len() };
        shielded.push_str(before);
        let shield = |c| if c == ' ' && is_command { WHOLE } else { c };
        shielded.extend(command[..end].chars().map(shield));
        rest = &command[end..];
    }
    shielded + rest
}

/// Where a command ends within a sentence: before its punctuation, outside quotes.
fn end_of_command(text: &str) -> usize {
    let (mut quoted, mut characters) = (false, text.char_indices().peekable());
    while let Some((at, c)) = characters.next() {
        let last = characters.peek().is_none_or(|(_, next)| *next == ' ');
        match c {
            '\'' => quoted = !quoted,
            ',' | ';' | '.' | ')' if !quoted && last => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Look = Look { signs: false, width: Some(40) };

    #[test]
    fn sentences_break_at_words_and_commands_stay_whole() {
        let text = "Next: open /home/a/very/long/path/to/the/request.eml, complete it and send it; then: mesh-onboard sent X26ABC1 --ticket 'CS 1, or 2'";
        let shown = NARROW.prose(text);
        assert!(
            shown.lines().any(|l| l.contains("mesh-onboard sent X26ABC1 --ticket 'CS 1, or 2'")),
            "{shown}"
        );
        assert!(shown.contains("/home/a/very/long/path/to/the/request.eml,"), "{shown}");
        assert!(shown.lines().count() >= 4, "{shown}");
        assert_eq!(shown.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn prose_after_a_command_breaks_again() {
        let shown = NARROW
            .prose("mesh-onboard status X26ABC1; or leave it and come back on another day that suits you");
        assert!(shown.lines().all(|line| line.len() <= 40), "{shown}");
        let shown = NARROW.prose("mesh-onboard 0.1.0: from a MESH mailbox to credentials that work");
        assert!(shown.lines().all(|line| line.len() <= 40), "{shown}");
    }

    #[test]
    fn values_go_on_below_themselves_and_tables_stay() {
        let shown = NARROW.prose("  Expiry     it stops working on 20 November 2029");
        assert_eq!(shown, "  Expiry     it stops working on 20\n             November 2029");
        let row = "X26ABC1  integration  expiring  1  20 November 2029  mesh-onboard renew X26ABC1";
        assert_eq!(NARROW.prose(row), row);
    }

    #[test]
    fn lines_for_programs_stay_as_they_are() {
        let text = "word ".repeat(60).trim_end().to_owned() + "\n\n  indented";
        assert_eq!(Look::default().prose(&text), text);
    }
}
