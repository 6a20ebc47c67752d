use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::error::HandoverError;
use super::item::Item;
use super::preset::Preset;
use crate::mailbox::{CommonName, Environment, MailboxId, OdsCode};
use crate::mesh::Target;
use crate::pki::chain::{self, Chain};
use crate::pki::{
    BundleChoices, BundleError, BundleOptions, BundleRole, Bundles, Certificate, PfxProfile, PlaintextKey,
    PrivateKey,
};
use crate::secret::{MailboxPassword, Passphrase, SecretBytes, SharedKey};

/// Everything that a handover can be made from.
#[derive(Debug)]
pub struct Ingredients<'a> {
    /// The mailbox.
    pub mailbox: &'a MailboxId,
    /// Its owner.
    pub ods: &'a OdsCode,
    /// Its environment.
    pub environment: Environment,
    /// The name that was asked for.
    pub common_name: &'a CommonName,
    /// The chain of the certificate.
    pub chain: &'a Chain,
    /// The certificates that the consumer is to believe at the server, roots first; by default those of the chain.
    pub server_ca: &'a [Certificate],
    /// Where MESH is.
    pub address: Option<&'a Target>,
    /// The key, where a file holds it.
    pub key: Option<&'a PrivateKey>,
    /// Password and shared key, where a file holds one.
    pub login: Option<Login<'a>>,
    /// How PFX and keystore are protected.
    pub profile: PfxProfile,
}

/// What signs a mailbox in.
#[derive(Debug, Clone, Copy)]
pub struct Login<'a> {
    /// The password of the mailbox.
    pub password: &'a MailboxPassword,
    /// The shared key of the environment.
    pub shared_key: &'a SharedKey,
}

/// The chain of certificates that were kept, leaf first, proved again at `now`.
pub fn proved_chain(
    kept: &[Certificate],
    roots: &[Certificate],
    now: OffsetDateTime,
) -> Result<Chain, HandoverError> {
    let (leaf, others) = kept.split_first().ok_or_else(|| HandoverError::Unreadable {
        file: "fullchain.pem".into(),
        detail: "there is no certificate in it".into(),
    })?;
    Ok(chain::build(leaf, others, roots, now)?)
}

/// The value of each item that is needed.
#[derive(Debug, Default)]
pub(super) struct Values(BTreeMap<Item, Held>);

/// A value, wiped when it goes.
#[derive(Debug)]
pub(super) enum Held {
    Bytes(SecretBytes),
    List(Vec<String>),
}

impl Values {
    /// The bytes of an item that is no list.
    pub(super) fn bytes(&self, item: Item) -> Option<&[u8]> {
        match self.0.get(&item)? {
            Held::Bytes(bytes) => Some(bytes.expose()),
            Held::List(_) => None,
        }
    }

    pub(super) fn copy(&self, item: Item) -> SecretBytes {
        SecretBytes::new(self.bytes(item).unwrap_or_default().to_vec())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Item, &Held)> {
        self.0.iter().map(|(item, held)| (*item, held))
    }
}

