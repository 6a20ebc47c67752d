//! `export --to -`.

use std::collections::BTreeSet;

use serde_json::json;

use super::ExportArgs;
use super::told::{Warning, warnings_json};
use crate::handover::{Handover, Plan, Secret};
use crate::ui::{InputError, Outcome};

/// Leaves of `plan` the one file that is to be printed, if it may be; before anybody is asked for a secret, and so that
/// nobody is asked for those of the other files.
pub fn choose(args: &ExportArgs, plan: &mut Plan) -> Result<(), InputError> {
    let names: Vec<_> = plan.secrets().map(|(path, ..)| path).collect();
    let chosen = match (&args.only, names.as_slice()) {
        (Some(only), _) => names.iter().find(|path| *path == only).copied(),
        (None, [one]) => Some(*one),
        (None, _) => None,
    };
    let Some(chosen) = chosen else {
        let problem = match &args.only {
            Some(only) => format!("there is no file {only} in this handover"),
            None => "this handover has several files, and standard output takes one".into(),
        };
        return Err(InputError::Usage(format!("{problem}: name one with --only: {}", names.join(", "))));
    };
    plan.keep_only(chosen);
    let secrets: BTreeSet<_> = plan.secrets().flat_map(|(.., secrets)| secrets).collect();
    // One is of no use without the other, and both are made anew each time.
    if secrets.contains(&Secret::ClosedKey) != secrets.contains(&Secret::GeneratedPassword) {
        return Err(InputError::Usage(format!(
            "{chosen} is of no use alone: a key and its password lie in two files, and are made anew each time; write both with --to DIR"
        )));
    }
    if !secrets.is_empty() && !args.show_secrets {
        let secrets: Vec<_> = secrets.iter().map(|secret| secret.words()).collect();
        return Err(InputError::Usage(format!(
            "{chosen} holds secrets ({}), and they are printed only with --show-secrets",
            secrets.join(", ")
        )));
    }
    if plan.names_paths() && args.installed_at.is_none() {
        return Err(InputError::Usage(format!(
            "{chosen} says where other files lie, and printed it lies nowhere: name their folder with --installed-at DIR"
        )));
    }
    Ok(())
}

/// Flags that mean nothing where files are written would be believed to do something.
pub fn only_with_stdout(args: &ExportArgs) -> Result<(), InputError> {
    let flag = match (args.only.is_some(), args.show_secrets) {
        (true, _) => "--only",
        (_, true) => "--show-secrets",
        (false, false) => return Ok(()),
    };
    Err(InputError::Usage(format!("{flag} goes with --to -, which prints one file")))
}

/// The file. Nothing is recorded: nobody knows where it goes.
pub fn outcome(made: &Handover, warnings: &[Warning]) -> Result<Outcome, InputError> {
    let [file] = made.files.as_slice() else { unreachable!("one was chosen") };
    let path = file.path.display();
    let text = std::str::from_utf8(file.bytes.expose())
        .map_err(|_| InputError::Usage(format!("{path} is no text: write it with --to DIR")))?;
    let json = json!({
        "consumer": made.preset.name,
        "file": path.to_string(),
        "content": text,
        "warnings": warnings_json(warnings),
    });
    // A result ends with a line end of its own.
    Ok(Outcome::done(json, text.strip_suffix('\n').unwrap_or(text).to_owned()))
}
