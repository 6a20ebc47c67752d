use std::fmt;
use std::str::FromStr;

use super::NameError;

/// A MESH mailbox ID such as `X26ABC1`: 3 to 32 letters and digits, kept in upper case, which is how the
/// Authorization header must carry it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxId(String);

/// The ODS code of the organisation that owns a mailbox: 3 to 10 letters and digits, kept in upper case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OdsCode(String);

/// Upper-cases `given` if it is `min..=max` ASCII letters and digits.
fn identifier(given: &str, min: usize, max: usize) -> Option<String> {
    let name = given.trim().to_ascii_uppercase();
    ((min..=max).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(name)
}

impl MailboxId {
    /// The ID in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the ID begins with `ods`, as nearly all do. A mismatch deserves a warning, never a refusal.
    pub fn belongs_to(&self, ods: &OdsCode) -> bool {
        self.0.starts_with(ods.as_str())
    }

    /// The ODS code that the ID most likely begins with: all before two letters and three digits, as in
    /// `C43008GP004`, else its first three characters. A guess, to be confirmed.
    pub fn likely_owner(&self) -> Option<OdsCode> {
        let (head, tail) = self.0.split_at(self.0.len().saturating_sub(5));
        let (kind, number) = tail.split_at(tail.len().min(2));
        let usual =
            kind.bytes().all(|b| b.is_ascii_alphabetic()) && number.bytes().all(|b| b.is_ascii_digit());
        let before = usual.then(|| head.parse().ok()).flatten();
        before.or_else(|| self.0.get(..3)?.parse().ok())
    }
}

impl OdsCode {
    /// The code in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MailboxId {
    type Err = NameError;
    fn from_str(given: &str) -> Result<Self, NameError> {
        identifier(given, 3, 32).map(Self).ok_or_else(|| NameError::Mailbox { given: given.into() })
    }
}

impl FromStr for OdsCode {
    type Err = NameError;
    fn from_str(given: &str) -> Result<Self, NameError> {
        identifier(given, 3, 10).map(Self).ok_or_else(|| NameError::Ods { given: given.into() })
    }
}

impl fmt::Display for MailboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for OdsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_upper_cased_and_bounded() {
        assert_eq!("x26abc1".parse::<MailboxId>().unwrap().as_str(), "X26ABC1");
        assert_eq!(" n1g3b ".parse::<OdsCode>().unwrap().as_str(), "N1G3B");
        for bad in ["", "X2", "X26_ABC1", "../X26", "X26 ABC", "Ä26ABC1", &"A".repeat(33)] {
            assert!(bad.parse::<MailboxId>().is_err(), "{bad} was accepted");
        }
        assert!("X26ABC1X26A".parse::<OdsCode>().is_err());
    }

    #[test]
    fn owner_is_guessed_from_the_mailbox_id() {
        for (id, owner) in [
            ("X26ABC1", "X26"),
            ("X26HC005", "X26"),
            ("N1G3BOT001", "N1G3B"),
            ("C43008GP004", "C43008"),
            ("X26", "X26"),
        ] {
            let id: MailboxId = id.parse().unwrap();
            assert_eq!(id.likely_owner().unwrap().as_str(), owner, "{id}");
        }
    }

    #[test]
    fn mailbox_of_another_organisation_is_noticed() {
        let mailbox: MailboxId = "X26ABC1".parse().unwrap();
        assert!(mailbox.belongs_to(&"X26".parse().unwrap()));
        assert!(!mailbox.belongs_to(&"X27".parse().unwrap()));
    }
}
