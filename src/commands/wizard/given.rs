//! Files that the user names, drags or pastes.

use std::path::{Path, PathBuf};

use super::{Line, Wizard, dragged};
use crate::secret::SecretBytes;
use crate::store::{FILE_LIMIT, StoreError, files};
use crate::ui::{Failure, Reply};

/// What was given.
pub enum Given {
    /// Files that are there and can be read.
    Files(Vec<PathBuf>),
    /// A text that was pasted.
    Text(SecretBytes),
}

impl Given {
    /// The line that takes it.
    pub fn on(&self, line: Line) -> Line {
        match self {
            Self::Files(paths) => paths.iter().fold(line, |line, path| line.word(path.display())),
            Self::Text(text) => {
                Line { pasted: Some(SecretBytes::new(text.expose().to_vec())), ..line.word("-") }
            }
        }
    }
}

impl Wizard<'_> {
    /// Asks for files or for a text until what comes can be read.
    pub fn ask_given(&self, words: &str) -> Result<Reply<Given>, Failure> {
        loop {
            let Reply::Answer(text) = self.screen().ask_lines(words, is_open)? else {
                return Ok(Reply::Back);
            };
            if text.trim().is_empty() {
                self.screen()
                    .tell("Drag a file here, type a path such as ~/Downloads/reply.cer, or paste a text.");
                continue;
            }
            if is_text(&text) {
                return Ok(Reply::Answer(Given::Text(SecretBytes::new(text.as_bytes().to_vec()))));
            }
            match self.files(&text) {
                Ok(paths) => return Ok(Reply::Answer(Given::Files(paths))),
                // Several lines that name no files were pasted.
                Err(_) if text.contains('\n') => {
                    return Ok(Reply::Answer(Given::Text(SecretBytes::new(text.as_bytes().to_vec()))));
                }
                Err(why) => self.screen().tell(&why),
            }
        }
    }

    /// The files that an answer names; otherwise why not, and the right form.
    pub fn files(&self, text: &str) -> Result<Vec<PathBuf>, String> {
        let paths = dragged::paths(text, self.context.user_home.as_deref(), |path| path.exists());
        if paths.is_empty() {
            return Err("Drag the file here, or type its path, such as ~/Downloads/reply.cer.".into());
        }
        paths.into_iter().map(|path| readable(&path)).collect()
    }

    /// The same where none may be named, by an empty answer.
    pub fn files_or_none(&self, text: &str) -> Result<Vec<PathBuf>, String> {
        if text.is_empty() { Ok(Vec::new()) } else { self.files(text) }
    }
}

/// The absolute path of a file that can be read; otherwise why not.
fn readable(path: &Path) -> Result<PathBuf, String> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let shown = absolute.display();
    if absolute.to_str().is_none() {
        return Err(format!("{shown} has a name that is no text: give the file another name first."));
    }
    if absolute.is_dir() {
        return Err(format!("{shown} is a folder: name a file in it."));
    }
    // A pipe or a device would be waited for.
    if absolute.exists() && !absolute.is_file() {
        return Err(format!("{shown} is no file."));
    }
    match files::read_bounded(&absolute, FILE_LIMIT) {
        Ok(bytes) if bytes.is_empty() => {
            Err(format!("{shown} is empty: save it once more from where it came."))
        }
        Ok(_) => Ok(absolute),
        Err(StoreError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Err(format!(
            "There is no file {shown}. Drag it here, or type its path, such as ~/Downloads/reply.cer."
        )),
        Err(error) => Err(format!("It cannot be read: {error}.")),
    }
}

/// Whether a pasted text goes on: a block was begun and has not ended.
fn is_open(text: &str) -> bool {
    text.matches("-----BEGIN ").count() > text.matches("-----END ").count()
}

/// Whether an answer is the text of a certificate and no name of a file.
fn is_text(text: &str) -> bool {
    // A certificate in base64 without any lines begins with a SEQUENCE of two length bytes.
    let bare = || text.len() > 400 && text.starts_with("MII") && !text.trim().contains(['.', ' ']);
    text.contains("-----BEGIN ") || bare()
}
