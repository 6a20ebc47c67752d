//! `export --list`.

use serde_json::{Value, json};

use crate::commands::Context;
use crate::handover::{Preset, presets};
use crate::ui::{Outcome, listing};

pub fn run(context: &Context) -> Outcome {
    let json = json!({"consumers": presets().iter().map(|preset| one_json(preset)).collect::<Vec<_>>()});
    let rows = presets()
        .iter()
        .map(|preset| vec![preset.name.to_owned(), preset.does.to_owned(), preset.proved_with.to_owned()]);
    let table = listing(context.screen.look(), &["CONSUMER", "WHAT IT IS", "PROVED WITH"], rows);
    let parts = std::iter::once(table).chain(presets().iter().map(|preset| one_text(preset)));
    Outcome::done(json, parts.collect::<Vec<_>>().join("\n\n"))
}

fn one_text(preset: &'static Preset) -> String {
    let files = preset.built_in().into_iter().map(|file| {
        let when = file.when.map(|when| format!(" (with {when})")).unwrap_or_default();
        let secrets: Vec<_> = file.secrets.iter().map(|secret| secret.words()).collect();
        let secrets =
            if secrets.is_empty() { String::new() } else { format!("; secrets: {}", secrets.join(", ")) };
        format!("  {:<24} {}{when}{secrets}", file.path, file.holds)
    });
    let settings = preset
        .settings
        .iter()
        .map(|setting| format!("  --set {:<18} {}{}", setting.name, setting.does, setting.default.words()));
    std::iter::once(preset.name.to_owned()).chain(files).chain(settings).collect::<Vec<_>>().join("\n")
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
        })).collect::<Vec<_>>(),
        "settings": preset.settings.iter().map(|setting| json!({
            "name": setting.name,
            "does": setting.does,
            "default": setting.default.text(),
            "needed": setting.default.is_needed(),
        })).collect::<Vec<_>>(),
    })
}
