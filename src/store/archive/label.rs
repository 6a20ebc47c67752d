use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use super::ArchiveError;
use crate::mailbox::{Environment, MailboxId};
use crate::secret::Passphrase;

/// The only format there is.
const FORMAT: u32 = 1;

/// For whoever opens it by hand.
const HEAD: &str = "\
# A backup of mesh-onboard. It comes back with: mesh-onboard restore FILE
# By hand: age -d FILE | tar x; then this folder is a home: mesh-onboard --home mesh-onboard status
# Below are the passphrases of the keys that only a keyring held. They are secret: remove this file when they are kept
# elsewhere.
";

/// The first file of a backup.
#[derive(Debug)]
pub struct Label {
    /// When it was made.
    pub made_at: OffsetDateTime,
    /// Passphrases that only the keyring held.
    pub passphrases: Vec<HeldPassphrase>,
}

/// The passphrase of the key of a credential.
#[derive(Debug)]
pub struct HeldPassphrase {
    /// Of the mailbox.
    pub environment: Environment,
    /// Whose credential it is.
    pub mailbox: MailboxId,
    /// The credential's number.
    pub credential: u32,
    /// It.
    pub passphrase: Passphrase,
}

#[derive(Deserialize)]
struct Read {
    made_at: String,
    #[serde(default, rename = "passphrase")]
    passphrases: Vec<ReadPassphrase>,
}

#[derive(Deserialize)]
struct ReadPassphrase {
    environment: String,
    mailbox: String,
    credential: u32,
    #[serde(deserialize_with = "secret")]
    passphrase: Zeroizing<String>,
}

fn secret<'de, D: Deserializer<'de>>(input: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(input).map(Zeroizing::new)
}

impl Label {
    /// As TOML. Written by hand into one piece of memory: serialisers leave copies behind, which nobody wipes.
    pub(super) fn text(&self) -> Zeroizing<Vec<u8>> {
        let made_at = self.made_at.format(&Rfc3339).unwrap_or_default();
        // A character of a passphrase becomes six at most.
        let secrets: usize =
            self.passphrases.iter().map(|held| held.passphrase.expose().len() * 6 + 200).sum();
        let mut text = Zeroizing::new(String::with_capacity(HEAD.len() + 100 + secrets));
        text.push_str(HEAD);
        text.push_str(&format!("format = {FORMAT}\nmade_at = \"{made_at}\"\n"));
        for held in &self.passphrases {
            let HeldPassphrase { environment, mailbox, credential, passphrase } = held;
            text.push_str(&format!(
                "\n[[passphrase]]\nenvironment = \"{environment}\"\nmailbox = \"{mailbox}\"\ncredential = {credential}\n"
            ));
            text.push_str("passphrase = \"");
            push_escaped(&mut text, passphrase.expose());
            text.push_str("\"\n");
        }
        Zeroizing::new(std::mem::take(&mut *text).into_bytes())
    }

    /// Whether another one keeps the very same.
    pub fn holds_the_same(&self, other: &Self) -> bool {
        *self.text() == *other.text()
    }

    /// Reads it back.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ArchiveError> {
        // What is wrong with it is not repeated: it holds secrets.
        let text = std::str::from_utf8(bytes).map_err(|_| ArchiveError::Foreign)?;
        let format = toml::from_str::<Format>(text).map_err(|_| ArchiveError::Foreign)?.format;
        if format != FORMAT {
            return Err(ArchiveError::NewerFormat(format));
        }
        let read: Read = toml::from_str(text).map_err(|_| ArchiveError::Foreign)?;
        let made_at = OffsetDateTime::parse(&read.made_at, &Rfc3339).map_err(|_| ArchiveError::Foreign)?;
        let held = |read: ReadPassphrase| {
            Some(HeldPassphrase {
                environment: read.environment.parse().ok()?,
                mailbox: read.mailbox.parse().ok()?,
                credential: read.credential,
                passphrase: Passphrase::new(read.passphrase.as_str()),
            })
        };
        let passphrases = read.passphrases.into_iter().map(held).collect::<Option<_>>();
        Ok(Self { made_at, passphrases: passphrases.ok_or(ArchiveError::Foreign)? })
    }
}

/// What is looked at first: a newer file may hold anything else.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Writes the inside of a basic string (TOML 1.0, "String").
fn push_escaped(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => {
                text.push_str("\\u");
                let code = u32::from(c);
                text.extend(
                    [12, 8, 4, 0].map(|shift| char::from_digit(code >> shift & 0xf, 16).unwrap_or('0')),
                );
            }
            c => text.push(c),
        }
    }
}
