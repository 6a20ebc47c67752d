use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::error::HandoverError;
use super::ingredients::{Ingredients, Values};
use super::item::{Item, Secret};
use super::made::{Handover, MadeFile};
use super::own::{self, NoTemplates, OwnTemplates};
use super::preset::{Body, Default, FileSpec, Preset, When, With};
use super::render;
use crate::mailbox::MailboxId;
use crate::secret::SecretBytes;

/// Which files a handover will have, and what has to be known for them.
#[derive(Debug)]
pub struct Plan {
    /// For whom.
    pub preset: &'static Preset,
    /// The settings that have a value, by their names.
    pub settings: BTreeMap<&'static str, String>,
    files: Vec<Planned>,
}

/// One file with the template that makes it.
#[derive(Debug)]
struct Planned {
    spec: &'static FileSpec,
    template: Option<Cow<'static, str>>,
    /// The name of the template, if it is the user's own.
    own: Option<String>,
    items: BTreeSet<Item>,
    names_paths: bool,
}

impl Plan {
    /// Reads what is `given` as settings, and the templates, of which the user's `own` come first.
    pub fn new(
        preset: &'static Preset,
        given: &[(String, String)],
        mailbox: &MailboxId,
        own: impl OwnTemplates,
    ) -> Result<Self, HandoverError> {
        own::must_count(preset, &own)?;
        let settings = settings(preset, given, mailbox)?;
        let wanted = |spec: &&FileSpec| match spec.when {
            When::Always => true,
            When::Is(name, value) => settings.get(name).is_some_and(|set| set == value),
            When::IsNot(name, value) => settings.get(name).is_none_or(|set| set != value),
        };
        let files = preset.files.iter().filter(wanted).map(|spec| planned(preset, spec, &own));
        let files = files.collect::<Result<_, _>>()?;
        let plan = Self { preset, settings, files };
        match plan.stands_alone() {
            Some(secret) => {
                let password = secret == Secret::GeneratedPassword;
                Err(HandoverError::Alone { consumer: preset.name, password })
            }
            None => Ok(plan),
        }
    }

    /// Key or password, if the files hold one of both: it would be of no use, because both are made anew each time.
    pub fn stands_alone(&self) -> Option<Secret> {
        let secrets: BTreeSet<_> = self.items().iter().filter_map(|item| item.secret()).collect();
        match (secrets.contains(&Secret::ClosedKey), secrets.contains(&Secret::GeneratedPassword)) {
            (true, false) => Some(Secret::ClosedKey),
            (false, true) => Some(Secret::GeneratedPassword),
            _ => None,
        }
    }

    /// Everything that its files name.
    pub fn items(&self) -> BTreeSet<Item> {
        self.files.iter().flat_map(|file| &file.items).copied().collect()
    }

    /// Leaves this file out of all others.
    pub fn keep_only(&mut self, path: &str) {
        self.files.retain(|file| file.spec.path == path);
    }

    /// Whether a file says where another one lies.
    pub fn names_paths(&self) -> bool {
        self.files.iter().any(|file| file.names_paths)
    }

    /// The path of each file below the folder, with the secrets that it will hold.
    pub fn secrets(&self) -> impl Iterator<Item = (&'static str, &'static str, Vec<Secret>)> {
        self.files.iter().map(|file| (file.spec.path, file.spec.holds, secrets(&file.items)))
    }

    /// Makes the files. `folder` is where the consumer will find them.
    pub fn make(&self, ingredients: &Ingredients<'_>, folder: &Path) -> Result<Handover, HandoverError> {
        let values = ingredients.values(self.preset, &self.items())?;
        for limit in self.preset.limits {
            if let Some(bytes) = values.bytes(limit.item) {
                within(limit.item.words(), bytes.len(), limit.bytes, limit.by)?;
            }
        }
        let mut files = Vec::new();
        let mut doubts = judged(self.preset, &values)?;
        for planned in &self.files {
            let bytes = self.body(planned, &values, folder, &mut doubts)?;
            if let Some((limit, by)) = planned.spec.limit {
                within(planned.spec.path, bytes.expose().len(), limit, by)?;
            }
            files.push(MadeFile {
                path: PathBuf::from(planned.spec.path),
                holds: planned.spec.holds,
                secrets: secrets(&planned.items),
                own_template: planned.own.clone(),
                bytes,
            });
        }
        Ok(Handover { preset: self.preset, settings: self.settings.clone(), files, doubts })
    }

    fn body(
        &self,
        planned: &Planned,
        values: &Values,
        folder: &Path,
        doubts: &mut Vec<String>,
    ) -> Result<SecretBytes, HandoverError> {
        match (planned.spec.body, &planned.template) {
            (Body::Template { name, format, with, .. }, Some(source)) => {
                let name = own::name_of(self.preset, name);
                let template = render::Template { name: &name, source, format, file: planned.spec.path };
                template.render(&self.settings, values, with, folder, doubts)
            }
            (Body::Item(item), _) => Ok(values.copy(item)),
            (Body::Template { .. }, None) => unreachable!("a template was planned with its source"),
        }
    }
}

