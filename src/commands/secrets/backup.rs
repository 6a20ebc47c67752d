//! The passphrase of a backup.

use std::path::PathBuf;

use clap::Args;

use super::new_passphrase::generated_passphrase;
use super::sources::BACKUP_PASSPHRASE;
use super::{HEADING, KeyArgs, Secrets};
use crate::commands::Context;
use crate::secret::Passphrase;
use crate::ui::{Failure, InputError};

/// Where the passphrase of the backup is.
#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = HEADING)]
pub struct BackupArgs {
    /// File with the backup's passphrase, - for standard input [env: MESH_BACKUP_PASSPHRASE]
    #[arg(long, value_name = "FILE")]
    pub backup_passphrase_file: Option<PathBuf>,
    /// Private file with several secrets, as TOML or NAME=value lines
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
}

impl BackupArgs {
    fn given(&self, context: &Context) -> Result<Option<Passphrase>, Failure> {
        let key = KeyArgs { key_passphrase_file: None, secrets: self.secrets.clone() };
        let file = self.backup_passphrase_file.as_deref();
        let given = Secrets::new(context, &key, None).given(&BACKUP_PASSPHRASE, file, None)?;
        Ok(given.map(|given| Passphrase::new(given.tidy.as_str())))
    }

    /// The passphrase of a new backup, which has to be as good as a new key's. An empty answer to the prompt makes
    /// one. It is never kept in the keyring: that is what the backup is to outlive.
    pub fn new_passphrase(&self, context: &Context) -> Result<Passphrase, Failure> {
        if let Some(given) = self.given(context)? {
            given.check_for_new_key().map_err(InputError::BackupPassphrase)?;
            return Ok(given);
        }
        let key = KeyArgs::default();
        let secrets = Secrets::new(context, &key, None);
        let question = "Passphrase for the backup (empty: make a strong one)";
        if let Some(chosen) = secrets.ask_twice(&BACKUP_PASSPHRASE, question)? {
            return Ok(chosen);
        }
        let generated = generated_passphrase();
        context.screen.say("A strong passphrase was made. This is it, shown once:");
        context.screen.show_generated(&generated);
        context
            .screen
            .confirm_kept("The backup is of no use without it. Is it kept away from this machine?")?;
        Ok(generated)
    }

    /// The passphrase of a backup that is there.
    pub fn passphrase(&self, context: &Context) -> Result<Passphrase, Failure> {
        if let Some(given) = self.given(context)? {
            return Ok(given);
        }
        let key = KeyArgs::default();
        let asked = Secrets::new(context, &key, None).ask(&BACKUP_PASSPHRASE, "Passphrase of the backup")?;
        Ok(Passphrase::new(asked.tidy.as_str()))
    }
}
