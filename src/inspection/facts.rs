use std::collections::HashMap;

use super::authority::{CertificateAuthority, Role};
use super::relations::Issuers;
use super::{InspectedFile, Surroundings};
use crate::mailbox::{Environment, MailboxId};
use crate::pki::sniff::{Content, Key};
use crate::pki::{Certificate, Fingerprint};

/// One of our credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its mailbox.
    pub mailbox: MailboxId,
    /// Where the mailbox lives.
    pub environment: Environment,
    /// Its number.
    pub credential: u32,
    /// SHA-256 over its SubjectPublicKeyInfo DER.
    pub key: Fingerprint,
}

/// What is known of an object beyond what it says itself.
#[derive(Debug, Default)]
pub struct Facts {
    /// What relations call it: SHA-256 over a certificate or request, over the public key for keys.
    pub id: Option<Fingerprint>,
    /// SHA-256 over the SubjectPublicKeyInfo DER.
    pub key: Option<Fingerprint>,
    /// For a certificate: what it is for.
    pub role: Option<Role>,
    /// For a certificate: who stands behind it, dates ignored.
    pub authority: Option<CertificateAuthority>,
    /// For a certificate: where it is for, by the known CA that signed it.
    pub environment: Option<Environment>,
    /// For a certificate: the last one upwards that is here or known.
    pub chain_end: Option<Certificate>,
    /// Our credentials with the same key.
    pub owners: Vec<Owner>,
}

pub(super) fn of(files: &[InspectedFile], issuers: &Issuers, surroundings: &Surroundings) -> Vec<Vec<Facts>> {
    let mut owners: HashMap<Fingerprint, Vec<&Owner>> = HashMap::new();
    for owner in &surroundings.owners {
        owners.entry(owner.key).or_default().push(owner);
    }
    let facts = |content: &Content| {
        let mut facts = one(content, issuers);
        let ours = facts.key.and_then(|key| owners.get(&key));
        facts.owners = ours.into_iter().flatten().map(|owner| (*owner).clone()).collect();
        facts
    };
    files
        .iter()
        .map(|file| file.contents.objects.iter().map(|object| facts(&object.content)).collect())
        .collect()
}

fn one(content: &Content, issuers: &Issuers) -> Facts {
    let of_key = |key: Fingerprint| Facts { id: Some(key), key: Some(key), ..Facts::default() };
    match content {
        Content::Certificate(certificate) => of_certificate(certificate, issuers),
        Content::Request(request) => Facts {
            id: Some(Fingerprint::of(request.der())),
            key: Some(request.key_fingerprint()),
            ..Facts::default()
        },
        Content::PrivateKey(Key::Rsa(key)) => of_key(key.fingerprint()),
        Content::PrivateKey(Key::Foreign { key: Some(key), .. }) | Content::PublicKey { key } => of_key(*key),
        _ => Facts::default(),
    }
}

fn of_certificate(certificate: &Certificate, issuers: &Issuers) -> Facts {
    let id = certificate.fingerprint();
    let upwards = issuers.upwards(id);
    let known = upwards.known;
    Facts {
        id: Some(id),
        key: Some(certificate.key_fingerprint()),
        role: Some(Role::of(certificate)),
        authority: Some(known.map_or(CertificateAuthority::Other, |known| known.authority)),
        environment: known.and_then(|known| known.environment),
        chain_end: upwards.end.cloned(),
        owners: Vec::new(),
    }
}
