use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::secrets::BackupArgs;
use super::{Context, Example, known};
use crate::keyring;
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding::{self, BackedUp, BackupError, BackupOrder, InKeyring};
use crate::secret::Passphrase;
use crate::store::{HeldPassphrase, StoreError, files};
use crate::ui::{Failure, Outcome, exit};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "Everything here in one encrypted file; its passphrase is asked for",
        line: "mesh-onboard backup mesh-onboard.age",
    },
    Example {
        does: "The same every night, each in a file of its own: none is ever written over",
        line: "mesh-onboard --no-input backup mesh-onboard-$(date +%F).age --backup-passphrase-file passphrase.txt",
    },
];

/// Write all mailboxes, keys and settings to one encrypted file
#[derive(Debug, Args)]
pub struct BackupCommandArgs {
    /// New file, in the age format
    file: PathBuf,
    /// Go on without the passphrases that only the keyring holds, and keep them yourself
    #[arg(long)]
    without_passphrases: bool,
    #[command(flatten)]
    secrets: BackupArgs,
}

/// Makes a backup.
pub fn run(context: &Context, args: &BackupCommandArgs) -> Result<Outcome, Failure> {
    // Everything that can be refused is, before anybody is asked.
    files::check_new(&args.file)?;
    onboarding::must_hold_anything(&context.store)?;
    let of_keyring = |keys: &[InKeyring]| match args.without_passphrases {
        true => Ok(Vec::new()),
        false => held(keys),
    };
    of_keyring(&onboarding::in_keyring(&context.store)?)?;
    let passphrase = args.secrets.new_passphrase(context)?;
    let path = std::path::absolute(&args.file).map_err(files::failed(&args.file))?;
    // Somebody may have taken minutes over the passphrase: what was true before it is looked at again.
    let mut gathered = onboarding::gather(&context.store, &context.holder("backup"))?;
    let held = of_keyring(&gathered.keys)?;
    let left_behind = gathered.keys.len() - held.len();
    let unread = std::mem::take(&mut gathered.unread);
    let order = BackupOrder { path: &path, passphrase: &passphrase, held, now: context.now };
    let made = onboarding::backup(gathered, order)?;
    for path in &made.left_out {
        context.screen.note(&format!("note: {} is none of our files, and is not in it", path.display()));
    }
    let BackedUp { bytes, mailboxes, files, passphrases, left_out } = made;
    let restore = format!("mesh-onboard restore {}", shell_words::quote(&path.display().to_string()));
    let next = format!(
        "keep it away from this machine, and its passphrase apart from it; it comes back with: {restore}"
    );
    let json = json!({
        "file": path,
        "bytes": bytes,
        "mailboxes": mailboxes,
        "files": files,
        "passphrases": passphrases,
        "passphrases_left_behind": (left_behind > 0).then_some(left_behind),
        "unread": (!unread.is_empty()).then(|| unread.iter().map(unread_json).collect::<Vec<_>>()),
        "left_out": (!left_out.is_empty()).then_some(left_out),
        "next": next,
    });
    let mut text = format!(
        "Backed up {} to {}: {} files, {}. It was opened again and compared.\n\n",
        count(mailboxes, "mailbox", "mailboxes"),
        path.display(),
        files,
        bytesize::ByteSize(bytes).display().si(),
    );
    for (mailbox, environment, error) in &unread {
        let error = crate::ui::clean(&error.to_string());
        text.push_str(&format!(
            "{mailbox} ({environment}) is in it as it lies there, and its record cannot be read: {error}.\n\
             If the keyring holds passphrases of its keys, they are not in it.\n\n"
        ));
    }
    text.push_str(&match (passphrases, left_behind) {
        (0, 0) if !unread.is_empty() => String::new(),
        (0, 0) => "The passphrases of its keys are yours to keep: no keyring holds one.\n".to_owned(),
        (0, n) => format!("{} not in it: without the keyring here their keys are of no use.\n", these(n)),
        (n, _) => format!("{} in it, too; those that you keep yourself are not.\n", these(n)),
    });
    text.push_str("Mailbox passwords and shared keys are not in it: the desk has them.\n");
    text.push_str(&format!("\nNext: {next}"));
    let exit = if unread.is_empty() { exit::DONE } else { exit::ATTENTION };
    Ok(Outcome { exit, json: known(json), text })
}

/// A mailbox whose record cannot be read.
fn unread_json((mailbox, environment, error): &(MailboxId, Environment, StoreError)) -> Value {
    json!({"mailbox": mailbox.as_str(), "environment": environment.as_str(), "message": error.to_string()})
}

/// What the keyring holds of these keys: all of them or an error, since a key without its passphrase is lost.
fn held(keys: &[InKeyring]) -> Result<Vec<HeldPassphrase>, Failure> {
    let (mut held, mut missing, mut reason) = (Vec::new(), Vec::new(), None);
    for key in keys {
        match keyring::get(&key.entry) {
            Ok(Some(text)) => held.push(HeldPassphrase {
                environment: key.environment,
                mailbox: key.mailbox.clone(),
                credential: key.credential,
                passphrase: Passphrase::new(text.as_str()),
            }),
            Ok(None) => missing.push(key.to_string()),
            Err(error) => {
                missing.push(key.to_string());
                reason = Some(error.in_full());
            }
        }
    }
    match missing.is_empty() {
        true => Ok(held),
        false => Err(BackupError::Passphrases { of: missing, reason }.into()),
    }
}

/// A number with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn these(number: usize) -> String {
    match number {
        1 => "The passphrase that only this account's keyring holds is".into(),
        _ => format!("The {number} passphrases that only this account's keyring holds are"),
    }
}
