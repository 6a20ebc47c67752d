//! `--deploy-hook`: a program of the user's, run without a shell after another credential was put in use.

mod program;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::MAIN_SEPARATOR;
use std::process::Command;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use self::program::Ended;
use super::{Context, known, rfc3339, secrets};
use crate::onboarding::Switched;
use crate::pki::BundleRole;
use crate::store::CredentialRecord;
use crate::ui::exit;

/// How long it may take where the settings do not say.
const PATIENCE: Duration = Duration::from_secs(60);

/// Arguments about the program.
#[derive(Debug, Clone, Default, Args)]
pub struct HookArgs {
    /// Program to run, without a shell, whenever another credential was put in use; variables
    /// MESH_ONBOARD_* name the files. renew records it with the mailbox, and so does an import beside a credential in
    /// use; activate and rollback run what is recorded
    #[arg(long, value_name = "COMMAND")]
    deploy_hook: Option<HookCommand>,
}

/// A program and its arguments, as one word of a command line.
#[derive(Debug, Clone)]
struct HookCommand(Vec<String>);

impl FromStr for HookCommand {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match shell_words::split(text) {
            Ok(words) if words.is_empty() => Err("it names no program".into()),
            Ok(words) => Ok(Self(words)),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl HookArgs {
    /// Program and arguments, if they were given. A path to the program becomes absolute: it may be run days later and
    /// from elsewhere.
    pub fn words(&self) -> Option<Vec<String>> {
        let mut words = self.deploy_hook.as_ref()?.0.clone();
        if let Some(program) = words.first_mut().filter(|program| program.contains(['/', MAIN_SEPARATOR]))
            && let Ok(path) = std::path::absolute(program.as_str())
        {
            *program = path.display().to_string();
        }
        Some(words)
    }
}

/// What happened before it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    Import,
    Activate,
    Rollback,
}

impl Event {
    fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Activate => "activate",
            Self::Rollback => "rollback",
        }
    }
}

/// What became of it.
pub(super) struct HookReport {
    words: Vec<String>,
    /// What it was told, to be told again by hand.
    told: Vec<String>,
    credential: u32,
    ended: Ended,
}

/// Runs what is given, else what is recorded with the mailbox, else what the settings name; `None` if nobody
/// named any. The switch is done, whatever becomes of it.
pub(super) fn run(
    context: &Context,
    args: &HookArgs,
    switched: &Switched,
    event: Event,
) -> Option<HookReport> {
    let recorded = [&switched.record.deploy_hook, &context.settings.deploy_hook];
    let words = args.words().or_else(|| recorded.into_iter().find(|words| !words.is_empty()).cloned())?;
    let mut command = Command::new(&words[0]);
    for variable in secrets::variables() {
        command.env_remove(variable);
    }
    command.args(&words[1..]);
    let mut told = Vec::new();
    for (name, value) in variables(context, switched, event) {
        told.extend(value.as_ref().map(|value| format!("{name}={}", value.to_string_lossy())));
        // One from outside must not be taken for ours.
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    context.screen.note(&format!("Running the deploy hook: {}", shell_words::join(&words)));
    // It has a process group of its own, and may go on when this run is ended.
    context.screen.on_interrupt(Some(format!(
        "credential {} is in use now, and stays so; see what the deploy hook has done, or run it again: {}",
        switched.current.number,
        by_hand(&words, &told)
    )));
    let patience = context.settings.deploy_hook_timeout.map_or(PATIENCE, Duration::from_secs);
    let ended = program::run(command, patience);
    for line in ended.output().lines() {
        context.screen.say(&format!("  | {line}"));
    }
    Some(HookReport { words, told, credential: switched.current.number, ended })
}

/// The line that runs it once more, with what it was told.
fn by_hand(words: &[String], told: &[String]) -> String {
    format!("env {} {}", shell_words::join(told), shell_words::join(words))
}

/// What it is told: names and paths, and no secret.
fn variables(context: &Context, switched: &Switched, event: Event) -> BTreeMap<String, Option<OsString>> {
    let Switched { record, current, previous, .. } = switched;
    let folder = context.store.folder(record.environment, &record.mailbox);
    let number = |credential: &CredentialRecord| OsString::from(credential.number.to_string());
    let not_after = current.certificate.as_ref().map(|c| rfc3339(c.not_after).into());
    let told = [
        ("MAILBOX", Some(record.mailbox.as_str().into())),
        ("ENVIRONMENT", Some(record.environment.as_str().into())),
        ("CREDENTIAL", Some(number(current))),
        ("PREVIOUS_CREDENTIAL", previous.as_ref().map(number)),
        ("EVENT", Some(event.as_str().into())),
        ("HOME", Some(context.store.home().into())),
        ("KEY", folder.key(current).map(Into::into)),
        ("NOT_AFTER", not_after),
    ];
    let mut files = folder.bundle_files(current);
    // A key without encryption is for whoever asked for it, and no business of every hook.
    files.retain(|(role, _)| *role != BundleRole::PlaintextKey);
    let files = BundleRole::ALL.map(|role| {
        let path = files.iter().find(|(found, _)| *found == role).map(|(_, path)| path.into());
        (role.as_str().to_uppercase(), path)
    });
    let told = told.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(files);
    told.map(|(name, value)| (format!("MESH_ONBOARD_{name}"), value)).collect()
}

impl HookReport {
    /// The exit code of a command that did everything else.
    pub fn exit(&self) -> u8 {
        if self.ended.is_well() { exit::DONE } else { exit::ATTENTION }
    }

    /// For scripts.
    pub fn json(&self) -> Value {
        let output = self.ended.output();
        known(json!({
            "command": self.words,
            "status": self.ended.as_str(),
            "exit": self.ended.exit_code(),
            "output": (!output.is_empty()).then_some(output),
        }))
    }

    /// For people.
    pub fn sentence(&self) -> String {
        let command = shell_words::join(&self.words);
        match self.ended.trouble() {
            None => format!("The deploy hook was run: {command}"),
            Some(trouble) => format!(
                "The deploy hook failed: {trouble}. Credential {} stays in use all the same. When the cause is mended, run it by hand, with what it was told:\n  {}",
                self.credential,
                by_hand(&self.words, &self.told)
            ),
        }
    }
}
