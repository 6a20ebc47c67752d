use clap::Args;

use super::{Which, WhichArgs};
use crate::commands::{Context, Example, known};
use crate::keyring;
use crate::onboarding;
use crate::store::PassphraseHolder;
use crate::ui::{Failure, InputError, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "Forget the password of a mailbox",
        line: "mesh-onboard secret forget X26ABC1 mailbox-password",
    },
    Example {
        does: "Forget the passphrase of an older key; you have it elsewhere",
        line: "mesh-onboard secret forget X26ABC1 key-passphrase --credential 1 --yes",
    },
];

/// Take a secret out of this account's keyring
#[derive(Debug, Args)]
pub struct ForgetArgs {
    #[command(flatten)]
    which: WhichArgs,
    /// Forget the passphrase of a key without a question
    #[arg(long)]
    yes: bool,
}

/// Takes it out.
pub fn run(context: &Context, args: &ForgetArgs) -> Result<Outcome, Failure> {
    let which = Which::find(context, &args.which)?;
    keyring::try_again();
    keyring::is_here()?;
    let words = which.words();
    let forgotten = match (&which.key, which.entry()) {
        (_, None) => false,
        (None, Some(entry)) => keyring::forget(&entry)?,
        (Some((folder, credential)), Some(entry)) => {
            if keyring::get(&entry)?.is_some() && !args.yes {
                may_forget(context, &words)?;
            }
            // First the record: it must never name what is gone.
            let holder = context.holder("secret forget");
            let before =
                onboarding::record_holder(folder, credential.number, PassphraseHolder::You, &holder)?;
            match keyring::forget(&entry) {
                Ok(forgotten) => forgotten,
                Err(error) => {
                    onboarding::record_holder(folder, credential.number, before, &holder)?;
                    return Err(error.into());
                }
            }
        }
    };
    let mut json = which.json();
    json["forgotten"] = forgotten.into();
    let text = match forgotten {
        true => format!("This account's keyring no longer holds {words}."),
        false => format!("There was nothing to forget: this account's keyring does not hold {words}."),
    };
    Ok(Outcome::done(known(json), text))
}

fn may_forget(context: &Context, words: &str) -> Result<(), Failure> {
    let what = format!("forgetting {words}");
    if !context.screen.may_ask {
        return Err(InputError::YesNeeded { what, flag: "--yes" }.into());
    }
    context.screen.say(&format!(
        "Without {words} the key is of no use, and the desk has to be asked for a new certificate."
    ));
    match context.screen.confirm_or("Do you have it elsewhere, and shall the keyring forget it?", false)? {
        true => Ok(()),
        false => Err(InputError::Cancelled.into()),
    }
}
