//! The password-based schemes of PKCS#12 (RFC 7292, appendices B and C) and its MAC.

use aws_lc_rs::hmac;
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, InnerIvInit, KeyIvInit};
use des::{TdesEde2, TdesEde3};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use rc2::Rc2;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{Closed, PbeParameters, Work};
use crate::secret::Passphrase;

#[derive(Clone, Copy)]
pub(super) enum Cipher {
    TripleDes3,
    TripleDes2,
    Rc2 { bits: usize },
}

pub(super) struct Pbe {
    pub cipher: Cipher,
    pub parameters: PbeParameters,
}

/// Name, cipher where it is read here, and the cipher's name of a scheme.
pub(super) fn scheme(id: &str) -> Option<(&'static str, Option<Cipher>, &'static str)> {
    Some(match id {
        "1.2.840.113549.1.12.1.1" => ("PBE-SHA1-RC4-128", None, "RC4-128"),
        "1.2.840.113549.1.12.1.2" => ("PBE-SHA1-RC4-40", None, "RC4-40"),
        "1.2.840.113549.1.12.1.3" => ("PBE-SHA1-3DES", Some(Cipher::TripleDes3), "3DES-CBC"),
        "1.2.840.113549.1.12.1.4" => ("PBE-SHA1-2DES", Some(Cipher::TripleDes2), "3DES-CBC with two keys"),
        "1.2.840.113549.1.12.1.5" => ("PBE-SHA1-RC2-128", Some(Cipher::Rc2 { bits: 128 }), "RC2-128-CBC"),
        "1.2.840.113549.1.12.1.6" => ("PBE-SHA1-RC2-40", Some(Cipher::Rc2 { bits: 40 }), "RC2-40-CBC"),
        _ => return None,
    })
}

/// A password as PKCS#12 derives from it: UTF-16 with a zero at its end. An empty one has two forms: that
/// zero alone, and nothing at all.
fn password_forms(password: &Passphrase) -> Vec<Zeroizing<Vec<u8>>> {
    let text = password.expose();
    let units = text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes);
    let mut form = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
    form.extend(units);
    let mut forms = vec![form];
    if text.is_empty() {
        forms.push(Zeroizing::default());
    }
    forms
}

impl Pbe {
    pub(super) fn attempts(
        &self,
        data: &[u8],
        password: &Passphrase,
        work: &Work,
    ) -> Result<Vec<Zeroizing<Vec<u8>>>, Closed> {
        let mut found = Vec::new();
        for form in password_forms(password) {
            // The vector is derived with as many again; a key longer than one hash takes two rounds.
            work.spend(self.parameters.iterations.into())?;
            work.spend(self.parameters.iterations.into())?;
            found.extend(self.decrypt(data, &form).map(Zeroizing::new));
        }
        Ok(found)
    }

    fn decrypt(&self, data: &[u8], password: &[u8]) -> Option<Vec<u8>> {
        let derive = |kind, length| {
            let PbeParameters { salt, iterations } = &self.parameters;
            let rounds = i32::try_from(*iterations).ok()?;
            Some(Zeroizing::new(derive_key::<Sha1>(password, salt, kind, rounds, length)))
        };
        let iv = derive(Pkcs12KeyType::Iv, 8)?;
        let key = |length| derive(Pkcs12KeyType::EncryptionKey, length);
        match self.cipher {
            Cipher::TripleDes3 => {
                let cipher = Decryptor::<TdesEde3>::new_from_slices(&key(24)?, &iv).ok()?;
                cipher.decrypt_padded_vec::<Pkcs7>(data).ok()
            }
            Cipher::TripleDes2 => {
                let cipher = Decryptor::<TdesEde2>::new_from_slices(&key(16)?, &iv).ok()?;
                cipher.decrypt_padded_vec::<Pkcs7>(data).ok()
            }
            Cipher::Rc2 { bits } => {
                let cipher = Rc2::new_with_eff_key_len(&key(bits / 8)?, bits);
                let cipher = Decryptor::inner_iv_slice_init(cipher, &iv).ok()?;
                cipher.decrypt_padded_vec::<Pkcs7>(data).ok()
            }
        }
    }
}

/// The MAC over a PKCS#12 file.
pub(in crate::pki) struct Mac<'a> {
    /// The hash, by object identifier.
    pub hash: String,
    pub salt: &'a [u8],
    pub iterations: u32,
    pub digest: &'a [u8],
}

impl Mac<'_> {
    /// The MAC by name: "HMAC-SHA-256"; `None` where it is not checked here.
    pub fn name(&self) -> Option<&'static str> {
        Some(match self.hash.as_str() {
            "1.3.14.3.2.26" => "HMAC-SHA-1",
            "2.16.840.1.101.3.4.2.4" => "HMAC-SHA-224",
            "2.16.840.1.101.3.4.2.1" => "HMAC-SHA-256",
            "2.16.840.1.101.3.4.2.2" => "HMAC-SHA-384",
            "2.16.840.1.101.3.4.2.3" => "HMAC-SHA-512",
            _ => return None,
        })
    }

    /// Whether `password` made the MAC over `data`.
    pub fn verify(&self, data: &[u8], password: &Passphrase, work: &Work) -> Result<bool, Closed> {
        let algorithm = match self.name().ok_or(Closed::Scheme)? {
            "HMAC-SHA-1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            "HMAC-SHA-224" => hmac::HMAC_SHA224,
            "HMAC-SHA-256" => hmac::HMAC_SHA256,
            "HMAC-SHA-384" => hmac::HMAC_SHA384,
            _ => hmac::HMAC_SHA512,
        };
        let rounds = i32::try_from(self.iterations).map_err(|_| Closed::TooMuchWork)?;
        for form in password_forms(password) {
            work.spend(self.iterations.into())?;
            let kind = Pkcs12KeyType::Mac;
            let length = algorithm.digest_algorithm().output_len();
            let derived = match self.name().unwrap_or_default() {
                "HMAC-SHA-1" => derive_key::<Sha1>(&form, self.salt, kind, rounds, length),
                "HMAC-SHA-224" => derive_key::<Sha224>(&form, self.salt, kind, rounds, length),
                "HMAC-SHA-256" => derive_key::<Sha256>(&form, self.salt, kind, rounds, length),
                "HMAC-SHA-384" => derive_key::<Sha384>(&form, self.salt, kind, rounds, length),
                _ => derive_key::<Sha512>(&form, self.salt, kind, rounds, length),
            };
            let derived = Zeroizing::new(derived);
            if hmac::verify(&hmac::Key::new(algorithm, &derived), data, self.digest).is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