impl Ingredients<'_> {
    /// The values of `items`. What takes time, such as a PFX, is made only where it is needed.
    pub(super) fn values(&self, preset: &Preset, items: &BTreeSet<Item>) -> Result<Values, HandoverError> {
        if let Some(key) = self.key
            && key.fingerprint() != self.chain.leaf.key_fingerprint()
        {
            return Err(HandoverError::KeyMismatch);
        }
        let generated = generated_password();
        let bundles = self.bundles(items, &generated)?;
        let mut values = Values::default();
        for item in items {
            let held = match item {
                Item::RootCasBase64 => Held::List(base64_of(self.roots())),
                Item::SubCasBase64 => Held::List(base64_of(self.sub_cas(preset)?)),
                _ => Held::Bytes(self.bytes(*item, preset, &generated, bundles.as_ref())?),
            };
            values.0.insert(*item, held);
        }
        Ok(values)
    }

    fn bytes(
        &self,
        item: Item,
        preset: &Preset,
        generated: &Passphrase,
        bundles: Option<&Bundles>,
    ) -> Result<SecretBytes, HandoverError> {
        let chain = self.chain;
        let text = |text: String| Ok(SecretBytes::new(text.into_bytes()));
        let needed = |what: &str| HandoverError::Value {
            item: what.into(),
            file: preset.name.into(),
            why: "it is not known".into(),
        };
        let of_bundle = |role: BundleRole| {
            let file = bundles.and_then(|b| b.files().iter().find(|file| file.role == role));
            file.map(|file| SecretBytes::new(file.bytes.expose().to_vec()))
                .ok_or_else(|| needed(item.words()))
        };
        match item {
            Item::Mailbox => text(self.mailbox.to_string()),
            Item::Ods => text(self.ods.to_string()),
            Item::Environment => text(self.environment.to_string()),
            Item::CommonName => text(self.common_name.to_string()),
            Item::NotAfter => text(chain.leaf.not_after().date().to_string()),
            Item::Sha256 => text(chain.leaf.fingerprint().to_string()),
            Item::Url => text(self.address.ok_or_else(|| needed(item.words()))?.url("")),
            Item::ApiUrl => text(self.address.ok_or_else(|| needed(item.words()))?.url("/messageexchange")),
            Item::Password => {
                let login = self.login.ok_or_else(|| needed(item.words()))?;
                text(login.password.expose().to_owned())
            }
            Item::SharedKey => {
                let login = self.login.ok_or_else(|| needed(item.words()))?;
                text(login.shared_key.expose().to_owned())
            }
            Item::Certificate => text(chain.leaf.pem()),
            Item::CertificateChain => text(pem(std::iter::once(&chain.leaf).chain(&chain.intermediates))),
            Item::Fullchain => text(pem(chain.leaf_first())),
            Item::CaBundle => text(pem(self.roots().into_iter().chain(self.others()))),
            Item::CaChain => text(pem(self.others().into_iter().chain(self.roots()))),
            Item::RootCa => text(pem(self.roots())),
            Item::SubCa => text(pem(self.sub_cas(preset)?)),
            Item::ClientSubCa => match chain.intermediates.is_empty() {
                true => Err(HandoverError::NoSubCa { consumer: preset.name }),
                false => text(pem(&chain.intermediates)),
            },
            Item::Key => Ok(self.key.ok_or_else(|| needed(item.words()))?.pkcs8_pem()?),
            Item::KeyPkcs1 => Ok(self.key.ok_or_else(|| needed(item.words()))?.pkcs1_pem()?),
            Item::EncryptedKey => {
                text(self.key.ok_or_else(|| needed(item.words()))?.encrypted_pem(generated))
            }
            Item::Pfx => of_bundle(BundleRole::Pfx),
            Item::PfxBase64 => of_bundle(BundleRole::PfxBase64),
            Item::Keystore => of_bundle(BundleRole::Keystore),
            Item::GeneratedPassword => text(generated.expose().to_owned()),
            Item::RootCasBase64 | Item::SubCasBase64 => unreachable!("lists are made above"),
        }
    }

    /// PFX and keystore, each read back, where they are needed.
    fn bundles(&self, items: &BTreeSet<Item>, password: &Passphrase) -> Result<Option<Bundles>, BundleError> {
        let wanted = [Item::Pfx, Item::PfxBase64, Item::Keystore];
        let Some(key) = self.key.filter(|_| wanted.iter().any(|item| items.contains(item))) else {
            return Ok(None);
        };
        let choices = BundleChoices {
            profile: self.profile,
            keystore: items.contains(&Item::Keystore),
            plaintext_key: None::<PlaintextKey>,
            ..BundleChoices::default()
        };
        let options = BundleOptions { password, stem: self.mailbox.as_str(), choices: &choices };
        Bundles::build(self.chain, key, &options).map(Some)
    }

    /// What the consumer is to believe: named by the user, or the authorities of the chain.
    fn believed(&self) -> Vec<&Certificate> {
        match self.server_ca {
            [] => self.chain.authorities().collect(),
            given => given.iter().collect(),
        }
    }

    fn roots(&self) -> Vec<&Certificate> {
        self.believed().into_iter().filter(|certificate| certificate.is_self_issued()).collect()
    }

    fn others(&self) -> Vec<&Certificate> {
        self.believed().into_iter().filter(|certificate| !certificate.is_self_issued()).collect()
    }

    fn sub_cas(&self, preset: &Preset) -> Result<Vec<&Certificate>, HandoverError> {
        let others = self.others();
        match others.is_empty() {
            true => Err(HandoverError::NoSubCa { consumer: preset.name }),
            false => Ok(others),
        }
    }
}

fn pem<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    certificates.into_iter().map(Certificate::pem).collect()
}

fn base64_of(certificates: Vec<&Certificate>) -> Vec<String> {
    certificates.into_iter().map(|certificate| BASE64_STANDARD.encode(certificate.der())).collect()
}

/// 160 random bits as 32 letters and digits, which need no quotes anywhere.
fn generated_password() -> Passphrase {
    let mut bytes = Zeroizing::new([0; 20]);
    aws_lc_rs::rand::fill(&mut *bytes).expect("the system's random source answers");
    Passphrase::new(data_encoding::BASE32_NOPAD.encode(&*bytes).to_lowercase())
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_passwords_are_letters_and_digits_and_differ() {
        let (one, two) = (super::generated_password(), super::generated_password());
        assert_eq!(one.expose().len(), 32);
        assert!(one.expose().bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_ne!(one.expose(), two.expose());
    }
}
