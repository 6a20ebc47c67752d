//! A key and a certificate that were made elsewhere: taken out of the files that the user named, and proved
//! to belong together.

mod reading;

use std::cmp::Reverse;

use time::OffsetDateTime;

pub use self::reading::{CertificateFiles, KeyFile};
use super::import::merit;
use crate::pki::{Certificate, Fingerprint, KeyError, PrivateKey};

/// Why files hold no pair that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PairError {
    /// No certificate in any file.
    #[error("there is no certificate in {}", files.iter().map(|(f, _)| f.as_str()).collect::<Vec<_>>().join(", "))]
    NotACertificate {
        /// Each file and what it holds instead.
        files: Vec<(String, String)>,
        /// Whether a password may be all that is missing.
        locked: bool,
    },
    /// The key cannot be used.
    #[error("the key in {file} cannot be used: {source}")]
    Key {
        /// The file.
        file: String,
        /// Why.
        source: KeyError,
    },
    /// A keystore stays closed: no password was given, or none is right.
    #[error("no password given opens {file}")]
    Keystore {
        /// The file.
        file: String,
    },
    /// Certificates of CAs, and none of a client.
    #[error("there are only CA certificates here: the client certificate itself is missing")]
    OnlyAuthorities {
        /// Their subjects.
        subjects: Vec<String>,
        /// Whether a key was given that none of them is for.
        with_key: bool,
    },
    /// No certificate belongs to the key.
    #[error("no certificate given belongs to the key in {file}")]
    KeyMismatch {
        /// The file with the key.
        file: String,
        /// The keys in it, each with its alias.
        keys: Vec<(Option<String>, Fingerprint)>,
        /// The certificates given, each with the key that it is for.
        certificates: Vec<(String, Fingerprint)>,
    },
    /// Several keys, each with a certificate.
    #[error("{file} holds several keys with certificates")]
    SeveralKeys {
        /// The file.
        file: String,
        /// Their aliases.
        aliases: Vec<String>,
    },
    /// No key of this alias.
    #[error("{file} holds no key with the alias {alias}")]
    NoSuchAlias {
        /// The file.
        file: String,
        /// The alias asked for.
        alias: String,
        /// Those that are there.
        aliases: Vec<String>,
    },
    /// Several certificates, and no key that says which is meant.
    #[error("there are several certificates, and no key says which one is meant")]
    SeveralCertificates {
        /// Their subjects.
        subjects: Vec<String>,
    },
}

/// A key, the certificate that belongs to it, and what else was given.
#[derive(Debug)]
pub struct Pair {
    /// The key.
    pub key: PrivateKey,
    /// The certificates for it, at least one and the most likely first.
    pub leaves: Vec<Certificate>,
    /// Every certificate that was given, those for the key among them.
    pub given: Vec<Certificate>,
}

