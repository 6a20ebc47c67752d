//! Reads clock, environment and settings once; every command works from this.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::proxy::ProxySettings;
use crate::mailbox::{Environment, MailboxId};
use crate::mesh::Retries;
use crate::onboarding::{DeliveredFile, Fetcher};
use crate::secret::SecretBytes;
use crate::store::{FILE_LIMIT, Folder, MailboxRecord, Settings, Store, StoreError, files};
use crate::ui::{Color, Failure, InputError, Screen, with_home};

/// Flags that may stand before or after any command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Folder that holds mailboxes and settings [env: MESH_ONBOARD_HOME]
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Print the result as one JSON object
    #[arg(long, global = true)]
    pub json: bool,
    /// Write the result to a new FILE, as UTF-8, instead of standard output
    #[arg(long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Never ask; fail with exit code 2 instead [env: MESH_ONBOARD_NO_INPUT]
    #[arg(long, global = true)]
    pub no_input: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value = "auto")]
    pub color: Color,
    /// Say only what is not well
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// What a command works with.
pub struct Context {
    /// When this run began.
    pub now: OffsetDateTime,
    /// The clock itself, for what takes a while.
    pub clock: Clock,
    /// The home.
    pub store: Store,
    /// The user's settings.
    pub settings: Settings,
    /// The terminal.
    pub screen: Screen,
    /// `--output`, for results that are shown before the command ends.
    pub output: Option<PathBuf>,
    /// `--home`, which the next command needs again.
    pub(super) home_flag: Option<PathBuf>,
    /// The proxies of the environment.
    pub(super) proxies: ProxySettings,
    /// Variables that begin with `MESH_`.
    pub(super) variables: BTreeMap<String, String>,
    /// Whether standard input has served a `-` already.
    pub(super) stdin_used: Taken,
    /// Files of secrets as they were read: a pipe, as `<(vault read)` makes it, gives what it holds once.
    secret_files: Mutex<BTreeMap<PathBuf, Zeroizing<Vec<u8>>>>,
    /// The folder of whoever runs this, to leave it out of what others read.
    pub(super) user_home: Option<PathBuf>,
    /// Where browsers and mail programs put what is saved.
    pub(super) downloads: Option<PathBuf>,
    /// What was said already and is said once.
    said: Mutex<BTreeSet<String>>,
    /// The command line but for the program and `--home`; it holds no secret.
    arguments: Vec<String>,
    /// What `-` names among files, where it was pasted into the wizard.
    pasted: Option<SecretBytes>,
}

/// Whether something that is there once was taken.
#[derive(Debug, Default)]
pub struct Taken(AtomicBool);

impl Taken {
    /// Sets it, and returns what it was.
    pub fn replace(&self, taken: bool) -> bool {
        self.0.swap(taken, Ordering::SeqCst)
    }
}

