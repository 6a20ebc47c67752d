//! Finds secrets: file flag, `--secrets` file, environment, `secret_command`, keyring, prompt; in this
//! order, and never on the command line.

mod backup;
mod foreign;
mod login;
mod named;
mod new_passphrase;
mod program;
mod several;
mod sources;
mod tables;
mod tidy;

use std::path::{Path, PathBuf};

use clap::Args;

pub use self::backup::BackupArgs;
pub use self::foreign::FileSecrets;
pub use self::login::FoundLogin;
pub use self::named::{Answer, SecretName};
pub use self::several::SharedKeys;
pub(super) use self::sources::variables;
use self::sources::{KEY_PASSPHRASE, PFX_PASSWORD};
use self::tidy::Given;
use super::context::Context;
use crate::keyring::entry;
use crate::mailbox::{Environment, MailboxId};
use crate::secret::Passphrase;
use crate::store::{CredentialRecord, PassphraseHolder};
use crate::ui::Failure;

/// Heading of the flags that name files with secrets in them.
pub(super) const HEADING: &str =
    "Secrets (each also from --secrets, the environment, the keyring, or a prompt)";

/// Where the key's passphrase is.
#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = HEADING)]
pub struct KeyArgs {
    /// File with the key's passphrase, - for standard input [env: MESH_KEY_PASSPHRASE]
    #[arg(long, value_name = "FILE")]
    pub key_passphrase_file: Option<PathBuf>,
    /// Private file with several secrets, as TOML or NAME=value lines
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
}

/// Where the PFX password is.
#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = HEADING)]
pub struct PfxArgs {
    /// File with the PFX password; default: the key's passphrase [env: MESH_PFX_PASSWORD]
    #[arg(long, value_name = "FILE")]
    pub pfx_password_file: Option<PathBuf>,
}

/// Where the secrets of a mailbox are.
#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = HEADING)]
pub struct LoginArgs {
    /// File with the mailbox password [env: MESH_MAILBOX_PASSWORD]
    #[arg(long, value_name = "FILE")]
    pub mailbox_password_file: Option<PathBuf>,
    /// File with the shared key of the environment [env: MESH_SHARED_KEY]
    #[arg(long, visible_alias = "shared-secret-file", value_name = "FILE")]
    pub shared_key_file: Option<PathBuf>,
}

/// Looks for the secrets of one command.
pub struct Secrets<'a> {
    context: &'a Context,
    key: &'a KeyArgs,
    pfx: Option<&'a PfxArgs>,
    /// Whose they are; files of the user's own belong to nobody here.
    owner: Option<(&'a MailboxId, Environment)>,
    /// The answer to a question that was asked for many mailboxes at once.
    shared_key: Option<&'a tidy::Text>,
}

impl<'a> Secrets<'a> {
    pub(super) fn new(context: &'a Context, key: &'a KeyArgs, pfx: Option<&'a PfxArgs>) -> Self {
        Self { context, key, pfx, owner: None, shared_key: None }
    }

    /// The secrets of a mailbox, which `secret_command` and the keyring know by its name.
    pub(super) fn of(mut self, mailbox: &'a MailboxId, environment: Environment) -> Self {
        self.owner = Some((mailbox, environment));
        self
    }

    /// The passphrase of a stored key.
    pub fn key_passphrase(&self, credential: &CredentialRecord) -> Result<Passphrase, Failure> {
        let entry = match &credential.passphrase {
            PassphraseHolder::Keyring { entry } => Some(entry.as_str()),
            PassphraseHolder::You => None,
        };
        let file = self.key.key_passphrase_file.as_deref();
        let question = format!("Passphrase of the key (credential {})", credential.number);
        let given = self.given_or_asked(&KEY_PASSPHRASE, file, entry, &question)?;
        Ok(Passphrase::new(given.tidy.as_str()))
    }

    /// What may open a key file that the user named. White space and quotes around a passphrase are
    /// usually an accident, and sometimes part of it: both readings are worth a try.
    pub fn file_passphrases(&self, path: &Path) -> Result<Vec<Passphrase>, Failure> {
        let file = self.key.key_passphrase_file.as_deref();
        let question = format!("Passphrase of {}", path.display());
        Ok(self.given_or_asked(&KEY_PASSPHRASE, file, None, &question)?.readings())
    }

    /// The password for a new PFX file, if one was given that differs from the key's passphrase.
    pub fn pfx_password(&self) -> Result<Option<Passphrase>, Failure> {
        let entry = self.owner.map(|(mailbox, environment)| entry::pfx_password(mailbox, environment));
        let given = self.given(&PFX_PASSWORD, self.pfx_file(), entry.as_deref())?;
        Ok(given.map(|given| Passphrase::new(given.tidy.as_str())))
    }

    /// What may open a PFX file that the user named.
    pub fn pfx_file_passwords(&self, path: &Path) -> Result<Vec<Passphrase>, Failure> {
        if let Some(given) = self.given(&PFX_PASSWORD, self.pfx_file(), None)? {
            return Ok(given.readings());
        }
        if let Some(given) = self.given(&KEY_PASSPHRASE, self.key.key_passphrase_file.as_deref(), None)? {
            return Ok(given.readings());
        }
        let asked = self.ask(&PFX_PASSWORD, &format!("Password of {}", path.display()))?;
        Ok(asked.readings())
    }

    /// Every password and passphrase that was given, for files of which it is not known what they take.
    /// Nobody is asked.
    pub fn given_passwords(&self) -> Result<Vec<Passphrase>, Failure> {
        let key = self.given(&KEY_PASSPHRASE, self.key.key_passphrase_file.as_deref(), None)?;
        let pfx = self.given(&PFX_PASSWORD, self.pfx_file(), None)?;
        Ok(key.iter().chain(&pfx).flat_map(Given::readings).collect())
    }

    /// The password of a file that stayed closed, where somebody is there to ask. An empty answer leaves it
    /// closed.
    pub fn ask_password_of(&self, path: &Path) -> Result<Option<Vec<Passphrase>>, Failure> {
        if !self.context.screen.may_ask {
            return Ok(None);
        }
        let question = format!("Password of {} (empty: leave it closed)", path.display());
        let asked = self.ask(&PFX_PASSWORD, &question)?;
        Ok((!asked.tidy.is_empty()).then(|| asked.readings()))
    }

    fn pfx_file(&self) -> Option<&Path> {
        self.pfx?.pfx_password_file.as_deref()
    }
}

impl Given {
    /// The tidied text first, then as it was.
    fn readings(&self) -> Vec<Passphrase> {
        std::iter::once(&self.tidy)
            .chain(&self.as_it_was)
            .map(|text| Passphrase::new(text.as_str()))
            .collect()
    }
}
