use std::fmt;
use std::str::FromStr;

use super::{MailboxId, NameError, OdsCode};

/// The domain under which MESH client certificates are named.
pub const MESH_CLIENT_DOMAIN: &str = "api.mesh-client.nhs.uk";

/// The common name of a MESH client certificate, by default `<mailbox>.<ods>.api.mesh-client.nhs.uk`.
///
/// It is kept as it was asked for. The NHS CA lower-cases it, so compare with [`CommonName::matches`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommonName(String);

impl CommonName {
    /// The name for a mailbox of an organisation.
    pub fn for_mailbox(mailbox: &MailboxId, ods: &OdsCode) -> Result<Self, NameError> {
        Self::for_label(mailbox.as_str(), ods)
    }

    /// The name with a local identifier such as `SERVER001` as its first label.
    pub fn for_label(label: &str, ods: &OdsCode) -> Result<Self, NameError> {
        if label.contains('.') {
            return Err(NameError::CommonName {
                given: label.into(),
                rule: "the first label holds no dot; give a whole name with --common-name",
            });
        }
        format!("{label}.{ods}.{MESH_CLIENT_DOMAIN}").parse()
    }

    /// The name as it was asked for.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as the desk knows it: the CA lower-cases what it issues for. A name outside the MESH grammar
    /// stays as it is.
    pub fn as_asked_for(&self) -> Self {
        match self.mesh_parts() {
            Some((label, ods)) => Self(format!("{}.{ods}.{MESH_CLIENT_DOMAIN}", label.to_ascii_uppercase())),
            None => self.clone(),
        }
    }

    /// Whether a name found in a certificate is this one, case ignored.
    pub fn matches(&self, found: &str) -> bool {
        self.0.eq_ignore_ascii_case(found)
    }

    /// The name of the MESH grammar that somebody who wrote `given` most likely meant: its first two labels
    /// where they can be a mailbox (or a local name) and an ODS code. `None` where that would be a guess.
    pub fn likely_meant(given: &str) -> Option<Self> {
        let given = given.trim();
        let given = given.rsplit("://").next()?.rsplit('@').next()?;
        let given =
            given.get(..3).filter(|begin| begin.eq_ignore_ascii_case("cn=")).map_or(given, |_| &given[3..]);
        let mut labels = given.split(['.', '/', ' ']).filter(|label| !label.is_empty());
        let (label, ods) = (labels.next()?, labels.next()?);
        if ["api", "mesh-client", "nhs", "uk"].iter().any(|domain| ods.eq_ignore_ascii_case(domain)) {
            return None;
        }
        // Two labels that are a domain already, such as example.com, name no mailbox.
        let rest: Vec<&str> = labels.collect();
        let nhs = rest.iter().any(|l| l.eq_ignore_ascii_case("nhs") || l.eq_ignore_ascii_case("mesh-client"));
        if !nhs && !rest.is_empty() || rest.is_empty() && !label.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        Self::for_label(&label.replace('_', "-"), &ods.parse().ok()?).ok()
    }

    /// First label and ODS code, if the name follows the MESH API grammar.
    pub fn mesh_parts(&self) -> Option<(&str, OdsCode)> {
        let lower = self.0.to_ascii_lowercase();
        let head = lower.strip_suffix(&format!(".{MESH_CLIENT_DOMAIN}"))?;
        let (label, ods) = self.0[..head.len()].split_once('.')?;
        Some((label, ods.parse().ok()?))
    }
}

impl FromStr for CommonName {
    type Err = NameError;

