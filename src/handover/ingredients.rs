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
    BundleChoices, BundleError, BundleOptions, BundleRole, Bundles, Certificate, Fingerprint, PfxProfile,
    PlaintextKey, PrivateKey,
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
    /// The password of the mailbox, where a file holds it.
    pub password: Option<&'a MailboxPassword>,
    /// The shared key of the environment, where a file holds it.
    pub shared_key: Option<&'a SharedKey>,
    /// How PFX and keystore are protected.
    pub profile: PfxProfile,
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
        self.trust_is_whole(preset, items)?;
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
            Item::Sha256Short => text(short(chain.leaf.fingerprint())),
            Item::CaId => text(self.ca_id()),
            Item::HandoverId => text(data_encoding::HEXLOWER.encode(&random::<4>()[..])),
            Item::Url => text(self.address.ok_or_else(|| needed(item.words()))?.url("")),
            Item::ApiUrl => text(self.address.ok_or_else(|| needed(item.words()))?.url("/messageexchange")),
            Item::Password => text(self.password.ok_or_else(|| needed(item.words()))?.expose().to_owned()),
            Item::SharedKey => text(self.shared_key.ok_or_else(|| needed(item.words()))?.expose().to_owned()),
            Item::Certificate => text(chain.leaf.pem()),
            Item::CertificateChain => text(pem(std::iter::once(&chain.leaf).chain(&chain.intermediates))),
            Item::Fullchain => text(pem(chain.leaf_first())),
            Item::CaBundle => text(pem(self.roots_first())),
            Item::CaBundleWithClientCa => text(pem(self.with_client_cas())),
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
            believed: self.server_ca.to_vec(),
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

    fn roots_first(&self) -> impl Iterator<Item = &Certificate> {
        self.roots().into_iter().chain(self.others())
    }

    /// Believed, and the CAs between the client certificate and its root, none of them twice.
    fn with_client_cas(&self) -> Vec<&Certificate> {
        let mut all: Vec<_> = self.roots_first().collect();
        for ca in &self.chain.intermediates {
            if !all.contains(&ca) {
                all.push(ca);
            }
        }
        all
    }

    /// The believed ones and the client's own are public: a hash tells nobody anything.
    fn ca_id(&self) -> String {
        let all = self.roots_first().chain(&self.chain.intermediates);
        let all: Vec<u8> = all.flat_map(Certificate::der).copied().collect();
        short(Fingerprint::of(&all))
    }

    /// Whether what is believed leads to a root, where the consumer is given roots: from a sub CA alone it makes no chain.
    fn trust_is_whole(&self, preset: &Preset, items: &BTreeSet<Item>) -> Result<(), HandoverError> {
        const WITH_ROOTS: [Item; 6] = [
            Item::CaBundle,
            Item::CaBundleWithClientCa,
            Item::CaChain,
            Item::RootCa,
            Item::RootCasBase64,
            Item::Keystore,
        ];
        if !WITH_ROOTS.iter().any(|item| items.contains(item)) {
            return Ok(());
        }
        if self.roots().is_empty() {
            return Err(HandoverError::NoRoot { consumer: preset.name });
        }
        let believed = self.believed();
        match self.others().into_iter().find(|ca| !believed.iter().any(|issuer| ca.is_signed_by(issuer))) {
            Some(loose) => {
                Err(HandoverError::NoIssuer { subject: loose.subject().into(), consumer: preset.name })
            }
            None => Ok(()),
        }
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
    Passphrase::new(data_encoding::BASE32_NOPAD.encode(&random::<20>()[..]).to_lowercase())
}

fn random<const BYTES: usize>() -> Zeroizing<[u8; BYTES]> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    aws_lc_rs::rand::fill(&mut *bytes).expect("the system's random source answers");
    bytes
}

/// The first 8 digits.
fn short(fingerprint: Fingerprint) -> String {
    fingerprint.to_string()[..8].to_owned()
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
