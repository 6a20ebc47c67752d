//! The arguments of a command once more, for the commands that are suggested. No secret is an argument.

use std::path::{Path, PathBuf};

use super::target::TargetArgs;
use crate::mailbox::Network;

impl TargetArgs {
    /// What follows the verb in a command that goes to the same place, with the same credentials.
    pub fn words(&self) -> String {
        let mailbox = self.mailbox.as_ref().map(ToString::to_string);
        let words: Vec<String> = mailbox.into_iter().chain(self.environment_flags()).collect();
        let place = self.place_flags();
        shell_words::join(words.into_iter().chain(place).chain(self.login_flags()).chain(self.key_flags()))
    }

    /// `--env`, if it was given.
    pub fn environment_flags(&self) -> Vec<String> {
        self.address.env.map(|env| vec!["--env".into(), env.to_string()]).unwrap_or_default()
    }

    /// Where it connects, and by which credentials.
    fn place_flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        if let Some(number) = self.credential {
            flags.extend(["--credential".into(), number.to_string()]);
        }
        if self.address.place.network != Network::Internet {
            flags.extend(["--network".into(), "hscn".into()]);
        }
        let mut named = |flag: &str, value: Option<String>| {
            flags.extend(value.map(|value| [flag.to_owned(), value]).into_iter().flatten());
        };
        named("--url", self.address.place.url.clone());
        for ca in &self.address.ca {
            named("--ca", Some(shown(ca)));
        }
        named("--proxy", self.address.place.proxy.clone());
        named("--pfx", self.pfx.as_deref().map(shown));
        named("--cert", self.cert.as_deref().map(shown));
        named("--key", self.key.as_deref().map(shown));
        flags.extend(self.address.insecure.then(|| "--insecure".into()));
        flags
    }

    /// Where the secrets of the mailbox are.
    pub fn login_flags(&self) -> Vec<String> {
        flags([
            ("--secrets", &self.secrets.secrets),
            ("--mailbox-password-file", &self.login.mailbox_password_file),
            ("--shared-key-file", &self.login.shared_key_file),
        ])
    }

    /// Where those of the key are.
    fn key_flags(&self) -> Vec<String> {
        flags([
            ("--key-passphrase-file", &self.secrets.key_passphrase_file),
            ("--pfx-password-file", &self.pfx_password.pfx_password_file),
        ])
    }
}

fn flags<const N: usize>(files: [(&str, &Option<PathBuf>); N]) -> Vec<String> {
    let given = files.into_iter().filter_map(|(flag, path)| Some([flag.to_owned(), shown(path.as_deref()?)]));
    given.flatten().collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
