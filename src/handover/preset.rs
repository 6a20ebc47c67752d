use super::format::Format;
use super::item::{Item, Secret};
use super::{own, plan};

/// One consumer: what it loads, and how it is told.
#[derive(Debug)]
pub struct Preset {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in a few words.
    pub does: &'static str,
    /// What a handover was proved with in the tests: program and version, or how far.
    pub proved_with: &'static str,
    /// What the user can set, besides the [`COMMON`] ones.
    pub settings: &'static [Setting],
    /// The files.
    pub files: &'static [FileSpec],
    /// What the consumer takes no more of.
    pub limits: &'static [Limit],
    /// What the consumer does not take, or takes for something else.
    pub rules: &'static [Rule],
    /// How what is written reaches the consumer.
    pub delivery: Delivery,
    /// How the consumer is told, in one or two sentences for people.
    pub next: &'static str,
}

/// How what a preset writes reaches the consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The consumer reads the files where they lie, or where they are copied to.
    Loaded,
    /// It reads its values elsewhere: what lies there is not known here, and the folder can go when it is there.
    Carried {
        /// Where.
        to: &'static str,
        /// The command, run in the folder, that carries them there.
        by: &'static str,
    },
}

/// Something that is not known from the mailbox, and no secret.
#[derive(Debug)]
pub struct Setting {
    /// Its name in `--set NAME=VALUE`, and with `_` in templates.
    pub name: &'static str,
    /// What it is, in a few words.
    pub does: &'static str,
    /// What it is where it is not given.
    pub default: Default,
    /// Why a value is none, in words.
    pub check: fn(&str) -> Result<(), String>,
}

/// What a setting is where it is not given.
#[derive(Debug, Clone, Copy)]
pub enum Default {
    /// It has to be given.
    Needed,
    /// Nothing; templates can ask for it with `if`.
    Nothing,
    /// This.
    Text(&'static str),
    /// The mailbox ID in lower case, behind this.
    Mailbox(&'static str),
}

/// One file of a handover.
#[derive(Debug)]
pub struct FileSpec {
    /// Its path below the folder, parts divided by `/`.
    pub path: &'static str,
    /// What it is, in a few words.
    pub holds: &'static str,
    /// What is in it.
    pub body: Body,
    /// Whether it is written at all.
    pub when: When,
    /// The most bytes that its reader takes, and who that is.
    pub limit: Option<(usize, &'static str)>,
}

/// What is in a file.
#[derive(Debug, Clone, Copy)]
pub enum Body {
    /// An item as it is.
    Item(Item),
    /// A text made from a template.
    Template {
        /// The template's name behind the consumer's and a dot: `<home>/templates/<consumer>.<name>` overrides it.
        name: &'static str,
        /// The built-in one.
        source: &'static str,
        /// How values are written in it.
        format: Format,
        /// More names, for a template that makes several files.
        with: &'static [(&'static str, With)],
    },
}

/// What a name of one file stands for.
#[derive(Debug, Clone, Copy)]
pub enum With {
    /// This text.
    Text(&'static str),
    /// This item.
    Item(Item),
}

/// Whether a file is written.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// Always.
    Always,
    /// If the setting has this value.
    Is(&'static str, &'static str),
    /// If the setting has any other value than this.
    IsNot(&'static str, &'static str),
}

/// What a consumer takes no more of.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Of this.
    pub item: Item,
    /// Bytes.
    pub bytes: usize,
    /// Who takes no more.
    pub by: &'static str,
}

/// What has to be true of an item that a handover holds.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Of this.
    pub item: Item,
    /// Why a value does not do, in words that do not repeat it.
    pub check: fn(&str) -> Result<(), &'static str>,
    /// Whether nothing is written then; otherwise the user is told.
    pub fatal: bool,
}

impl FileSpec {
    /// A file that holds an item and nothing else.
    pub const fn item(path: &'static str, item: Item, holds: &'static str) -> Self {
        Self { path, holds, body: Body::Item(item), when: When::Always, limit: None }
    }

