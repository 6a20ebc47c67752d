//! Files and folders that are to be written.

use std::path::{Path, PathBuf};

use super::{Wizard, dragged};

/// The path of a file to write, in a folder that is there.
pub fn writable(wizard: &Wizard<'_>, text: &str) -> Result<PathBuf, String> {
    let paths = dragged::paths(text, wizard.context.user_home.as_deref(), |path| path.exists());
    let path = paths.first().ok_or("Type the path of a file to write, such as ~/mesh-onboard.age.")?;
    let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let folder = path.parent().unwrap_or(Path::new("/"));
    match (path.is_dir(), folder.is_dir()) {
        _ if path.to_str().is_none() => Err("Type a path that is text.".into()),
        (true, _) => Err(format!("{} is a folder: name a file in it.", path.display())),
        (false, false) => Err(format!("There is no folder {}.", folder.display())),
        (false, true) => Ok(path),
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

/// The path of a folder that is not there yet, or of one that `fits`.
pub fn new_folder(
    wizard: &Wizard<'_>,
    text: &str,
    fits: impl Fn(&PathBuf) -> bool,
) -> Result<PathBuf, String> {
    let paths = dragged::paths(text, wizard.context.user_home.as_deref(), |path| path.exists());
    let path = paths.first().ok_or("Type the path of a new folder, such as ~/mesh-handover.")?;
    let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let above = path.parent().unwrap_or(Path::new("/"));
    match path.symlink_metadata().is_ok() && !fits(&path) {
        _ if path.to_str().is_none() => Err("Type a path that is text.".into()),
        true => Err(format!("{} is there already, and is not replaced.", path.display())),
        false if !above.is_dir() => Err(format!("There is no folder {}.", above.display())),
        false => Ok(path),
    }
}

/// A name in the user's own folder that is not taken: NAME.EXTENSION, NAME-2.EXTENSION and so on.
pub fn suggested(wizard: &Wizard<'_>, name: &str, extension: &str) -> Option<String> {
    free(wizard, |number| format!("{name}{number}.{extension}"))
}

/// The first name in the user's own folder that is not taken, of those that `named` makes of nothing, -2, -3 and so on.
pub fn free(wizard: &Wizard<'_>, named: impl Fn(&str) -> String) -> Option<String> {
    let folder = wizard.context.user_home.as_deref()?;
    let numbered = (2..100).map(|number| named(&format!("-{number}")));
    let mut names = std::iter::once(named("")).chain(numbered);
    names.find(|name| folder.join(name).symlink_metadata().is_err()).map(|name| format!("~/{name}"))
}
