//! `export --list`.

use serde_json::{Value, json};

use super::told;
use crate::commands::Context;
use crate::handover::{self, FILTERS, Item, Preset, presets};
use crate::ui::{Failure, InputError, Look, Outcome, listing};

/// All consumers; or what one gets; or the built-in template of one of its files.
pub fn run(context: &Context, consumer: Option<&str>, only: Option<&str>) -> Result<Outcome, Failure> {
    let look = context.screen.look();
    let Some(consumer) = consumer else { return Ok(all(look)) };
    let preset = handover::find(consumer)?;
    match only {
        Some(file) => Ok(template(preset, file)?),
        None => Ok(Outcome::done(with_names(&[preset]), one_text(look, preset))),
    }
}

fn all(look: Look) -> Outcome {
    let row = |preset: &&Preset| [preset.name, preset.does, preset.proved_with].map(str::to_owned).to_vec();
    let table = listing(look, &["CONSUMER", "WHAT IT IS", "PROVED WITH"], presets().iter().map(row));
    let text = format!("{table}\n\nWhat one of them gets: mesh-onboard export --list --for CONSUMER");
    Outcome::done(with_names(presets()), text)
}

fn one_text(look: Look, preset: &'static Preset) -> String {
    let mut lines = vec![look.hanging(&format!("{}: ", preset.name), preset.does)];
    lines.push(look.hanging("Proved with: ", preset.proved_with));
    let built_in = preset.built_in();
    let holds: Vec<_> = built_in
        .iter()
        .map(|file| {
            file.when.as_ref().map_or(file.holds.into(), |when| format!("{} (with {when})", file.holds))
        })
        .collect();
    let rows = built_in.iter().zip(&holds);
    let rows = rows.map(|(file, holds)| (file.path, holds.as_str(), file.secrets.as_slice()));
    lines.push(format!("\n{}", told::files(look, rows, 0)));
    if !preset.settings.is_empty() {
        lines.push("\nWhat can be set:".into());
    }
    let widest = preset.settings.iter().map(|setting| setting.name.len()).max().unwrap_or_default() + 2;
    for setting in preset.settings {
        let text = format!("{}{}", setting.does, setting.default.words());
        lines.push(look.hanging(&format!("  --set {:<widest$} ", format!("{}=…", setting.name)), &text));
    }
    lines.extend(templates_text(look, preset));
    lines.join("\n")
}

/// The names of templates with the files that they make.
fn templates_text(look: Look, preset: &'static Preset) -> Vec<String> {
    let mut makes: Vec<(String, Vec<&str>)> = Vec::new();
    for file in preset.built_in() {
        let Some(template) = file.template else { continue };
        match makes.iter_mut().find(|(name, _)| *name == template) {
            Some((_, files)) if files.contains(&file.path) => {}
            Some((_, files)) => files.push(file.path),
            None => makes.push((template, vec![file.path])),
        }
    }
    let Some((name, _)) = makes.first() else { return Vec::new() };
    let begin = format!(
        "To begin from a built-in one: mesh-onboard export --list --for {} --only {name}",
        preset.name
    );
    let widest = makes.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let heading = "\nTemplates of your own take the place of these, from the folder templates of the home:";
    let line = |(name, files): &(String, Vec<&str>)| {
        look.hanging(&format!("  {name:<widest$}  "), &format!("makes {}", files.join(", ")))
    };
    std::iter::once(look.prose(heading)).chain(makes.iter().map(line)).chain([look.prose(&begin)]).collect()
}

/// The built-in template of a file, to begin from.
fn template(preset: &'static Preset, wanted: &str) -> Result<Outcome, InputError> {
    let files = preset.built_in();
    let is_wanted = |path: &str, name: Option<&str>| path == wanted || name == Some(wanted);
    let found = files.iter().find_map(|file| {
        let source = file.source.filter(|_| is_wanted(file.path, file.template.as_deref()))?;
        Some((source, file))
    });
    match found {
        Some((source, file)) => {
            let json = json!({"consumer": preset.name, "file": file.path, "template": file.template, "content": source});
            Ok(Outcome::done(json, source))
        }
        None => {
            let mut made: Vec<_> =
                files.iter().filter(|file| file.source.is_some()).map(|file| file.path).collect();
            made.dedup();
            let made = if made.is_empty() { "none is".into() } else { made.join(", ") };
            Err(InputError::Usage(format!("{wanted} is not made by a template of {}: {made}", preset.name)))
        }
    }
}

/// With what a template can name.
fn with_names(presets: &[&'static Preset]) -> Value {
    let named = |name: &str, does: &str| json!({"name": name, "does": does});
    json!({
        "consumers": presets.iter().map(|preset| one_json(preset)).collect::<Vec<_>>(),
        "values": Item::ALL.iter().map(|(_, name, does)| named(name, does)).collect::<Vec<_>>(),
        "filters": FILTERS.iter().map(|(name, does)| named(name, does)).collect::<Vec<_>>(),
    })
}

fn one_json(preset: &'static Preset) -> Value {
    json!({
        "name": preset.name,
        "does": preset.does,
        "proved_with": preset.proved_with,
        "files": preset.built_in().iter().map(|file| json!({
            "path": file.path,
            "holds": file.holds,
            "secrets": file.secrets.iter().map(|secret| secret.as_str()).collect::<Vec<_>>(),
            "when": file.when,
            "template": file.template,
        })).collect::<Vec<_>>(),
        "settings": preset.settings.iter().map(|setting| json!({
            "name": setting.name,
            "does": setting.does,
            "default": setting.default.text(),
            "needed": setting.default.is_needed(),
        })).collect::<Vec<_>>(),
    })
}
