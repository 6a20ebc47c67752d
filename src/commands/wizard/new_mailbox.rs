//! A mailbox that is not known here yet: from its ID to the email.

use super::form::{Turn, fill, keep};
use super::{Line, Wizard};
use crate::mailbox::{Environment, MailboxId, OdsCode};
use crate::ui::{Failure, Reply};

/// What was answered.
#[derive(Default)]
struct Answers {
    mailbox: Option<MailboxId>,
    environment: Option<Environment>,
    ods: Option<OdsCode>,
}

/// Asks for what is needed and makes the request.
pub fn ask(wizard: &Wizard<'_>) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    let mailbox = |answers: &mut Answers| {
        let read = |text: &str| text.parse::<MailboxId>().map_err(|error| error.to_string());
        Ok(keep(&mut answers.mailbox, screen.ask("Mailbox ID, such as X26ABC1", None, read)?))
    };
    let environment = |answers: &mut Answers| {
        let names = Environment::ALL.map(Environment::as_str);
        Ok(match screen.choose("Environment", &names, 0)? {
            Reply::Answer(number) => keep(&mut answers.environment, Reply::Answer(Environment::ALL[number])),
            Reply::Back => Turn::Back,
        })
    };
    let ods = |answers: &mut Answers| {
        let read = |text: &str| text.parse::<OdsCode>().map_err(|error| error.to_string());
        let default = answers.mailbox.as_ref().and_then(|id| id.as_str().get(..3).map(str::to_owned));
        Ok(keep(&mut answers.ods, screen.ask("ODS code of the mailbox's owner", default.as_deref(), read)?))
    };
    let request = |answers: &mut Answers| {
        let line = Line::new("request")
            .option("--ods", answers.ods.as_ref())
            .option("--env", answers.environment)
            .word(answers.mailbox.as_ref().expect("asked before"));
        match screen.ask_yes("Go ahead", Some(true))? {
            Reply::Answer(true) => wizard.carry_out(line),
            Reply::Answer(false) | Reply::Back => Ok(Turn::Back),
        }
    };
    fill(&mut Answers::default(), &[&mailbox, &environment, &ods, &request])
}
