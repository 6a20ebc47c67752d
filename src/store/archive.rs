//! What lies in a backup: a tar with the files of the home below [`TOP`], and first of all a label, which also holds the
//! passphrases that nothing else would bring back.

mod label;

use std::collections::BTreeSet;
use std::io::{self, Read, Write};

use tar::{Archive, Builder, EntryType, Header};
use zeroize::Zeroizing;

use super::{FILE_LIMIT, Place};

pub use label::{HeldPassphrase, Label};

/// The folder that taking it out by hand makes.
const TOP: &str = "mesh-onboard";

/// The name of the label.
const LABEL: &str = "backup.toml";

/// How many files are taken out at most.
const FILES_MAX: usize = 1_000_000;

/// How many bytes are taken out at most, all together. They are held in memory.
const BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// A file, by its path below the home with `/` between its parts.
#[derive(Debug)]
pub struct ArchiveFile {
    /// Where it belongs.
    pub path: String,
    /// What it holds; keys of the rehearsal CA are not encrypted.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Why an archive is not taken out; nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It has no label of ours.
    #[error("it is no backup of mesh-onboard")]
    Foreign,
    /// The label was written by a newer version.
    #[error("it has format {0}, and this version reads 1")]
    NewerFormat(u32),
    /// Something in it that no backup holds.
    #[error("it holds {path:?}, {what}, which no backup does")]
    Entry {
        /// Its path as it is written there.
        path: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// More than any backup.
    #[error("it holds more than any backup does")]
    TooMuch,
    /// It could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes an archive, the label first.
pub struct ArchiveWriter<W: Write>(Builder<W>);

impl<W: Write> ArchiveWriter<W> {
    /// Begins.
    pub fn begin(output: W, label: &Label) -> io::Result<Self> {
        let mut writer = Self(Builder::new(output));
        writer.append(LABEL, &label.text())?;
        Ok(writer)
    }

    /// One more file.
    pub fn add(&mut self, file: &ArchiveFile) -> io::Result<()> {
        self.append(&file.path, &file.bytes)
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_entry_type(EntryType::Regular);
        self.0.append_data(&mut header, format!("{TOP}/{path}"), bytes)
    }

    /// Writes the end.
    pub fn finish(self) -> io::Result<W> {
        self.0.into_inner()
    }
}

/// Takes an archive out, into memory.
pub struct ArchiveReader {
    /// Whose it is, and what it keeps besides files.
    pub label: Label,
    /// Its files in their order.
    pub files: Vec<ArchiveFile>,
}

impl ArchiveReader {
    /// Reads all of it. What is no file of our layout makes the whole suspect.
    pub fn read(input: impl Read) -> Result<Self, ArchiveError> {
        // One byte more than may come shows that there is more.
        let mut archive = Archive::new(input.take(BYTES_MAX + 1));
        let (mut label, mut files, mut seen, mut total) = (None, Vec::new(), BTreeSet::new(), 0);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let written = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let wrong = |what| ArchiveError::Entry { path: written.clone(), what };
            match entry.header().entry_type() {
                EntryType::Regular => {}
                // A tar of a folder names the folders, too; ours are made anew.
                EntryType::Directory => continue,
                _ => return Err(wrong("which is no plain file")),
            }
            let path = written.strip_prefix("./").unwrap_or(&written).strip_prefix(TOP);
            let path =
                path.and_then(|path| path.strip_prefix('/')).ok_or_else(|| wrong("outside its folder"))?;
            if path != LABEL && Place::of(path).is_none() {
                return Err(wrong("a path that is none of ours"));
            }
            let size = entry.size();
            total += size;
            if size > FILE_LIMIT || total > BYTES_MAX || seen.len() >= FILES_MAX {
                return Err(ArchiveError::TooMuch);
            }
            // Capitals make no other file on Windows and macOS.
            if !seen.insert(path.to_lowercase()) {
                return Err(wrong("twice"));
            }
            // In one piece: a buffer that grows leaves parts of a secret behind, which nobody wipes.
            let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or_default()));
            entry.read_to_end(&mut bytes)?;
            match path == LABEL {
                true => label = Some(Label::parse(&bytes)?),
                false => files.push(ArchiveFile { path: path.to_owned(), bytes }),
            }
        }
        // Whether the end is there shows only to whoever reads on behind the tar.
        io::copy(&mut archive.into_inner(), &mut io::sink())?;
        Ok(Self { label: label.ok_or(ArchiveError::Foreign)?, files })
    }
}

#[cfg(test)]
mod tests;
