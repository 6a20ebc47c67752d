use std::collections::BTreeMap;

use serde::Deserialize;

use super::Contact;
use crate::mailbox::Environment;

/// `settings.toml`: what is the same for every mailbox of this user. No secret stands in it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Who asks the desk, where the command does not say.
    pub contact: Contact,
    /// Desk addresses by environment, where they differ from the built-in ones.
    pub desk: BTreeMap<String, String>,
    /// A program and its arguments that print a secret; the secret's name and the mailbox are added.
    pub secret_command: Vec<String>,
}

impl Settings {
    /// The desk's address for an environment, if the user set one.
    pub fn desk_address(&self, environment: Environment) -> Option<&str> {
        self.desk.get(environment.as_str()).map(String::as_str)
    }
}
