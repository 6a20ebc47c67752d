use std::str::FromStr;

use p12_keystore::{
    Certificate as P12Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, Pkcs12Archive,
    PrivateKey as P12PrivateKey, PrivateKeyChain,
};

use super::{Alias, Pfx, PfxError};
use crate::pki::chain::Chain;
use crate::pki::{Certificate, PrivateKey};
use crate::secret::Passphrase;

/// How a PKCS#12 file is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PfxProfile {
    /// PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA-256, HMAC-SHA-256: what today's readers write themselves.
    #[default]
    Modern,
    /// PBE-SHA1-3DES with HMAC-SHA-1, for readers that do not know AES here and say "wrong password":
    /// Windows Server 2016, Java before 8u301, the Keychain of older macOS. Never RC2.
    Legacy,
}

impl PfxProfile {
    /// Iterations of the key derivations and of the MAC, each.
    ///
    /// .NET takes no more than 300,000 each and 1,000,000 in all; there are three in a file (certificates,
    /// key, MAC). Legacy derives each 3DES key and IV block by block, seven runs of SHA-1 in a file: at 50,000
    /// a file costs as much as a modern one at 100,000 (measured), which its readers, old and slow, are
    /// spared. OpenSSL and Windows write 2,048 of these.
    pub fn iterations(self) -> u32 {
        match self {
            Self::Modern => 100_000,
            Self::Legacy => 50_000,
        }
    }
}

impl FromStr for PfxProfile {
    type Err = String;
    fn from_str(given: &str) -> Result<Self, String> {
        match given {
            "modern" => Ok(Self::Modern),
            "legacy" => Ok(Self::Legacy),
            _ => Err(format!("'{given}' is not a PFX profile: modern or legacy")),
        }
    }
}

impl Pfx {
    /// Writes leaf, sub CAs, root and key as a PFX file (PKCS#12, RFC 7292). `alias` is the key's friendly
    /// name.
    pub fn write(
        chain: &Chain,
        key: &PrivateKey,
        password: &Passphrase,
        alias: &Alias,
        profile: PfxProfile,
    ) -> Result<Vec<u8>, PfxError> {
        Pkcs12::pfx(chain, key, alias.clone()).write(password, profile)
    }
}

/// What goes into a PKCS#12 file, and has to come out of it again.
#[derive(Debug)]
pub(in crate::pki) struct Pkcs12<'a> {
    /// The chain under its key.
    key: Option<(Alias, &'a PrivateKey, &'a Chain)>,
    /// Certificates that Java trusts for being there.
    trusted: Vec<(Alias, &'a Certificate)>,
}

impl<'a> Pkcs12<'a> {
    /// A PFX: the key with its chain.
    pub(in crate::pki) fn pfx(chain: &'a Chain, key: &'a PrivateKey, alias: Alias) -> Self {
        Self { key: Some((alias, key, chain)), trusted: Vec::new() }
    }