/// What the consumer makes of some values, in words. One that it cannot take at all is an error.
fn judged(preset: &Preset, values: &Values) -> Result<Vec<String>, HandoverError> {
    let mut doubts = Vec::new();
    for rule in preset.rules {
        let text = values.bytes(rule.item).and_then(|bytes| std::str::from_utf8(bytes).ok());
        match text.map_or(Ok(()), rule.check) {
            Ok(()) => {}
            Err(why) if rule.fatal => {
                return Err(HandoverError::Value {
                    item: rule.item.words().into(),
                    file: preset.name.into(),
                    why: why.into(),
                });
            }
            Err(why) => doubts.push(format!("{}: {why}", rule.item.words())),
        }
    }
    Ok(doubts)
}

fn within(what: &str, bytes: usize, limit: usize, by: &'static str) -> Result<(), HandoverError> {
    match bytes > limit {
        true => Err(HandoverError::TooLarge { what: what.into(), bytes, limit, by }),
        false => Ok(()),
    }
}

fn secrets(items: &BTreeSet<Item>) -> Vec<Secret> {
    items.iter().filter_map(|item| item.secret()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The secrets in a file that its built-in template makes.
pub(super) fn built_in_secrets(preset: &'static Preset, spec: &'static FileSpec) -> Vec<Secret> {
    planned(preset, spec, &NoTemplates).map(|planned| secrets(&planned.items)).unwrap_or_default()
}

fn planned(
    preset: &'static Preset,
    spec: &'static FileSpec,
    own: &impl OwnTemplates,
) -> Result<Planned, HandoverError> {
    let (name, source, with) = match spec.body {
        Body::Item(item) => {
            let items = BTreeSet::from([item]);
            return Ok(Planned { spec, template: None, own: None, items, names_paths: false });
        }
        Body::Template { name, source, with, .. } => (own::name_of(preset, name), source, with),
    };
    let text = own.text(&name)?;
    let of_user = text.as_ref().map(|_| name.clone());
    let template = text.map_or(Cow::Borrowed(source), Cow::Owned);
    let mut items = BTreeSet::new();
    let mut names_paths = false;
    for used in render::names(&name, &template)? {
        if used == render::PATH {
            names_paths = true;
            continue;
        }
        let here = with.iter().find(|(known, _)| *known == used).map(|(_, with)| *with);
        match (here, used.parse::<Item>()) {
            (Some(With::Item(item)), _) | (None, Ok(item)) => drop(items.insert(item)),
            (Some(With::Text(_)), _) => {}
            (None, Err(())) if preset.settings.iter().any(|s| in_templates(s.name) == used) => {}
            (None, Err(())) => {
                return Err(HandoverError::Template {
                    name,
                    detail: format!("it names '{used}', which is nothing known here"),
                });
            }
        }
    }
    Ok(Planned { spec, template: Some(template), own: of_user, items, names_paths })
}

/// The name of a setting in templates, which know no `-` in names.
pub(super) fn in_templates(setting: &str) -> String {
    setting.replace('-', "_")
}

fn settings(
    preset: &'static Preset,
    given: &[(String, String)],
    mailbox: &MailboxId,
) -> Result<BTreeMap<&'static str, String>, HandoverError> {
    for (name, _) in given {
        if preset.setting(name).is_none() {
            let known = preset.settings.iter().map(|setting| setting.name).collect();
            return Err(HandoverError::UnknownSetting { consumer: preset.name, given: name.clone(), known });
        }
    }
    let mut settings = BTreeMap::new();
    for setting in preset.settings {
        if let Some((_, again)) = given.iter().filter(|(name, _)| name == setting.name).nth(1) {
            let why = "it is given twice".into();
            return Err(HandoverError::Setting { name: setting.name, given: again.clone(), why });
        }
        let own = given.iter().find(|(name, _)| name == setting.name).map(|(_, value)| value.clone());
        let value = match (own, setting.default) {
            (Some(value), _) => value,
            (None, Default::Text(text)) => text.to_owned(),
            (None, Default::Mailbox(before)) => format!("{before}{}", mailbox.as_str().to_lowercase()),
            (None, Default::Nothing) => continue,
            (None, Default::Needed) => {
                return Err(HandoverError::SettingNeeded {
                    consumer: preset.name,
                    name: setting.name,
                    does: setting.does,
                });
            }
        };
        if let Err(why) = setting.accepts(&value) {
            return Err(HandoverError::Setting { name: setting.name, given: value, why });
        }
        settings.insert(setting.name, value);
    }
    Ok(settings)
}
