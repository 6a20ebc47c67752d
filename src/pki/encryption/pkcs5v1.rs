//! PBES1 (RFC 8018, 6.1), which `openssl pkcs8 -v1 PBE-MD5-DES` and old Java programs write.

use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use des::Des;
use md5::Md5;
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::PbeParameters;
use crate::secret::Passphrase;

#[derive(Clone, Copy)]
pub(super) enum Hash {
    Md5,
    Sha1,
}

pub(super) struct Pbe {
    pub hash: Hash,
    pub parameters: PbeParameters,
}

/// Name, hash where it is read here, and cipher of a scheme.
pub(super) fn scheme(id: &str) -> Option<(&'static str, Option<Hash>, &'static str)> {
    Some(match id {
        "1.2.840.113549.1.5.1" => ("PBE-MD2-DES", None, "DES-CBC"),
        "1.2.840.113549.1.5.3" => ("PBE-MD5-DES", Some(Hash::Md5), "DES-CBC"),
        "1.2.840.113549.1.5.4" => ("PBE-MD2-RC2-64", None, "RC2-64-CBC"),
        "1.2.840.113549.1.5.6" => ("PBE-MD5-RC2-64", None, "RC2-64-CBC"),
        "1.2.840.113549.1.5.10" => ("PBE-SHA1-DES", Some(Hash::Sha1), "DES-CBC"),
        "1.2.840.113549.1.5.11" => ("PBE-SHA1-RC2-64", None, "RC2-64-CBC"),
        _ => return None,
    })
}

impl Pbe {
    pub(super) fn open(&self, data: &[u8], password: &Passphrase) -> Option<Zeroizing<Vec<u8>>> {
        let start = Zeroizing::new([password.expose().as_bytes(), &self.parameters.salt].concat());
        let derived = match self.hash {
            Hash::Md5 => derive::<Md5>(&start, self.parameters.iterations),
            Hash::Sha1 => derive::<Sha1>(&start, self.parameters.iterations),
        };
        let cipher = Decryptor::<Des>::new_from_slices(derived.get(..8)?, derived.get(8..16)?).ok()?;
        cipher.decrypt_padded_vec::<Pkcs7>(data).ok().map(Zeroizing::new)
    }
}

/// PBKDF1: key and initialisation vector are the first 16 bytes.
fn derive<D: Digest>(start: &[u8], iterations: u32) -> Zeroizing<Vec<u8>> {
    let mut derived = Zeroizing::new(D::digest(start).to_vec());
    for _ in 1..iterations {
        derived = Zeroizing::new(D::digest(&*derived).to_vec());
    }
    derived
}
