//! A certificate whose CA is nowhere to be found.

use super::Answers;
use crate::commands::wizard::Wizard;
use crate::commands::wizard::survey::Subject;
use crate::mailbox::Authority;
use crate::onboarding::ImportError;
use crate::pki::chain::ChainError;
use crate::ui::{Failure, Reply};

/// What can be done about it here.
#[derive(Clone, Copy)]
enum Remedy {
    /// From where the certificate says.
    Fetch,
    /// Files of it.
    Give,
    /// Nothing.
    Leave,
}

/// Whether `error` is of this kind, so that [`ask`] can help.
pub fn is_of(error: &ImportError, subject: &Subject) -> bool {
    match error {
        ImportError::ChainIncomplete { .. } => true,
        // Whom to trust is the user's to say only where no CA is built in.
        ImportError::Chain(ChainError::Untrusted { .. }) => is_own(subject),
        _ => false,
    }
}

fn is_own(subject: &Subject) -> bool {
    subject.owner.environment.authority() == Authority::Own
}

/// Asks what to do, and keeps it in `answers`; whether there is something new to try. `address` is where the
/// certificate says that its CA lies.
pub fn ask(
    wizard: &Wizard<'_>,
    subject: &Subject,
    address: Option<&str>,
    answers: &mut Answers,
) -> Result<bool, Failure> {
    let screen = wizard.screen();
    let fetch = address.map(|address| {
        let words = format!(
            "Fetch the CA's certificate from {address}: it counts only if it leads to a CA that is trusted"
        );
        (Remedy::Fetch, words)
    });
    let give = match is_own(subject) {
        true => "Give the files of the CA: the self-signed among them are trusted for this mailbox",
        false => "Give the file of the CA's certificate too",
    };
    let choices = [(Remedy::Give, give.to_owned()), (Remedy::Leave, "Leave it: give something else".into())];
    let choices: Vec<_> = fetch.into_iter().chain(choices).collect();
    let words: Vec<_> = choices.iter().map(|(_, words)| words.as_str()).collect();
    loop {
        screen.tell("\nThe certificate alone does not prove which CA made it.\n\n");
        let Reply::Answer(number) = screen.choose("What now", &words, 0)? else { return Ok(false) };
        match choices[number].0 {
            Remedy::Fetch => answers.fetch = true,
            Remedy::Give => match screen.ask("Files of the CA", None, |text| wizard.files(text))? {
                Reply::Back => continue,
                Reply::Answer(paths) if is_own(subject) => answers.authorities = paths,
                Reply::Answer(paths) => answers.beside = paths,
            },
            Remedy::Leave => return Ok(false),
        }
        return Ok(true);
    }
}
