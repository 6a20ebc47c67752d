use std::fmt;
use std::str::FromStr;

/// The longest alias, in characters: more than any name of a mailbox, and short enough for every listing.
const LONGEST: usize = 64;

/// Why a name cannot be an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AliasError {
    /// Nothing, or too much.
    #[error("an alias has 1 to {LONGEST} characters, this one has {0}")]
    Length(usize),
    /// A character that some readers lose or read differently.
    #[error("an alias is printable ASCII without a colon, and '{}' is not", .0.escape_default())]
    Character(char),
    /// White space around it.
    #[error("an alias neither begins nor ends with a space")]
    Surrounded,
}

/// The name of an entry in a PKCS#12 file (friendlyName, PKCS#9): printable ASCII, which every reader shows
/// alike. NSS takes what stands before a colon for the name of a token, so there is none in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias(String);

impl Alias {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as Java has it, which knows no capitals in an alias.
    pub fn in_java(&self) -> Self {
        Self(self.0.to_ascii_lowercase())
    }
}

impl FromStr for Alias {
    type Err = AliasError;
    fn from_str(given: &str) -> Result<Self, AliasError> {
        let length = given.chars().count();
        if !(1..=LONGEST).contains(&length) {
            return Err(AliasError::Length(length));
        }
        if let Some(c) = given.chars().find(|c| !matches!(c, ' '..='~') || *c == ':') {
            return Err(AliasError::Character(c));
        }
        if given.starts_with(' ') || given.ends_with(' ') {
            return Err(AliasError::Surrounded);
        }
        Ok(Self(given.to_owned()))
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alias_is_printable_ascii_without_a_colon() {
        for good in ["meshclient", "X26ABC1", "Our mailbox (live), 2026", &"a".repeat(64)] {
            assert_eq!(good.parse::<Alias>().unwrap().as_str(), good);
        }
        let error = |given: &str| given.parse::<Alias>().unwrap_err();
        assert_eq!(error(""), AliasError::Length(0));
        assert_eq!(error(&"a".repeat(65)), AliasError::Length(65));
        assert_eq!(error("Zoë"), AliasError::Character('ë'));
        assert_eq!(error("a\tb"), AliasError::Character('\t'));
        assert_eq!(error("token:name"), AliasError::Character(':'));
        assert_eq!(error(" meshclient"), AliasError::Surrounded);
    }
}
