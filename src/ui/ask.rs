//! Questions of a dialogue: each has its right form, perhaps a default, and a way back.

use std::io::BufRead;

use dialoguer::Input;
use dialoguer::console::Term;

use super::interrupt::end_well_on_interrupt;
use super::prompt::ask_failed;
use super::{InputError, Screen};

/// Typed instead of an answer, this leads one step back.
pub const BACK: &str = "<";

/// Narrower terminals, and those that move no cursor, are asked line by line.
const EDITING_WIDTH: u16 = 60;

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply<T> {
    /// An answer of the right form.
    Answer(T),
    /// One step back.
    Back,
}

impl Screen {
    /// What is said between the questions, in lines that fit the terminal; see [`super::Look::prose`].
    pub fn tell(&self, text: &str) {
        let look = self.asking_look();
        for line in text.lines() {
            super::screen::print(&look.prose(&super::clean(line)));
        }
    }

    /// Asks until the answer has the right form; `read` says otherwise what that is. An empty answer is the
    /// default, where there is one.
    pub fn ask<T>(
        &self,
        words: &str,
        default: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Reply<T>, InputError> {
        loop {
            let line = if self.can_edit() { edited(words, default)? } else { self.typed(words, default)? };
            match line.trim() {
                BACK => return Ok(Reply::Back),
                answer => match read(answer) {
                    Ok(value) => return Ok(Reply::Answer(value)),
                    Err(form) => self.tell(&form),
                },
            }
        }
    }

    /// Asks for one of several by its number; `default` counts from 0.
    pub fn choose<S: AsRef<str>>(
        &self,
        words: &str,
        choices: &[S],
        default: usize,
    ) -> Result<Reply<usize>, InputError> {
        let (look, last) = (self.asking_look(), choices.len());
        for (index, choice) in choices.iter().enumerate() {
            let choice = super::clean(choice.as_ref());
            super::screen::print(&look.hanging(&format!("  {:>2}  ", index + 1), &choice));
        }
        self.ask_number(words, last, default, |_| None)
    }

    /// Asks for a number from 1 to `last`, or for another word that `named` knows; counts from 0.
    pub(super) fn ask_number(
        &self,
        words: &str,
        last: usize,
        default: usize,
        named: impl Fn(&str) -> Option<Result<usize, String>>,
    ) -> Result<Reply<usize>, InputError> {
        self.ask(words, Some(&(default + 1).to_string()), |answer| match answer.parse::<usize>() {
            Ok(number) if (1..=last).contains(&number) => Ok(number - 1),
            _ => named(answer)
                .unwrap_or_else(|| Err(format!("Type a number from 1 to {last}, or {BACK} to go back."))),
        })
    }

    /// Asks a question with yes or no; without a default it must be answered.
    pub fn ask_yes(&self, words: &str, default: Option<bool>) -> Result<Reply<bool>, InputError> {
        self.ask(words, default.map(|yes| if yes { "yes" } else { "no" }), |answer| {
            match answer.to_ascii_lowercase().as_str() {
                "y" | "yes" => Ok(true),
                "n" | "no" => Ok(false),
                _ => Err(format!("Type yes or no, or {BACK} to go back.")),
            }
        })
    }

    fn can_edit(&self) -> bool {
        let columns = Term::stderr().size_checked().map(|(_, columns)| columns);
        self.moves_cursor && columns.is_some_and(|columns| columns >= EDITING_WIDTH)
    }

    /// A line as the terminal itself lets it be typed.
    pub(super) fn typed(&self, words: &str, default: Option<&str>) -> Result<String, InputError> {
        end_well_on_interrupt();
        let question = match default {
            Some(default) => format!("{} [{default}]:", super::clean(words)),
            None => format!("{}:", super::clean(words)),
        };
        super::screen::print_on(&format!("{} ", self.asking_look().prose(&question)));
        let line = next_line()?;
        Ok(match default {
            Some(default) if line.is_empty() => default.to_owned(),
            _ => line,
        })
    }
}

/// A line that can be edited while it is typed.
fn edited(words: &str, default: Option<&str>) -> Result<String, InputError> {
    end_well_on_interrupt();
    let mut input = Input::<String>::new().with_prompt(super::clean(words)).allow_empty(true);
    if let Some(default) = default {
        input = input.default(default.to_owned());
    }
    input.interact_text().map_err(ask_failed)
}

/// The next line of the terminal; its end, Ctrl-D, is heard like Ctrl-C.
pub(super) fn next_line() -> Result<String, InputError> {
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line).map_err(InputError::Terminal)? {
        0 => super::interrupt::say_and_exit(),
        _ => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}
