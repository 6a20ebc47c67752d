//! Password-based encryption as found in keys and PKCS#12 files: what it says of itself, and opening it.
//!
//! For reading alone: what this program writes is made in [`super::pbes2`] and [`super::Pfx`].

mod pkcs12;
mod pkcs5v1;
mod traditional;
mod work;

use pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use pkcs8::der::{Decode, Reader, SliceReader, Tag, Tagged};
use pkcs8::pkcs5::pbes2::{EncryptionScheme, Kdf, PBES2_OID, Parameters, Pbkdf2Prf};
use zeroize::Zeroizing;

pub(super) use pkcs12::Mac;
pub(super) use traditional::Traditional;
pub(super) use work::Work;

use crate::secret::Passphrase;

/// How something is encrypted with a password (RFC 8018, and RFC 7292 appendix C).
pub(super) struct Encryption {
    /// The scheme: "PBES2", "PBE-SHA1-3DES".
    pub scheme: String,
    /// The cipher: "AES-256-CBC".
    pub cipher: Option<String>,
    /// The key derivation: "PBKDF2-HMAC-SHA-256".
    pub kdf: Option<String>,
    /// Its iterations, or the cost parameter of scrypt.
    pub iterations: Option<u64>,
    method: Method,
}

enum Method {
    Pbes2(Box<Parameters>),
    Pkcs12(pkcs12::Pbe),
    Pkcs5v1(pkcs5v1::Pbe),
    Unread,
}

/// Why something encrypted stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    /// None of the passwords opens it, or it is damaged: padding cannot tell which.
    Wrong,
    /// The scheme is not read here.
    Scheme,
    /// Trying passwords on it would take longer than a file may ask for.
    TooMuchWork,
}

impl Encryption {
    /// From an AlgorithmIdentifier. What is not known is named and not opened.
    pub fn from_algorithm(algorithm: AnyRef<'_>) -> Self {
        Self::known(algorithm).unwrap_or_else(|| Self::unread("a scheme that is not known here".into()))
    }

    fn unread(scheme: String) -> Self {
        Self { scheme, cipher: None, kdf: None, iterations: None, method: Method::Unread }
    }

    fn known(algorithm: AnyRef<'_>) -> Option<Self> {
        if algorithm.tag() != Tag::Sequence {
            return None;
        }
        let mut reader = SliceReader::new(algorithm.value()).ok()?;
        let oid: ObjectIdentifier = reader.decode().ok()?;
        let parameters = (!reader.is_finished()).then(|| AnyRef::decode(&mut reader).ok()).flatten();
        if oid == PBES2_OID {
            let read = parameters.and_then(|any| Parameters::try_from(any).ok());
            return Some(read.map_or_else(
                || Self::unread("PBES2 with parameters that are not read here".into()),
                Self::pbes2,
            ));
        }
        let id = oid.to_string();
        let pbe = parameters.and_then(PbeParameters::read);
        if let Some((name, cipher, cipher_name)) = pkcs12::scheme(&id) {
            let method = match (&pbe, cipher) {
                (Some(pbe), Some(cipher)) => Method::Pkcs12(pkcs12::Pbe { cipher, parameters: pbe.clone() }),
                _ => Method::Unread,
            };
            return Some(Self::version1(name, cipher_name, "PKCS#12 with SHA-1", pbe, method));
        }
        if let Some((name, hash, cipher_name)) = pkcs5v1::scheme(&id) {
            let method = match (&pbe, hash) {
                (Some(pbe), Some(hash)) => Method::Pkcs5v1(pkcs5v1::Pbe { hash, parameters: pbe.clone() }),
                _ => Method::Unread,
            };
            return Some(Self::version1(name, cipher_name, "PBKDF1", pbe, method));
        }
        let name = match id.as_str() {
            "1.3.6.1.4.1.42.2.17.1.1" => "Java's JKS key protection".into(),
            "1.3.6.1.4.1.42.2.19.1" => "Java's JCEKS key protection".into(),
            _ => format!("the scheme {id}"),
        };
        Some(Self::unread(name))
    }

    fn version1(
        scheme: &str,
        cipher: &str,
        kdf: &str,
        parameters: Option<PbeParameters>,
        method: Method,
    ) -> Self {
        Self {
            scheme: scheme.into(),
            cipher: Some(cipher.into()),
            kdf: Some(kdf.into()),
            iterations: parameters.map(|parameters| parameters.iterations.into()),
            method,
        }
    }

