use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::Contact;
use crate::mailbox::Environment;

/// `settings.toml`: what is the same for every mailbox of this user. No secret stands in it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Who asks the desk, where the command does not say.
    pub contact: Contact,
    /// Desk addresses by environment, where they differ from the built-in ones.
    #[serde(deserialize_with = "by_environment")]
    pub desk: BTreeMap<Environment, String>,
    /// A program and its arguments that print a secret; the secret's name and the mailbox are added.
    pub secret_command: Vec<String>,
    /// A program and its arguments, run whenever another credential was put in use, where the mailbox has none.
    pub deploy_hook: Vec<String>,
    /// How long that program may take, in seconds; a minute where it is not said.
    pub deploy_hook_timeout: Option<u64>,
}

impl Settings {
    /// The desk's address for an environment, if the user set one.
    pub fn desk_address(&self, environment: Environment) -> Option<&str> {
        self.desk.get(&environment).map(String::as_str)
    }
}

/// Takes the names that commands take, and refuses others: a letter to the wrong desk costs days.
fn by_environment<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<Environment, String>, D::Error> {
    BTreeMap::<String, String>::deserialize(input)?
        .into_iter()
        .map(|(name, address)| Ok((name.parse().map_err(serde::de::Error::custom)?, address)))
        .collect()
}
