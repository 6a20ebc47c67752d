//! Secrets around a key that was made elsewhere: what opens its file, and what is to protect our copy.

use super::Secrets;
use super::sources::{KEY_PASSPHRASE, PFX_PASSWORD};
use super::tidy::Given;
use crate::onboarding::AdoptError;
use crate::secret::{Passphrase, WeakPassphrase};
use crate::store::PassphraseHolder;
use crate::ui::Failure;

/// What was given, each looked for once: standard input answers only once.
pub struct FileSecrets {
    key: Option<Given>,
    pfx: Option<Given>,
    /// Every reading of both: that of the key first, then what was asked.
    passwords: Vec<Passphrase>,
}

impl FileSecrets {
    /// Everything that may open a file of the user's.
    pub fn passwords(&self) -> &[Passphrase] {
        &self.passwords
    }

    /// All of them but the PFX password; `None` if none was given.
    pub fn without_pfx(&self) -> Option<Vec<Passphrase>> {
        let pfx = self.pfx.as_ref()?.readings();
        let others = self.passwords.iter().filter(|one| pfx.iter().all(|pfx| pfx.expose() != one.expose()));
        Some(others.map(|one| Passphrase::new(one.expose())).collect())
    }
}

impl Secrets<'_> {
    /// What was given for keys and keystores. Either may open either: the one flag cannot know that its
    /// passphrase is meant for our copy, and the other's for the file.
    pub fn for_files(&self) -> Result<FileSecrets, Failure> {
        let key = self.given(&KEY_PASSPHRASE, self.key.key_passphrase_file.as_deref(), None)?;
        let pfx = self.given(&PFX_PASSWORD, self.pfx_file(), None)?;
        let passwords = key.iter().chain(&pfx).flat_map(Given::readings).collect();
        Ok(FileSecrets { key, pfx, passwords })
    }

    /// Asks for what opens one file.
    pub fn ask_to_open(&self, secrets: &mut FileSecrets, name: &str, keystore: bool) -> Result<(), Failure> {
        let asked = if keystore {
            self.ask(&PFX_PASSWORD, &format!("Password of {name}"))?
        } else {
            self.ask(&KEY_PASSPHRASE, &format!("Passphrase of {name}"))?
        };
        secrets.passwords.extend(asked.readings());
        Ok(())
    }

    /// The passphrase of our copy, and who knows it: the one given for keys, else the one that opened the file
    /// (`opened_by`, by its place among the passwords), else a new one. Whichever it is, it has to satisfy the
    /// rules for new keys: what protected a file elsewhere may be weak, or published.
    pub fn for_copy(
        &self,
        secrets: &FileSecrets,
        opened_by: Option<usize>,
    ) -> Result<(Passphrase, PassphraseHolder), Failure> {
        if let Some(given) = &secrets.key {
            let given = Passphrase::new(given.tidy.as_str());
            return match given.check_for_new_key() {
                Ok(()) => Ok((given, PassphraseHolder::You)),
                Err(weak) => self.better("That passphrase", weak),
            };
        }
        let Some(opener) = opened_by.map(|index| &secrets.passwords[index]) else {
            return self.new_key_passphrase();
        };
        let Err(weak) = opener.check_for_new_key() else {
            self.context.screen.note("note: our copy of the key has the password that opened the file");
            return Ok((Passphrase::new(opener.expose()), PassphraseHolder::You));
        };
        // Now that the owner is known, `secret_command` may know one.
        match self.given(&KEY_PASSPHRASE, None, None)? {
            Some(given) => Ok((Passphrase::new(given.tidy.as_str()), PassphraseHolder::You)),
            None => self.better("The password that opened the file", weak),
        }
    }

    /// Asks for a passphrase in place of one that is too weak; without anybody to ask that is an error.
    fn better(&self, which: &str, weak: WeakPassphrase) -> Result<(Passphrase, PassphraseHolder), Failure> {
        if !self.context.screen.may_ask {
            return Err(AdoptError::Passphrase(weak).into());
        }
        self.context.screen.say(&format!("{which} cannot protect our copy of the key: {weak}."));
        self.ask_for_new()
    }

    /// The password of new PKCS#12 files; `None` where they get the key's passphrase. One that was given for
    /// the user's own file (`opens`) becomes theirs only if it satisfies the rules for new passphrases, which
    /// none of the published passwords does.
    pub fn for_new_pfx(&self, secrets: &FileSecrets, opens: bool) -> Result<Option<Passphrase>, Failure> {
        let Some(given) = &secrets.pfx else { return self.pfx_password() };
        let given = Passphrase::new(given.tidy.as_str());
        match given.check_for_new_key() {
            Err(weak) if opens => {
                self.context.screen.note(&format!(
                    "note: the new PFX has the key's passphrase; the PFX password that was given goes with the file from elsewhere, and cannot protect a new one: {weak}"
                ));
                Ok(None)
            }
            _ => Ok(Some(given)),
        }
    }
}