impl Context {
    /// Reads everything that comes from outside the command line.
    pub fn read(global: &GlobalArgs) -> Result<Self, Failure> {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| name.starts_with("MESH_") && !value.is_empty())
            .collect();
        let home = match (&global.home, variables.get("MESH_ONBOARD_HOME")) {
            (Some(home), _) => home.clone(),
            (None, Some(home)) => PathBuf::from(home),
            (None, None) => directories::ProjectDirs::from("", "", "mesh-onboard")
                .map(|dirs| dirs.data_local_dir().to_owned())
                .ok_or(InputError::NoHome)?,
        };
        let store = Store::at(absolute(&home));
        let no_input = global.no_input || forbids(&variables, "MESH_ONBOARD_NO_INPUT");
        let clock = clock(&variables)?;
        Ok(Self {
            now: clock(),
            clock,
            settings: store.settings()?,
            store,
            screen: Screen {
                signs: shows_signs(|name| std::env::var(name).ok()),
                moves_cursor: std::env::var("TERM").map_or(cfg!(windows), |term| term != "dumb"),
                ..Screen::new(global.json, global.quiet, global.verbose, no_input)
            },
            output: global.output.clone(),
            home_flag: global.home.clone(),
            proxies: ProxySettings::read(|name| std::env::var(name).ok()),
            variables,
            stdin_used: Taken::default(),
            secret_files: Mutex::default(),
            user_home: directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned()),
            downloads: downloads(),
            said: Mutex::default(),
            arguments: arguments(),
            pasted: None,
        })
    }

    /// The same context for a command line that the wizard made, with what was pasted for its `-`.
    pub fn guided(mut self, words: &[String], pasted: Option<SecretBytes>) -> Self {
        self.arguments = words.to_vec();
        self.screen.guided = true;
        self.pasted = pasted;
        self
    }

    /// This very command line, with more at its end; `--home` is for whoever shows it.
    pub fn again(&self, more: &[&str]) -> String {
        let words = ["mesh-onboard"].into_iter().chain(self.arguments.iter().map(String::as_str));
        shell_words::join(words.chain(more.iter().copied()))
    }

    /// `--home DIR`, if it was given.
    pub fn home_words(&self) -> Vec<String> {
        let home = self.home_flag.as_ref();
        home.map(|home| vec!["--home".into(), home.display().to_string()]).unwrap_or_default()
    }

    /// A file of secrets, read once for the whole command.
    pub(super) fn secret_file(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let mut read = self.secret_files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = read.get(path) {
            return Ok(bytes.clone());
        }
        let bytes = Zeroizing::new(files::read_bounded(path, FILE_LIMIT)?);
        read.insert(path.to_owned(), bytes.clone());
        Ok(bytes)
    }

    /// A note that is the same for many mailboxes, once.
    pub fn note_once(&self, text: &str) {
        let first = self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned());
        if first {
            self.screen.note(text);
        }
    }

    /// What is seen with `-v` only, once.
    pub fn detail_once(&self, text: &str) {
        if self.screen.verbose {
            self.note_once(text);
        }
    }

    /// How failed requests are sent again.
    pub fn retries(&self) -> Retries {
        retries(&self.variables)
    }

    /// The same context with another home, as the rehearsal needs it.
    pub fn with_home(mut self, home: &Path) -> Self {
        self.store = Store::at(absolute(home));
        self.settings = Settings::default();
        self
    }

    /// A command line about a mailbox that works when it is pasted.
    pub fn line(&self, verb: &str, mailbox: &MailboxId, environment: Environment, more: &str) -> String {
        let ambiguous = matches!(self.store.find(mailbox, None), Err(StoreError::Ambiguous { .. }));
        self.line_of(verb, mailbox, environment, more, ambiguous)
    }

    /// The same where it is known whether several environments hold the mailbox.
    pub fn line_of(
        &self,
        verb: &str,
        mailbox: &MailboxId,
        environment: Environment,
        more: &str,
        ambiguous: bool,
    ) -> String {
        let env = if ambiguous { format!(" --env {environment}") } else { String::new() };
        let more = if more.is_empty() { String::new() } else { format!(" {more}") };
        with_home(&format!("mesh-onboard {verb} {mailbox}{env}{more}"), self.home_flag.as_deref())
    }

    /// A command line about no mailbox that works when it is pasted.
    pub fn command(&self, words: &str) -> String {
        with_home(&format!("mesh-onboard {words}"), self.home_flag.as_deref())
    }

    /// What to do about a key that is nowhere else.
    pub fn backup_advice(&self) -> String {
        format!("The key is on this machine alone; keep a copy: {}", self.command("backup mesh-onboard.age"))
    }

    /// The check that can be made of a mailbox.
    pub fn check_line(&self, mailbox: &MailboxId, environment: Environment) -> String {
        self.line("check", mailbox, environment, Self::check_flags(environment))
    }

    /// What goes with a check there. A rehearsal's MESH is gone with its journey.
    pub fn check_flags(environment: Environment) -> &'static str {
        if environment == Environment::Rehearsal { "--offline" } else { "" }
    }

    /// Who takes a lock, in words that help whoever meets it.
    pub fn holder(&self, command: &str) -> String {
        format!(
            "mesh-onboard {command}, process {}, since {}\n",
            std::process::id(),
            super::rfc3339(self.now)
        )
    }

    /// What fetches issuers, by the proxy that the environment names (`http_proxy`, `all_proxy`, `no_proxy`).
    pub fn fetcher(&self) -> Result<Fetcher, InputError> {
        let mut fetcher = Fetcher::default();
        fetcher.getter.proxy = self.proxies.for_fetching()?;
        Ok(fetcher)
    }

    /// The mailbox that an argument means.
    pub fn find(
        &self,
        mailbox: &MailboxId,
        environment: Option<Environment>,
    ) -> Result<(Folder, MailboxRecord), Failure> {
        Ok(self.store.find(mailbox, environment)?)
    }

    /// The same for a command that changes the mailbox's own credentials; `verb` names it.
    pub fn find_own(
        &self,
        mailbox: &MailboxId,
        environment: Option<Environment>,
        verb: &'static str,
    ) -> Result<(Folder, MailboxRecord), Failure> {
        let (folder, record) = self.find(mailbox, environment)?;
        record.must_not_share().map_err(|error| Failure::Shares { error, verb })?;
        Ok((folder, record))
    }

    /// Files that the user named, with their names; `-` is standard input.
    pub fn deliver(&self, paths: &[PathBuf]) -> Result<Vec<DeliveredFile>, Failure> {
        paths
            .iter()
            .map(|path| match path.to_str() {
                Some("-") => {
                    Ok(DeliveredFile { name: "standard input".into(), bytes: self.standard_input()? })
                }
                _ => {
                    let bytes = files::read_bounded(path, FILE_LIMIT)?;
                    Ok(DeliveredFile { name: path.display().to_string(), bytes: SecretBytes::new(bytes) })
                }
            })
            .collect()
    }

    /// What comes in on standard input, once, or was pasted in its place.
    fn standard_input(&self) -> Result<SecretBytes, Failure> {
        if let Some(pasted) = &self.pasted {
            return Ok(SecretBytes::new(pasted.expose().to_vec()));
        }
        if self.stdin_used.replace(true) {
            return Err(InputError::Usage("only one thing can come from standard input".into()).into());
        }
        let mut bytes = Zeroizing::new(Vec::new());
        std::io::stdin().take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(InputError::Terminal)?;
        if bytes.len() as u64 > FILE_LIMIT {
            return Err(StoreError::TooLarge { path: "standard input".into(), limit: FILE_LIMIT }.into());
        }
        Ok(SecretBytes::new(std::mem::take(&mut *bytes)))
    }
}

