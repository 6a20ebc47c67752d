use std::collections::{HashMap, HashSet};

use super::InspectedFile;
use super::authority::KnownAuthority;
use super::facts::Facts;
use crate::pki::{Certificate, Fingerprint};

/// How two objects belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RelationKind {
    /// `to` signed `from`.
    SignedBy,
    /// Both are of the same key.
    SameKey,
}

impl RelationKind {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedBy => "signed_by",
            Self::SameKey => "same_key",
        }
    }
}

/// Two objects that belong together, by their fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Relation {
    /// How.
    pub kind: RelationKind,
    /// The certificate that was signed; of two with the same key, the later one in the files.
    pub from: Fingerprint,
    /// The certificate that signed it; the first one with that key.
    pub to: Fingerprint,
}

/// At most so many CAs of one name are tried on a certificate: a crafted file of many must not cost more
/// than its size.
const SAME_NAME: usize = 16;

/// Which certificate signed which, among those given and those known.
pub(super) struct Issuers {
    certificates: HashMap<Fingerprint, Node>,
    /// Those of the NHS; each home has a rehearsal CA of the same name.
    nhs: Vec<Certificate>,
}

struct Node {
    certificate: Certificate,
    known: Option<KnownAuthority>,
    given: bool,
    /// Who signed it, without itself.
    signed_by: Vec<Fingerprint>,
}

/// What lies above a certificate.
#[derive(Default)]
pub(super) struct Upwards<'a> {
    /// The first known authority, the certificate itself included.
    pub known: Option<&'a KnownAuthority>,
    /// The last certificate that could be reached.
    pub end: Option<&'a Certificate>,
}

impl Issuers {
    pub(super) fn of(files: &[InspectedFile], authorities: &[KnownAuthority]) -> Self {
        let mut certificates: HashMap<Fingerprint, Node> = HashMap::new();
        let node = |certificate: &Certificate, known, given| Node {
            certificate: certificate.clone(),
            known,
            given,
            signed_by: Vec::new(),
        };
        for known in KnownAuthority::built_in().chain(authorities.iter().cloned()) {
            let id = known.certificate.fingerprint();
            certificates.insert(id, node(&known.certificate.clone(), Some(known), false));
        }
        let nhs = KnownAuthority::built_in().map(|known| known.certificate).collect();
        for certificate in files.iter().flat_map(|file| file.contents.certificates()) {
            let entry = certificates.entry(certificate.fingerprint());
            entry.or_insert_with(|| node(certificate, None, true)).given = true;
        }
        let mut issuers = Self { certificates, nhs };
        issuers.connect();
        issuers
    }

    /// Finds who signed whom. Names lead to candidates, signatures decide.
    fn connect(&mut self) {
        let mut by_name: HashMap<Vec<u8>, Vec<Fingerprint>> = HashMap::new();
        for (id, node) in &self.certificates {
            by_name.entry(node.certificate.subject_der().to_vec()).or_default().push(*id);
        }
        for candidates in by_name.values_mut() {
            // The same ones each time, known ones before others.
            candidates.sort_by_key(|id| (self.certificates[id].known.is_none(), *id));
            candidates.truncate(SAME_NAME);
        }
        let ids: Vec<Fingerprint> = self.certificates.keys().copied().collect();
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let this = &*self;
        let found: Vec<(Fingerprint, Vec<Fingerprint>)> = std::thread::scope(|scope| {
            let chunks = ids.chunks(ids.len().div_ceil(workers).max(1));
            let threads: Vec<_> = chunks.map(|ids| scope.spawn(|| this.signers(ids, &by_name))).collect();
            threads.into_iter().flat_map(|t| t.join().expect("verifying does not panic")).collect()
        });
        for (id, signed_by) in found {
            self.certificates.get_mut(&id).expect("it was taken from here").signed_by = signed_by;
        }
    }

    fn signers(
        &self,
        ids: &[Fingerprint],
        by_name: &HashMap<Vec<u8>, Vec<Fingerprint>>,
    ) -> Vec<(Fingerprint, Vec<Fingerprint>)> {
        let one = |id: &Fingerprint| {
            let certificate = &self.certificates[id].certificate;
            let candidates = by_name.get(certificate.issuer_der()).map(Vec::as_slice).unwrap_or_default();
            let signed = |other: &&Fingerprint| {
                *other != id && certificate.is_signed_by(&self.certificates[other].certificate)
            };
            let signers = candidates.iter().filter(signed).copied().collect();
            (*id, signers)
        };
        ids.iter().map(one).collect()
    }

