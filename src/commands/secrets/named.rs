//! The secrets that a person names: `secret set`, `forget` and `list`.

use std::path::Path;

use clap::ValueEnum;

use super::sources::{KEY_PASSPHRASE, Kind, MAILBOX_PASSWORD, PFX_PASSWORD, SHARED_KEY, Source};
use super::{LoginArgs, Secrets};
use crate::secret::Passphrase;
use crate::ui::Failure;

/// A secret by the name that people give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SecretName {
    /// Password of the mailbox
    MailboxPassword,
    /// Shared key of the environment, the same for all its mailboxes
    SharedKey,
    /// Passphrase of the key of one credential
    KeyPassphrase,
    /// Password of PFX files, where it is not the key's passphrase
    PfxPassword,
}

impl SecretName {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 4] =
        [Self::KeyPassphrase, Self::PfxPassword, Self::MailboxPassword, Self::SharedKey];

    /// As it is given on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MailboxPassword => "mailbox-password",
            Self::SharedKey => "shared-key",
            Self::KeyPassphrase => "key-passphrase",
            Self::PfxPassword => "pfx-password",
        }
    }

    /// In words, with its article.
    pub fn words(self) -> &'static str {
        self.kind().what
    }

    pub(super) fn kind(self) -> &'static Kind {
        match self {
            Self::MailboxPassword => &MAILBOX_PASSWORD,
            Self::SharedKey => &SHARED_KEY,
            Self::KeyPassphrase => &KEY_PASSPHRASE,
            Self::PfxPassword => &PFX_PASSWORD,
        }
    }
}

/// A source that has a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `file`, `secrets_file`, `environment`, `secret_command` or `keyring`.
    pub kind: &'static str,
    /// Which one, in words.
    pub told: String,
}

impl Secrets<'_> {
    /// Every source that has this secret, in the order in which they are asked.
    pub fn answers(
        &self,
        name: SecretName,
        login: &LoginArgs,
        keyring_entry: Option<&str>,
    ) -> Result<Vec<Answer>, Failure> {
        let kind = name.kind();
        let file = match name {
            SecretName::MailboxPassword => login.mailbox_password_file.as_deref(),
            SecretName::SharedKey => login.shared_key_file.as_deref(),
            SecretName::KeyPassphrase => self.key.key_passphrase_file.as_deref(),
            SecretName::PfxPassword => self.pfx_file(),
        };
        let mut answers = Vec::new();
        for source in self.sources(kind, file, keyring_entry) {
            if self.look(kind, &source)?.is_some() {
                answers.push(Answer { kind: source.name(), told: source.told(kind) });
            }
        }
        Ok(answers)
    }

    /// A new value for a secret, from a file or from the person at the terminal: tidied, and after it as it was.
    pub fn new_value(
        &self,
        name: SecretName,
        file: Option<&Path>,
        question: &str,
    ) -> Result<Vec<Passphrase>, Failure> {
        let kind = Kind { flag: "--value-file", variables: &[], ..*name.kind() };
        let given = match file {
            Some(path) => self.look(&kind, &Source::File(path))?,
            None => None,
        };
        Ok(match given {
            Some(given) => given.readings(),
            None => self.ask_not_empty(&kind, question)?.readings(),
        })
    }
}

impl Source<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::SecretsFile(_) => "secrets_file",
            Self::Variable(_) => "environment",
            Self::Command => "secret_command",
            Self::Keyring(_) => "keyring",
        }
    }
}
