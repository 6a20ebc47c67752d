//! A key and a certificate that were made elsewhere.

use std::path::PathBuf;

use super::form::{Turn, fill, keep};
use super::{Line, Wizard};
use crate::mailbox::{Environment, MailboxId, OdsCode};
use crate::ui::{Failure, Reply};

/// What was answered.
#[derive(Default)]
struct Answers {
    mailbox: Option<MailboxId>,
    key: Option<Vec<PathBuf>>,
    certificates: Option<Vec<PathBuf>>,
    /// `None` within: as the certificate says.
    environment: Option<Option<Environment>>,
    authorities: Option<Vec<PathBuf>>,
    ods: Option<Option<OdsCode>>,
}

/// Asks for them and takes them in.
pub fn ask(wizard: &Wizard<'_>) -> Result<Turn, Failure> {
    wizard.screen().tell(
        "\nCredentials that were made elsewhere are copied into this program's folder, so that it can check them, say when they expire, and renew them. The files themselves stay where and as they are. A certificate without its key is enough to be warned, and to renew.\n\n",
    );
    fill(
        &mut Answers::default(),
        &[
            &|answers| mailbox(wizard, answers),
            &|answers| key(wizard, answers),
            &|answers| certificates(wizard, answers),
            &|answers| environment(wizard, answers),
            &|answers| authorities(wizard, answers),
            &|answers| owner(wizard, answers),
            &|answers| take_in(wizard, answers),
        ],
    )
}

fn mailbox(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let read = |text: &str| text.parse::<MailboxId>().map_err(|error| error.to_string());
    let default = answers.mailbox.as_ref().map(ToString::to_string);
    Ok(keep(
        &mut answers.mailbox,
        wizard.screen().ask("Mailbox ID, such as X26ABC1", default.as_deref(), read)?,
    ))
}

fn key(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let words = "File of the key: PEM, PFX or keystore (empty: it stays elsewhere)";
    let read = |text: &str| match wizard.files_or_none(text)? {
        paths if paths.len() > 1 => Err("Name one file: the one that holds the key.".to_owned()),
        paths => Ok(paths),
    };
    Ok(keep(&mut answers.key, wizard.screen().ask(words, None, read)?))
}

fn certificates(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let with_key = answers.key.as_ref().is_some_and(|key| !key.is_empty());
    let words = match with_key {
        true => "File of the certificate (empty: it lies with the key)",
        false => "File of the certificate",
    };
    let read = |text: &str| if with_key { wizard.files_or_none(text) } else { wizard.files(text) };
    Ok(keep(&mut answers.certificates, wizard.screen().ask(words, None, read)?))
}

fn environment(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    let choices = ["as the CA that issued the certificate says"].into_iter();
    let choices: Vec<_> = choices.chain(Environment::ALL.map(Environment::as_str)).collect();
    let before = answers.environment.flatten();
    let before = Environment::ALL.iter().position(|known| Some(*known) == before).map_or(0, |at| at + 1);
    screen.tell("\n");
    Ok(match screen.choose("Environment", &choices, before)? {
        Reply::Answer(number) => {
            let chosen = number.checked_sub(1).map(|number| Environment::ALL[number]);
            keep(&mut answers.environment, Reply::Answer(chosen))
        }
        Reply::Back => Turn::Back,
    })
}

/// A sandbox has no CA of its own that would be known.
fn authorities(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    if answers.environment.flatten() != Some(Environment::Sandbox) {
        answers.authorities = None;
        return Ok(Turn::Skip);
    }
    let words =
        "Files of the CA that issued it (empty: they lie with the certificate and are trusted already)";
    Ok(keep(&mut answers.authorities, wizard.screen().ask(words, None, |text| wizard.files_or_none(text))?))
}

fn owner(wizard: &Wizard<'_>, answers: &mut Answers) -> Result<Turn, Failure> {
    let words = "ODS code of the owner (empty: as the certificate's name says)";
    let read = |text: &str| match text {
        "" => Ok(None),
        _ => text.parse::<OdsCode>().map(Some).map_err(|error| error.to_string()),
    };
    let before = answers.ods.as_ref().and_then(|ods| ods.as_ref().map(ToString::to_string));
    Ok(keep(&mut answers.ods, wizard.screen().ask(words, before.as_deref(), read)?))
}

fn take_in(wizard: &Wizard<'_>, answers: &Answers) -> Result<Turn, Failure> {
    let mailbox = answers.mailbox.as_ref().expect("asked before");
    let environment =
        answers.environment.flatten().map_or("ENVIRONMENT".to_owned(), |known| known.to_string());
    let home = wizard.context.store.home().join(environment).join(mailbox.as_str());
    wizard.screen().tell("\nA new credential is made in\n");
    wizard.screen().say(&format!("  {}", home.join("credentials").display()));
    wizard.screen().tell(
        "with a copy of the key, encrypted, and the files that applications load. You are asked for what opens the files, where they are protected. Nothing that is there is changed.\n\n",
    );
    wizard.go(|| line(answers))
}

fn line(answers: &Answers) -> Line {
    let mut line = Line::new("adopt").word(answers.mailbox.as_ref().expect("asked before"));
    for (flag, paths) in
        [("--key", &answers.key), ("--cert", &answers.certificates), ("--ca", &answers.authorities)]
    {
        line = paths.iter().flatten().fold(line, |line, path| line.option(flag, Some(path.display())));
    }
    line.option("--env", answers.environment.flatten())
        .option("--ods", answers.ods.as_ref().and_then(Option::as_ref))
}
