use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use super::{Explained, clean};

/// What a command produced. It is printed whatever its exit code.
#[derive(Debug)]
pub struct Outcome {
    /// The exit code.
    pub exit: u8,
    /// For scripts.
    pub json: Value,
    /// For people; ends without a line end.
    pub text: String,
}

impl Outcome {
    /// A result that means all is well.
    pub fn done(json: Value, text: impl Into<String>) -> Self {
        Self { exit: super::exit::DONE, json, text: text.into() }
    }

    /// A result that was shown before the command ended; see [`Screen::early`].
    pub fn shown() -> Self {
        Self::done(Value::Null, "")
    }

    /// Whether nothing is left to show.
    pub fn is_shown(&self) -> bool {
        self.json.is_null() && self.text.is_empty()
    }

    /// The bytes of a result that others wait for: JSON in one line.
    pub fn early_bytes(&self, json: bool) -> Vec<u8> {
        if json { format!("{}\n", self.json).into_bytes() } else { self.bytes(false) }
    }

    /// The bytes of the result as they are written to a file: without colour.
    pub fn file_bytes(&self, json: bool) -> Vec<u8> {
        let plain = anstream::adapter::strip_str(&self.text).to_string();
        Self { exit: self.exit, json: self.json.clone(), text: plain }.bytes(json)
    }

    /// The bytes of the result as they are printed.
    pub fn bytes(&self, json: bool) -> Vec<u8> {
        let mut text = if json {
            serde_json::to_string_pretty(&self.json).expect("JSON values can be written")
        } else {
            self.text.clone()
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.into_bytes()
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes this the choice for all that is printed.
    pub fn choose(self) {
        match self {
            Self::Auto => {}
            Self::Always => anstream::ColorChoice::Always.write_global(),
            Self::Never => anstream::ColorChoice::Never.write_global(),
        }
    }
}

/// The terminal, or what stands in its place.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Results as JSON.
    pub json: bool,
    /// Only results and errors.
    pub quiet: bool,
    /// Also what usually goes without saying.
    pub verbose: bool,
    /// Whether a question may be asked: on a terminal, and not forbidden.
    pub may_ask: bool,
    /// Whether a terminal here can show more than ASCII.
    pub signs: bool,
    /// Whether the terminal here can move its cursor.
    pub moves_cursor: bool,
    /// Whether the command runs inside the wizard, where every question can be taken back.
    pub guided: bool,
}

impl Screen {
    /// A screen; `no_input` forbids asking.
    pub fn new(json: bool, quiet: bool, verbose: bool, no_input: bool) -> Self {
        let may_ask = !no_input && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        Self { json, quiet, verbose, may_ask, signs: false, moves_cursor: false, guided: false }
    }

    /// A result in the course of a dialogue, in lines that fit the terminal.
    pub fn dialogue_result(&self, outcome: &Outcome) -> u8 {
        let (exit, json) = (outcome.exit, Value::Null);
        self.result(&Outcome { exit, json, text: self.look().prose(&outcome.text) })
    }

    /// The result, on standard output. Returns the exit code: a reader that went away, as `| head` does, is
    /// no failure of ours; a full disk is.
    pub fn result(&self, outcome: &Outcome) -> u8 {
        // What is done is done, and is printed; Ctrl-C has nothing more to say.
        super::interrupt::forget();
        let mut out = anstream::stdout().lock();
        let printed = out.write_all(&outcome.bytes(self.json)).and_then(|()| out.flush());
        self.printed(printed, outcome.exit)
    }

    fn printed(&self, printed: std::io::Result<()>, exit: u8) -> u8 {
        match printed {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                self.say(&format!("error: the result could not be printed: {error}"));
                super::exit::FAILED
            }
            _ => exit,
        }
    }

    /// Bytes on standard output as they are, without a line end of ours. Returns the exit code, or
    /// nothing, and prints nothing, where a terminal would take some of them for commands.
    pub fn exactly(&self, bytes: &[u8]) -> Option<u8> {
        let mut out = std::io::stdout().lock();
        let is_plain = |text: &str| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        if out.is_terminal() && !std::str::from_utf8(bytes).is_ok_and(is_plain) {
            return None;
        }
        let printed = out.write_all(bytes).and_then(|()| out.flush());
        Some(self.printed(printed, super::exit::DONE))
    }

    /// A result that others wait for while the command goes on, at once. Errors if nobody can read it.
    pub fn early(&self, outcome: &Outcome) -> std::io::Result<()> {
        let mut out = anstream::stdout().lock();
        out.write_all(&outcome.early_bytes(self.json))?;
        out.flush()
    }

    /// On standard error, whatever becomes of it: nobody may lose a result because it cannot be written.
    pub fn say(&self, text: &str) {
        print(&clean(text));
    }

    /// The help of the whole program, where a command is missing; on standard error.
    pub fn help(&self, help: &clap::builder::StyledStr) {
        let _ = write!(anstream::stderr(), "{}", help.ansi());
    }

    /// Something worth knowing, on standard error.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.print(&clean(text));
        }
    }

    /// What is seen with `-v` only.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.say(text);
        }
    }

    /// Something to look at, on standard error.
    pub fn warning(&self, text: &str) {
        let style = Style::new().bold().fg_color(Some(AnsiColor::Yellow.into()));
        self.print(&format!("{style}warning:{style:#} {}", clean(text)));
    }

    /// Why there is no result: as JSON on standard output, or as three kinds of lines on standard error.
    pub fn error(&self, explained: &Explained) {
        if self.json {
            print_json(&explained.json());
            return;
        }
        let (red, bold) = (Style::new().bold().fg_color(Some(AnsiColor::Red.into())), Style::new().bold());
        self.print(&format!("{red}error:{red:#} {}", clean(&explained.message)));
        for because in &explained.because {
            self.print(&format!("{bold}because:{bold:#} {}", clean(because)));
        }
        if let Some(hint) = &explained.hint {
            self.print(&format!("{bold}hint:{bold:#} {}", clean(hint)));
        }
    }

    /// A line on standard error; in a dialogue, one that fits the terminal.
    fn print(&self, line: &str) {
        match self.guided {
            true => print(&self.asking_look().prose(line)),
            false => print(line),
        }
    }
}

/// A line on standard error. That it cannot be written is no reason to stop.
pub(super) fn print(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// A question on standard error, its line left open for the answer.
pub(super) fn print_on(words: &str) {
    let mut out = anstream::stderr();
    let _ = write!(out, "{words}").and_then(|()| out.flush());
}

/// One JSON object on standard output. That it cannot be written is no reason to stop.
pub(super) fn print_json(json: &Value) {
    let _ = writeln!(anstream::stdout(), "{json:#}");
}
