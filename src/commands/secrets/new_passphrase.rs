use zeroize::Zeroizing;

use super::Secrets;
use super::sources::{KEY_PASSPHRASE, Kind};
use crate::keyring::{self, KeyringError, entry};
use crate::secret::Passphrase;
use crate::store::PassphraseHolder;
use crate::ui::Failure;

impl Secrets<'_> {
    /// The passphrase for a new key, and who will know it. An empty answer to the prompt makes one.
    pub fn new_key_passphrase(&self) -> Result<(Passphrase, PassphraseHolder), Failure> {
        let file = self.key.key_passphrase_file.as_deref();
        if let Some(given) = self.given(&KEY_PASSPHRASE, file, None)? {
            return Ok((Passphrase::new(given.tidy.as_str()), PassphraseHolder::You));
        }
        self.ask_for_new()
    }

    pub(super) fn ask_for_new(&self) -> Result<(Passphrase, PassphraseHolder), Failure> {
        let question = "Passphrase for the new key (empty: make a strong one)";
        match self.ask_twice(&KEY_PASSPHRASE, question)? {
            Some(chosen) => Ok((chosen, PassphraseHolder::You)),
            None => self.generate(),
        }
    }

    /// Asks until a passphrase is good enough and the same twice; nothing for an empty answer.
    pub(super) fn ask_twice(&self, kind: &Kind, question: &str) -> Result<Option<Passphrase>, Failure> {
        let screen = &self.context.screen;
        loop {
            // As it is typed: what a new passphrase begins and ends with is judged, not repaired.
            let asked = self.ask_as_typed(kind, question)?;
            if asked.is_empty() {
                return Ok(None);
            }
            let chosen = Passphrase::new(asked.as_str());
            if let Err(weak) = chosen.check_for_new_key() {
                screen.say(&format!("That passphrase cannot be used: {weak}."));
                continue;
            }
            if *self.ask_as_typed(kind, "The same again")? == *asked {
                return Ok(Some(chosen));
            }
            screen.say("The two are not the same; please try again.");
        }
    }

    /// A strong passphrase, shown once. The keyring keeps it, or whoever has seen it says that it is kept.
    fn generate(&self) -> Result<(Passphrase, PassphraseHolder), Failure> {
        let screen = &self.context.screen;
        let generated = generated_passphrase();
        screen.say("A strong passphrase was made. This is it, shown once:");
        screen.show_generated(&generated);
        if let Some(entry) = self.offer_keyring(&generated)? {
            screen.say("It is kept in this account's keyring.");
            return Ok((generated, PassphraseHolder::Keyring { entry }));
        }
        screen.confirm_kept("The key is of no use without it. Is it kept in a safe place?")?;
        Ok((generated, PassphraseHolder::You))
    }

    /// The entry in which the keyring keeps it, if there is one, somebody wants that, and it does.
    fn offer_keyring(&self, generated: &Passphrase) -> Result<Option<String>, Failure> {
        let screen = &self.context.screen;
        let unable =
            |reason: KeyringError| self.context.detail_once(&format!("keyring: {}", reason.in_full()));
        if let Err(reason) = keyring::is_here() {
            unable(reason);
            return Ok(None);
        }
        if !screen.confirm_or("Keep it in this account's keyring?", true)? {
            return Ok(None);
        }
        let entry = entry::new_key_passphrase(self.owner);
        match keyring::keep(&entry, generated.expose()) {
            Ok(()) => Ok(Some(entry)),
            Err(reason) => {
                unable(reason);
                screen.say("The keyring did not take it.");
                Ok(None)
            }
        }
    }
}

/// 125 random bits as five groups of five letters and digits.
pub(super) fn generated_passphrase() -> Passphrase {
    let mut bytes = Zeroizing::new([0; 16]);
    aws_lc_rs::rand::fill(&mut *bytes).expect("the system's random source answers");
    let letters = Zeroizing::new(data_encoding::BASE32_NOPAD.encode(&*bytes).to_lowercase());
    let groups: Vec<&str> = (0..5).map(|i| &letters[i * 5..i * 5 + 5]).collect();
    Passphrase::new(groups.join("-"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_passphrases_are_strong_and_differ() {
        let (one, two) = (super::generated_passphrase(), super::generated_passphrase());
        assert_eq!(one.expose().len(), 29);
        assert_eq!(one.check_for_new_key(), Ok(()));
        assert_ne!(one.expose(), two.expose());
    }
}