    fn pbes2(parameters: Parameters) -> Self {
        let cipher = match parameters.encryption {
            EncryptionScheme::Aes128Cbc { .. } => "AES-128-CBC",
            EncryptionScheme::Aes192Cbc { .. } => "AES-192-CBC",
            EncryptionScheme::Aes256Cbc { .. } => "AES-256-CBC",
            EncryptionScheme::Aes128Gcm { .. } => "AES-128-GCM",
            EncryptionScheme::Aes256Gcm { .. } => "AES-256-GCM",
            EncryptionScheme::DesEde3Cbc { .. } => "3DES-CBC",
            _ => "another cipher",
        };
        let (kdf, iterations) = match &parameters.kdf {
            Kdf::Pbkdf2(pbkdf2) => {
                let hash = match pbkdf2.prf {
                    Pbkdf2Prf::HmacWithSha1 => "1",
                    Pbkdf2Prf::HmacWithSha224 => "224",
                    Pbkdf2Prf::HmacWithSha256 => "256",
                    Pbkdf2Prf::HmacWithSha384 => "384",
                    Pbkdf2Prf::HmacWithSha512 => "512",
                    _ => "another hash",
                };
                (format!("PBKDF2-HMAC-SHA-{hash}"), Some(pbkdf2.iteration_count.into()))
            }
            Kdf::Scrypt(scrypt) => ("scrypt".to_owned(), Some(scrypt.cost_parameter)),
            _ => ("another".to_owned(), None),
        };
        Self {
            scheme: "PBES2".into(),
            cipher: Some(cipher.into()),
            kdf: Some(kdf),
            iterations,
            method: Method::Pbes2(Box::new(parameters)),
        }
    }

    /// Tries each password in turn. `accept` says whether what came out is what was meant: without
    /// integrity, a wrong password can leave well-padded nonsense. Gives what `accept` made of it, with the
    /// position of the password.
    pub fn open<T>(
        &self,
        data: &[u8],
        passwords: &[&Passphrase],
        work: &Work,
        accept: impl Fn(&Zeroizing<Vec<u8>>) -> Option<T>,
    ) -> Result<(T, usize), Closed> {
        if matches!(self.method, Method::Unread) {
            return Err(Closed::Scheme);
        }
        for (position, password) in passwords.iter().enumerate() {
            for plain in self.attempts(data, password, work)? {
                if let Some(accepted) = accept(&plain) {
                    return Ok((accepted, position));
                }
            }
        }
        Err(Closed::Wrong)
    }

    /// What a password makes of it, if it is well padded; an empty one has two readings in PKCS#12.
    fn attempts(
        &self,
        data: &[u8],
        password: &Passphrase,
        work: &Work,
    ) -> Result<Vec<Zeroizing<Vec<u8>>>, Closed> {
        match &self.method {
            Method::Pbes2(parameters) => {
                work.spend(cost(&parameters.kdf)?)?;
                let plain = parameters.decrypt(password.expose().as_bytes(), data).ok();
                Ok(plain.into_iter().map(Zeroizing::new).collect())
            }
            Method::Pkcs12(pbe) => pbe.attempts(data, password, work),
            Method::Pkcs5v1(pbe) => {
                work.spend(pbe.parameters.iterations.into())?;
                Ok(pbe.open(data, password).into_iter().collect())
            }
            Method::Unread => Err(Closed::Scheme),
        }
    }
}

/// What deriving a key costs, in iterations of PBKDF2.
fn cost(kdf: &Kdf) -> Result<u64, Closed> {
    /// What scrypt may take, in bytes: `openssl` asks for 16 MiB.
    const MEMORY: u64 = 256 << 20;
    match kdf {
        Kdf::Pbkdf2(pbkdf2) => Ok(pbkdf2.iteration_count.into()),
        Kdf::Scrypt(scrypt) => {
            let blocks = scrypt.cost_parameter.saturating_mul(scrypt.block_size.into());
            if blocks.saturating_mul(128) > MEMORY {
                return Err(Closed::TooMuchWork);
            }
            // N = 16,384 and r = 8 take about as long as 200,000 iterations.
            Ok(blocks.saturating_mul(scrypt.parallelization.into()).saturating_mul(2))
        }
        _ => Err(Closed::Scheme),
    }
}

/// Salt and iterations, as the schemes before PBES2 have them.
#[derive(Clone)]
struct PbeParameters {
    salt: Vec<u8>,
    iterations: u32,
}

impl PbeParameters {
    fn read(any: AnyRef<'_>) -> Option<Self> {
        /// Longer than any writer makes it.
        const LONGEST_SALT: usize = 1024;
        any.sequence(|reader| {
            let salt = AnyRef::decode(reader)?;
            salt.tag().assert_eq(Tag::OctetString)?;
            Ok::<_, pkcs8::der::Error>(Self { salt: salt.value().to_vec(), iterations: u32::decode(reader)? })
        })
        .ok()
        .filter(|parameters| parameters.salt.len() <= LONGEST_SALT)
    }
}
