//! Keys in PEM as OpenSSL encrypted them before PKCS#8 (RFC 1421 headers, `Proc-Type: 4,ENCRYPTED`):
//! the key derived with one MD5 after the other and the vector as salt.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use data_encoding::HEXUPPER_PERMISSIVE;
use des::{Des, TdesEde3};
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::Closed;
use crate::secret::Passphrase;

/// How a PEM block says that it is encrypted.
pub(in crate::pki) struct Traditional {
    /// The cipher as the header names it: "AES-256-CBC".
    pub cipher: String,
    iv: Vec<u8>,
}

impl Traditional {
    /// From the headers of a PEM block; `None` where they do not say that it is encrypted.
    pub fn from_headers(headers: &[(String, String)]) -> Option<Self> {
        let header = |name: &str| {
            headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        if !header("Proc-Type")?.ends_with("ENCRYPTED") {
            return None;
        }
        let (cipher, iv) = header("DEK-Info").and_then(|info| info.split_once(',')).unwrap_or(("none", ""));
        let iv = HEXUPPER_PERMISSIVE.decode(iv.trim().as_bytes()).unwrap_or_default();
        Some(Self { cipher: cipher.trim().to_owned(), iv })
    }

    /// Tries each password in turn, as [`super::Encryption::open`] does.
    pub fn open<T>(
        &self,
        data: &[u8],
        passwords: &[&Passphrase],
        accept: impl Fn(&Zeroizing<Vec<u8>>) -> Option<T>,
    ) -> Result<(T, usize), Closed> {
        let decrypt = match self.cipher.to_ascii_uppercase().as_str() {
            "AES-128-CBC" => decrypt::<Decryptor<Aes128>>,
            "AES-192-CBC" => decrypt::<Decryptor<Aes192>>,
            "AES-256-CBC" => decrypt::<Decryptor<Aes256>>,
            "DES-EDE3-CBC" => decrypt::<Decryptor<TdesEde3>>,
            "DES-CBC" => decrypt::<Decryptor<Des>>,
            _ => return Err(Closed::Scheme),
        };
        for (position, password) in passwords.iter().enumerate() {
            let plain = decrypt(data, password.expose().as_bytes(), &self.iv).map(Zeroizing::new);
            if let Some(accepted) = plain.and_then(|plain| accept(&plain)) {
                return Ok((accepted, position));
            }
        }
        Err(Closed::Wrong)
    }
}

fn decrypt<D: BlockModeDecrypt + KeyIvInit>(data: &[u8], password: &[u8], iv: &[u8]) -> Option<Vec<u8>> {
    let salt = iv.get(..8)?;
    let mut key = Zeroizing::new(Vec::with_capacity(48));
    let mut block = Zeroizing::new(Vec::new());
    while key.len() < D::key_size() {
        let hash = Md5::new().chain_update(&*block).chain_update(password).chain_update(salt).finalize();
        block = Zeroizing::new(hash.to_vec());
        key.extend_from_slice(&block);
    }
    D::new_from_slices(&key[..D::key_size()], iv).ok()?.decrypt_padded_vec::<Pkcs7>(data).ok()
}
