//! Secrets of many mailboxes at once: what they have in common is asked once, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::named::SecretName;
use super::sources::{SHARED_KEY, Source, secrets_file};
use super::tidy::Text;
use super::{LoginArgs, Secrets};
use crate::keyring::entry;
use crate::mailbox::{Environment, MailboxId};
use crate::ui::{Failure, InputError, Screen};

/// The shared keys that were typed.
pub struct SharedKeys(BTreeMap<Environment, Text>);

impl SharedKeys {
    /// Asks for the shared key of each environment in which a mailbox finds none. An empty answer leaves it
    /// missing.
    pub fn ask<'a>(
        asking: Screen,
        mailboxes: impl IntoIterator<Item = (&'a MailboxId, Environment)>,
        secrets: impl Fn() -> Secrets<'a>,
        args: &LoginArgs,
    ) -> Result<Self, Failure> {
        let (mut answers, mut asked) = (BTreeMap::new(), BTreeSet::new());
        for (mailbox, environment) in mailboxes {
            if !asking.may_ask || asked.contains(&environment) {
                continue;
            }
            if secrets().of(mailbox, environment).has_shared_key(args, environment)? {
                continue;
            }
            asked.insert(environment);
            let question = format!("Shared key of {environment} (empty: leave its mailboxes out)");
            let answer = asking.ask_secret(&question)?;
            if !answer.is_empty() {
                answers.insert(environment, answer);
            }
        }
        Ok(Self(answers))
    }

    /// The one of an environment, if it was typed.
    pub fn of(&self, environment: Environment) -> Option<&Text> {
        self.0.get(&environment)
    }
}

impl<'a> Secrets<'a> {
    /// With the answer to a question that was asked before.
    pub fn answered(mut self, shared_key: Option<&'a Text>) -> Self {
        self.shared_key = shared_key;
        self
    }

    fn has_shared_key(&self, args: &LoginArgs, environment: Environment) -> Result<bool, Failure> {
        let entry = entry::shared_key(environment);
        Ok(self.given(&SHARED_KEY, args.shared_key_file.as_deref(), Some(&entry))?.is_some())
    }

    /// The source, in words, that would answer for any other mailbox with the same secret; nothing where what answers
    /// first is meant for the owner, or a shared key for his environment. Nothing is taken from standard input.
    pub fn answers_for_anyone(
        &self,
        secret: SecretName,
        args: &LoginArgs,
    ) -> Result<Option<String>, Failure> {
        let (kind, is_shared) = (secret.kind(), secret == SecretName::SharedKey);
        let file = if is_shared { &args.shared_key_file } else { &args.mailbox_password_file };
        for source in self.sources(kind, file.as_deref(), None) {
            match source {
                Source::File(_) => return Ok(Some(source.told(kind))),
                Source::SecretsFile(path) => {
                    let found = secrets_file(self.context, path, self.owner)?;
                    if let Some(line) = kind.variables.iter().find_map(|name| found.get(*name)) {
                        let named = line.names_mailbox || (is_shared && line.names_environment);
                        return Ok((!named).then(|| source.told(kind)));
                    }
                }
                Source::Variable(name) if self.context.variables.contains_key(name) => {
                    return Ok(Some(source.told(kind)));
                }
                Source::Variable(_) | Source::Command | Source::Keyring(_) => {}
            }
        }
        Ok(None)
    }

    /// Refuses what serves one mailbox at most, and files that cannot be read, before anything is done.
    pub fn must_serve_many(&self, args: &LoginArgs) -> Result<(), Failure> {
        let pfx = self.pfx.and_then(|pfx| pfx.pfx_password_file.as_ref());
        let files = [&self.key.key_passphrase_file, &args.mailbox_password_file, &args.shared_key_file];
        if files.into_iter().flatten().chain(pfx).any(|path| path == Path::new("-")) {
            return Err(InputError::Usage(
                "with --all, secrets come from files: standard input could serve one mailbox only".into(),
            )
            .into());
        }
        if let Some(path) = &self.key.secrets {
            secrets_file(self.context, path, None)?;
        }
        Ok(())
    }
}
