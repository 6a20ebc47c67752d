//! `export --to -`.

use std::collections::BTreeSet;

use serde_json::json;

use super::ExportArgs;
use super::told::{Warning, own_template, warnings_json};
use crate::commands::Context;
use crate::handover::{Handover, Plan};
use crate::store::files;
use crate::ui::{Failure, InputError, Outcome};

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
    if plan.stands_alone().is_some() {
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

/// The file, byte for byte. Nothing is recorded: nobody knows where it goes.
pub fn outcome(context: &Context, made: &Handover, warnings: &[Warning]) -> Result<Outcome, Failure> {
    let [file] = made.files.as_slice() else { unreachable!("one was chosen") };
    let path = file.path.display();
    if context.screen.json {
        let no_text = |_| InputError::Usage(format!("{path} is no text: write it with --to DIR"));
        let json = json!({
            "consumer": made.preset.name,
            "file": path.to_string(),
            "template": own_template(context, file),
            "content": std::str::from_utf8(file.bytes.expose()).map_err(no_text)?,
            "warnings": warnings_json(warnings),
        });
        return Ok(Outcome::done(json, ""));
    }
    if let Some(output) = &context.output {
        files::write_result(output, file.bytes.expose())?;
        return Ok(Outcome::shown());
    }
    let no_text = || {
        InputError::Usage(format!(
            "{path} is no text for a terminal: name a file with --output, or write it with --to DIR"
        ))
    };
    let exit = context.screen.exactly(file.bytes.expose()).ok_or_else(no_text)?;
    Ok(Outcome { exit, ..Outcome::shown() })
}
