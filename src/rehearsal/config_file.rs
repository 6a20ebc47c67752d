//! The configuration of the rehearsal MESH as a TOML file.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use bytesize::ByteSize;
use serde::Deserialize;
use toml::Spanned;

use super::config::{Limits, RehearsalConfig, RehearsalMailbox, Workflow};
use crate::mailbox::MailboxId;
use crate::secret::{MailboxPassword, SharedKey};
use crate::store::unread;

/// What is wrong with a configuration, and where.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {detail}")]
pub struct ConfigError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub detail: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    shared_key: Option<Spanned<String>>,
    port: Option<u16>,
    state: Option<PathBuf>,
    #[serde(default)]
    limits: LimitsTable,
    mailboxes: Option<Vec<MailboxTable>>,
    workflows: Option<Vec<WorkflowTable>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsTable {
    messages: Option<usize>,
    bytes: Option<Spanned<Size>>,
}

/// A number of bytes, or text such as `5GB`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Size {
    Bytes(u64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailboxTable {
    id: Spanned<String>,
    ods: Spanned<String>,
    password: Spanned<String>,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkflowTable {
    id: Spanned<String>,
    senders: Vec<Spanned<String>>,
    receivers: Vec<Spanned<String>>,
}

impl RehearsalConfig {
    /// Reads a configuration. What it leaves out is as in the official sandbox; a file that names mailboxes names
    /// its workflows, too. A relative `state` lies beside the file, in `folder`.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self, ConfigError> {
        let wrong = |span: Range<usize>, detail: String| ConfigError {
            line: 1 + text[..span.start.min(text.len())].matches('\n').count(),
            detail,
        };
        let file: File = toml::from_str(text).map_err(|e| wrong(e.span().unwrap_or_default(), unread(&e)))?;
        let mut config = Self::default();
        if let Some(key) = file.shared_key {
            config.shared_key = SharedKey::new(filled(key, "shared_key", &wrong)?);
        }
        config.port = file.port.unwrap_or_default();
        config.state = file.state.map(|state| folder.join(state));
        config.limits = limits(file.limits, &wrong)?;
        if let Some(tables) = file.mailboxes {
            config.mailboxes = mailboxes(tables, &wrong)?;
            config.workflows = Vec::new();
        }
        if let Some(tables) = file.workflows {
            config.workflows = workflows(tables, &config.mailboxes, &wrong)?;
        }
        Ok(config)
    }
}

type Wrong<'a> = dyn Fn(Range<usize>, String) -> ConfigError + 'a;

fn limits(table: LimitsTable, wrong: &Wrong) -> Result<Limits, ConfigError> {
    let mut limits = Limits::default();
    limits.messages = table.messages.unwrap_or(limits.messages);
    if let Some(bytes) = table.bytes {
        let span = bytes.span();
        limits.bytes = match bytes.into_inner() {
            Size::Bytes(bytes) => bytes,
            Size::Text(text) => text
                .parse::<ByteSize>()
                .map_err(|_| {
                    wrong(span, format!("limits.bytes: '{text}' is no size such as 500MB or 20GiB"))
                })?
                .as_u64(),
        };
    }
    Ok(limits)
}

fn mailboxes(tables: Vec<MailboxTable>, wrong: &Wrong) -> Result<Vec<RehearsalMailbox>, ConfigError> {
    let mut known = HashSet::new();
    tables
        .into_iter()
        .map(|table| {
            let span = table.id.span();
            let mailbox: MailboxId = parsed(&table.id, wrong)?;
            if !known.insert(mailbox.clone()) {
                return Err(wrong(span, format!("the mailbox {mailbox} is there twice")));
            }
            Ok(RehearsalMailbox {
                mailbox,
                ods: parsed(&table.ods, wrong)?,
                password: MailboxPassword::new(filled(table.password, "password", wrong)?),
                name: table.name,
            })
        })
        .collect()
}

fn workflows(
    tables: Vec<WorkflowTable>,
    mailboxes: &[RehearsalMailbox],
    wrong: &Wrong,
) -> Result<Vec<Workflow>, ConfigError> {
    let mut known = HashSet::new();
    let members = |listed: Vec<Spanned<String>>| {
        let member = |text: Spanned<String>| {
            let id: MailboxId = parsed(&text, wrong)?;
            if mailboxes.iter().any(|m| m.mailbox == id) {
                Ok(id)
            } else {
                Err(wrong(text.span(), format!("there is no mailbox {id} in this file")))
            }
        };
        listed.into_iter().map(member).collect::<Result<Vec<_>, _>>()
    };
    tables
        .into_iter()
        .map(|table| {
            let span = table.id.span();
            let id = filled(table.id, "id", wrong)?;
            if !known.insert(id.clone()) {
                return Err(wrong(span, format!("the workflow {id} is there twice")));
            }
            Ok(Workflow { id, senders: members(table.senders)?, receivers: members(table.receivers)? })
        })
        .collect()
}

fn parsed<T: FromStr>(text: &Spanned<String>, wrong: &Wrong) -> Result<T, ConfigError>
where
    T::Err: std::fmt::Display,
{
    text.get_ref().parse().map_err(|e: T::Err| wrong(text.span(), e.to_string()))
}

fn filled(text: Spanned<String>, name: &str, wrong: &Wrong) -> Result<String, ConfigError> {
    let span = text.span();
    let text = text.into_inner();
    if text.is_empty() { Err(wrong(span, format!("{name} is empty"))) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"shared_key = "ours"
port = 8700
state = "messages"

[limits]
messages = 10
bytes = "5GB"

[[mailboxes]]
id = "n1g3bot001"
ods = "N1G3B"
password = "p"
name = "Ours"

[[workflows]]
id = "W"
senders = ["N1G3BOT001"]
receivers = []
"#;

    fn read(text: &str) -> Result<RehearsalConfig, ConfigError> {
        RehearsalConfig::from_toml(text, Path::new("/etc/mesh"))
    }

    #[test]
    fn everything_in_the_file_is_read() {
        let config = read(FILE).unwrap();
        assert_eq!((config.shared_key.expose(), config.port), ("ours", 8700));
        assert_eq!(config.state.as_deref(), Some(Path::new("/etc/mesh/messages")));
        assert_eq!(config.limits, Limits { messages: 10, bytes: 5_000_000_000 });
        let mailbox = &config.mailboxes[0];
        assert_eq!((mailbox.mailbox.as_str(), mailbox.ods.as_str()), ("N1G3BOT001", "N1G3B"));
        assert_eq!((mailbox.password.expose(), mailbox.name.as_str()), ("p", "Ours"));
        assert_eq!(config.workflows[0].senders, std::slice::from_ref(&mailbox.mailbox));
        assert_eq!((config.mailboxes.len(), config.workflows.len()), (1, 1));
    }

    #[test]
    fn empty_file_is_the_official_sandbox() {
        let config = read("").unwrap();
        assert_eq!((config.mailboxes.len(), config.workflows.len()), (3, 3));
        assert_eq!(config.shared_key.expose(), "TestKey");
        assert_eq!((config.state, config.limits), (None, Limits::default()));
        assert_eq!(read("limits.bytes = 7").unwrap().limits.bytes, 7);
        let own = "[[mailboxes]]\nid = \"A12345\"\nods = \"A12\"\npassword = \"p\"";
        assert!(read(own).unwrap().workflows.is_empty(), "those of the sandbox are about its mailboxes");
    }

    #[test]
    fn mistake_is_named_with_its_line() {
        for (from, to, line, words) in [
            ("port = 8700", "prot = 8700", 2, "unknown field `prot`"),
            ("port = 8700", "port = 70000", 2, "70000"),
            ("\"5GB\"", "\"5 apples\"", 7, "limits.bytes"),
            ("\"n1g3bot001\"", "\"n1\"", 10, "n1"),
            ("\"N1G3B\"", "\"?\"", 11, "?"),
            ("\"p\"", "\"\"", 12, "password is empty"),
            ("ods = \"N1G3B\"", "", 9, "missing field `ods`"),
            ("id = \"W\"", "", 15, "missing field `id`"),
            ("receivers = []", "receivers = [\n\"X26ABC1\"]", 19, "no mailbox X26ABC1"),
            ("\"ours\"", "\"", 1, ""),
        ] {
            let text = FILE.replace(from, to);
            let error = read(&text).unwrap_err();
            assert_eq!(error.line, line, "{error}\n{text}");
            assert!(error.detail.contains(words), "{error}\n{text}");
        }
        let twice = FILE.to_owned() + "[[mailboxes]]\nid = \"N1G3BOT001\"\nods = \"A12\"\npassword = \"p\"\n";
        assert_eq!(read(&twice).unwrap_err().to_string(), "line 20: the mailbox N1G3BOT001 is there twice");
        let twice = FILE.to_owned() + "[[workflows]]\nid = \"W\"\nsenders = []\nreceivers = []\n";
        assert_eq!(read(&twice).unwrap_err().to_string(), "line 20: the workflow W is there twice");
    }
}
