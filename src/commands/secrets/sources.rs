//! The sources one by one.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::{Secrets, tables};
use crate::keyring;
use crate::mailbox::{Environment, MailboxId};
use crate::store::{FILE_LIMIT, files};
use crate::ui::{Failure, InputError};

/// One kind of secret: its names everywhere.
pub(super) struct Kind {
    what: &'static str,
    flag: &'static str,
    variables: &'static [&'static str],
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
const ALL: [&Kind; 4] = [&KEY_PASSPHRASE, &PFX_PASSWORD, &MAILBOX_PASSWORD, &SHARED_KEY];

pub type Text = Zeroizing<String>;

/// A secret that was found.
pub(super) struct Given {
    /// Without what is not meant.
    pub tidy: Text,
    /// With white space or quotes around it, where there were any.
    pub as_it_was: Option<Text>,
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
        if let Some(path) = file {
            let source = format!("{} {}", kind.flag, path.display());
            return self.tidied(kind, &source, self.read(path)?).map(Some);
        }
        if let Some(path) = &self.key.secrets {
            let found = secrets_file(path, self.owner)?;
            if let Some(text) = kind.variables.iter().find_map(|name| found.get(*name)) {
                let source = path.display().to_string();
                return self.tidied(kind, &source, text.as_bytes().to_vec().into()).map(Some);
            }
        }
        for name in kind.variables {
            if let Some(value) = self.context.variables.get(*name) {
                return self.tidied(kind, name, value.as_bytes().to_vec().into()).map(Some);
            }
        }
        if let Some(output) = self.secret_command(kind)? {
            return self.tidied(kind, "secret_command", output).map(Some);
        }
        let Some(entry) = keyring_entry else { return Ok(None) };
        match keyring::get(entry) {
            Ok(text) => Ok(text.map(|text| Given { tidy: Text::new(text), as_it_was: None })),
            Err(reason) => {
                self.context.screen.detail(&format!("keyring: {reason}"));
                Ok(None)
            }
        }
    }

    /// From the person at the terminal, as it is typed.
    pub(super) fn ask(&self, kind: &Kind, question: &str) -> Result<Given, Failure> {
        if let Some(answer) = self.shared_key.filter(|_| kind.flag == SHARED_KEY.flag) {
            return Ok(Given { tidy: answer.clone(), as_it_was: None });
        }
        if !self.context.screen.may_ask {
            let (what, flag, variable) = (kind.what, kind.flag, kind.variables[0]);
            return Err(InputError::SecretNeeded { what, flag, variable }.into());
        }
        Ok(Given { tidy: self.context.screen.ask_secret(question)?, as_it_was: None })
    }

    fn read(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if path != Path::new("-") {
            return Ok(files::read_bounded(path, FILE_LIMIT)?.into());
        }
        if self.context.stdin_used.replace(true) {
            return Err(InputError::Usage("only one secret can come from standard input".into()).into());
        }
        let mut bytes = Zeroizing::new(Vec::new());
        std::io::stdin().take(FILE_LIMIT).read_to_end(&mut bytes).map_err(InputError::Terminal)?;
        Ok(bytes)
    }

    /// Line ends go in silence; other white space, quotes and a byte order mark go with a note.
    fn tidied(&self, kind: &Kind, source: &str, bytes: Zeroizing<Vec<u8>>) -> Result<Given, Failure> {
        let source_name = || source.to_owned();
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| InputError::SecretNotText { what: kind.what, source_name: source_name() })?;
        let lines = text.trim_matches(['\r', '\n']);
        let mut tidy = lines.strip_prefix('\u{feff}').unwrap_or(lines).trim();
        for quote in ['"', '\''] {
            if let Some(inner) = tidy.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
                tidy = inner;
            }
        }
        if tidy.is_empty() {
            return Err(InputError::SecretEmpty { what: kind.what, source_name: source_name() }.into());
        }
        let tidy = Text::new(tidy.to_owned());
        if *tidy == lines {
            return Ok(Given { tidy, as_it_was: None });
        }
        self.context.note_once(&format!(
            "note: white space, quotes or a byte order mark around {} in {source} were left out",
            kind.what
        ));
        Ok(Given { tidy, as_it_was: Some(Text::new(lines.to_owned())) })
    }

    /// The user's own program: the secret's name, mailbox and environment as arguments, the answer on its
    /// stdout. Vaults end with a failure for what they do not know, so a failure is a note and no more.
    fn secret_command(&self, kind: &Kind) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let (Some((program, arguments)), Some((mailbox, environment))) =
            (self.context.settings.secret_command.split_first(), self.owner)
        else {
            return Ok(None);
        };
        let output = Command::new(program)
            .args(arguments)
            .args([kind.variables[0], mailbox.as_str(), environment.as_str()])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| InputError::SecretCommand { detail: format!("{program}: {e}") })?;
        let answer = Zeroizing::new(output.stdout);
        if !output.status.success() {
            self.context
                .screen
                .detail(&format!("secret_command for {}: {}", kind.variables[0], output.status));
            return Ok(None);
        }
        Ok((!answer.iter().all(u8::is_ascii_whitespace)).then_some(answer))
    }
}

/// `--secrets FILE`: TOML, or NAME=value lines. Taken literally: dotenv crates would expand `$`.
pub(super) fn secrets_file(
    path: &Path,
    owner: Option<(&MailboxId, Environment)>,
) -> Result<BTreeMap<String, Text>, Failure> {
    if files::is_readable_by_others(path)? {
        return Err(InputError::SecretsFileOpen { path: path.into() }.into());
    }
    let bytes = Zeroizing::new(files::read_bounded(path, FILE_LIMIT)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| InputError::SecretNotText {
        what: "a secret",
        source_name: path.display().to_string(),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let known = |name: &str| ALL.iter().any(|kind| kind.variables.contains(&name));
    if let Some(found) = tables::read(path, text, owner, known)? {
        return Ok(found);
    }
    let mut found = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once('=').map(|(name, value)| (name.trim(), value)) {
            Some((name, value)) if known(name) => {
                found.insert(name.to_owned(), Text::new(value.to_owned()));
            }
            _ => return Err(InputError::SecretsFileLine { path: path.into(), line: index + 1 }.into()),
        }
    }
    Ok(found)
}
