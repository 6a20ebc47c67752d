//! Secrets around a key that was made elsewhere: what opens its file, and what is to protect our copy.

use super::Secrets;
use super::sources::{Given, KEY_PASSPHRASE, PFX_PASSWORD};
use crate::onboarding::AdoptError;
use crate::secret::Passphrase;
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
    /// (`opened_by`, by its place among the passwords), else a new one. With `as_it_is` a passphrase that
    /// protected the key until now is good enough; otherwise it has to satisfy the rules for new keys.
    pub fn for_copy(
        &self,
        secrets: &FileSecrets,
        opened_by: Option<usize>,
        as_it_is: bool,
    ) -> Result<(Passphrase, PassphraseHolder), Failure> {
        let again = |passphrase: &Passphrase| (Passphrase::new(passphrase.expose()), PassphraseHolder::You);
        let opener = opened_by.map(|index| &secrets.passwords[index]);
        let Some(given) = &secrets.key else {
            return match opener {
                Some(opener) if as_it_is || opener.check_for_new_key().is_ok() => {
                    self.context
                        .screen
                        .note("note: our copy of the key has the password that opened the file");
                    Ok(again(opener))
                }
                _ => self.new_key_passphrase(),
            };
        };
        let given = Passphrase::new(given.tidy.as_str());
        match given.check_for_new_key() {
            Ok(()) => Ok((given, PassphraseHolder::You)),
            Err(_) if as_it_is && opener.is_some_and(|o| o.expose() == given.expose()) => Ok(again(&given)),
            Err(weak) if self.context.screen.may_ask => {
                self.context
                    .screen
                    .say(&format!("That passphrase cannot protect our copy of the key: {weak}."));
                self.ask_for_new()
            }
            Err(weak) => Err(AdoptError::Passphrase(weak).into()),
        }
    }

    /// The password of new PKCS#12 files, if one was given or opened the keystore.
    pub fn for_new_pfx(&self, secrets: &FileSecrets) -> Result<Option<Passphrase>, Failure> {
        match &secrets.pfx {
            Some(given) => Ok(Some(Passphrase::new(given.tidy.as_str()))),
            None => self.pfx_password(),
        }
    }
}
