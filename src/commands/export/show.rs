//! `export --to -`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::ExportArgs;
use crate::handover::{Handover, MadeFile, Plan};
use crate::ui::{InputError, Outcome};

/// Whether what is asked for can be printed; before anybody is asked for a secret.
pub fn may_show(args: &ExportArgs, plan: &Plan) -> Result<(), InputError> {
    let files: Vec<_> = plan.secrets().collect();
    let names: Vec<_> = files.iter().map(|(path, ..)| *path).collect();
    let chosen: Vec<_> = match &args.only {
        Some(only) => files.iter().filter(|(path, ..)| path == only).collect(),
        None => files.iter().collect(),
    };
    if chosen.len() != 1 {
        let problem = match &args.only {
            Some(only) => format!("there is no file {only} in this handover"),
            None => "this handover has several files, and standard output takes one".into(),
        };
        return Err(InputError::Usage(format!("{problem}: name one with --only: {}", names.join(", "))));
    }
    let secrets: BTreeSet<_> = chosen.iter().flat_map(|(.., secrets)| secrets).map(|s| s.words()).collect();
    if !secrets.is_empty() && !args.show_secrets {
        let secrets: Vec<_> = secrets.into_iter().collect();
        return Err(InputError::Usage(format!(
            "it holds secrets ({}), and they are printed only with --show-secrets",
            secrets.join(", ")
        )));
    }
    Ok(())
}

/// The file. Nothing is recorded: nobody knows where it goes.
pub fn outcome(args: &ExportArgs, made: &Handover) -> Result<Outcome, InputError> {
    let chosen =
        |file: &&MadeFile| args.only.as_ref().is_none_or(|only| file.path.display().to_string() == *only);
    let Some(file) = made.files.iter().find(chosen) else {
        unreachable!("may_show has found it");
    };
    let text = std::str::from_utf8(file.bytes.expose()).map_err(|_| {
        InputError::Usage(format!("{} is no text: write it with --to DIR", file.path.display()))
    })?;
    let json = json!({"consumer": made.preset.name, "file": file.path.display().to_string(), "content": Value::from(text)});
    // A result ends with a line end of its own.
    Ok(Outcome::done(json, text.strip_suffix('\n').unwrap_or(text).to_owned()))
}
