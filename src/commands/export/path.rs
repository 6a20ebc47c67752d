//! Folders that the user names.

use std::path::{Path, PathBuf};

use crate::store::files;
use crate::ui::InputError;

/// A folder as it is recorded and looked for: one name, however it was spelled. `-` stays what it is.
pub fn folder(given: &Path, flag: &str) -> Result<PathBuf, InputError> {
    if given == Path::new("-") {
        return Ok(given.to_owned());
    }
    must_be_text(given, flag)?;
    let folder = files::resolved(given);
    must_be_text(&folder, flag)?;
    Ok(folder)
}

/// Whether a consumer finds it wherever he is started: a path of any operating system, from its root.
pub fn must_be_absolute(given: &Path, flag: &str) -> Result<(), InputError> {
    let text = must_be_text(given, flag)?;
    let drive = matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    match text.starts_with('/') || text.starts_with("\\\\") || drive {
        true => Ok(()),
        false => Err(InputError::Usage(format!(
            "{flag} takes a whole path, such as /etc/mesh or C:\\mesh, and '{text}' depends on where the application is started"
        ))),
    }
}

fn must_be_text<'a>(path: &'a Path, flag: &str) -> Result<&'a str, InputError> {
    path.to_str().ok_or_else(|| {
        InputError::Usage(format!(
            "{flag} takes a name in UTF-8, which settings can hold, and {} is none",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::must_be_absolute;

    #[test]
    fn whole_paths_of_any_system_are_taken() {
        for path in ["/", "/etc/mesh", r"C:\mesh", "d:/mesh", r"\\server\share"] {
            assert!(must_be_absolute(Path::new(path), "--installed-at").is_ok(), "{path}");
        }
        for path in ["", "mesh", "./mesh", "~/mesh", "C:", "C:mesh", r"\mesh", "1:/mesh"] {
            assert!(must_be_absolute(Path::new(path), "--installed-at").is_err(), "{path}");
        }
    }
}
