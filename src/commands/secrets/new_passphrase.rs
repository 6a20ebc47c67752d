use zeroize::Zeroizing;

use super::Secrets;
use super::sources::KEY_PASSPHRASE;
use crate::keyring;
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
        let screen = &self.context.screen;
        loop {
            // As it is typed: what a new passphrase begins and ends with is judged, not repaired.
            let question = "Passphrase for the new key (empty: make a strong one)";
            let asked = self.ask_as_typed(&KEY_PASSPHRASE, question)?;
            if asked.is_empty() {
                return self.generate();
            }
            let chosen = Passphrase::new(asked.as_str());
            if let Err(weak) = chosen.check_for_new_key() {
                screen.say(&format!("That passphrase cannot be used: {weak}."));
                continue;
            }
            if *self.ask_as_typed(&KEY_PASSPHRASE, "The same again")? == *asked {
                return Ok((chosen, PassphraseHolder::You));
            }
            screen.say("The two are not the same; please try again.");
        }
    }

    /// A strong passphrase, into the keyring; where there is none, shown once and confirmed.
    fn generate(&self) -> Result<(Passphrase, PassphraseHolder), Failure> {
        let screen = &self.context.screen;
        let generated = generated_passphrase();
        // A name of its own, so that it never takes the place of another key's passphrase.
        let owner = self.owner.map(|(mailbox, environment)| format!("{environment}/{mailbox}/"));
        let entry = format!("{}key-passphrase/{}", owner.unwrap_or_default(), uuid::Uuid::new_v4());
        match keyring::keep(&entry, &generated) {
            Ok(()) => {
                screen.say("A strong passphrase was made and is kept in this account's keyring.");
                Ok((generated, PassphraseHolder::Keyring { entry }))
            }
            Err(reason) => {
                screen.detail(&format!("keyring: {reason}"));
                screen
                    .say("There is no keyring here that could keep the passphrase. This is it, shown once:");
                screen.show_generated(&generated);
                while !screen.confirm("The key is of no use without it. Is it kept in a safe place?")? {}
                Ok((generated, PassphraseHolder::You))
            }
        }
    }
}

/// 125 random bits as five groups of five letters and digits.
fn generated_passphrase() -> Passphrase {
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
