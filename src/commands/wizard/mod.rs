//! The wizard: it knows where every mailbox stands, asks only what it cannot know, and makes an ordinary
//! command line of the answers, which it shows and runs.

mod adopting;
mod certificate;
mod doing;
mod dragged;
mod form;
mod given;
mod handing_over;
mod inspecting;
mod keeping;
mod line;
mod new_mailbox;
mod opening;
mod place;
mod proving;
mod reminding;
mod renewing;
mod sentence;
mod survey;
mod switching;
mod waiting;

use time::OffsetDateTime;

use self::doing::Doing;
use self::form::Turn;
pub use self::line::Line;
use self::survey::Subject;
use super::Context;
use crate::ui::{BACK, Explained, Failure, InputError, Outcome, Reply, Screen, with_home};

/// Runs a command line as if it had been typed, and returns its result.
pub type Runner<'a> = dyn Fn(Line) -> Result<Outcome, Failure> + 'a;

/// What became of a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carried {
    /// It has a result, which was shown.
    Out,
    /// It has none, which was told.
    Failed,
    /// A question that it asked was taken back.
    Back,
}

/// One visit.
struct Wizard<'a> {
    context: &'a Context,
    runner: &'a Runner<'a>,
}

/// Begins with where everything stands, and goes on until the user leaves.
pub fn run(context: &Context, runner: &Runner<'_>) -> Result<Outcome, Failure> {
    let wizard = Wizard { context, runner };
    wizard.screen().tell(&format!(
        "mesh-onboard {}: from a MESH mailbox to credentials that work.\n\
         Type the number or the answer and press Enter. {BACK} goes one step back, Ctrl-C ends; what is in [ ] is taken if you type nothing.",
        env!("CARGO_PKG_VERSION")
    ));
    loop {
        wizard.arm();
        if opening::ask(&wizard)? == Turn::Back {
            return Ok(Outcome::shown());
        }
    }
}

impl<'a> Wizard<'a> {
    fn screen(&self) -> &Screen {
        &self.context.screen
    }

    /// A visit may last while the desk works, and what it runs has the time of its own.
    fn now(&self) -> OffsetDateTime {
        (self.context.clock)()
    }

    /// What can be done about one mailbox, the next step first.
    fn attend(&self, subject: &Subject) -> Result<Turn, Failure> {
        let doings = Doing::of(subject, &self.context.store, self.now());
        let labels: Vec<&str> = doings.iter().map(|doing| doing.label(subject)).collect();
        loop {
            self.screen().heading(&format!("{}: {}.", subject.name(), subject.stands(self.now())));
            let Reply::Answer(number) = self.screen().choose("What next", &labels, 0)? else {
                return Ok(Turn::Back);
            };
            match doings[number].ask(self, subject)? {
                Turn::Back => {}
                turn => return Ok(turn),
            }
        }
    }

    /// Shows the command line, runs it, and shows what came of it. A failure is told and ends nothing;
    /// [`Turn::Back`] is for whoever wants to answer the last question again.
    fn carry_out(&self, line: Line) -> Result<Turn, Failure> {
        Ok(match self.attempt(line)? {
            Carried::Out | Carried::Failed => Turn::On,
            Carried::Back => Turn::Back,
        })
    }

    /// The same for whoever goes on otherwise after a failure.
    fn attempt(&self, line: Line) -> Result<Carried, Failure> {
        self.screen().tell("\nThe same as a command:");
        self.screen().say(&format!("  {}", self.with_home(&line.to_string())));
        if line.pasted.is_some() {
            self.screen().tell("where - is standard input: the text that you pasted.");
        }
        self.screen().tell("\n");
        let outcome = (self.runner)(line);
        let carried = match outcome {
            Ok(outcome) => {
                self.screen().dialogue_result(&outcome);
                Carried::Out
            }
            Err(Failure::Input(InputError::Back)) => Carried::Back,
            Err(failure @ Failure::Input(InputError::Cancelled | InputError::Terminal(_))) => {
                return Err(failure);
            }
            Err(failure) => {
                self.explain(&failure);
                Carried::Failed
            }
        };
        // A result makes Ctrl-C forget what to say.
        self.arm();
        Ok(carried)
    }

    /// Asks for the go-ahead and carries a line out. A failure is told, and it can be tried again.
    fn go(&self, line: impl Fn() -> Line) -> Result<Turn, Failure> {
        let mut words = "Go ahead";
        loop {
            match self.screen().ask_yes(words, Some(true))? {
                Reply::Answer(true) => {}
                Reply::Answer(false) | Reply::Back => return Ok(Turn::Back),
            }
            words = match self.attempt(line())? {
                Carried::Out => return Ok(Turn::On),
                Carried::Failed => "Try again",
                Carried::Back => "Go ahead",
            };
        }
    }

    /// Tells a failure as a command would.
    fn explain(&self, failure: &Failure) {
        let explained = Explained::from(failure);
        let trust = explained.hint.as_ref().is_some_and(|hint| hint.contains("--ca"));
        // A flag is of no use to whoever is asked.
        let hint = match explained.code {
            "passphrase_wrong" => Some("type it once more; capitals and spaces count".to_owned()),
            "chain_incomplete" if trust => {
                Some("name all certificates of the CA: its root, and those between".to_owned())
            }
            "chain_untrusted" if trust => Some(
                "see that this is the answer to this request; in a sandbox, name the root of its CA too"
                    .to_owned(),
            ),
            _ => explained.hint.map(|hint| self.with_home(&hint)),
        };
        self.screen().error(&Explained { hint, ..explained });
    }

    /// The same where what follows says what can be done about it.
    fn explain_without_hint(&self, failure: &Failure) {
        self.screen().error(&Explained { hint: None, ..Explained::from(failure) });
    }

    /// What Ctrl-C says at a question.
    fn arm(&self) {
        self.screen().on_interrupt(Some(format!(
            "nothing is lost: what was made is kept, and nothing was begun that is not finished; go on where you left: {}",
            self.program()
        )));
    }

    /// The line that leads back here.
    fn program(&self) -> String {
        self.with_home("mesh-onboard ").trim_end().to_owned()
    }

    fn with_home(&self, text: &str) -> String {
        with_home(text, self.context.home_flag.as_deref())
    }
}
