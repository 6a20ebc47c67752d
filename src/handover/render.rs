use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use zeroize::Zeroizing;

use super::error::HandoverError;
use super::format::Format;
use super::ingredients::{Held, Values};
use super::plan::in_templates;
use super::preset::With;
use super::text::{Bare, Text};
use crate::secret::SecretBytes;

/// The function that gives the place of a file as the consumer sees it.
pub(super) const PATH: &str = "path";

/// The filters of ours with what they do, for who writes a template.
pub const FILTERS: [(&str, &str); 4] = [
    ("bare", "without quotes, in a comment or a name; text of one line"),
    ("base64", "its bytes in base64, one line"),
    ("curl_cert", "a path as curl takes it where a password may follow behind a colon"),
    ("tier", "the tier that a text of its length needs in AWS Parameter Store"),
];

/// Blocks that keep text which was quoted already, and would be quoted once more where it is used.
const KEEPING: &[&str] = &["macro", "call", "filter"];

/// A template with the file that it makes.
pub(super) struct Template<'a> {
    pub name: &'a str,
    pub source: &'a str,
    pub format: Format,
    pub file: &'a str,
}

impl Template<'_> {
    /// The file. What is doubtful about a value is added to `doubts`.
    pub(super) fn render(
        &self,
        settings: &BTreeMap<&'static str, String>,
        values: &Values,
        with: &[(&str, With)],
        folder: &Path,
        doubts: &mut Vec<String>,
    ) -> Result<SecretBytes, HandoverError> {
        let seen = Arc::new(Mutex::new(BTreeSet::new()));
        let mut engine = engine();
        let format = self.format;
        engine.set_auto_escape_callback(move |_| AutoEscape::Custom(format.name().into()));
        let noted = seen.clone();
        engine.set_formatter(move |out, state, value| {
            let AutoEscape::Custom(name) = state.auto_escape() else {
                return Err(refused("it has no format"));
            };
            let format = Format::by_name(name).ok_or_else(|| refused("it has no format"))?;
            if value.is_safe() {
                return Err(refused("it takes the quotes of a value away, for which there is | bare"));
            }
            if let Some(bare) = value.downcast_object_ref::<Bare>() {
                return Ok(out.write_str(&bare.0)?);
            }
            let text = text_of(value)?;
            if let Some(doubt) = format.doubts(&text) {
                noted.lock().unwrap_or_else(PoisonError::into_inner).insert(doubt);
            }
            let quoted = format
                .quoted(&text)
                .map_err(|why| Error::new(ErrorKind::InvalidOperation, why).with_source(Unquotable(why)))?;
            Ok(out.write_str(&quoted)?)
        });
        let folder = folder.to_owned();
        engine.add_function(PATH, move |name: &str| {
            let below = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
            match below && !name.is_empty() {
                true => Ok(text_value(&folder.join(name).display().to_string())),
                false => Err(refused("path() takes the name of a file below the folder")),
            }
        });
        engine.add_template(self.name, self.source).map_err(|e| self.failed(&e))?;
        let template = engine.get_template(self.name).map_err(|e| self.failed(&e))?;
        // Large enough for any file here, so that it does not move and leave a copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(256 * 1024));
        let names = names_for(settings, values, with);
        template.render_captured_to(names, &mut *bytes).map_err(|error| {
            match source::<Unquotable>(&error) {
                Some(Unquotable(why)) => self.unquotable(values, why),
                None => self.failed(&error),
            }
        })?;
        doubts.extend(
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .map(|doubt| format!("{}: {doubt}", self.file)),
        );
        let bytes = SecretBytes::new(bytes.to_vec());
        self.check(&bytes)?;
        Ok(bytes)
    }

    /// Whether a reader of its format would read it.
    fn check(&self, bytes: &SecretBytes) -> Result<(), HandoverError> {
        let unreadable = |detail: String| HandoverError::Unreadable { file: self.file.into(), detail };
        match self.format {
            // The error names a line and a column, and no value.
            Format::Json => serde_json::from_slice::<serde::de::IgnoredAny>(bytes.expose())
                .map(drop)
                .map_err(|error| unreadable(format!("it is no JSON: {error}"))),
            _ => Ok(()),
        }
    }

    fn unquotable(&self, values: &Values, why: &str) -> HandoverError {
        let refused = |held: &Held| match held {
            Held::Bytes(bytes) => {
                std::str::from_utf8(bytes.expose()).is_ok_and(|text| self.format.quoted(text).is_err())
            }
            Held::List(_) => false,
        };
        let item = values.iter().find(|(_, held)| refused(held));
        HandoverError::Value {
            item: item.map_or("value", |(item, _)| item.words()).into(),
            file: self.file.into(),
            why: why.into(),
        }
    }

    fn failed(&self, error: &Error) -> HandoverError {
        HandoverError::Template { name: self.name.into(), detail: in_line(error, Some(&said(error))) }
    }
}

fn in_line(error: &Error, said: Option<&str>) -> String {
    let said = said.map_or_else(|| error.kind().to_string(), str::to_owned);
    error.line().map_or(said.clone(), |line| format!("{said}, line {line}"))
}

