//! A `--secrets` file in TOML, which may hold a table for each environment and mailbox.
//!
//! ```toml
//! MESH_SHARED_KEY = "serves all"
//! [live]
//! MESH_SHARED_KEY = "serves every mailbox of live"
//! [X26ABC1]
//! MESH_MAILBOX_PASSWORD = "serves X26ABC1, wherever it is"
//! [live.X26ABC1]
//! MESH_MAILBOX_PASSWORD = "serves X26ABC1 of live"
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::tidy::Text;
use crate::mailbox::{Environment, MailboxId};
use crate::ui::InputError;

/// A secret that serves a mailbox, and whether its table names that mailbox or its environment.
pub(super) struct Line {
    pub text: Text,
    pub names_mailbox: bool,
    pub names_environment: bool,
}

/// A secret, or a table of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Secret(String),
    Table(BTreeMap<String, Entry>),
}

type Table = BTreeMap<String, Entry>;

/// The secrets that serve `owner`, by name, the nearest table first; `None` if this is no TOML.
pub(super) fn read(
    path: &Path,
    text: &str,
    owner: Option<(&MailboxId, Environment)>,
    known: impl Fn(&str) -> bool,
) -> Result<Option<BTreeMap<String, Line>>, InputError> {
    let Ok(file) = toml::from_str::<Table>(text) else { return Ok(None) };
    let mut tables = Vec::new();
    sort(file, Whose::default(), &mut tables, &known)
        .map_err(|wrong| InputError::Usage(format!("{} {wrong}", path.display())))?;
    // From the widest to the nearest, which wins.
    tables.sort_by_key(|(whose, _)| (whose.mailbox.is_some(), whose.environment.is_some()));
    let mut found = BTreeMap::new();
    for (whose, secrets) in tables {
        if whose.serves(owner) {
            let (names_mailbox, names_environment) = (whose.mailbox.is_some(), whose.environment.is_some());
            let line = |text| Line { text, names_mailbox, names_environment };
            found.extend(secrets.into_iter().map(|(name, text)| (name, line(text))));
        }
    }
    Ok(Some(found))
}

/// Whom a table serves.
#[derive(Clone, Default)]
struct Whose {
    environment: Option<Environment>,
    mailbox: Option<MailboxId>,
}

impl Whose {
    fn serves(&self, owner: Option<(&MailboxId, Environment)>) -> bool {
        self.environment.is_none_or(|own| owner.is_some_and(|(_, environment)| own == environment))
            && self.mailbox.as_ref().is_none_or(|own| owner.is_some_and(|(mailbox, _)| own == mailbox))
    }

    /// The table of that name below this one.
    fn below(&self, name: &str) -> Option<Self> {
        let below = |environment, mailbox| Some(Self { environment, mailbox });
        match (name.parse(), name.parse()) {
            (Ok(environment), _) if self.environment.is_none() && self.mailbox.is_none() => {
                below(Some(environment), None)
            }
            (_, Ok(mailbox)) if self.mailbox.is_none() => below(self.environment, Some(mailbox)),
            _ => None,
        }
    }
}

/// Takes the tables apart; names of secrets that are not known are an error, so that none is overlooked.
fn sort(
    table: Table,
    whose: Whose,
    tables: &mut Vec<(Whose, BTreeMap<String, Text>)>,
    known: &impl Fn(&str) -> bool,
) -> Result<(), String> {
    let mut secrets = BTreeMap::new();
    for (name, entry) in table {
        match entry {
            Entry::Secret(value) => {
                let value = Zeroizing::new(value);
                if !known(&name) {
                    // Misspelt; any other name may be a secret that stands on the wrong side.
                    let name = if name.starts_with("MESH_") { &name } else { "something" };
                    return Err(format!("names {name}, which is no secret known here"));
                }
                secrets.insert(name, value);
            }
            Entry::Table(inner) => match whose.below(&name) {
                Some(below) => sort(inner, below, tables, known)?,
                None => {
                    return Err(format!(
                        "has a table {name}, which is neither an environment nor a mailbox of one"
                    ));
                }
            },
        }
    }
    tables.push((whose, secrets));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "NAME = 'all'\nOTHER = 'of all'\n[live]\nNAME = 'live'\n[X26ABC1]\nNAME = 'one'\n\
                        [live.X26ABC1]\nNAME = 'one of live'\n";

    fn found(owner: Option<(&str, Environment)>) -> BTreeMap<String, Line> {
        let mailbox: Option<MailboxId> = owner.map(|(id, _)| id.parse().unwrap());
        let owner = mailbox.as_ref().zip(owner.map(|(_, environment)| environment));
        read(Path::new("secrets"), FILE, owner, |name| ["NAME", "OTHER"].contains(&name)).unwrap().unwrap()
    }

    #[test]
    fn nearest_table_serves_a_mailbox_and_wider_ones_fill_in() {
        for (owner, name) in [
            (None, "all"),
            (Some(("X26ABC2", Environment::Integration)), "all"),
            (Some(("X26ABC2", Environment::Live)), "live"),
            (Some(("X26ABC1", Environment::Integration)), "one"),
            (Some(("X26ABC1", Environment::Live)), "one of live"),
        ] {
            let found = found(owner);
            assert_eq!(*found["NAME"].text, name, "{owner:?}");
            assert_eq!(*found["OTHER"].text, "of all", "{owner:?}");
            assert_eq!(found["NAME"].names_mailbox, name.starts_with("one"), "{owner:?}");
            assert_eq!(found["NAME"].names_environment, name.ends_with("live"), "{owner:?}");
        }
    }

    #[test]
    fn names_that_mean_nothing_are_refused_without_their_values() {
        for file in
            ["SECRET = 'hidden'", "[live.X26ABC1]\nSECRET = 'hidden'", "[no-such.thing]\nNAME = 'hidden'"]
        {
            let error =
                read(Path::new("secrets"), file, None, |name| name == "NAME").map(drop).expect_err("refused");
            let text = error.to_string();
            assert!(text.starts_with("secrets ") && !text.contains("hidden"), "{text}");
        }
        assert!(read(Path::new("secrets"), "NAME=no quotes", None, |_| true).unwrap().is_none());
    }
}
