//! Finds secrets: file flag, `--secrets` file, environment, `secret_command`, keyring, prompt; in this
//! order, and never on the command line.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use zeroize::Zeroizing;

use super::context::Context;
use crate::keyring;
use crate::mesh::token::Login;
use crate::secret::{MailboxPassword, Passphrase, SharedKey};
use crate::store::{CredentialRecord, FILE_LIMIT, PassphraseHolder, files};
use crate::ui::{Failure, InputError};

/// Flags that name files with secrets in them.
#[derive(Debug, Default, Args)]
#[command(
    next_help_heading = "Secrets (each also from --secrets, the environment, the keyring, or a prompt)"
)]
pub struct SecretArgs {
    /// File with the key's passphrase, - for standard input [env: MESH_KEY_PASSPHRASE]
    #[arg(long, value_name = "FILE")]
    pub key_passphrase_file: Option<PathBuf>,
    /// File with the PFX password; default: the key's passphrase [env: MESH_PFX_PASSWORD]
    #[arg(long, value_name = "FILE")]
    pub pfx_password_file: Option<PathBuf>,
    /// File with the mailbox password [env: MESH_MAILBOX_PASSWORD]
    #[arg(long, value_name = "FILE")]
    pub mailbox_password_file: Option<PathBuf>,
    /// File with the shared key of the environment [env: MESH_SHARED_KEY]
    #[arg(long, visible_alias = "shared-secret-file", value_name = "FILE")]
    pub shared_key_file: Option<PathBuf>,
    /// Private file with several secrets, as TOML or NAME=value lines
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
}

/// One kind of secret: its names everywhere.
struct Kind {
    what: &'static str,
    flag: &'static str,
    variables: &'static [&'static str],
}

const KEY_PASSPHRASE: Kind =
    Kind { what: "the key's passphrase", flag: "--key-passphrase-file", variables: &["MESH_KEY_PASSPHRASE"] };
const PFX_PASSWORD: Kind =
    Kind { what: "the PFX password", flag: "--pfx-password-file", variables: &["MESH_PFX_PASSWORD"] };
const MAILBOX_PASSWORD: Kind = Kind {
    what: "the mailbox password",
    flag: "--mailbox-password-file",
    variables: &["MESH_MAILBOX_PASSWORD"],
};
const SHARED_KEY: Kind = Kind {
    what: "the shared key",
    flag: "--shared-key-file",
    variables: &["MESH_SHARED_KEY", "MESH_CLIENT_SHARED_KEY"],
};
const ALL: [&Kind; 4] = [&KEY_PASSPHRASE, &PFX_PASSWORD, &MAILBOX_PASSWORD, &SHARED_KEY];

type Text = Zeroizing<String>;

/// Looks for the secrets of one command.
pub struct Secrets<'a> {
    context: &'a Context,
    args: &'a SecretArgs,
}

impl<'a> Secrets<'a> {
    pub(super) fn new(context: &'a Context, args: &'a SecretArgs) -> Self {
        Self { context, args }
    }

    /// The passphrase for a new key, and who will know it. An empty answer to the prompt makes one.
    pub fn new_key_passphrase(&self, owner: &str) -> Result<(Passphrase, PassphraseHolder), Failure> {
        if let Some(text) =
            self.given(&KEY_PASSPHRASE, self.args.key_passphrase_file.as_deref(), owner, None)?
        {
            return Ok((passphrase(&text), PassphraseHolder::You));
        }
        self.must_ask(&KEY_PASSPHRASE)?;
        let screen = &self.context.screen;
        loop {
            let text = screen.ask_secret("Passphrase for the new key (empty: make a strong one)")?;
            if text.is_empty() {
                return self.generate(owner);
            }
            let chosen = passphrase(&text);
            if let Err(weak) = chosen.check_for_new_key() {
                screen.note(&format!("That passphrase cannot be used: {weak}."));
                continue;
            }
            if *screen.ask_secret("The same again")? == *text {
                return Ok((chosen, PassphraseHolder::You));
            }
            screen.note("The two are not the same; please try again.");
        }
    }

    /// The passphrase of a stored key.
    pub fn key_passphrase(&self, owner: &str, credential: &CredentialRecord) -> Result<Passphrase, Failure> {
        let entry = match &credential.passphrase {
            PassphraseHolder::Keyring { entry } => Some(entry.clone()),
            PassphraseHolder::You => None,
        };
        let path = self.args.key_passphrase_file.as_deref();
        match self.given(&KEY_PASSPHRASE, path, owner, entry.as_deref())? {
            Some(text) => Ok(passphrase(&text)),
            None => Ok(passphrase(&self.ask(
                &KEY_PASSPHRASE,
                &format!("Passphrase of the key of {owner} (credential {})", credential.number),
            )?)),
        }
    }

