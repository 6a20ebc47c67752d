use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::desk::reply;
use crate::mesh::Identity;
use crate::pki::{Certificate, KeyError, Pfx, PfxError, PrivateKey};
use crate::secret::Passphrase;
use crate::store::{FILE_LIMIT, StoreError, files};

/// Where credentials are.
#[derive(Debug, Clone)]
pub enum Source {
    /// A certificate file, its chain in it or not, and a key file.
    Pair {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// A PFX file.
    Pfx(PathBuf),
}

/// Credentials as they were read. Each part may have failed on its own, so that each can be judged.
#[derive(Debug)]
pub struct Material {
    /// The files that were read or missing.
    pub(super) files: Vec<FileState>,
    /// The certificates in the order of the file.
    pub(super) certificates: Result<Vec<Certificate>, MaterialError>,
    /// The key.
    pub(super) key: Result<PrivateKey, MaterialError>,
    /// Whether the certificates are PEM text, which many programs send in the order in which it stands.
    pub(super) is_pem: bool,
}

/// A file of the credentials.
#[derive(Debug)]
pub(super) struct FileState {
    pub path: PathBuf,
    pub problem: Option<FileProblem>,
    /// Whether a private key is in it.
    pub secret: bool,
}

/// Why a file of the credentials was not read.
#[derive(Debug)]
pub(super) enum FileProblem {
    /// There is none.
    Missing,
    /// There is one, and this was said.
    Unreadable(String),
}

/// Why a part could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaterialError {
    /// The file could not be read; the probe `files` says why.
    #[error("{} could not be read", .0.display())]
    Unread(PathBuf),
    /// No certificate in it.
    #[error("{} holds {found} and no certificate", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// What it holds instead.
        found: String,
    },
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The PFX file.
    #[error("{0}")]
    Pfx(String),
    /// The password does not open the PFX file.
    #[error("the password does not open {}", .0.display())]
    PfxPassword(PathBuf),
}

impl Source {
    /// Whether reading it takes a passphrase.
    pub fn is_protected(&self) -> bool {
        match self {
            // Nobody is asked for the password of what is not there.
            Self::Pfx(path) => path.exists(),
            Self::Pair { key, .. } => files::read_bounded(key, FILE_LIMIT)
                .is_ok_and(|bytes| PrivateKey::is_encrypted(&Zeroizing::new(bytes))),
        }
    }
}

impl Material {
    /// Reads credentials; what fails is kept as a finding to come.
    ///
    /// Each of `passphrases` is tried: white space around one may be an accident or part of it.
    pub fn read(source: &Source, passphrases: &[Passphrase]) -> Self {
        match source {
            Source::Pair { certificate, key } => Self::read_pair(certificate, key, passphrases),
            Source::Pfx(path) => Self::read_pfx(path, passphrases),
        }
    }

    fn read_pair(certificate: &Path, key: &Path, passphrases: &[Passphrase]) -> Self {
        let (certificate_file, bytes) = FileState::read(certificate, false);
        let is_pem = bytes.as_ref().is_some_and(|bytes| is_pem(bytes));
        let certificates = bytes.ok_or_else(|| MaterialError::Unread(certificate.into())).and_then(|bytes| {
            reply::certificates(&bytes)
                .map_err(|found| MaterialError::NoCertificate { path: certificate.into(), found })
        });
        let (key_file, bytes) = FileState::read(key, true);
        let key = bytes
            .ok_or_else(|| MaterialError::Unread(key.into()))
            .and_then(|bytes| Ok(open_key(&bytes, passphrases)?));
        Self { files: vec![certificate_file, key_file], certificates, key, is_pem }
    }

    fn read_pfx(path: &Path, passwords: &[Passphrase]) -> Self {
        let (file, bytes) = FileState::read(path, true);
        let unread = || MaterialError::Unread(path.into());
        let Some(bytes) = bytes else {
            let (certificates, key) = (Err(unread()), Err(unread()));
            return Self { files: vec![file], certificates, key, is_pem: false };
        };
        let (certificates, key) = match open_pfx(&bytes, passwords) {
            Ok(pfx) => (Ok(pfx.certificates), Ok(pfx.key)),
            Err(error) => (Err(unread()), Err(pfx_error(path, error))),
        };
        Self { files: vec![file], certificates, key, is_pem: false }
    }

    /// The client certificate: the one that the key belongs to, else the first that is no CA's.
    pub fn leaf(&self) -> Option<&Certificate> {
        let certificates = self.certificates();
        let key = self.key.as_ref().ok().map(PrivateKey::fingerprint);
        let fits = certificates.iter().find(|c| Some(c.key_fingerprint()) == key);
        fits.or_else(|| certificates.iter().find(|c| !c.is_ca())).or(certificates.first())
    }

    /// The file that the certificates are from.
    pub(super) fn certificate_file(&self) -> &Path {
        self.files.first().map_or(Path::new(""), |file| &file.path)
    }

    /// The certificates, if they could be read.
    pub fn certificates(&self) -> &[Certificate] {
        self.certificates.as_ref().map(Vec::as_slice).unwrap_or_default()
    }

    /// What a client shows to a server: the leaf, then what came with it but roots; and its key.
    pub fn into_identity(self) -> Result<Identity, MaterialError> {
        let leaf = self.leaf().cloned();
        let (all, key) = (self.certificates?, self.key?);
        let others = all.into_iter().filter(|c| Some(c) != leaf.as_ref() && !c.is_self_issued());
        let certificates = leaf.clone().into_iter().chain(others).collect();
        Ok(Identity { certificates, key })
    }
}

fn is_pem(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE";
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN)
}

fn open_key(bytes: &[u8], passphrases: &[Passphrase]) -> Result<PrivateKey, KeyError> {
    let mut opened = PrivateKey::parse(bytes, passphrases.first());
    for passphrase in passphrases.iter().skip(1) {
        if matches!(opened, Err(KeyError::PassphraseWrong)) {
            opened = PrivateKey::parse(bytes, Some(passphrase));
        }
    }
    opened
}

fn open_pfx(bytes: &[u8], passwords: &[Passphrase]) -> Result<Pfx, PfxError> {
    let mut opened = Err(PfxError::PasswordOrDamage);
    for password in passwords {
        if matches!(opened, Err(PfxError::PasswordOrDamage)) {
            opened = Pfx::read(bytes, password);
        }
    }
    opened
}

fn pfx_error(path: &Path, error: PfxError) -> MaterialError {
    match error {
        PfxError::PasswordOrDamage => MaterialError::PfxPassword(path.into()),
        PfxError::Key(error) => MaterialError::Key(error),
        other => MaterialError::Pfx(other.to_string()),
    }
}

impl FileState {
    fn read(path: &Path, secret: bool) -> (Self, Option<Zeroizing<Vec<u8>>>) {
        let (bytes, problem) = match files::read_bounded(path, FILE_LIMIT) {
            Ok(bytes) => (Some(Zeroizing::new(bytes)), None),
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                (None, Some(FileProblem::Missing))
            }
            Err(StoreError::Io { source, .. }) => (None, Some(FileProblem::Unreadable(source.to_string()))),
            Err(other) => (None, Some(FileProblem::Unreadable(other.to_string()))),
        };
        (Self { path: path.into(), problem, secret }, bytes)
    }
}
