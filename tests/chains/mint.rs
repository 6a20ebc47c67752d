//! Certificates of any shape: by rcgen where it can make them, else taken apart and signed anew.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use mesh_onboard::pki::Certificate;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey,
};
use tempfile::TempDir;
use time::OffsetDateTime;
use time::macros::datetime;
use x509_cert::der::asn1::{AnyRef, BitString};
use x509_cert::der::{Decode, Encode, Reader, SliceReader, Tag};

use crate::support::{openssl, path_arg, scratch};

/// When the chains are judged, unless a row says otherwise.
pub const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

/// A key and how it signs.
pub enum Key {
    Curve(KeyPair),
    /// openssl signs with it, since nobody else takes short keys and old hashes.
    Rsa {
        folder: TempDir,
        public: Vec<u8>,
    },
}

impl Key {
    fn curve() -> Arc<Self> {
        Arc::new(Self::Curve(KeyPair::generate().expect("a key")))
    }

    fn new_rsa(bits: u32) -> Arc<Self> {
        let folder = scratch();
        let (key, public) = (folder.path().join("key.pem"), folder.path().join("public.der"));
        let (key, out) = (path_arg(&key), path_arg(&public));
        openssl(&format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -out {key} -quiet"));
        openssl(&format!("rsa -in {key} -RSAPublicKey_out -outform DER -out {out}"));
        Arc::new(Self::Rsa { public: fs::read(public).expect("the public key"), folder })
    }

    /// One of a few RSA keys of 2048 bits, made once.
    pub fn rsa(number: usize) -> Arc<Self> {
        static KEYS: LazyLock<[Arc<Key>; 3]> = LazyLock::new(|| [(); 3].map(|()| Key::new_rsa(2048)));
        KEYS[number].clone()
    }

    /// An RSA key of 1024 bits.
    pub fn short() -> Arc<Self> {
        static KEY: LazyLock<Arc<Key>> = LazyLock::new(|| Key::new_rsa(1024));
        KEY.clone()
    }

    fn openssl_sign(&self, message: &[u8], digest: &str) -> Vec<u8> {
        let Self::Rsa { folder, .. } = self else { panic!("only RSA keys sign by way of openssl") };
        let place = scratch();
        let at = |name: &str| place.path().join(name);
        fs::write(at("message"), message).expect("a message");
        let (key, message, out) =
            (path_arg(&folder.path().join("key.pem")), path_arg(&at("message")), path_arg(&at("signature")));
        openssl(&format!("dgst {digest} -sign {key} -out {out} {message}"));
        fs::read(at("signature")).expect("a signature")
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        match self {
            Self::Curve(pair) => pair.der_bytes(),
            Self::Rsa { public, .. } => public,
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self {
            Self::Curve(pair) => pair.algorithm(),
            Self::Rsa { .. } => &PKCS_RSA_SHA256,
        }
    }
}

impl SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        match self {
            Self::Curve(pair) => pair.sign(message),
            Self::Rsa { .. } => Ok(self.openssl_sign(message, "-sha256")),
        }
    }
}

/// A certificate with the key that it is for.
#[derive(Clone)]
pub struct Entity {
    params: CertificateParams,
    key: Arc<Key>,
    der: Vec<u8>,
}

/// A certificate that is described and not yet signed.
pub struct Draft {
    params: CertificateParams,
    key: Arc<Key>,
}

/// A CA of this name with a new key: CA:TRUE, keyCertSign, valid from 2026 to 2028.
pub fn ca(name: &str) -> Draft {
    draft(name).shape(|params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    })
}

/// A client certificate of this name with a new key, of the usages that the NHS issues.
pub fn leaf(name: &str) -> Draft {
    draft(name).shape(|params| {
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    })
}

fn draft(name: &str) -> Draft {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(name);
    params.not_before = datetime!(2026-01-01 0:00 UTC);
    params.not_after = datetime!(2029-01-01 0:00 UTC);
    params.use_authority_key_identifier_extension = true;
    Draft { params, key: Key::curve() }
}

/// A name that is a CN alone.
pub fn common_name(value: impl Into<DnValue>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, value);
    name
}

impl Draft {
    /// Changes anything that rcgen knows.
    pub fn shape(mut self, shape: impl FnOnce(&mut CertificateParams)) -> Self {
        shape(&mut self.params);
        self
    }

    /// Valid between two times.
    pub fn valid(self, from: OffsetDateTime, until: OffsetDateTime) -> Self {
        self.shape(|params| (params.not_before, params.not_after) = (from, until))
    }

    /// Over since February.
    pub fn expired(self) -> Self {
        self.valid(datetime!(2025-01-01 0:00 UTC), datetime!(2026-02-01 0:00 UTC))
    }

