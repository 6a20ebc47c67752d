//! What is kept safe: passwords in the keyring, and a copy of everything.

use std::path::PathBuf;

use super::form::{Turn, fill, keep};
use super::survey::Subject;
use super::{Line, Wizard, place};
use crate::ui::{Failure, Reply};

/// What was answered of a secret.
#[derive(Default)]
struct Answers {
    which: Option<usize>,
    forget: Option<bool>,
}

/// Keeps secrets in the keyring, forgets them, or lists where each is found.
pub fn secrets(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    let shared_key = format!("Shared key of {}, the same for all its mailboxes", subject.record.environment);
    let which = |answers: &mut Answers| {
        let mut choices =
            vec!["Where each is found, without the values", "Mailbox password", shared_key.as_str()];
        if subject.credential.as_ref().is_some_and(|credential| !credential.key_elsewhere) {
            choices.push("Passphrase of the key");
        }
        screen.tell("\n");
        Ok(keep(&mut answers.which, screen.choose("Which secret", &choices, 0)?))
    };
    let what = |answers: &mut Answers| {
        if answers.which == Some(0) {
            return Ok(Turn::Skip);
        }
        screen.tell("\n");
        let choices = ["Keep it in this account's keyring: nobody is asked for it again", "Forget it there"];
        Ok(match screen.choose("What about it", &choices, 0)? {
            Reply::Answer(number) => keep(&mut answers.forget, Reply::Answer(number == 1)),
            Reply::Back => Turn::Back,
        })
    };
    let run = |answers: &mut Answers| {
        let verb = if answers.forget == Some(true) { "forget" } else { "set" };
        let line = Line::new("secret");
        let about = |line: Line, mailbox: &crate::mailbox::MailboxId, name| {
            line.word(verb).word(mailbox).word(name).option("--env", Some(subject.record.environment))
        };
        wizard.carry_out(match answers.which {
            Some(1) => about(line, &subject.record.mailbox, "mailbox-password"),
            Some(2) => line.word(verb).option("--env", Some(subject.record.environment)).word("shared-key"),
            Some(3) => about(line, &subject.owner.mailbox, "key-passphrase"),
            _ => line
                .word("list")
                .word(&subject.record.mailbox)
                .option("--env", Some(subject.record.environment)),
        })
    };
    fill(&mut Answers::default(), &[&which, &what, &run])
}

/// Writes a backup of the home.
pub fn back_up(wizard: &Wizard<'_>) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    let today = wizard.now().date();
    let default = place::suggested(wizard, &format!("mesh-onboard-{today}"), "age");
    let file = |answer: &mut Option<PathBuf>| {
        screen.tell(&format!(
            "\nThe backup is one file with all of {}, encrypted with a passphrase of its own. The keys are in it: put it where this machine's disk is not.\n",
            wizard.context.store.home().display()
        ));
        let read = |text: &str| place::new(wizard, text);
        Ok(keep(answer, screen.ask("File to write", default.as_deref(), read)?))
    };
    let run = |answer: &mut Option<PathBuf>| {
        let path = answer.clone().unwrap_or_default();
        wizard.carry_out(Line::new("backup").word(path.display()))
    };
    fill(&mut None, &[&file, &run])
}
