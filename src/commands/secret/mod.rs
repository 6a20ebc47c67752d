//! What the keyring of this account keeps for us.

mod forget;
mod list;
mod set;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::secrets::SecretName;
use super::{Context, Example, after_help};
use crate::keyring::entry;
use crate::mailbox::{Environment, MailboxId};
use crate::store::{CredentialRecord, Folder, PassphraseHolder};
use crate::ui::{Failure, InputError, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "Where each secret of each mailbox is found", line: "mesh-onboard secret list" },
    Example {
        does: "Keep the password of a mailbox; it is asked for",
        line: "mesh-onboard secret set X26ABC1 mailbox-password",
    },
];

/// Keep secrets in this account's keyring, forget them, list where each is found
#[derive(Debug, Args)]
pub struct SecretArgs {
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum SecretCommand {
    #[command(after_help = after_help(set::EXAMPLES, &[]))]
    Set(set::SetArgs),
    #[command(after_help = after_help(forget::EXAMPLES, &[]))]
    Forget(forget::ForgetArgs),
    #[command(after_help = after_help(list::EXAMPLES, &[]))]
    List(list::ListArgs),
}

/// Does it.
pub fn run(context: &Context, args: SecretArgs) -> Result<Outcome, Failure> {
    match args.command {
        SecretCommand::Set(args) => set::run(context, &args),
        SecretCommand::Forget(args) => forget::run(context, &args),
        SecretCommand::List(args) => list::run(context, &args),
    }
}

/// Which secret is meant.
#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
struct WhichArgs {
    /// Mailbox ID; the shared key needs none, with --env
    mailbox: Option<MailboxId>,
    /// Which secret
    name: SecretName,
    /// Which environment, where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    /// Number of the credential whose key it is; default: the one in use
    #[arg(long, value_name = "N")]
    credential: Option<u32>,
}

/// A secret of somebody's.
struct Which {
    name: SecretName,
    environment: Environment,
    /// Nobody's of the shared key.
    mailbox: Option<MailboxId>,
    /// Of the key's passphrase: whose credential it is, and which.
    key: Option<(Folder, CredentialRecord)>,
}

impl Which {
    fn find(context: &Context, args: &WhichArgs) -> Result<Self, Failure> {
        let name = args.name;
        if args.credential.is_some() && name != SecretName::KeyPassphrase {
            return Err(InputError::Usage("--credential goes with key-passphrase alone".into()).into());
        }
        let Some(mailbox) = &args.mailbox else {
            return match (name, args.env) {
                (SecretName::SharedKey, Some(environment)) => {
                    Ok(Self { name, environment, mailbox: None, key: None })
                }
                (SecretName::SharedKey, None) => Err(InputError::Usage(
                    "name the environment of the shared key with --env, or a mailbox".into(),
                )
                .into()),
                _ => {
                    Err(InputError::Usage(format!("{} belongs to a mailbox: name it first", name.words()))
                        .into())
                }
            };
        };
        let (folder, record) = context.find(mailbox, args.env)?;
        let environment = record.environment;
        match name {
            SecretName::SharedKey => Ok(Self { name, environment, mailbox: None, key: None }),
            SecretName::KeyPassphrase => {
                let (folder, record) = context.store.credentials_of(folder, record)?;
                let wanted = |c: &&CredentialRecord| Some(c.number) == args.credential;
                let credential = match args.credential {
                    Some(_) => record.credentials.iter().find(wanted),
                    None => record.foremost(),
                };
                let none = || InputError::NoCredential {
                    mailbox: record.mailbox.to_string(),
                    number: args.credential,
                };
                let credential = credential.ok_or_else(none)?.clone();
                if credential.key_elsewhere {
                    let (mailbox, credential) = (record.mailbox.to_string(), credential.number);
                    return Err(InputError::KeyElsewhere { mailbox, credential }.into());
                }
                let mailbox = Some(record.mailbox);
                Ok(Self { name, environment, mailbox, key: Some((folder, credential)) })
            }
            SecretName::MailboxPassword | SecretName::PfxPassword => {
                Ok(Self { name, environment, mailbox: Some(record.mailbox), key: None })
            }
        }
    }

    /// The entry that holds it or would hold it; of a key's passphrase the one that is recorded.
    fn entry(&self) -> Option<String> {
        match (&self.key, &self.mailbox) {
            (Some((_, credential)), _) => held_in(credential).map(str::to_owned),
            (None, Some(mailbox)) if self.name == SecretName::PfxPassword => {
                Some(entry::pfx_password(mailbox, self.environment))
            }
            (None, Some(mailbox)) => Some(entry::mailbox_password(mailbox, self.environment)),
            (None, None) => Some(entry::shared_key(self.environment)),
        }
    }

    /// In words, such as `the mailbox password of X26ABC1 (live)`.
    fn words(&self) -> String {
        let what = self.name.words();
        match (&self.mailbox, &self.key) {
            (Some(mailbox), Some((_, credential))) => {
                format!("{what} of {mailbox} ({}), credential {}", self.environment, credential.number)
            }
            (Some(mailbox), None) => format!("{what} of {mailbox} ({})", self.environment),
            (None, _) => format!("{what} of {}", self.environment),
        }
    }

    fn json(&self) -> Value {
        json!({
            "mailbox": self.mailbox.as_ref().map(MailboxId::as_str),
            "environment": self.environment.as_str(),
            "name": self.name.as_str(),
            "credential": self.key.as_ref().map(|(_, credential)| credential.number),
        })
    }
}

/// The entry in which the keyring holds the passphrase of a key, as far as is recorded.
fn held_in(credential: &CredentialRecord) -> Option<&str> {
    match &credential.passphrase {
        PassphraseHolder::Keyring { entry } => Some(entry),
        PassphraseHolder::You => None,
    }
}
