//! The wizard: it knows where every mailbox stands, asks only what it cannot know, and makes an ordinary
//! command line of the answers, which it shows and runs.

mod certificate;
mod doing;
mod form;
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

use self::doing::Doing;
use self::form::Turn;
pub use self::line::Line;
use self::survey::Subject;
use super::Context;
use crate::ui::{BACK, Explained, Failure, InputError, Outcome, Reply, Screen, with_home};

/// Runs a command line as if it had been typed, and returns its result.
pub type Runner<'a> = dyn Fn(Line) -> Result<Outcome, Failure> + 'a;

/// What Ctrl-C says at a question.
const CANCELLED: &str = "nothing was changed since the last result; go on where you left: mesh-onboard";

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
        wizard.screen().on_interrupt(Some(wizard.with_home(CANCELLED)));
        if opening::ask(&wizard)? == Turn::Back {
            return Ok(Outcome::shown());
        }
    }
}

impl<'a> Wizard<'a> {
    fn screen(&self) -> &Screen {
        &self.context.screen
    }

    /// What can be done about one mailbox, the next step first.
    fn attend(&self, subject: &Subject) -> Result<Turn, Failure> {
        let doings = Doing::of(subject);
        let labels: Vec<&str> = doings.iter().map(|doing| doing.label()).collect();
        self.screen().heading(&format!("{}: {}.", subject.name(), subject.stands(self.context.now)));
        match self.screen().choose("What next", &labels, 0)? {
            Reply::Back => Ok(Turn::Back),
            Reply::Answer(number) => doings[number].ask(self, subject),
        }
    }

    /// Shows the command line, runs it, and shows what came of it. A failure is told and ends nothing;
    /// [`Turn::Back`] is for whoever wants to answer the last question again.
    fn carry_out(&self, line: Line) -> Result<Turn, Failure> {
        self.screen().tell("\nThe same without questions:");
        self.screen().say(&format!("  {}", self.with_home(&line.to_string())));
        self.screen().tell("\n");
        let outcome = (self.runner)(line);
        self.screen().on_interrupt(Some(self.with_home(CANCELLED)));
        match outcome {
            Ok(outcome) => {
                self.screen().dialogue_result(&outcome);
                Ok(Turn::On)
            }
            Err(Failure::Input(InputError::Back)) => Ok(Turn::Back),
            Err(failure @ Failure::Input(InputError::Cancelled | InputError::Terminal(_))) => Err(failure),
            Err(failure) => {
                let explained = Explained::from(&failure);
                let hint = explained.hint.map(|hint| self.with_home(&hint));
                self.screen().error(&Explained { hint, ..explained });
                Ok(Turn::On)
            }
        }
    }

    fn with_home(&self, text: &str) -> String {
        with_home(text, self.context.home_flag.as_deref())
    }
}
