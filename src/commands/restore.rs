use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::backup::count;
use super::secrets::BackupArgs;
use super::{Context, Example, known, rfc3339};
use crate::expiry::day;
use crate::keyring::{self, KeyringError, entry};
use crate::onboarding::{InKeyring, KeptPassphrase, Restoration, UnitState};
use crate::store::PassphraseHolder;
use crate::ui::{Failure, InputError, Outcome, exit};

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
    /// Who keeps them from now on, where the records say something else.
    holders: Vec<(InKeyring, PassphraseHolder)>,
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
    let mut gone = Gone::default();
    let done = hand_over(context, &found, args.without_passphrases, &mut gone)
        .and_then(|()| Ok(found.write(&context.store, &gone.holders, &context.holder("restore"))?));
    if let Err(failure) = done {
        forget_unnamed(context, &gone);
        return Err(failure);
    }
    Ok(outcome(context, &found, Some(&gone)))
}

/// Takes out of the keyring what was kept for records that were not written.
fn forget_unnamed(context: &Context, gone: &Gone) {
    for (key, now) in &gone.holders {
        let PassphraseHolder::Keyring { entry } = now else { continue };
        let record = context.store.folder(key.environment, &key.mailbox).load().ok().flatten();
        if record.is_none_or(|record| record.credentials.iter().all(|c| c.passphrase != *now)) {
            // Another copy of what the backup holds does no harm; the failure itself is what counts.
            drop(keyring::forget(entry));
        }
    }
}

/// Gives each passphrase to the keyring; where that is not possible, shows it once.
fn hand_over(context: &Context, found: &Restoration, leave: bool, gone: &mut Gone) -> Result<(), Failure> {
    if leave {
        gone.left = found.passphrases.len();
        // A record that is here may well be right.
        let new = found.passphrases.iter().filter(|one| one.is_new);
        gone.holders = new.map(|one| (one.key.clone(), PassphraseHolder::You)).collect();
        return Ok(());
    }
    let mut to_show: Vec<&KeptPassphrase> = Vec::new();
    for one in &found.passphrases {
        match kept(one, gone) {
            Ok(true) => gone.keyring += 1,
            Ok(false) => to_show.push(one),
            Err(reason) => {
                context.detail_once(&format!("keyring: {}", reason.in_full()));
                to_show.push(one);
            }
        }
    }
    if to_show.is_empty() {
        return Ok(());
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
    for one in &to_show {
        screen.say(&format!("\n{}:", one.key));
        screen.show_generated(&one.passphrase);
    }
    screen.confirm_kept("The keys are of no use without them. Are they kept in a safe place?")?;
    gone.shown = to_show.len();
    gone.holders.extend(to_show.into_iter().map(|one| (one.key.clone(), PassphraseHolder::You)));
    Ok(())
}

/// Whether the keyring holds it now. An entry that holds something else stays as it is.
fn kept(one: &KeptPassphrase, gone: &mut Gone) -> Result<bool, KeyringError> {
    let KeptPassphrase { key, passphrase, is_new } = one;
    if *is_new {
        // Never the entry of the backup: the home that it was made of may be in use with this keyring, and what is
        // forgotten in the one home must not be gone in the other.
        let entry = entry::new_key_passphrase(Some((&key.mailbox, key.environment)));
        keyring::keep(&entry, passphrase.expose())?;
        gone.holders.push((key.clone(), PassphraseHolder::Keyring { entry }));
        return Ok(true);
    }
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
    let (new, same, other) = (words(UnitState::New), words(UnitState::Same), words(UnitState::Other));
    let unread: Vec<_> = found
        .units
        .iter()
        .filter(|unit| unit.state == UnitState::New)
        .filter_map(|unit| Some((unit.place.words(), unit.unread.as_ref()?)))
        .collect();
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
        "left_as_it_is": (!other.is_empty()).then_some(&other),
        "unread": (!unread.is_empty()).then(|| unread.iter().map(|(place, _)| place).collect::<Vec<_>>()),
        "passphrases": passphrases.unwrap_or_else(|| Value::from(found.passphrases.len())),
        "next": next,
    });
    let verb = if gone.is_some() { "Restored" } else { "Would restore" };
    let mut text =
        format!("The backup of {}, into {}:\n\n", day(found.made_at), context.store.home().display());
    for (what, names) in [(verb, &new), ("Already here", &same), ("Left as it is", &other)] {
        for name in names {
            text.push_str(&format!("  {what:<14} {}\n", crate::ui::clean(name)));
        }
    }
    if new.is_empty() {
        text.push_str("\nNothing was missing.\n");
    }
    if !other.is_empty() {
        text.push_str(
            "\nWhat is left as it is has other content here than in the backup. To compare, restore into another home:\n\
             the same command with --home DIR.\n",
        );
    }
    for (place, why) in &unread {
        text.push_str(&format!(
            "\n{} is in the backup as it lay there; its record cannot be read: {}.\n",
            crate::ui::clean(place),
            crate::ui::clean(why)
        ));
    }
    text.push_str(&passphrases_told(found, gone));
    text.push_str(&format!("\nNext: {next}"));
    let exit = if other.is_empty() && unread.is_empty() { exit::DONE } else { exit::ATTENTION };
    Outcome { exit, json: known(json), text }
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
