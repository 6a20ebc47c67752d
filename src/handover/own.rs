use super::error::HandoverError;
use super::preset::{Body, Preset};

/// Templates of the user's own, which stand in for the built-in ones of the same name.
pub trait OwnTemplates {
    /// The names of all that are there.
    fn names(&self) -> Result<Vec<String>, HandoverError>;

    /// The text of one, if it is there.
    fn text(&self, name: &str) -> Result<Option<String>, HandoverError>;
}

/// None at all.
#[derive(Debug)]
pub struct NoTemplates;

impl OwnTemplates for NoTemplates {
    fn names(&self) -> Result<Vec<String>, HandoverError> {
        Ok(Vec::new())
    }

    fn text(&self, _: &str) -> Result<Option<String>, HandoverError> {
        Ok(None)
    }
}

/// The name under which a user overrides a template.
pub(super) fn name_of(preset: &Preset, template: &str) -> String {
    format!("{}.{}", preset.name, template.replace('/', "."))
}

/// The names that stand in for a template of this preset, each once.
pub(super) fn names_of(preset: &Preset) -> Vec<String> {
    let mut names = Vec::new();
    for spec in preset.files {
        if let Body::Template { name, .. } = spec.body {
            let name = name_of(preset, name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// One that is meant for this preset and stands in for nothing would be believed to be used.
pub(super) fn must_count(preset: &'static Preset, own: &impl OwnTemplates) -> Result<(), HandoverError> {
    let known = names_of(preset);
    let meant = |name: &str| {
        let consumer = name.split('.').next().unwrap_or_default();
        consumer.eq_ignore_ascii_case(preset.name) && name.contains('.')
    };
    // What an editor keeps of an earlier text ends so.
    let stray =
        own.names()?.into_iter().find(|name| meant(name) && !known.contains(name) && !name.ends_with('~'));
    match stray {
        Some(given) => Err(HandoverError::StrayTemplate { consumer: preset.name, given, known }),
        None => Ok(()),
    }
}