    /// Accepts a host name: labels of letters, digits and hyphens, at most 64 characters in all
    /// (RFC 5280, `ub-common-name`).
    fn from_str(given: &str) -> Result<Self, NameError> {
        let refuse = |rule| Err(NameError::CommonName { given: given.into(), rule });
        if given.is_empty() {
            return refuse("it is empty");
        }
        if given.len() > 64 {
            return refuse("a common name holds at most 64 characters; choose a shorter --cn-label");
        }
        let label_ok = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if !given.split('.').all(label_ok) {
            return refuse(
                "it is made of labels of letters, digits and inner hyphens with dots between, such as X26ABC1.X26.api.mesh-client.nhs.uk",
            );
        }
        if !given.contains('.') {
            return refuse("it needs a domain, such as X26ABC1.X26.api.mesh-client.nhs.uk");
        }
        Ok(Self(given.into()))
    }
}

impl fmt::Display for CommonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ods() -> OdsCode {
        "X26".parse().unwrap()
    }

    #[test]
    fn default_name_follows_the_mesh_grammar() {
        let name = CommonName::for_mailbox(&"x26abc1".parse().unwrap(), &ods()).unwrap();
        assert_eq!(name.as_str(), "X26ABC1.X26.api.mesh-client.nhs.uk");
        assert_eq!(name.mesh_parts(), Some(("X26ABC1", ods())));
    }

    #[test]
    fn names_are_compared_without_case() {
        let name = CommonName::for_mailbox(&"X26ABC1".parse().unwrap(), &ods()).unwrap();
        assert!(name.matches("x26abc1.x26.api.mesh-client.nhs.uk"));
        assert!(!name.matches("x26abc2.x26.api.mesh-client.nhs.uk"));
    }

    #[test]
    fn name_from_a_certificate_becomes_what_was_asked_for() {
        let issued: CommonName = "x26abc1.x26.api.mesh-client.nhs.uk".parse().unwrap();
        assert_eq!(issued.as_asked_for().as_str(), "X26ABC1.X26.api.mesh-client.nhs.uk");
        let foreign: CommonName = "Endpoint.thirdparty.nhs.uk".parse().unwrap();
        assert_eq!(foreign.as_asked_for(), foreign);
    }

    #[test]
    fn foreign_names_are_accepted_but_recognised() {
        let name: CommonName = "endpoint.x26.thirdparty.nhs.uk".parse().unwrap();
        assert_eq!(name.mesh_parts(), None);
    }

    #[test]
    fn likely_name_is_found_where_it_is_no_guess() {
        let rows = [
            ("X26ABC1.X26.thirdparty.nhs.uk", Some("X26ABC1.X26.api.mesh-client.nhs.uk")),
            ("x26abc1.x26.mesh-client.nhs.uk", Some("x26abc1.X26.api.mesh-client.nhs.uk")),
            ("X26ABC1.X26.api.mesh-client.nhs.net", Some("X26ABC1.X26.api.mesh-client.nhs.uk")),
            ("X26ABC1.X26", Some("X26ABC1.X26.api.mesh-client.nhs.uk")),
            ("https://X26ABC1.X26.api.mesh.nhs.uk", Some("X26ABC1.X26.api.mesh-client.nhs.uk")),
            ("CN=X26ABC1.X26.api.mesh-client.nhs.uk", Some("X26ABC1.X26.api.mesh-client.nhs.uk")),
            ("X26ABC1_X26.api.mesh-client.nhs.uk", None),
            ("example.com", None),
            ("www.example.com", None),
            ("X26ABC1", None),
            ("msg.intspineservices.nhs.uk", None),
            ("", None),
        ];
        for (given, meant) in rows {
            let found = CommonName::likely_meant(given);
            assert_eq!(found.as_ref().map(CommonName::as_str), meant, "{given}");
        }
    }

    #[test]
    fn names_that_no_certificate_can_carry_are_refused() {
        for bad in ["", "localhost", "a b.nhs.uk", "-a.nhs.uk", "a..nhs.uk", "a@b.nhs.uk"] {
            assert!(bad.parse::<CommonName>().is_err(), "{bad} was accepted");
        }
        assert!(CommonName::for_label("SERVER.ONE", &ods()).is_err());
        assert!(CommonName::for_label(&"A".repeat(40), &ods()).is_err(), "longer than 64 characters");
    }
}
