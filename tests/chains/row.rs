//! One chain with what each judge has to say of it.

use mesh_onboard::pki::Certificate;
use mesh_onboard::pki::chain::{self, Chain, ChainError};
use time::OffsetDateTime;

use crate::judge::{Strictness, openssl_verify};
use crate::mint::{Entity, NOW};

/// The verdict of `pki::chain::build`. Names are common names.
pub enum Ours {
    /// Leaf first, root last.
    Proved(&'static [&'static str]),
    /// The issuer of this one is missing, and whether a namesake of it is there.
    Incomplete(&'static str, bool),
    /// It ends at this root.
    Untrusted(&'static str),
    Expired(&'static str),
    NotYetValid(&'static str),
    SelfSigned,
    /// Who breaks a rule (empty: nobody is named), and words of the rule.
    Invalid(&'static str, &'static str),
}

/// The verdict of `openssl verify`.
pub enum Openssl {
    Verifies,
    /// Words of its error.
    Fails(&'static str),
}

pub struct Row {
    pub name: &'static str,
    leaf: Certificate,
    pool: Vec<Certificate>,
    anchors: Vec<Certificate>,
    now: OffsetDateTime,
    ours: Ours,
    openssl: Openssl,
    strictness: Strictness,
    why: Option<&'static str>,
}

/// A chain: name, leaf, what lies beside it, what is trusted, and both verdicts.
pub fn row(
    name: &'static str,
    leaf: &Entity,
    pool: &[&Entity],
    anchors: &[&Entity],
    ours: Ours,
    openssl: Openssl,
) -> Row {
    let certificates = |entities: &[&Entity]| entities.iter().map(|e| e.certificate()).collect();
    Row {
        name,
        leaf: leaf.certificate(),
        pool: certificates(pool),
        anchors: certificates(anchors),
        now: NOW,
        ours,
        openssl,
        strictness: Strictness::Strict,
        why: None,
    }
}

impl Row {
    /// Why the two judges differ.
    pub fn why(mut self, why: &'static str) -> Self {
        self.why = Some(why);
        self
    }

    /// Without `-x509_strict`, which refuses for a formality that the row is not about.
    pub fn usual(mut self) -> Self {
        self.strictness = Strictness::Usual;
        self
    }

    /// What is not as this row has it.
    pub fn wrong(&self) -> Vec<String> {
        let ours = chain::build(&self.leaf, &self.pool, &self.anchors, self.now);
        let openssl = openssl_verify(&self.leaf, &self.pool, &self.anchors, self.now, self.strictness);
        let mut wrong = Vec::new();
        if !self.ours.is(&ours) {
            let shown = match &ours {
                Ok(chain) => format!("proved {:?}", names(chain)),
                Err(error) => format!("{error} [{error:?}]").chars().take(300).collect(),
            };
            wrong.push(format!("{}: ours: {shown}", self.name));
        }
        match (&self.openssl, &openssl) {
            (Openssl::Verifies, Ok(())) => {}
            (Openssl::Fails(words), Err(error)) if error.contains(words) && !words.is_empty() => {}
            (_, found) => wrong.push(format!("{}: openssl: {found:?}", self.name)),
        }
        match (ours.is_ok() == openssl.is_ok(), self.why) {
            (false, None) => {
                wrong.push(format!("{}: the two differ, and the row does not say why", self.name))
            }
            (true, Some(_)) => {
                wrong.push(format!("{}: the two agree, and the row explains it away", self.name))
            }
            _ => {}
        }
        wrong
    }
}

fn names(chain: &Chain) -> Vec<&str> {
    chain.leaf_first().map(|c| c.common_name().unwrap_or_default()).collect()
}

impl Ours {
    fn is(&self, found: &Result<Chain, ChainError>) -> bool {
        let cn = |name: &str| format!("CN={name}");
        match (self, found) {
            (Self::Proved(expected), Ok(chain)) => names(chain) == *expected,
            (
                Self::Incomplete(who, namesake),
                Err(ChainError::Incomplete { subject, namesake: found, .. }),
            ) => *subject == cn(who) && *namesake == found.is_some(),
            (Self::Untrusted(name), Err(ChainError::Untrusted { root })) => root.subject() == cn(name),
            (Self::Expired(name), Err(ChainError::Expired { certificate }))
            | (Self::NotYetValid(name), Err(ChainError::NotYetValid { certificate })) => {
                certificate.subject() == cn(name)
            }
            (Self::SelfSigned, Err(ChainError::SelfSigned { .. })) => true,
            (Self::Invalid(who, words), Err(ChainError::Invalid { subject, rule })) => {
                let named = (!who.is_empty()).then(|| cn(who));
                *subject == named && rule.contains(words)
            }
            _ => false,
        }
    }
}