    /// The passphrase of a key file that the user named.
    pub fn file_passphrase(&self, path: &Path) -> Result<Passphrase, Failure> {
        let given =
            self.given(&KEY_PASSPHRASE, self.args.key_passphrase_file.as_deref(), "a key file", None)?;
        match given {
            Some(text) => Ok(passphrase(&text)),
            None => Ok(passphrase(&self.ask(&KEY_PASSPHRASE, &format!("Passphrase of {}", path.display()))?)),
        }
    }

    /// The password for the PFX file, if one was given that differs from the key's passphrase.
    pub fn pfx_password(&self, owner: &str) -> Result<Option<Passphrase>, Failure> {
        let text = self.given(&PFX_PASSWORD, self.args.pfx_password_file.as_deref(), owner, None)?;
        Ok(text.as_ref().map(passphrase))
    }

    /// The password of a PFX file that the user named.
    pub fn pfx_file_password(&self, path: &Path) -> Result<Passphrase, Failure> {
        if let Some(password) = self.pfx_password("a PFX file")? {
            return Ok(password);
        }
        let given =
            self.given(&KEY_PASSPHRASE, self.args.key_passphrase_file.as_deref(), "a PFX file", None)?;
        match given {
            Some(text) => Ok(passphrase(&text)),
            None => Ok(passphrase(&self.ask(&PFX_PASSWORD, &format!("Password of {}", path.display()))?)),
        }
    }

    /// Mailbox password and shared key. `mailbox` and `environment` name them in the keyring.
    pub fn login(&self, mailbox: &str, environment: &str) -> Result<Login, Failure> {
        let owner = format!("{environment}/{mailbox}");
        let entry = format!("{owner}/mailbox-password");
        let path = self.args.mailbox_password_file.as_deref();
        let password = match self.given(&MAILBOX_PASSWORD, path, &owner, Some(&entry))? {
            Some(text) => text,
            None => self.ask(&MAILBOX_PASSWORD, &format!("Password of mailbox {mailbox}"))?,
        };
        let entry = format!("{environment}/shared-key");
        let path = self.args.shared_key_file.as_deref();
        let shared_key = match self.given(&SHARED_KEY, path, &owner, Some(&entry))? {
            Some(text) => text,
            None => self.ask(&SHARED_KEY, &format!("Shared key of {environment}"))?,
        };
        Ok(Login {
            password: MailboxPassword::new(password.as_str()),
            shared_key: SharedKey::new(shared_key.as_str()),
        })
    }

    /// From any source but the prompt.
    fn given(
        &self,
        kind: &Kind,
        file: Option<&Path>,
        owner: &str,
        keyring_entry: Option<&str>,
    ) -> Result<Option<Text>, Failure> {
        if let Some(path) = file {
            let source = format!("{} {}", kind.flag, path.display());
            return self.tidy(kind, &source, self.read(path)?).map(Some);
        }
        if let Some(path) = &self.args.secrets {
            let found = self.secrets_file(path)?;
            if let Some(text) = kind.variables.iter().find_map(|name| found.get(*name)) {
                let source = path.display().to_string();
                return self.tidy(kind, &source, text.as_bytes().to_vec().into()).map(Some);
            }
        }
        for name in kind.variables {
            if let Some(value) = self.context.variables.get(*name) {
                return self.tidy(kind, name, value.as_bytes().to_vec().into()).map(Some);
            }
        }
        if let Some(output) = self.secret_command(kind, owner)? {
            return self.tidy(kind, "secret_command", output).map(Some);
        }
        let Some(entry) = keyring_entry else { return Ok(None) };
        match keyring::get(entry) {
            Ok(text) => Ok(text.map(Text::new)),
            Err(reason) => {
                self.context.screen.detail(&format!("keyring: {reason}"));
                Ok(None)
            }
        }
    }

    fn must_ask(&self, kind: &Kind) -> Result<(), InputError> {
        if self.context.screen.may_ask {
            return Ok(());
        }
        Err(InputError::SecretNeeded { what: kind.what, flag: kind.flag, variable: kind.variables[0] })
    }