/// What the engine says, as far as it repeats no value of a secret: words of the template, or words of ours.
fn said(error: &Error) -> String {
    let of_template = matches!(
        error.kind(),
        ErrorKind::SyntaxError
            | ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
    );
    match (error.detail(), source::<Refused>(error)) {
        (_, Some(Refused(why))) => (*why).to_owned(),
        (Some(detail), None) if of_template => detail.to_owned(),
        _ => error.kind().to_string(),
    }
}

fn source<T: std::error::Error + 'static>(error: &Error) -> Option<&T> {
    std::error::Error::source(error)?.downcast_ref()
}

/// The names that a template uses, [`PATH`] among them.
pub(super) fn names(name: &str, source: &str) -> Result<BTreeSet<String>, HandoverError> {
    let mut engine = engine();
    // No value is there yet.
    let failed =
        |error: Error| HandoverError::Template { name: name.into(), detail: in_line(&error, error.detail()) };
    engine.add_template(name, source).map_err(failed)?;
    let template = engine.get_template(name).map_err(failed)?;
    if let Some(block) = keeping(source) {
        let detail = format!(
            "{{% {block} %}} keeps text that would be quoted twice; {{% set NAME = VALUE %}} does not"
        );
        return Err(HandoverError::Template { name: name.into(), detail });
    }
    Ok(template.undeclared_variables(false).into_iter().collect())
}

/// A block of [`KEEPING`], or `set` without a value. Within a comment it is one too: nobody misses it there.
fn keeping(source: &str) -> Option<&str> {
    source.split("{%").skip(1).find_map(|rest| {
        let tag = rest.split("%}").next()?.trim_start_matches(['-', '+']).trim();
        let word = tag.split_whitespace().next()?;
        (KEEPING.contains(&word) || word == "set" && !tag.contains('=')).then_some(word)
    })
}

fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("the default delimiters differ"),
    );
    // A setting that was not given may be asked for by `if`, and not be written.
    engine.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    // It would show values in its errors.
    engine.set_debug(false);
    // A setting of Kubernetes is called like it.
    engine.remove_global("namespace");
    engine.add_filter("bare", bare);
    engine.add_filter("base64", |value: &Value| {
        text_of(value).map(|text| text_value(&BASE64_STANDARD.encode(text.as_bytes())))
    });
    engine.add_filter("curl_cert", |value: &Value| {
        // A password may follow the path of a certificate behind a colon, so those of the path are marked.
        text_of(value).map(|text| text_value(&text.replace('\\', "\\\\").replace(':', "\\:")))
    });
    engine.add_filter("tier", |value: &Value| {
        // Parameter Store: 4,096 bytes in the standard tier.
        text_of(value).map(|text| if text.len() > 4096 { "Advanced" } else { "Standard" })
    });
    engine
}

/// A value without the quotes of the format, such as a name in a comment or a part of a path.
fn bare(value: &Value) -> Result<Value, Error> {
    let text = text_of(value)?;
    match text.chars().any(char::is_control) {
        true => Err(refused("it cannot stand bare: it holds a line end")),
        false => Ok(Value::from_object(Bare(text.to_string()))),
    }
}

fn text_of(value: &Value) -> Result<Zeroizing<String>, Error> {
    if let Some(text) = value.downcast_object_ref::<Text>() {
        return Ok(text.0.clone());
    }
    match value.as_str() {
        Some(text) => Ok(Zeroizing::new(text.to_owned())),
        None if value.is_number() => Ok(Zeroizing::new(value.to_string())),
        None => Err(refused("it names something that has no value here")),
    }
}

fn text_value(text: &str) -> Value {
    Value::from_object(Text(Zeroizing::new(text.to_owned())))
}

fn refused(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, why).with_source(Refused(why))
}

/// What a template cannot have, in words of ours.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(&'static str);

/// What a format cannot write.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unquotable(&'static str);

/// What every name stands for. A setting that was not given is nothing, which `if` can tell.
fn names_for(settings: &BTreeMap<&'static str, String>, values: &Values, with: &[(&str, With)]) -> Value {
    let mut names: BTreeMap<String, Value> = BTreeMap::new();
    let of_bytes = |bytes: &[u8]| std::str::from_utf8(bytes).map_or(Value::from(()), text_value);
    for (item, held) in values.iter() {
        let value = match held {
            Held::Bytes(bytes) => of_bytes(bytes.expose()),
            Held::List(texts) => texts.iter().map(|text| text_value(text)).collect(),
        };
        names.insert(item.name().into(), value);
    }
    for (name, value) in settings {
        // No secret, and comparable: `{% if key == "pkcs1" %}`.
        names.insert(in_templates(name), Value::from(value.as_str()));
    }
    for (name, with) in with {
        let value = match with {
            With::Text(text) => text_value(text),
            With::Item(item) => values.bytes(*item).map_or(Value::from(()), of_bytes),
        };
        names.insert((*name).into(), value);
    }
    Value::from(names)
}