    /// A keystore for Java: the key with its chain, and whom to believe as trusted entries.
    pub(in crate::pki) fn keystore(
        chain: &'a Chain,
        key: &'a PrivateKey,
        alias: &Alias,
        believed: &[&'a Certificate],
    ) -> Self {
        Self { key: Some((alias.in_java(), key, chain)), trusted: named(believed) }
    }

    /// A truststore for Java: whom to believe alone.
    pub(in crate::pki) fn truststore(believed: &[&'a Certificate]) -> Self {
        Self { key: None, trusted: named(believed) }
    }

    pub(in crate::pki) fn write(
        &self,
        password: &Passphrase,
        profile: PfxProfile,
    ) -> Result<Vec<u8>, PfxError> {
        password.check_printable()?;
        let failed = |e: p12_keystore::error::Error| PfxError::Write(e.to_string());
        let mut store = KeyStore::new();
        for (alias, certificate) in &self.trusted {
            // The writer keeps the last of two entries with one name, Java of two that differ in case.
            if self.key.as_ref().is_some_and(|(key, ..)| key.in_java() == alias.in_java()) {
                return Err(PfxError::AliasTaken(alias.to_string()));
            }
            let certificate = P12Certificate::from_der(certificate.der()).map_err(failed)?;
            store.add_entry(alias.as_str(), KeyStoreEntry::Certificate(certificate));
        }
        if let Some((alias, key, chain)) = &self.key {
            // The writer takes any key with any certificate.
            if chain.leaf.key_fingerprint() != key.fingerprint() {
                return Err(PfxError::KeyMismatch);
            }
            let certificates = chain
                .leaf_first()
                .map(|c| P12Certificate::from_der(c.der()))
                .collect::<Result<Vec<_>, _>>()
                .map_err(failed)?;
            let key = P12PrivateKey::from_der(key.pkcs8().expose()).map_err(failed)?;
            let entry = PrivateKeyChain::new(local_key_id(chain).as_slice(), key, certificates);
            store.add_entry(alias.as_str(), KeyStoreEntry::PrivateKeyChain(entry));
        }
        let (encryption, mac) = match profile {
            PfxProfile::Modern => (EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256),
            PfxProfile::Legacy => {
                (EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc, MacAlgorithm::HmacSha1)
            }
        };
        store
            .writer(password.expose())
            .encryption_algorithm(encryption)
            .encryption_iterations(profile.iterations())
            .mac_algorithm(mac)
            .mac_iterations(profile.iterations())
            .write()
            .map_err(failed)
    }

    /// Whether `bytes` open with `password` and hold this and nothing else.
    pub(in crate::pki) fn is_in(&self, bytes: &[u8], password: &Passphrase) -> bool {
        let Ok(archive) = Pkcs12Archive::from_pkcs12(bytes, password.expose()) else { return false };
        let (trusted, chained): (Vec<_>, Vec<_>) = archive.certs.iter().partition(|bag| bag.trusted);
        let same_trusted = trusted.len() == self.trusted.len()
            && self.trusted.iter().all(|(alias, certificate)| {
                trusted.iter().any(|bag| {
                    bag.friendly_name.as_deref() == Some(alias.as_str())
                        && bag.cert.as_der() == certificate.der()
                        && bag.local_key_id.is_none()
                })
            });
        let same_key = match (&self.key, archive.keys.as_slice()) {
            (None, []) => chained.is_empty(),
            (Some((alias, key, chain)), [bag]) => {
                let id = Some(local_key_id(chain));
                // The first certificate is tied to the key, the others to nothing.
                bag.friendly_name.as_deref() == Some(alias.as_str())
                    && bag.local_key_id.as_ref().map(|id| id.0.clone()) == id
                    && bag.key.as_der() == key.pkcs8().expose()
                    && chained.iter().map(|c| c.cert.as_der()).eq(chain.leaf_first().map(Certificate::der))
                    && chained
                        .iter()
                        .enumerate()
                        .all(|(i, c)| c.local_key_id.as_ref() == id.as_ref().filter(|_| i == 0))
            }
            _ => false,
        };
        same_trusted && same_key && archive.secrets.is_empty()
    }
}

/// What ties key and leaf together; its value is free.
fn local_key_id(chain: &Chain) -> Vec<u8> {
    chain.leaf.fingerprint().as_bytes()[..20].to_vec()
}

/// `rootca` and `subca` as the guides of the MESH client name them; further ones are numbered.
fn named<'a>(believed: &[&'a Certificate]) -> Vec<(Alias, &'a Certificate)> {
    let (roots, others): (Vec<_>, Vec<_>) = believed.iter().partition(|ca| ca.is_self_issued());
    let numbered = |name: &'static str, certificates: Vec<&'a Certificate>| {
        certificates.into_iter().enumerate().map(move |(i, certificate)| {
            let name = if i == 0 { name.to_owned() } else { format!("{name}{}", i + 1) };
            (name.parse().expect("an alias"), certificate)
        })
    };
    numbered("rootca", roots).chain(numbered("subca", others)).collect()
}