    fn ask(&self, kind: &Kind, question: &str) -> Result<Text, Failure> {
        self.must_ask(kind)?;
        Ok(self.context.screen.ask_secret(question)?)
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
    fn tidy(&self, kind: &Kind, source: &str, bytes: Zeroizing<Vec<u8>>) -> Result<Text, Failure> {
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
        if tidy != lines {
            self.context.screen.note(&format!(
                "note: white space, quotes or a byte order mark around {} in {source} were left out",
                kind.what
            ));
        }
        Ok(Text::new(tidy.to_owned()))
    }

    /// `--secrets FILE`: TOML, or NAME=value lines. Taken literally: dotenv crates would expand `$`.
    fn secrets_file(&self, path: &Path) -> Result<BTreeMap<String, Text>, Failure> {
        if files::is_readable_by_others(path)? {
            return Err(InputError::SecretsFileOpen { path: path.into() }.into());
        }
        let bytes = Zeroizing::new(files::read_bounded(path, FILE_LIMIT)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| InputError::SecretNotText {
            what: "a secret",
            source_name: path.display().to_string(),
        })?;
        if let Ok(table) = toml::from_str::<BTreeMap<String, String>>(text) {
            return Ok(table.into_iter().map(|(name, value)| (name, Text::new(value))).collect());
        }
        let mut found = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let known = |name: &str| ALL.iter().any(|kind| kind.variables.contains(&name));
            match line.split_once('=').map(|(name, value)| (name.trim(), value)) {
                Some((name, value)) if known(name) => {
                    found.insert(name.to_owned(), Text::new(value.to_owned()));
                }
                _ => {
                    return Err(InputError::SecretsFileLine { path: path.into(), line: index + 1 }.into());
                }
            }
        }
        Ok(found)
    }

    /// The user's own program: the secret's name and its owner as arguments, the answer on its stdout.
    fn secret_command(&self, kind: &Kind, owner: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let Some((program, arguments)) = self.context.settings.secret_command.split_first() else {
            return Ok(None);
        };
        let failed = |detail: String| InputError::SecretCommand { detail };
        let output = Command::new(program)
            .args(arguments)
            .args([kind.variables[0], owner])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| failed(format!("{program}: {e}")))?;
        if !output.status.success() {
            return Err(failed(format!("{program} ended with {}", output.status)).into());
        }
        let answer = Zeroizing::new(output.stdout);
        // No answer means that the command does not know this secret.
        Ok((!answer.iter().all(u8::is_ascii_whitespace)).then_some(answer))
    }

    /// A strong passphrase, into the keyring; where there is none, shown once and confirmed.
    fn generate(&self, owner: &str) -> Result<(Passphrase, PassphraseHolder), Failure> {
        let screen = &self.context.screen;
        let generated = generated_passphrase();
        // A name of its own, so that it never takes the place of another key's passphrase.
        let entry = format!("{owner}/key-passphrase/{}", uuid::Uuid::new_v4());
        match keyring::keep(&entry, &generated) {
            Ok(()) => {
                screen.note("A strong passphrase was made and is kept in this account's keyring.");
                Ok((generated, PassphraseHolder::Keyring { entry }))
            }
            Err(reason) => {
                screen.detail(&format!("keyring: {reason}"));
                screen
                    .note("There is no keyring here that could keep the passphrase. This is it, shown once:");
                screen.show_generated(&generated);
                while !screen.confirm("The key is of no use without it. Is it kept in a safe place?")? {}
                Ok((generated, PassphraseHolder::You))
            }
        }
    }
}

fn passphrase(text: &Text) -> Passphrase {
    Passphrase::new(text.as_str())
}

/// 125 random bits as five groups of five letters and digits.
fn generated_passphrase() -> Passphrase {
    let mut bytes = Zeroizing::new([0; 16]);
    aws_lc_rs::rand::fill(&mut *bytes).expect("the system's random source answers");
    let letters = Zeroizing::new(data_encoding::BASE32_NOPAD.encode(&*bytes).to_lowercase());
    let groups: Vec<&str> = (0..5).map(|i| &letters[i * 5..i * 5 + 5]).collect();
    Passphrase::new(groups.join("-"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_passphrases_are_strong_and_differ() {
        let (one, two) = (super::generated_passphrase(), super::generated_passphrase());
        assert_eq!(one.expose().len(), 29);
        assert_eq!(one.check_for_new_key(), Ok(()));
        assert_ne!(one.expose(), two.expose());
    }
}
