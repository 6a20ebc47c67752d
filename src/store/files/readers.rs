use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::store::StoreError;

/// Who may read files that are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Readers {
    /// Their owner alone.
    #[default]
    Owner,
    /// As these permissions have it (POSIX, nine bits).
    Mode(u32),
}

/// Permissions that are none for such files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is no mode for files that are read: three octal digits such as 600, 640 or 440")]
pub struct ReadersError {
    given: String,
}

impl Readers {
    /// Whether others than the owner and his group may read.
    pub fn is_anyone(self) -> bool {
        matches!(self, Self::Mode(mode) if mode & 0o004 != 0)
    }

    /// The permissions of a file.
    pub fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Mode(mode) => mode,
        }
    }

    /// Lets them in, files first, so that a folder opens with all that is in it.
    pub(super) fn admit<'a>(
        self,
        files: impl Iterator<Item = &'a Path>,
        folders: &[&Path],
    ) -> Result<(), StoreError> {
        #[cfg(unix)]
        if self != Self::Owner {
            use std::fs::{Permissions, set_permissions};
            use std::os::unix::fs::PermissionsExt;
            for path in files {
                set_permissions(path, Permissions::from_mode(self.mode())).map_err(super::failed(path))?;
            }
            // Whoever may read what is in a folder has to get through it.
            let through = (self.mode() & 0o444) >> 2;
            for path in folders {
                let mode = 0o700 | (self.mode() & 0o044) | (through & 0o011);
                set_permissions(path, Permissions::from_mode(mode)).map_err(super::failed(path))?;
            }
        }
        #[cfg(not(unix))]
        let _ = (files, folders);
        Ok(())
    }
}

impl FromStr for Readers {
    type Err = ReadersError;

    fn from_str(given: &str) -> Result<Self, ReadersError> {
        let refused = || ReadersError { given: given.into() };
        let digits = given.strip_prefix('0').filter(|rest| rest.len() == 3).unwrap_or(given);
        let mode = u32::from_str_radix(digits, 8).map_err(|_| refused())?;
        // Nothing here is executed, and nobody but the owner changes it.
        let fits = digits.len() == 3 && mode & 0o400 != 0 && mode & 0o133 == 0;
        fits.then_some(if mode == 0o600 { Self::Owner } else { Self::Mode(mode) }).ok_or_else(refused)
    }
}

impl fmt::Display for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03o}", self.mode())
    }
}

#[cfg(test)]
mod tests {
    use super::Readers;

    #[test]
    fn modes_let_readers_in_and_no_writers() {
        for (given, mode) in [("600", 0o600), ("0640", 0o640), ("440", 0o440), ("644", 0o644), ("400", 0o400)]
        {
            assert_eq!(given.parse::<Readers>().unwrap().mode(), mode);
        }
        for given in ["", "7", "777", "660", "602", "640 ", "0o640", "06400", "040", "-40", "700"] {
            assert!(given.parse::<Readers>().is_err(), "{given}");
        }
    }
}
