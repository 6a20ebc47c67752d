//! The sources one by one.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::Command;

use zeroize::Zeroizing;

use super::tidy::{Given, Text, decode, tidied};
use super::{Secrets, program, tables};
use crate::commands::Context;
use crate::keyring;
use crate::mailbox::{Environment, MailboxId};
use crate::store::{FILE_LIMIT, StoreError, files};
use crate::ui::{Failure, InputError};

/// One kind of secret: its names everywhere.
pub(super) struct Kind {
    pub what: &'static str,
    pub flag: &'static str,
    pub variables: &'static [&'static str],
}

/// One place in which a secret may be.
pub(super) enum Source<'a> {
    /// The file of its own flag.
    File(&'a Path),
    /// `--secrets`.
    SecretsFile(&'a Path),
    /// An environment variable.
    Variable(&'static str),
    /// `secret_command` of the settings.
    Command,
    /// An entry of the keyring.
    Keyring(&'a str),
}

impl Source<'_> {
    /// For people.
    pub(super) fn told(&self, kind: &Kind) -> String {
        match self {
            Self::File(path) => format!("{} {}", kind.flag, path.display()),
            Self::SecretsFile(path) => path.display().to_string(),
            Self::Variable(name) => (*name).into(),
            Self::Command => "secret_command".into(),
            Self::Keyring(_) => "the keyring".into(),
        }
    }
}

pub(super) const KEY_PASSPHRASE: Kind =
    Kind { what: "the key's passphrase", flag: "--key-passphrase-file", variables: &["MESH_KEY_PASSPHRASE"] };
pub(super) const PFX_PASSWORD: Kind =
    Kind { what: "the PFX password", flag: "--pfx-password-file", variables: &["MESH_PFX_PASSWORD"] };
pub(super) const MAILBOX_PASSWORD: Kind = Kind {
    what: "the mailbox password",
    flag: "--mailbox-password-file",
    variables: &["MESH_MAILBOX_PASSWORD"],
};
pub(super) const SHARED_KEY: Kind = Kind {
    what: "the shared key",
    flag: "--shared-key-file",
    variables: &["MESH_SHARED_KEY", "MESH_CLIENT_SHARED_KEY"],
};
pub(super) const BACKUP_PASSPHRASE: Kind = Kind {
    what: "the passphrase of the backup",
    flag: "--backup-passphrase-file",
    variables: &["MESH_BACKUP_PASSPHRASE"],
};
const ALL: [&Kind; 5] = [&KEY_PASSPHRASE, &PFX_PASSWORD, &MAILBOX_PASSWORD, &SHARED_KEY, &BACKUP_PASSPHRASE];

/// Every variable that may hold a secret: no program of the user's needs to inherit one.
pub(in crate::commands) fn variables() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|kind| kind.variables).copied()
}

