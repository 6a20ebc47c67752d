//! PBES2 encryption of a private key (RFC 8018), with the key derivation apart from the encryption, so
//! that the derivation can run while the RSA key is still being made.

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{pbkdf2, rand};
use pkcs8::der::{Encode, asn1::OctetString};
use pkcs8::{EncryptedPrivateKeyInfoOwned, pkcs5};
use zeroize::Zeroizing;

use crate::secret::{Passphrase, SecretBytes};

/// PBKDF2 iterations for a key at rest: OWASP's figure for HMAC-SHA-256.
pub(super) const ITERATIONS: u32 = 600_000;

/// An AES-256 key derived from a passphrase, with the parameters that derived it.
pub(super) struct DerivedKey {
    key: Zeroizing<[u8; 32]>,
    salt: [u8; 16],
    iv: [u8; 16],
}

impl DerivedKey {
    /// Derives with PBKDF2-HMAC-SHA-256, a fresh salt and [`ITERATIONS`].
    pub(super) fn derive(passphrase: &Passphrase) -> Self {
        let (mut salt, mut iv) = ([0; 16], [0; 16]);
        rand::fill(&mut salt).expect("the system's random source answers");
        rand::fill(&mut iv).expect("the system's random source answers");
        let mut key = Zeroizing::new([0; 32]);
        let iterations = ITERATIONS.try_into().expect("not zero");
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            iterations,
            &salt,
            passphrase.expose().as_bytes(),
            &mut *key,
        );
        Self { key, salt, iv }
    }

    /// `EncryptedPrivateKeyInfo` (RFC 5958) in DER: AES-256-CBC over the PKCS#8 `key`.
    pub(super) fn encrypt(self, key: &SecretBytes) -> Vec<u8> {
        let cipher = UnboundCipherKey::new(&AES_256, &*self.key).expect("32 bytes are an AES-256 key");
        let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(cipher).expect("AES has a CBC mode");
        // Encrypted where it lies: the buffer that held the plain key holds ciphertext afterwards.
        let mut data = Zeroizing::new(Vec::with_capacity(key.expose().len() + 16));
        data.extend_from_slice(key.expose());
        cipher
            .less_safe_encrypt(&mut *data, EncryptionContext::Iv128(FixedLength::from(self.iv)))
            .expect("CBC encrypts any length");
        let parameters =
            pkcs5::pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, &self.salt, self.iv)
                .expect("salt and iterations are in range");
        EncryptedPrivateKeyInfoOwned {
            encryption_algorithm: parameters.into(),
            encrypted_data: OctetString::new(data.as_slice()).expect("short enough for DER"),
        }
        .to_der()
        .expect("short enough for DER")
    }
}
