//! What files say taken together: how their objects relate to each other, to the NHS authorities and to
//! our mailboxes, and what is wrong with them. Nothing here is trusted; [`crate::pki::chain`] proves.

mod authority;
mod facts;
mod findings;
mod relations;

use time::OffsetDateTime;

pub use authority::{CertificateAuthority, KnownAuthority, Role};
pub use facts::{Facts, Owner};
pub use findings::{Finding, Severity};
pub use relations::{Relation, RelationKind};

use crate::pki::sniff::Contents;

/// A file as it was read.
#[derive(Debug)]
pub struct InspectedFile {
    /// The name under which the user knows it.
    pub name: String,
    /// What it is.
    pub contents: Contents,
}

/// What else is known, against which files are held.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// Certificate authorities besides the built-in ones.
    pub authorities: Vec<KnownAuthority>,
    /// Our credentials.
    pub owners: Vec<Owner>,
}

/// What was found.
#[derive(Debug)]
pub struct Inspection {
    /// The files, as given.
    pub files: Vec<InspectedFile>,
    /// For each file, what is known of each of its objects.
    pub facts: Vec<Vec<Facts>>,
    /// What belongs together, each pair once.
    pub relations: Vec<Relation>,
    /// What to know or to mend, in the order of the files.
    pub findings: Vec<Finding>,
}

/// Holds files against each other and against what is known. The cost grows with the number of objects,
/// however they name each other.
pub fn inspect(files: Vec<InspectedFile>, surroundings: &Surroundings, now: OffsetDateTime) -> Inspection {
    let issuers = relations::Issuers::of(&files, &surroundings.authorities);
    let facts = facts::of(&files, &issuers, surroundings);
    let relations = relations::all(&files, &facts, &issuers);
    let findings = findings::all(&files, &facts, &issuers, now);
    Inspection { files, facts, relations, findings }
}