impl Pair {
    /// Finds the key and its certificate. `alias` picks one key of a keystore, case ignored as Java does.
    /// `known` are certificates that need not be given again. Of several certificates for one key, the
    /// newest that is valid at `now` comes first; which one can be used, its chain will tell.
    pub fn choose(
        key_file: KeyFile,
        certificate_files: &CertificateFiles,
        alias: Option<&str>,
        known: &[Certificate],
        now: OffsetDateTime,
    ) -> Result<Self, PairError> {
        certificate_files.each_has_one()?;
        let (file, holds) = (key_file.name().to_owned(), key_file.describe());
        let mut given = key_file.certificates().cloned().collect::<Vec<_>>();
        given.extend(
            certificate_files.certificates().filter(|c| !key_file.certificates().any(|k| k == *c)).cloned(),
        );
        let keys = key_file.keys(alias)?;
        // A client certificate that was named is the one that is meant, whatever else lies in the keystore.
        let named: Vec<&Certificate> = certificate_files.certificates().collect();
        let candidates: Vec<&Certificate> =
            if named.iter().any(|c| !c.is_ca()) { named } else { given.iter().chain(known).collect() };
        if candidates.is_empty() {
            return Err(PairError::NotACertificate { files: vec![(file, holds)], locked: false });
        }
        let mut fitting: Vec<(usize, Vec<&Certificate>)> = Vec::new();
        for (index, (_, key)) in keys.iter().enumerate() {
            let of_key = candidates.iter().copied().filter(|c| c.key_fingerprint() == key.fingerprint());
            let mut leaves: Vec<_> = of_key.collect();
            leaves.sort_by_cached_key(|c| Reverse(merit(c, now)));
            leaves.dedup();
            if !leaves.is_empty() {
                fitting.push((index, leaves));
            }
        }
        fitting.dedup_by_key(|(index, _)| keys[*index].1.fingerprint());
        let (index, leaves) = match fitting.as_slice() {
            [(index, leaves)] => (*index, leaves.iter().copied().cloned().collect()),
            [] if candidates.iter().all(|c| c.is_ca()) => {
                return Err(only_authorities(candidates.into_iter(), true));
            }
            [] => {
                let leaves = candidates.iter().filter(|c| !c.is_ca());
                let mut certificates: Vec<_> =
                    leaves.map(|c| (c.subject().to_owned(), c.key_fingerprint())).collect();
                certificates.dedup();
                return Err(PairError::KeyMismatch {
                    file,
                    keys: keys.into_iter().map(|(alias, key)| (alias, key.fingerprint())).collect(),
                    certificates,
                });
            }
            several => {
                let alias = |(index, leaves): &(usize, Vec<&Certificate>)| {
                    let alias = keys[*index].0.clone();
                    alias.unwrap_or_else(|| leaves[0].common_name().unwrap_or(leaves[0].subject()).to_owned())
                };
                return Err(PairError::SeveralKeys { aliases: several.iter().map(alias).collect(), file });
            }
        };
        let (_, key) = keys.into_iter().nth(index).expect("counted above");
        given.extend(known.iter().cloned());
        Ok(Self { key, leaves, given })
    }
}

/// The one certificate that is meant where no key says so: the only one that is no CA's.
pub fn only_certificate(files: &CertificateFiles) -> Result<Certificate, PairError> {
    files.each_has_one()?;
    let all: Vec<_> = files.certificates().collect();
    let clients: Vec<_> = all.iter().filter(|c| !c.is_ca()).collect();
    match (clients.as_slice(), all.as_slice()) {
        ([one], _) => Ok((**one).clone()),
        ([], all) => Err(only_authorities(all.iter().copied(), false)),
        (several, _) => Err(several_certificates(several.iter().copied().copied())),
    }
}

fn only_authorities<'a>(certificates: impl Iterator<Item = &'a Certificate>, with_key: bool) -> PairError {
    PairError::OnlyAuthorities { subjects: certificates.map(|c| c.subject().to_owned()).collect(), with_key }
}

fn several_certificates<'a>(certificates: impl Iterator<Item = &'a Certificate>) -> PairError {
    PairError::SeveralCertificates { subjects: certificates.map(|c| c.subject().to_owned()).collect() }
}

/// What files are called that are made for a certificate: the mailbox that its name tells, else its first
/// label as far as it suits a file name.
pub fn stem(leaf: &Certificate) -> String {
    let name = leaf.common_name().unwrap_or_default();
    let label = name.split('.').next().unwrap_or_default();
    let is_mesh = name.parse::<crate::mailbox::CommonName>().is_ok_and(|name| name.mesh_parts().is_some());
    let label = if is_mesh { label.to_ascii_uppercase() } else { label.to_owned() };
    let safe: String = label
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' })
        .take(64)
        .collect();
    // Windows keeps a few names for devices, whatever follows them.
    let reserved = ["con", "prn", "aux", "nul"].contains(&safe.to_ascii_lowercase().as_str());
    if safe.trim_matches(['-', '_']).is_empty() || reserved { "credentials".into() } else { safe }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    use super::*;

    fn named(common_name: &str) -> Certificate {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        Certificate::from_der(made.der()).unwrap()
    }

    #[test]
    fn files_are_called_by_the_mailbox_or_by_what_suits_a_file_name() {
        for (common_name, expected) in [
            ("x26abc1.x26.api.mesh-client.nhs.uk", "X26ABC1"),
            ("Endpoint-1.thirdparty.nhs.uk", "Endpoint-1"),
            ("../../etc/passwd", "credentials"),
            ("a/b\\c:d", "a_b_c_d"),
            ("\u{1b}[31m", "__31m"),
            ("", "credentials"),
            ("nul.nhs.uk", "credentials"),
        ] {
            assert_eq!(stem(&named(common_name)), expected, "{common_name}");
        }
    }
}
