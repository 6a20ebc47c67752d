use crate::pki::{Certificate, CertificateRequest, Fingerprint, KeyError, PrivateKey};

/// One thing found in a file.
#[derive(Debug)]
pub struct Object {
    /// The thing itself.
    pub content: Content,
    /// Its name in a keystore.
    pub alias: Option<String>,
    /// Whether a keystore holds it as a certificate that is trusted, apart from any key.
    pub trusted: bool,
    /// Where in a container it lies, outermost first: attachments and members of archives by name.
    pub within: Vec<String>,
}

impl Object {
    /// Something without a name, not in a container.
    pub fn new(content: Content) -> Self {
        Self { content, alias: None, trusted: false, within: Vec::new() }
    }

    /// Something that is only named, with its article: "a zip file".
    pub fn other(name: impl Into<String>) -> Self {
        Self::new(Content::Other(name.into()))
    }
}

/// What an object is.
#[derive(Debug)]
#[non_exhaustive]
pub enum Content {
    /// A certificate.
    Certificate(Box<Certificate>),
    /// A certificate signing request.
    Request(Box<CertificateRequest>),
    /// A private key.
    PrivateKey(Key),
    /// A public key alone.
    PublicKey {
        /// SHA-256 over the SubjectPublicKeyInfo DER.
        key: Fingerprint,
    },
    /// A certificate revocation list.
    Crl {
        /// Who revokes, for people.
        issuer: String,
    },
    /// Something else, with its name and article: "a zip file".
    Other(String),
}

impl Content {
    /// What this is, with its article: "a certificate request".
    pub fn name(&self) -> String {
        match self {
            Self::Certificate(_) => "a certificate".into(),
            Self::Request(csr) => match csr.common_name() {
                Some(cn) => format!("a certificate request (CSR) for {cn}"),
                None => "a certificate request (CSR)".into(),
            },
            Self::PrivateKey(Key::Locked(_)) => "an encrypted private key".into(),
            Self::PrivateKey(_) => "a private key".into(),
            Self::PublicKey { .. } => "a public key".into(),
            Self::Crl { .. } => "a certificate revocation list (CRL)".into(),
            Self::Other(name) => name.clone(),
        }
    }
}

/// A private key, as far as it could be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Key {
    /// An RSA key, open.
    Rsa(PrivateKey),
    /// A key of another algorithm, open. MESH has no use for it.
    Foreign {
        /// The algorithm: "EC P-256".
        algorithm: String,
        /// SHA-256 over its SubjectPublicKeyInfo DER, where that can be told.
        key: Option<Fingerprint>,
    },
    /// Encrypted, and why it stays closed: [`KeyError::PassphraseNeeded`], [`KeyError::PassphraseWrong`]
    /// or [`KeyError::Scheme`].
    Locked(KeyError),
}

/// What protects a file or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// Which part: "private key", "certificates", "integrity".
    pub part: &'static str,
    /// The scheme: "PBES2", "PBE-SHA1-3DES", "HMAC-SHA-256", "none".
    pub scheme: String,
    /// The cipher: "AES-256-CBC".
    pub cipher: Option<String>,
    /// The key derivation function: "PBKDF2-HMAC-SHA-256", "scrypt".
    pub kdf: Option<String>,
    /// Its iterations.
    pub iterations: Option<u64>,
    /// Whether a password opened it, or none is needed to read what it protects.
    pub opened: bool,
}

/// Something to say about a file. `code` is stable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Stable snake_case.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

impl Note {
    /// A note.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
