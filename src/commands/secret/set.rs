use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Which, WhichArgs};
use crate::commands::secrets::{KeyArgs, SecretName, Secrets};
use crate::commands::{Context, Example, known};
use crate::keyring::{self, entry};
use crate::onboarding;
use crate::secret::Passphrase;
use crate::store::PassphraseHolder;
use crate::ui::{Failure, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "Keep the password of a mailbox; it is asked for",
        line: "mesh-onboard secret set X26ABC1 mailbox-password",
    },
    Example {
        does: "Keep the shared key of live, from a file",
        line: "mesh-onboard secret set --env live shared-key --value-file shared-key.txt",
    },
    Example {
        does: "Keep the passphrase of the key in use; it is tried on the key first",
        line: "mesh-onboard secret set X26ABC1 key-passphrase",
    },
];

/// Keep a secret in this account's keyring
#[derive(Debug, Args)]
pub struct SetArgs {
    #[command(flatten)]
    which: WhichArgs,
    /// File with the secret, - for standard input; default: it is asked for
    #[arg(long, value_name = "FILE")]
    value_file: Option<PathBuf>,
}

/// Keeps it.
pub fn run(context: &Context, args: &SetArgs) -> Result<Outcome, Failure> {
    let which = Which::find(context, &args.which)?;
    keyring::try_again();
    keyring::is_here()?;
    let held = match which.entry() {
        Some(entry) => keyring::get(&entry)?,
        None => None,
    };
    if held.is_some() {
        let words = which.words();
        context.screen.note(&format!("note: the keyring holds {words} already; what you give replaces it"));
    }
    let value = value(context, &which, args)?;
    let same = held.as_ref().is_some_and(|held| held.as_str() == value.expose());
    if !same {
        keep(context, &which, &value)?;
    }
    let words = which.words();
    let next = match (&which.mailbox, which.name) {
        (Some(mailbox), SecretName::MailboxPassword) => {
            format!("prove that it works: {}", context.check_line(mailbox, which.environment))
        }
        _ => format!("see where each secret is found: {}", context.command("secret list")),
    };
    let mut json = which.json();
    json["kept"] = true.into();
    json["replaced"] = json!(held.is_some() && !same);
    json["next"] = next.clone().into();
    let text = match same {
        true => format!("This account's keyring holds just that already: {words}."),
        false => format!("Kept in this account's keyring: {words}. It was read back."),
    };
    Ok(Outcome::done(known(json), format!("{text}\n\nNext: {next}")))
}

/// The value that is given; a passphrase that does not open its key is refused.
fn value(context: &Context, which: &Which, args: &SetArgs) -> Result<Passphrase, Failure> {
    let key = KeyArgs::default();
    let question = which.words();
    let question = format!("{}{}", question[..1].to_uppercase(), &question[1..]);
    let mut readings =
        Secrets::new(context, &key, None).new_value(which.name, args.value_file.as_deref(), &question)?;
    let right = match &which.key {
        Some((folder, credential)) => onboarding::opener(folder, credential.number, &readings)?,
        None => 0,
    };
    Ok(readings.swap_remove(right))
}

fn keep(context: &Context, which: &Which, value: &Passphrase) -> Result<(), Failure> {
    let (Some((folder, credential)), Some(mailbox)) = (&which.key, &which.mailbox) else {
        let entry = which.entry().unwrap_or_default();
        return Ok(keyring::keep(&entry, value.expose())?);
    };
    // A name of its own until it is read back: what the record names is never written over.
    let entry = entry::new_key_passphrase(Some((mailbox, which.environment)));
    keyring::keep(&entry, value.expose())?;
    let now = PassphraseHolder::Keyring { entry: entry.clone() };
    match onboarding::record_holder(folder, credential.number, now, &context.holder("secret set")) {
        Ok(PassphraseHolder::Keyring { entry: old }) => {
            // A second copy of the same passphrase, or one that opened nothing.
            keyring::forget(&old)?;
            Ok(())
        }
        Ok(PassphraseHolder::You) => Ok(()),
        Err(error) => {
            keyring::forget(&entry)?;
            Err(error.into())
        }
    }
}