impl Secrets<'_> {
    pub(super) fn given_or_asked(
        &self,
        kind: &Kind,
        file: Option<&Path>,
        keyring_entry: Option<&str>,
        question: &str,
    ) -> Result<Given, Failure> {
        match self.given(kind, file, keyring_entry)? {
            Some(given) => Ok(given),
            None => self.ask(kind, question),
        }
    }

    /// From any source but the prompt.
    pub(super) fn given(
        &self,
        kind: &Kind,
        file: Option<&Path>,
        keyring_entry: Option<&str>,
    ) -> Result<Option<Given>, Failure> {
        for source in self.sources(kind, file, keyring_entry) {
            if let Some(given) = self.look(kind, &source)? {
                return Ok(Some(given));
            }
        }
        Ok(None)
    }

    /// Where a secret may be, in the order in which it is looked for.
    pub(super) fn sources<'s>(
        &'s self,
        kind: &Kind,
        file: Option<&'s Path>,
        keyring_entry: Option<&'s str>,
    ) -> Vec<Source<'s>> {
        let mut sources: Vec<_> = file.map(Source::File).into_iter().collect();
        sources.extend(self.key.secrets.as_deref().map(Source::SecretsFile));
        sources.extend(kind.variables.iter().copied().map(Source::Variable));
        sources.push(Source::Command);
        sources.extend(keyring_entry.map(Source::Keyring));
        sources
    }

    /// The answer of one source.
    pub(super) fn look(&self, kind: &Kind, source: &Source) -> Result<Option<Given>, Failure> {
        match source {
            Source::File(path) => {
                let bytes = self.read(path).map_err(|error| unless_missing(kind.flag, error))?;
                self.decoded(kind, &source.told(kind), bytes).map(Some)
            }
            Source::SecretsFile(path) => {
                let found = secrets_file(self.context, path, self.owner)
                    .map_err(|error| unless_missing("--secrets", error))?;
                let line = kind.variables.iter().find_map(|name| found.get(*name));
                line.map(|line| self.tidied(kind, &source.told(kind), line.text.clone())).transpose()
            }
            Source::Variable(name) => {
                let value = self.context.variables.get(*name);
                value.map(|value| self.tidied(kind, name, Text::new(value.clone()))).transpose()
            }
            Source::Command => {
                let output = self.secret_command(kind)?;
                output.map(|output| self.decoded(kind, &source.told(kind), output)).transpose()
            }
            Source::Keyring(entry) => match keyring::get(entry) {
                Ok(text) => text.map(|text| self.tidied(kind, &source.told(kind), text)).transpose(),
                Err(reason) => {
                    self.context.detail_once(&format!("keyring: {}", reason.in_full()));
                    Ok(None)
                }
            },
        }
    }

    /// From the person at the terminal; what is pasted has spaces around it, too.
    pub(super) fn ask(&self, kind: &Kind, question: &str) -> Result<Given, Failure> {
        if let Some(answer) = self.shared_key.filter(|_| kind.flag == SHARED_KEY.flag) {
            return Ok(tidied(answer).given);
        }
        let found = tidied(&self.ask_as_typed(kind, question)?);
        self.notice(kind, "what was typed", &found.noticed);
        Ok(found.given)
    }

    /// The same, until there is something.
    pub(super) fn ask_not_empty(&self, kind: &Kind, question: &str) -> Result<Given, Failure> {
        loop {
            let given = self.ask(kind, question)?;
            if !given.tidy.is_empty() {
                return Ok(given);
            }
            self.context.screen.say("Nothing was typed; please try again, or end with Ctrl-C.");
        }
    }

    /// The same, with every character.
    pub(super) fn ask_as_typed(&self, kind: &Kind, question: &str) -> Result<Text, Failure> {
        if !self.context.screen.may_ask {
            let (what, flag) = (kind.what, kind.flag);
            return Err(
                InputError::SecretNeeded { what, flag, variable: kind.variables.first().copied() }.into()
            );
        }
        Ok(self.context.screen.ask_secret(question)?)
    }

    fn read(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if path != Path::new("-") {
            return Ok(self.context.secret_file(path)?);
        }
        if self.context.stdin_used.replace(true) {
            return Err(InputError::Usage("only one secret can come from standard input".into()).into());
        }
        let mut bytes = Zeroizing::new(Vec::new());
        std::io::stdin().take(FILE_LIMIT).read_to_end(&mut bytes).map_err(InputError::Terminal)?;
        Ok(bytes)
    }

    /// Bytes of a file or of a program, which on Windows may be UTF-16.
    fn decoded(&self, kind: &Kind, source: &str, bytes: Zeroizing<Vec<u8>>) -> Result<Given, Failure> {
        let (text, is_utf16) = decode(&bytes)
            .ok_or_else(|| InputError::SecretNotText { what: kind.what, source_name: source.to_owned() })?;
        if is_utf16 {
            self.context.note_once(&format!(
                "note: {} in {source} was read as UTF-16, as PowerShell writes it; other programs may not",
                kind.what
            ));
        }
        self.tidied(kind, source, text)
    }

    /// Line ends go in silence; whatever else is around a secret goes with a note.
    fn tidied(&self, kind: &Kind, source: &str, text: Text) -> Result<Given, Failure> {
        let found = tidied(&text);
        if found.given.tidy.is_empty() {
            return Err(InputError::SecretEmpty { what: kind.what, source_name: source.to_owned() }.into());
        }
        self.notice(kind, source, &found.noticed);
        Ok(found.given)
    }

    fn notice(&self, kind: &Kind, source: &str, noticed: &[&str]) {
        if !noticed.is_empty() {
            let noticed = noticed.join(" and ");
            self.context.note_once(&format!("note: {noticed} around {} in {source} left out", kind.what));
        }
    }

    /// The user's own program: the secret's name, mailbox and environment as arguments, the answer on its
    /// stdout. Vaults end with a failure for what they do not know, so a failure is a note and no more.
    fn secret_command(&self, kind: &Kind) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let (Some((name, arguments)), Some((mailbox, environment))) =
            (self.context.settings.secret_command.split_first(), self.owner)
        else {
            return Ok(None);
        };
        let mut command = Command::new(name);
        // It answers with one secret, and has no use for the others.
        for variable in variables() {
            command.env_remove(variable);
        }
        command.args(arguments).args([kind.variables[0], mailbox.as_str(), environment.as_str()]);
        let (status, answer) = program::answer(&mut command, program::PATIENCE)
            .map_err(|error| InputError::SecretCommand { detail: format!("{name}: {error}") })?;
        if !status.success() {
            self.context.screen.detail(&format!("secret_command for {}: {}", kind.variables[0], status));
            return Ok(None);
        }
        Ok((!answer.iter().all(u8::is_ascii_whitespace)).then_some(answer))
    }
}

/// What is said of a file that is not there: people give the secret itself in its place.
fn unless_missing(flag: &'static str, error: Failure) -> Failure {
    use ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    match &error {
        Failure::Store(StoreError::Io { source, .. })
            if matches!(source.kind(), NotFound | NotADirectory | InvalidFilename) =>
        {
            InputError::SecretFileMissing { flag }.into()
        }
        _ => error,
    }
}

/// `--secrets FILE`: TOML, or NAME=value lines. Taken literally: dotenv crates would expand `$`.
pub(super) fn secrets_file(
    context: &Context,
    path: &Path,
    owner: Option<(&MailboxId, Environment)>,
) -> Result<BTreeMap<String, tables::Line>, Failure> {
    if files::is_readable_by_others(path)? {
        return Err(InputError::SecretsFileOpen { path: path.into() }.into());
    }
    let bytes = context.secret_file(path)?;
    let (text, _) = decode(&bytes).ok_or_else(|| InputError::SecretNotText {
        what: "a secret",
        source_name: path.display().to_string(),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let known = |name: &str| ALL.iter().any(|kind| kind.variables.contains(&name));
    if let Some(found) = tables::read(path, text, owner, known)? {
        return Ok(found);
    }
    let mut found = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // What surrounds the value is noticed where the secret is read.
        match line.split_once('=').map(|(name, value)| (name.trim(), value)) {
            Some((name, value)) if known(name) => {
                let text = Text::new(value.to_owned());
                let line = tables::Line { text, names_mailbox: false, names_environment: false };
                found.insert(name.to_owned(), line);
            }
            _ => return Err(InputError::SecretsFileLine { path: path.into(), line: index + 1 }.into()),
        }
    }
    Ok(found)
}