    /// A file from a template that is called like it.
    pub const fn template(
        path: &'static str,
        source: &'static str,
        format: Format,
        holds: &'static str,
    ) -> Self {
        let body = Body::Template { name: path, source, format, with: &[] };
        Self { path, holds, body, when: When::Always, limit: None }
    }

    /// The same, from a template of this name: two files of one path, of which one is written.
    pub const fn named(mut self, template: &'static str) -> Self {
        if let Body::Template { source, format, with, .. } = self.body {
            self.body = Body::Template { name: template, source, format, with };
        }
        self
    }

    /// The same, written only then.
    pub const fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }
}

/// A file that a preset may write, by its built-in template.
#[derive(Debug)]
pub struct BuiltIn {
    /// Its path below the folder.
    pub path: &'static str,
    /// What it is.
    pub holds: &'static str,
    /// The secrets in it.
    pub secrets: Vec<Secret>,
    /// The setting and its value with which it is written, if it is not always.
    pub when: Option<String>,
    /// The name below `<home>/templates` of a template that would stand in for the built-in one, if it has one.
    pub template: Option<String>,
    /// The built-in one.
    pub source: Option<&'static str>,
}

impl Preset {
    /// The setting of a name.
    pub fn setting(&self, name: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// Every file that it may write.
    pub fn built_in(&'static self) -> Vec<BuiltIn> {
        let file = |spec: &'static FileSpec| BuiltIn {
            path: spec.path,
            holds: spec.holds,
            secrets: plan::built_in_secrets(self, spec),
            template: match spec.body {
                Body::Template { name, .. } => Some(own::name_of(self, name)),
                Body::Item(_) => None,
            },
            source: match spec.body {
                Body::Template { source, .. } => Some(source),
                Body::Item(_) => None,
            },
            when: match spec.when {
                When::Always => None,
                When::Is(name, value) => Some(format!("{name}={value}")),
                When::IsNot(name, value) => Some(format!("{name} other than {value}")),
            },
        };
        self.files.iter().map(file).collect()
    }
}

impl Setting {
    /// Why a value is none, in words.
    pub fn accepts(&self, value: &str) -> Result<(), String> {
        any(value).and_then(|()| (self.check)(value))
    }
}

impl Default {
    /// For people, to stand behind what the setting is.
    pub fn words(self) -> String {
        match self {
            Self::Needed => " (needed)".into(),
            Self::Nothing => String::new(),
            Self::Text(text) => format!(" (default {text})"),
            Self::Mailbox(before) => format!(" (default {before}MAILBOX, in lower case)"),
        }
    }

    /// The text, if it is the same for every mailbox.
    pub fn text(self) -> Option<&'static str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it has to be given.
    pub fn is_needed(self) -> bool {
        matches!(self, Self::Needed)
    }
}

/// Any text on one line.
pub(super) fn any(value: &str) -> Result<(), String> {
    match value.chars().any(char::is_control) {
        true => Err("it holds a control character".into()),
        false => Ok(()),
    }
}

/// Letters, digits and `others`, from `min` to `max` of them.
pub(super) fn name(value: &str, others: &str, min: usize, max: usize) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    match value.chars().all(fits) && (min..=max).contains(&value.len()) {
        true => Ok(()),
        false if others.is_empty() => Err(format!("it takes {min} to {max} letters and digits")),
        false => Err(format!("it takes {min} to {max} letters, digits and {}", spelled(others))),
    }
}

/// One of `values`.
pub(super) fn one_of(value: &str, values: &[&str]) -> Result<(), String> {
    match values.contains(&value) {
        true => Ok(()),
        false => Err(format!("it is one of {}", values.join(", "))),
    }
}

fn spelled(others: &str) -> String {
    others
        .chars()
        .map(|c| if c == ' ' { "blanks".into() } else { String::from(c) })
        .collect::<Vec<_>>()
        .join(" ")
}
