use std::collections::HashSet;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::super::Context;
use super::super::secrets::Secrets;
use crate::desk::reply;
use crate::inspection::InspectedFile;
use crate::pki::sniff::{Contents, Encoding, Note};
use crate::secret::Passphrase;
use crate::store::{FILE_LIMIT, StoreError, files};
use crate::ui::{Failure, InputError};

/// Reads every file. One that cannot be read is part of the result, so that it does not hide the others.
pub(super) fn read(
    context: &Context,
    paths: &[PathBuf],
    secrets: &Secrets<'_>,
) -> Result<Vec<InspectedFile>, Failure> {
    let passwords = secrets.given_passwords()?;
    let paths = expanded(paths)?;
    // There once, and looked at again when a password is known.
    let standard_input: Vec<PathBuf> = paths.iter().filter(|path| is_standard_input(path)).cloned().collect();
    let standard_input = context.deliver(&standard_input)?;
    let standard_input = standard_input.first().map_or(&[][..], |file| file.bytes.expose());
    let contents = |path: &Path, passwords: &[Passphrase]| contents(path, standard_input, passwords);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let chunks = paths.chunks(paths.len().div_ceil(workers).max(1));
    let mut read: Vec<InspectedFile> = std::thread::scope(|scope| {
        let passwords = &passwords;
        let one = |path: &PathBuf| InspectedFile {
            name: shown(path),
            contents: contents(path, passwords.as_slice()),
        };
        let threads: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(one).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("reading does not panic")).collect()
    });
    let mut asked: Vec<Passphrase> = Vec::new();
    for (file, path) in read.iter_mut().zip(&paths).filter(|(file, _)| file.contents.is_locked()) {
        // What opened one file often opens the next.
        if !asked.is_empty() {
            file.contents = contents(path, &asked);
        }
        if file.contents.is_locked()
            && let Some(answer) = secrets.ask_password_of(path)?
        {
            asked = answer;
            file.contents = contents(path, &asked);
        }
    }
    Ok(read)
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn contents(path: &Path, standard_input: &[u8], passwords: &[Passphrase]) -> Contents {
    if is_standard_input(path) {
        return reply::read(standard_input, passwords);
    }
    match files::read_bounded(path, FILE_LIMIT).map(Zeroizing::new) {
        Ok(bytes) => reply::read(&bytes, passwords),
        Err(error) => {
            let reason = match &error {
                StoreError::Io { source, .. } => source.to_string(),
                other => other.to_string(),
            };
            let mut contents = Contents::unknown(Encoding::Binary, "a file that cannot be read");
            contents.notes.push(Note::new("unreadable", reason));
            contents
        }
    }
}

/// Folders as the files in them, in the order of their names.
fn expanded(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            // A pipe or a socket in a folder would be waited for; one that is named is meant.
            found.extend(files::list(path)?.into_iter().filter(|path| path.is_file()));
        } else {
            found.push(path.clone());
        }
    }
    let mut seen = HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    if found.is_empty() {
        let folders: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(InputError::Usage(format!("there are no files in {}", folders.join(", "))).into());
    }
    Ok(found)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
