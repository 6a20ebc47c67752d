//! How a long result looks on what it is shown on: marks, colour, and lines that fit.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use dialoguer::console::Term;
use textwrap::{Options, WordSplitter};

use super::Screen;

/// Wider lines are hard to read.
const WIDEST: usize = 100;

/// How something ended, as it is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// As it should be.
    Pass,
    /// Deserves attention.
    Warn,
    /// Does not work.
    Fail,
    /// Not tried.
    Skipped,
}

/// What a result is shown on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// Signs beside the words, where the terminal can show them.
    pub signs: bool,
    /// Columns to keep to; `None` where lines are read by programs, and stay whole.
    pub width: Option<usize>,
}

impl Screen {
    /// How a result looks on standard output.
    pub fn look(&self) -> Look {
        self.look_on(&Term::stdout())
    }

    /// How a question looks, on standard error.
    pub fn asking_look(&self) -> Look {
        self.look_on(&Term::stderr())
    }

    fn look_on(&self, terminal: &Term) -> Look {
        if !terminal.is_term() {
            return Look::default();
        }
        let width = terminal.size_checked().map(|(_, columns)| usize::from(columns));
        Look { signs: self.signs, width: Some(width.unwrap_or(80).min(WIDEST)) }
    }

    /// Whether a result for people is watched as it comes.
    pub fn is_watched(&self) -> bool {
        !self.json && !self.quiet && std::io::stdout().is_terminal()
    }
}

impl Mark {
    /// In words, always the same.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }

    /// One column wide.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Pass => "✓",
            Self::Warn => "!",
            Self::Fail => "✗",
            Self::Skipped => "–",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Pass => Style::new().fg_color(Some(AnsiColor::Green.into())),
            Self::Warn => Style::new().bold().fg_color(Some(AnsiColor::Yellow.into())),
            Self::Fail => Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
            Self::Skipped => Style::new().dimmed(),
        }
    }
}

impl Look {
    /// Text in the colour of a mark, behind its sign. What is printed elsewhere than on a terminal loses the
    /// colour on its way.
    pub fn marked(&self, mark: Mark, text: &str) -> String {
        let style = mark.style();
        match self.signs {
            true => format!("{style}{} {text}{style:#}", mark.sign()),
            false => format!("{style}{text}{style:#}"),
        }
    }

    /// Text that goes on below itself, right of what leads to it. Words stay whole: paths and commands are
    /// copied.
    pub fn hanging(&self, lead: &str, text: &str) -> String {
        let indent = textwrap::core::display_width(lead);
        let whole = || format!("{lead}{text}").trim_end().to_owned();
        // Too narrow to be worth it.
        let Some(width) = self.width.filter(|width| *width >= indent + 20) else { return whole() };
        let below = " ".repeat(indent);
        let options = Options::new(width)
            .initial_indent(lead)
            .subsequent_indent(&below)
            .break_words(false)
            .word_splitter(WordSplitter::NoHyphenation);
        textwrap::fill(text, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hang_below_themselves_and_keep_words_whole() {
        let look = Look { signs: true, width: Some(40) };
        let lead = look.marked(Mark::Fail, "files  ");
        let text =
            look.hanging(&lead, "others can read /a/very/long/path/that/is/copied/whole.pem; run chmod now");
        let lines: Vec<_> = text.lines().collect();
        assert!(lines.len() > 2, "{text}");
        assert!(lines[1..].iter().all(|line| line.starts_with("         ")), "{text}");
        assert!(text.contains("/a/very/long/path/that/is/copied/whole.pem"), "{text}");
    }

    #[test]
    fn lines_that_programs_read_stay_whole_and_bear_no_signs() {
        let look = Look::default();
        let long = "word ".repeat(60);
        assert_eq!(look.hanging("  ", &long).lines().count(), 1);
        assert!(!look.marked(Mark::Pass, "pass").contains('✓'));
    }
}