/// As the desktop has it; where that says nothing, as it is nearly everywhere.
fn downloads() -> Option<PathBuf> {
    let user = directories::UserDirs::new()?;
    Some(user.download_dir().map_or_else(|| user.home_dir().join("Downloads"), Path::to_owned))
}

/// What stood on the command line, but for `--home DIR`.
fn arguments() -> Vec<String> {
    let mut found = Vec::new();
    let mut given = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--home" => drop(given.next()),
            other if other.starts_with("--home=") => {}
            _ => found.push(argument),
        }
    }
    found
}

/// Whether a terminal shows more than ASCII, by its locale (POSIX.1-2017, 8.2) and its kind.
fn shows_signs(variable: impl Fn(&str) -> Option<String>) -> bool {
    if variable("TERM").is_some_and(|term| term == "dumb" || term == "linux") {
        return false;
    }
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(&variable).find(|value| !value.is_empty());
    // Windows has no such variables, and its terminal of today shows them.
    locale.map_or(cfg!(windows), |locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Whether a variable is set to anything but no.
fn forbids(variables: &BTreeMap<String, String>, name: &str) -> bool {
    variables.get(name).is_some_and(|value| !matches!(value.as_str(), "0" | "false" | "no"))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(not(feature = "test-hooks"))]
fn retries(_: &BTreeMap<String, String>) -> Retries {
    Retries::default()
}

/// Tests may shorten the first wait, in milliseconds; they have not the time of a service desk.
#[cfg(feature = "test-hooks")]
fn retries(variables: &BTreeMap<String, String>) -> Retries {
    let wait = variables.get("MESH_ONBOARD_TEST_FIRST_WAIT").and_then(|text| text.parse().ok());
    let default = Retries::default();
    Retries { first: wait.map_or(default.first, std::time::Duration::from_millis), ..default }
}

#[cfg(not(feature = "test-hooks"))]
fn clock(_: &BTreeMap<String, String>) -> Result<Clock, Failure> {
    Ok(Arc::new(OffsetDateTime::now_utc))
}

/// Tests may set the time at which a run begins; it goes on from there.
#[cfg(feature = "test-hooks")]
fn clock(variables: &BTreeMap<String, String>) -> Result<Clock, Failure> {
    use time::format_description::well_known::Rfc3339;
    let Some(text) = variables.get("MESH_ONBOARD_TEST_NOW") else {
        return Ok(Arc::new(OffsetDateTime::now_utc));
    };
    let set = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|e| InputError::Usage(format!("MESH_ONBOARD_TEST_NOW: {e}")))?;
    let ahead = set - OffsetDateTime::now_utc();
    Ok(Arc::new(move || OffsetDateTime::now_utc() + ahead))
}

#[cfg(test)]
mod tests {
    use super::shows_signs;

    #[test]
    fn signs_follow_the_locale_and_the_kind_of_terminal() {
        let with = |given: &'static [(&str, &str)]| {
            shows_signs(|name| given.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(with(&[("LANG", "en_GB.UTF-8"), ("TERM", "xterm-256color")]));
        assert!(with(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!with(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]));
        assert!(!with(&[("LANG", "en_GB.UTF-8"), ("TERM", "dumb")]));
        assert_eq!(with(&[]), cfg!(windows));
    }
}
