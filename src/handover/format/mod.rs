//! How a value is written down in a file, so that its reader gets it back byte for byte.

mod dotenv;
mod yaml;

use zeroize::Zeroizing;

/// The format of a file that a template makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As it is: PEM files, prose.
    Plain,
    /// JSON (RFC 8259).
    Json,
    /// YAML 1.2, double-quoted scalars in ASCII.
    Yaml,
    /// The same in a file of Compose or of a stack, in which a `$` stands for a variable unless it is doubled.
    Compose,
    /// `NAME=value` lines as a POSIX shell reads them, and the dotenv readers wherever they agree with it.
    Dotenv,
    /// `NAME=value` lines for `docker run --env-file`, which knows no quotes: a value is the rest of its line.
    EnvFile,
    /// A POSIX shell script.
    Shell,
    /// A configuration file of curl.
    Curl,
    /// XML 1.0, character data and attributes.
    Xml,
    /// Python 3.
    Python,
}

impl Format {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Plain, "plain"),
        (Self::Json, "json"),
        (Self::Yaml, "yaml"),
        (Self::Compose, "compose"),
        (Self::Dotenv, "dotenv"),
        (Self::EnvFile, "env-file"),
        (Self::Shell, "shell"),
        (Self::Curl, "curl"),
        (Self::Xml, "xml"),
        (Self::Python, "python"),
    ];

    /// Its name for the template engine.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(format, _)| *format == self).expect("every format has a name").1
    }

    pub(super) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(format, _)| format)
    }

    /// The value with the quotes and escapes that it needs there.
    ///
    /// # Errors
    /// Why it cannot be written, in words that do not repeat it.
    pub(super) fn quoted(self, value: &str) -> Result<Zeroizing<String>, &'static str> {
        if value.contains('\0') {
            return Err("it holds a zero character, which no reader takes");
        }
        Ok(Zeroizing::new(match self {
            Self::Plain => value.to_owned(),
            Self::Json => json(value),
            Self::Yaml => yaml::quoted(value),
            Self::Compose => Zeroizing::new(yaml::quoted(value)).replace('$', "$$"),
            Self::Dotenv => dotenv::quoted(value),
            Self::EnvFile if value.contains(['\n', '\r']) => {
                return Err("it holds a line end, which docker run --env-file has no way to write");
            }
            Self::EnvFile => value.to_owned(),
            Self::Shell => shell_words::quote(value).into_owned(),
            Self::Curl => curl(value)?,
            Self::Xml => xml(value)?,
            Self::Python => python(value),
        }))
    }

    /// Readers that get another value than the one meant, in words; nothing if all of them agree.
    pub(super) fn doubts(self, value: &str) -> Option<&'static str> {
        (self == Self::Dotenv).then(|| dotenv::doubts(value)).flatten()
    }
}

fn json(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// A literal of ASCII in double quotes.
fn python(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            ' '..='~' => text.push(c),
            _ => text.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    text.push('"');
    text
}

/// In double quotes, with the escapes that curl's manual names under `--config`.
fn curl(value: &str) -> Result<String, &'static str> {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{b}' => text.push_str("\\v"),
            c => text.push(c),
        }
    }
    text.push('"');
    Ok(text)
}

fn xml(value: &str) -> Result<String, &'static str> {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&apos;"),
            // Readers make a plain line end of a return, and a blank of either within an attribute.
            '\r' | '\n' | '\t' => text.push_str(&format!("&#{};", u32::from(c))),
            // XML 1.0, production 2.
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => {
                return Err("it holds a character that XML has no way to write");
            }
            c => text.push(c),
        }
    }
    Ok(text)
}
