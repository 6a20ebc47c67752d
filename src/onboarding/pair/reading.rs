//! The files as they were read, with whatever passwords were at hand.

use super::PairError;
use crate::desk::reply;
use crate::onboarding::DeliveredFile;
use crate::pki::sniff::{Content, Contents, Key, Kind, Note, Object};
use crate::pki::{Certificate, KeyError, PrivateKey};
use crate::secret::Passphrase;

/// A file with a private key in it, as far as it could be opened.
#[derive(Debug)]
pub struct KeyFile {
    name: String,
    contents: Contents,
    opened_by: Option<usize>,
}

impl KeyFile {
    /// Reads the file `name` with each of `passwords` alone, then with all of them: a keystore may have one
    /// password and its key another.
    ///
    /// Each reading may cost as much as a file may (it bounds that itself), so no more than four are tried
    /// alone: the last, since those before were tried already when another was asked for.
    pub fn read(name: impl Into<String>, bytes: &[u8], passwords: &[Passphrase]) -> Self {
        /// Passwords tried alone.
        const ALONE: usize = 4;
        let name = name.into();
        let plain = reply::read(bytes, &[]);
        if opened(&plain) || passwords.is_empty() {
            return Self { name, contents: plain, opened_by: None };
        }
        for (index, password) in passwords.iter().enumerate().skip(passwords.len().saturating_sub(ALONE)) {
            let contents = reply::read(bytes, std::slice::from_ref(password));
            if opened(&contents) {
                return Self { name, contents, opened_by: Some(index) };
            }
        }
        Self { name, contents: reply::read(bytes, passwords), opened_by: None }
    }

    /// Its path as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the key needs a password, or another one.
    pub fn is_locked(&self) -> bool {
        let closed = |object: &Object| {
            use KeyError::{PassphraseNeeded, PassphraseWrong};
            matches!(&object.content, Content::PrivateKey(Key::Locked(PassphraseNeeded | PassphraseWrong)))
        };
        !opened(&self.contents) && (self.contents.is_locked() || self.contents.objects.iter().any(closed))
    }

    /// Whether it is a keystore with a password of its own, rather than an encrypted key.
    pub fn is_keystore(&self) -> bool {
        matches!(self.contents.kind, Kind::Pkcs12 | Kind::Jks | Kind::Jceks)
    }

    /// Which of the passwords alone opened the key, if one was needed.
    pub fn opened_by(&self) -> Option<usize> {
        self.opened_by
    }

    /// What was seen on the way.
    pub fn notes(&self) -> &[Note] {
        &self.contents.notes
    }

    pub(super) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.contents.certificates()
    }

    /// What is in the file, in a few words.
    pub(super) fn describe(&self) -> String {
        self.contents.describe()
    }

    /// The open RSA keys, each with its alias; of one alias alone if it is given.
    pub(super) fn keys(self, alias: Option<&str>) -> Result<Vec<(Option<String>, PrivateKey)>, PairError> {
        let (keystore, locked) = (self.is_keystore(), self.contents.is_locked());
        let Self { name: file, contents, .. } = self;
        let found = contents.describe();
        let mut keys: Vec<(Option<String>, Key)> = Vec::new();
        for object in contents.objects {
            if let Content::PrivateKey(key) = object.content {
                keys.push((object.alias, key));
            }
        }
        if let Some(wanted) = alias {
            let aliases = keys.iter().filter_map(|(alias, _)| alias.clone()).collect();
            keys.retain(|(alias, _)| alias.as_ref().is_some_and(|a| a.eq_ignore_ascii_case(wanted)));
            if keys.is_empty() && !locked {
                return Err(PairError::NoSuchAlias { file, alias: wanted.to_owned(), aliases });
            }
        }
        let (mut open, mut closed) = (Vec::new(), None);
        for (alias, key) in keys {
            match key {
                Key::Rsa(key) => open.push((alias, key)),
                Key::Foreign { .. } => closed = closed.or(Some(KeyError::NotRsa)),
                Key::Locked(error) => closed = Some(error),
            }
        }
        if !open.is_empty() {
            return Ok(open);
        }
        match closed {
            Some(KeyError::PassphraseWrong | KeyError::PassphraseNeeded) if keystore => {
                Err(PairError::Keystore { file })
            }
            Some(source) => Err(PairError::Key { file, source }),
            None if keystore && locked => Err(PairError::Keystore { file }),
            None => Err(PairError::Key { file, source: KeyError::NotAKey { found } }),
        }
    }
}

/// Whether there is a key that needs no further password.
fn opened(contents: &Contents) -> bool {
    contents
        .objects
        .iter()
        .any(|object| matches!(&object.content, Content::PrivateKey(Key::Rsa(_) | Key::Foreign { .. })))
}

/// Files given for the certificates in them.
#[derive(Debug, Default)]
pub struct CertificateFiles(Vec<(String, Contents)>);

impl CertificateFiles {
    /// Reads the files; each of `passwords` is tried on what is protected.
    pub fn read(files: &[DeliveredFile], passwords: &[Passphrase]) -> Self {
        Self(
            files
                .iter()
                .map(|file| (file.name.clone(), reply::read(file.bytes.expose(), passwords)))
                .collect(),
        )
    }

    /// The first file whose certificates cannot be seen without a password, or without another one.
    pub fn locked(&self) -> Option<&str> {
        let locked = |contents: &Contents| contents.is_locked() && contents.certificates().next().is_none();
        self.0.iter().find(|(_, contents)| locked(contents)).map(|(name, _)| name.as_str())
    }

    /// What was seen on the way.
    pub fn notes(&self) -> impl Iterator<Item = &Note> {
        self.0.iter().flat_map(|(_, contents)| &contents.notes)
    }

    /// Every certificate in every file.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.0.iter().flat_map(|(_, contents)| contents.certificates())
    }

    /// Refuses files without a certificate in them: a mix-up is better told than passed over.
    pub fn each_has_one(&self) -> Result<(), PairError> {
        let without: Vec<_> = self
            .0
            .iter()
            .filter(|(_, contents)| contents.certificates().next().is_none())
            .map(|(name, contents)| (name.clone(), contents.describe()))
            .collect();
        let locked = self.locked().is_some();
        if without.is_empty() { Ok(()) } else { Err(PairError::NotACertificate { files: without, locked }) }
    }
}