    /// Not before 2027.
    pub fn not_begun(self) -> Self {
        self.valid(datetime!(2027-01-01 0:00 UTC), datetime!(2029-01-01 0:00 UTC))
    }

    /// For this key.
    pub fn key(mut self, key: Arc<Key>) -> Self {
        self.key = key;
        self
    }

    /// For the key of another certificate.
    pub fn key_of(self, other: &Entity) -> Self {
        let key = other.key.clone();
        self.key(key)
    }

    pub fn self_signed(self) -> Entity {
        let made = self.params.self_signed(&*self.key).expect("a certificate");
        Entity { der: made.der().to_vec(), params: self.params, key: self.key }
    }

    pub fn by(self, issuer: &Entity) -> Entity {
        let issuer = Issuer::from_params(&issuer.params, &*issuer.key);
        let made = self.params.signed_by(&*self.key, &issuer).expect("a certificate");
        Entity { der: made.der().to_vec(), params: self.params, key: self.key }
    }
}

/// How a certificate is signed anew.
#[derive(Clone, Copy)]
pub enum Scheme {
    Sha1,
    Md5,
    Pss,
}

impl Scheme {
    /// The AlgorithmIdentifier (RFC 8017, appendices A.2.3 and A.2.4).
    fn identifier(self) -> Vec<u8> {
        let hex: &[u8] = match self {
            Self::Sha1 => b"300d06092a864886f70d0101050500",
            Self::Md5 => b"300d06092a864886f70d0101040500",
            Self::Pss => {
                b"304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f7\
                  0d010108300d06096086480165030402010500a203020120"
            }
        };
        data_encoding::HEXLOWER.decode(hex).expect("hexadecimal")
    }

    fn digest(self) -> &'static str {
        match self {
            Self::Sha1 => "-sha1",
            Self::Md5 => "-md5",
            Self::Pss => "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32",
        }
    }
}

/// Positions in a TBSCertificate of version 3 (RFC 5280, 4.1).
const ALGORITHM: usize = 2;

impl Entity {
    pub fn certificate(&self) -> Certificate {
        Certificate::from_der(&self.der).expect("a certificate")
    }

    /// The same key under another name, or otherwise changed, as an issuer only.
    pub fn as_issuer(&self, shape: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut other = self.clone();
        shape(&mut other.params);
        other
    }

    /// The same with the last bit of its signature turned.
    pub fn with_flipped_bit(&self) -> Self {
        let mut other = self.clone();
        *other.der.last_mut().expect("bytes") ^= 1;
        other
    }

    /// The same signed by an RSA key in another way.
    pub fn signed_anew(&self, issuer: &Self, scheme: Scheme) -> Self {
        self.rebuilt(
            |fields| fields[ALGORITHM] = scheme.identifier(),
            |tbs| issuer.key.openssl_sign(tbs, scheme.digest()),
        )
    }

    /// The same in version 1, which has no extensions.
    pub fn version_1(&self, issuer: &Self) -> Self {
        let cut = |fields: &mut Vec<Vec<u8>>| {
            fields.pop();
            fields.remove(0);
        };
        self.rebuilt(cut, |tbs| issuer.key.sign(tbs).expect("a signature"))
    }

    fn rebuilt(&self, edit: impl FnOnce(&mut Vec<Vec<u8>>), sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        let outer = children(&self.der);
        let mut fields = children(&outer[0]);
        edit(&mut fields);
        // Version 1 begins with the serial number.
        let shift = usize::from(fields[0][0] == 0x02);
        let algorithm = fields[ALGORITHM - shift].clone();
        let tbs = sequence(&fields);
        let signature = BitString::from_bytes(&sign(&tbs)).and_then(|bits| bits.to_der()).expect("DER");
        Self { der: sequence(&[tbs, algorithm, signature]), ..self.clone() }
    }
}

/// The elements of a SEQUENCE, each with its header.
fn children(der: &[u8]) -> Vec<Vec<u8>> {
    let outer = AnyRef::from_der(der).expect("a sequence");
    let mut reader = SliceReader::new(outer.value()).expect("its elements");
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(reader.tlv_bytes().expect("an element").to_vec());
    }
    found
}

fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    let content = elements.concat();
    AnyRef::new(Tag::Sequence, &content).and_then(|any| any.to_der()).expect("DER")
}

/// Certificates in one PEM file.
pub fn pem_file(place: &TempDir, name: &str, certificates: &[Certificate]) -> PathBuf {
    let path = place.path().join(name);
    fs::write(&path, certificates.iter().map(Certificate::pem).collect::<String>()).expect("a PEM file");
    path
}
