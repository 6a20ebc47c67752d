//! Files that are named by their path.

use std::path::{Path, PathBuf};

use super::Wizard;

/// The path of a file that is there.
pub fn readable(wizard: &Wizard<'_>, text: &str) -> Result<PathBuf, String> {
    let path = path(wizard, text);
    match std::fs::File::open(&path).and_then(|file| file.metadata()) {
        Ok(found) if found.is_dir() => Err(format!("{} is a folder; a file is wanted.", path.display())),
        Ok(_) => Ok(path),
        Err(error) => Err(format!("{} cannot be read: {error}.", path.display())),
    }
}

/// The path of a file to be written, in a folder that is there.
pub fn writable(wizard: &Wizard<'_>, text: &str) -> Result<PathBuf, String> {
    if text.trim().is_empty() {
        return Err("Type the path of a file to write, such as ~/mesh-onboard.age.".into());
    }
    let path = path(wizard, text);
    let folder = path.parent().unwrap_or(Path::new("/"));
    match folder.is_dir() {
        _ if path.is_dir() => Err(format!("{} is a folder; a file is wanted.", path.display())),
        true => Ok(path),
        false => Err(format!("There is no folder {}.", folder.display())),
    }
}

/// The same of a file that is not there yet.
pub fn new(wizard: &Wizard<'_>, text: &str) -> Result<PathBuf, String> {
    let path = writable(wizard, text)?;
    match path.symlink_metadata() {
        Ok(_) => Err(format!("{} is there already, and is not replaced.", path.display())),
        Err(_) => Ok(path),
    }
}

/// A name in the user's own folder that is not taken: NAME.EXTENSION, NAME-2.EXTENSION and so on.
pub fn suggested(wizard: &Wizard<'_>, name: &str, extension: &str) -> Option<String> {
    let folder = wizard.context.user_home.as_deref()?;
    let numbered = (2..100).map(|number| format!("{name}-{number}.{extension}"));
    let mut names = std::iter::once(format!("{name}.{extension}")).chain(numbered);
    names.find(|name| folder.join(name).symlink_metadata().is_err()).map(|name| format!("~/{name}"))
}

/// What was typed or dragged, with `~` for the user's own folder, made absolute.
fn path(wizard: &Wizard<'_>, text: &str) -> PathBuf {
    let text = text.trim().trim_matches(['\'', '"']);
    let path = match (text.strip_prefix("~/"), &wizard.context.user_home) {
        (Some(below), Some(home)) => home.join(below),
        _ => PathBuf::from(text),
    };
    std::path::absolute(&path).unwrap_or(path)
}
