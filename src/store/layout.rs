//! Which files of the home a backup holds, and a restore may write.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::files::{self, failed};
use super::{
    ArchiveFile, FILE_LIMIT, Folder, MailboxRecord, REHEARSAL_CA, Store, StoreError, Writer, safe_name,
};
use crate::mailbox::{Environment, MailboxId};

/// How deep files lie below a mailbox: `credentials/0001/bundles-01/certificate.pem`.
const DEPTH: usize = 4;

/// What a file of the home belongs to. All that belongs to one place is restored together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// `settings.toml`.
    Settings,
    /// A template of the user's own, by its name.
    Template(String),
    /// The rehearsal CA.
    RehearsalCa,
    /// A mailbox.
    Mailbox(Environment, MailboxId),
}

impl Place {
    /// Where a path below the home belongs, its parts divided by `/`; nothing if it is none of ours. Locks,
    /// temporary names and journals of transfers are none: they mean nothing on another machine.
    pub fn of(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        if !parts.iter().all(|part| !part.starts_with('.') && safe_name(part).as_deref() == Some(*part)) {
            return None;
        }
        match parts[..] {
            ["settings.toml"] => Some(Self::Settings),
            ["templates", name] => Some(Self::Template(name.into())),
            [REHEARSAL_CA, _] => Some(Self::RehearsalCa),
            [environment, mailbox, ref rest @ ..] => {
                let environment = Environment::ALL.into_iter().find(|e| e.as_str() == environment)?;
                let id: MailboxId = mailbox.parse().ok()?;
                let ours = id.as_str() == mailbox
                    && (1..=DEPTH).contains(&rest.len())
                    && rest.first().is_some_and(|first| *first != "transfers");
                ours.then_some(Self::Mailbox(environment, id))
            }
            _ => None,
        }
    }

    /// For people.
    pub fn words(&self) -> String {
        match self {
            Self::Settings => "settings.toml".into(),
            Self::Template(name) => format!("the template {name}"),
            Self::RehearsalCa => "the rehearsal CA".into(),
            Self::Mailbox(environment, mailbox) => format!("{mailbox} ({environment})"),
        }
    }
}

/// Files that were read, and those that are none of ours.
#[derive(Debug, Default)]
pub struct Found {
    /// Ours, by their path below the home.
    pub files: Vec<ArchiveFile>,
    /// None of ours: links, names that nobody gave here, and what is deeper or larger than anything of ours.
    pub others: Vec<PathBuf>,
}

impl Store {
    /// Settings, templates and the rehearsal CA, as they are.
    pub fn common_files(&self) -> Result<Found, StoreError> {
        let mut found = Found::default();
        let settings = self.home().join("settings.toml");
        if settings.symlink_metadata().is_ok() {
            found.take(self.home(), settings)?;
        }
        for folder in ["templates", REHEARSAL_CA] {
            for path in files::list(&self.home().join(folder))? {
                found.take(self.home(), path)?;
            }
        }
        Ok(found)
    }
}

impl Writer {
    /// Every file of the mailbox, while nobody else can change one.
    pub fn contents(&self, home: &Path) -> Result<Found, StoreError> {
        self.folder().contents(home)
    }
}

impl Folder {
    /// Every file of the mailbox. Take the lock first where others may be at work.
    pub fn contents(&self, home: &Path) -> Result<Found, StoreError> {
        let mut found = Found::default();
        let mut waiting = vec![self.path().to_owned()];
        while let Some(folder) = waiting.pop() {
            for path in files::list(&folder)? {
                let is_folder = path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
                match is_folder {
                    true if folder == self.path() && files::name_of(&path) == "transfers" => {}
                    true => waiting.push(path),
                    false => found.take(home, path)?,
                }
            }
        }
        found.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// The record of this mailbox among files of an archive, if it is there.
    pub fn archived(&self, files: &[ArchiveFile]) -> Result<Option<MailboxRecord>, StoreError> {
        let name = format!("{}/{}/mailbox.toml", self.environment(), self.mailbox());
        let file = files.iter().find(|file| file.path == name);
        file.map(|file| self.parse(file.bytes.to_vec())).transpose()
    }
}

impl Found {
    /// Reads a file, or notes that it is none of ours.
    fn take(&mut self, home: &Path, path: PathBuf) -> Result<(), StoreError> {
        let metadata = path.symlink_metadata().map_err(failed(&path))?;
        let ours = metadata.is_file() && metadata.len() <= FILE_LIMIT;
        let Some(name) = below(home, &path).filter(|name| ours && Place::of(name).is_some()) else {
            // What we put there ourselves and leave out goes without saying.
            if !files::name_of(&path).starts_with('.') {
                self.others.push(path);
            }
            return Ok(());
        };
        let bytes = Zeroizing::new(files::read_bounded(&path, FILE_LIMIT)?);
        self.files.push(ArchiveFile { path: name, bytes });
        Ok(())
    }
}

/// A path below the home as archives write it.
fn below(home: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(home).ok()?.components();
    parts.map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>().map(|parts| parts.join("/"))
}

/// Files by what they belong to.
pub fn by_place(files: Vec<ArchiveFile>) -> BTreeMap<Place, Vec<ArchiveFile>> {
    let mut places: BTreeMap<Place, Vec<ArchiveFile>> = BTreeMap::new();
    for file in files {
        if let Some(place) = Place::of(&file.path) {
            places.entry(place).or_default().push(file);
        }
    }
    places
}

/// What a file holds; nothing if there is none.
pub fn held(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    match files::read_bounded(path, FILE_LIMIT) {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(StoreError::Io { source, .. })
            if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn only_paths_of_our_own_layout_belong_anywhere() {
        for ours in [
            "settings.toml",
            "templates/request.txt",
            "rehearsal-ca/root.pem",
            "live/X26ABC1/mailbox.toml",
            "live/X26ABC1/credentials/0001/key.pem",
            "live/X26ABC1/credentials/0001/bundles-01/X26ABC1.pfx.b64",
        ] {
            assert!(Place::of(ours).is_some(), "{ours}");
        }
        for other in [
            "",
            "/etc/passwd",
            "../settings.toml",
            "live/../settings.toml",
            "live/X26ABC1/../X26ABC2/mailbox.toml",
            "live/X26ABC1/./mailbox.toml",
            "live//mailbox.toml",
            "live/X26ABC1/",
            "live/X26ABC1",
            "live/x26abc1/mailbox.toml",
            "prod/X26ABC1/mailbox.toml",
            "live/X26ABC1/.lock",
            "live/X26ABC1/.tmp-abc/key.pem",
            "live/X26ABC1/transfers/send-1.toml",
            "live/X26ABC1/a/b/c/d/e",
            "live\\X26ABC1\\mailbox.toml",
            "live/X26ABC1/con",
            "templates/a/b",
            "rehearsal-ca/a/b",
            "notes.txt",
            "live/X26ABC1/mail\u{0}box.toml",
            "live/X26ABC1/C:evil",
        ] {
            assert_eq!(Place::of(other), None, "{other:?}");
        }
    }
}