    /// The certificates given that signed this one.
    pub(super) fn given_signers(&self, id: Fingerprint) -> impl Iterator<Item = Fingerprint> {
        let signers = self.certificates.get(&id).map(|node| node.signed_by.as_slice()).unwrap_or_default();
        signers.iter().copied().filter(|signer| self.certificates[signer].given)
    }

    fn may_issue(&self, id: &Fingerprint) -> bool {
        let certificate = &self.certificates[id].certificate;
        // Roots of X.509 version 1 cannot say that they are CAs.
        (certificate.is_ca() || certificate.is_self_issued()) && certificate.may_sign_certificates()
    }

    /// A certificate given that signed this one without being a CA.
    pub(super) fn signer_without_right(&self, id: Fingerprint) -> Option<&Certificate> {
        let signer = self.given_signers(id).find(|signer| !self.may_issue(signer))?;
        Some(&self.certificates[&signer].certificate)
    }

    /// The authority of the NHS whose name this certificate bears, or gives as its issuer, without being it or
    /// being signed by it.
    pub(super) fn forged(&self, id: Fingerprint) -> Option<&Certificate> {
        let node = self.certificates.get(&id)?;
        // A new CA of an old name leads to the root all the same.
        if self.upwards(id).known.is_some() {
            return None;
        }
        // As people read them: a forger need not encode a name as the authority does.
        let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        let certificate = &node.certificate;
        let names = |known: &&Certificate| {
            same(known.subject(), certificate.issuer())
                || (certificate.is_ca() && same(known.subject(), certificate.subject()))
        };
        self.nhs.iter().filter(names).min_by_key(|known| known.fingerprint())
    }

    /// Whether a known authority signed this one.
    pub(super) fn is_signed_by_known(&self, id: Fingerprint) -> bool {
        let signers = self.certificates.get(&id).map(|node| node.signed_by.as_slice()).unwrap_or_default();
        signers.iter().any(|signer| self.certificates[signer].known.is_some())
    }

    /// Whether it names itself as its issuer.
    pub(super) fn is_self_issued(&self, id: Fingerprint) -> bool {
        self.certificates.get(&id).is_some_and(|node| node.certificate.is_self_issued())
    }

    /// Walks from a certificate to the known authority above it, or as far as it goes. Each certificate is
    /// visited once. What signs without being a CA leads nowhere: anybody with a certificate could.
    pub(super) fn upwards(&self, id: Fingerprint) -> Upwards<'_> {
        let mut found = Upwards::default();
        let mut seen = HashSet::from([id]);
        let mut next = vec![id];
        while let Some(id) = next.pop() {
            let Some(node) = self.certificates.get(&id) else { continue };
            found.known = found.known.or(node.known.as_ref());
            found.end = Some(&node.certificate);
            // Known ones stand first and are to be taken first.
            let authorities = node.signed_by.iter().rev().filter(|signer| self.may_issue(signer));
            next.extend(authorities.filter(|signer| seen.insert(**signer)));
        }
        found
    }
}

/// Every pair once, in the order of the files.
pub(super) fn all(files: &[InspectedFile], facts: &[Vec<Facts>], issuers: &Issuers) -> Vec<Relation> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut first_of_key: HashMap<Fingerprint, Fingerprint> = HashMap::new();
    debug_assert_eq!(files.len(), facts.len());
    for facts in facts.iter().flatten() {
        let Some(id) = facts.id else { continue };
        let mut add = |kind, to| {
            let relation = Relation { kind, from: id, to };
            if seen.insert(relation) {
                found.push(relation);
            }
        };
        if let Some(key) = facts.key {
            let first = *first_of_key.entry(key).or_insert(id);
            if first != id {
                add(RelationKind::SameKey, first);
            }
        }
        if facts.role.is_some() {
            issuers.given_signers(id).for_each(|signer| add(RelationKind::SignedBy, signer));
        }
    }
    found
}
