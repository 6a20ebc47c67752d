/// Why the keyring did not answer. Callers fall back to asking.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// There is none on this machine, or none is running.
    #[error("there is no keyring here")]
    Absent(String),
    /// It is locked, and was not unlocked.
    #[error("the keyring is locked, and was not unlocked")]
    Locked(String),
    /// This program may not use it.
    #[error("the keyring may not be used by this program")]
    Refused(String),
    /// It did not answer in time.
    #[error("the keyring does not answer")]
    NoAnswer,
    /// Anything else that it said of one entry.
    #[error("the keyring failed")]
    Failed(String),
}

impl KeyringError {
    /// In one word: `absent`, `locked`, `refused`, `no_answer` or `failed`.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Absent(_) => "absent",
            Self::Locked(_) => "locked",
            Self::Refused(_) => "refused",
            Self::NoAnswer => "no_answer",
            Self::Failed(_) => "failed",
        }
    }

    /// What the platform said, in its own words.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Absent(reason) | Self::Locked(reason) | Self::Refused(reason) | Self::Failed(reason) => {
                Some(reason)
            }
            Self::NoAnswer => None,
        }
    }

    /// With what the platform said, for `-v`.
    pub fn in_full(&self) -> String {
        self.reason().map_or_else(|| self.to_string(), |reason| format!("{self}: {reason}"))
    }

    /// Why there is no way to any keyring.
    pub(super) fn of_store(error: &keyring::Error) -> Self {
        let reason = reason(error);
        if denied(&reason) { Self::Refused(reason) } else { Self::Absent(reason) }
    }
}

impl From<keyring::Error> for KeyringError {
    fn from(error: keyring::Error) -> Self {
        match &error {
            keyring::Error::NoDefaultStore => Self::of_store(&error),
            keyring::Error::NoStorageAccess(_) => Self::Locked(reason(&error)),
            // Its text for bad encodings would hold the bytes themselves.
            keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => {
                Self::Failed("the entry is not text".into())
            }
            _ => match reason(&error) {
                reason if denied(&reason) => Self::Refused(reason),
                reason => Self::Failed(reason),
            },
        }
    }
}

/// What the platform said, without the words of the crate around it.
fn reason(error: &keyring::Error) -> String {
    let said = match error {
        keyring::Error::PlatformFailure(inner) | keyring::Error::NoStorageAccess(inner) => inner.to_string(),
        other => other.to_string(),
    };
    // D-Bus goes on with every detail of the message.
    said.split(';').next().unwrap_or_default().to_owned()
}

/// Whether D-Bus forbade it, by the error name of its specification (`org.freedesktop.DBus.Error.AccessDenied`).
fn denied(reason: &str) -> bool {
    reason.contains("AccessDenied")
}

#[cfg(test)]
mod tests {
    use super::KeyringError;

    #[test]
    fn entry_that_is_no_text_is_not_repeated() {
        let error = KeyringError::from(keyring::Error::BadEncoding(b"MARK".to_vec()));
        assert_eq!(error, KeyringError::Failed("the entry is not text".into()));
        assert!(!format!("{error:?} {error}").contains("77"), "{error:?}");
    }

    #[test]
    fn what_the_platform_says_decides_what_it_is() {
        let platform = |text: &str| keyring::Error::PlatformFailure(text.into());
        let denied = "zbus error: org.freedesktop.DBus.Error.AccessDenied: Rejected";
        for (error, state) in [
            (KeyringError::of_store(&platform("no secret service provider")), "absent"),
            (KeyringError::of_store(&platform(denied)), "refused"),
            (keyring::Error::NoStorageAccess("prompt dismissed".into()).into(), "locked"),
            (platform(denied).into(), "refused"),
            (platform("out of memory").into(), "failed"),
            (KeyringError::NoAnswer, "no_answer"),
        ] {
            assert_eq!(error.state(), state, "{error}");
        }
    }
}
