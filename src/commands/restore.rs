use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::backup::count;
use super::secrets::BackupArgs;
use super::{Context, Example, known, rfc3339};
use crate::expiry::day;
use crate::keyring::{self, KeyringError};
use crate::onboarding::{InKeyring, Restoration, UnitState};
use crate::secret::Passphrase;
use crate::ui::{Failure, InputError, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "What a backup would bring back; nothing is written",
        line: "mesh-onboard restore mesh-onboard.age --dry-run",
    },
    Example {
        does: "Into a new home, beside the one that is here",
        line: "mesh-onboard --home restored restore mesh-onboard.age",
    },
];

/// Bring back what a backup holds, beside what is here
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// File that `backup` made
    file: PathBuf,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave the passphrases in the backup; records say that you keep them
    #[arg(long)]
    without_passphrases: bool,
    #[command(flatten)]
    secrets: BackupArgs,
}

/// Where passphrases went.
#[derive(Default)]
struct Gone {
    keyring: usize,
    shown: usize,
    left: usize,
    /// Those that no keyring holds from now on.
    with_you: Vec<InKeyring>,
}

/// Brings it back.
pub fn run(context: &Context, args: &RestoreArgs) -> Result<Outcome, Failure> {
    // Before anybody is asked.
    Restoration::may_open(&args.file)?;
    let passphrase = args.secrets.passphrase(context)?;
    let found = Restoration::examine(&context.store, &args.file, &passphrase)?;
    if args.dry_run {
        return Ok(outcome(context, &found, None));
    }
    // The keyring first: a record must not name what it does not hold.
    let gone = hand_over(context, &found, args.without_passphrases)?;
    found.write(&context.store, &gone.with_you, &context.holder("restore"))?;
    Ok(outcome(context, &found, Some(&gone)))
}

/// Gives each passphrase to the keyring; where that is not possible, shows it once.
fn hand_over(context: &Context, found: &Restoration, leave: bool) -> Result<Gone, Failure> {
    let mut gone = Gone::default();
    if leave {
        gone.left = found.passphrases.len();
        gone.with_you = found.passphrases.iter().map(|(key, _)| key.clone()).collect();
        return Ok(gone);
    }
    let mut to_show: Vec<&(InKeyring, Passphrase)> = Vec::new();
    for one in &found.passphrases {
        match kept(one) {
            Ok(true) => gone.keyring += 1,
            Ok(false) => to_show.push(one),
            Err(reason) => {
                context.detail_once(&format!("keyring: {}", reason.in_full()));
                to_show.push(one);
            }
        }
    }
    if to_show.is_empty() {
        return Ok(gone);
    }
    let screen = &context.screen;
    if !screen.may_ask {
        let what = format!(
            "showing {} that no keyring here takes",
            count(to_show.len(), "passphrase", "passphrases")
        );
        return Err(InputError::YesNeeded { what, flag: "--without-passphrases" }.into());
    }
    screen.say(
        "There is no keyring here that takes the passphrases of the backup. These are they, shown once:",
    );
    for (key, passphrase) in &to_show {
        screen.say(&format!("\n{key}:"));
        screen.show_generated(passphrase);
    }
    screen.confirm_kept("The keys are of no use without them. Are they kept in a safe place?")?;
    gone.shown = to_show.len();
    gone.with_you = to_show.into_iter().map(|(key, _)| key.clone()).collect();
    Ok(gone)
}

/// Whether the keyring holds it now. An entry that holds something else stays as it is.
fn kept((key, passphrase): &(InKeyring, Passphrase)) -> Result<bool, KeyringError> {
    match keyring::get(&key.entry)? {
        Some(held) => Ok(held.as_str() == passphrase.expose()),
        None => keyring::keep(&key.entry, passphrase.expose()).map(|()| true),
    }
}

/// `gone` is missing of a dry run.
fn outcome(context: &Context, found: &Restoration, gone: Option<&Gone>) -> Outcome {
    let words = |wanted: UnitState| -> Vec<String> {
        found.units.iter().filter(|unit| unit.state == wanted).map(|unit| unit.place.words()).collect()
    };
    let (new, same) = (words(UnitState::New), words(UnitState::Same));
    let next = match gone {
        Some(_) => format!("see where every mailbox stands: {}", context.command("status")),
        None => "if that is what you want, run the same command without --dry-run".to_owned(),
    };
    let passphrases =
        gone.map(|gone| json!({"keyring": gone.keyring, "shown": gone.shown, "left": gone.left}));
    let json = json!({
        "home": context.store.home(),
        "made_at": rfc3339(found.made_at),
        "dry_run": gone.is_none(),
        "restored": new,
        "already_here": same,
        "passphrases": passphrases.unwrap_or_else(|| Value::from(found.passphrases.len())),
        "next": next,
    });
    let verb = if gone.is_some() { "Restored" } else { "Would restore" };
    let mut text =
        format!("The backup of {}, into {}:\n\n", day(found.made_at), context.store.home().display());
    for (what, names) in [(verb, &new), ("Already here", &same)] {
        for name in names {
            text.push_str(&format!("  {what:<14} {}\n", crate::ui::clean(name)));
        }
    }
    if new.is_empty() {
        text.push_str("\nNothing was missing.\n");
    }
    text.push_str(&passphrases_told(found, gone));
    text.push_str(&format!("\nNext: {next}"));
    Outcome::done(known(json), text)
}

fn passphrases_told(found: &Restoration, gone: Option<&Gone>) -> String {
    let number = |n| count(n, "passphrase", "passphrases");
    let Some(gone) = gone else {
        return match found.passphrases.len() {
            0 => String::new(),
            n => format!("\n{} would go into this account's keyring, or be shown once.\n", number(n)),
        };
    };
    let mut text = String::new();
    if gone.keyring > 0 {
        text.push_str(&format!("\nThis account's keyring holds {} of it.\n", number(gone.keyring)));
    }
    if gone.shown > 0 {
        text.push_str(&format!(
            "\n{} of it {} yours to keep.\n",
            number(gone.shown),
            if gone.shown == 1 { "is" } else { "are" }
        ));
    }
    if gone.left > 0 {
        text.push_str(&format!(
            "\n{} stay in the backup; without them the keys are of no use.\n",
            number(gone.left)
        ));
    }
    text
}
