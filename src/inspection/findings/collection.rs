//! What is missing, surplus or out of order among the objects of one file.

use std::collections::HashSet;

use super::Findings;
use crate::inspection::authority::Role;
use crate::inspection::facts::Facts;
use crate::inspection::relations::Issuers;
use crate::pki::Fingerprint;
use crate::pki::sniff::{Content, Contents, Key, Kind};

/// So many names are told of a file in an unusual order.
const TOLD: usize = 6;

pub(super) fn judge(findings: &mut Findings, contents: &Contents, facts: &[Facts], issuers: &Issuers) {
    let certificates: Vec<(&Facts, Fingerprint, &str)> = contents
        .objects
        .iter()
        .zip(facts)
        .filter_map(|(object, facts)| match &object.content {
            Content::Certificate(c) => Some((facts, facts.id?, c.common_name().unwrap_or(c.subject()))),
            _ => None,
        })
        .collect();
    let here: HashSet<Fingerprint> = certificates.iter().map(|(_, id, _)| *id).collect();
    let has_key = contents.objects.iter().any(|object| matches!(object.content, Content::PrivateKey(_)));
    keys(findings, contents, facts);
    let leaves: Vec<_> = certificates.iter().filter(|(facts, ..)| facts.role == Some(Role::Leaf)).collect();
    // A folder of everybody's certificates is no chain with gaps.
    let [(_, id, who)] = leaves[..] else {
        order(findings, contents.kind, &certificates, issuers);
        return;
    };
    let others = here.len() > 1;
    if !issuers.is_self_issued(*id) {
        let issuer_here = issuers.given_signers(*id).any(|signer| here.contains(&signer));
        let issuer_given = issuers.given_signers(*id).next().is_some();
        if contents.kind == Kind::Pkcs12 && has_key && !others {
            findings.warn(
                "pfx_leaf_only",
                format!("the PFX holds {who} and no chain: many applications send what is in it and no more"),
            );
        } else if !issuer_here && (others || has_key) {
            findings.warn("missing_intermediate", format!("the issuer of {who} is not in the file"));
        } else if !issuer_given && issuers.is_signed_by_known(*id) {
            findings.info(
                "missing_intermediate",
                format!("the issuer of {who} is not in the file; it is known here, and import adds it"),
            );
        } else if !issuer_given {
            findings.warn("missing_intermediate", format!("the issuer of {who} is nowhere to be found"));
        }
        if issuer_here {
            root(findings, &certificates, who);
        }
    }
    order(findings, contents.kind, &certificates, issuers);
}

fn root(findings: &mut Findings, certificates: &[(&Facts, Fingerprint, &str)], who: &str) {
    if certificates.iter().any(|(facts, ..)| facts.role == Some(Role::Root)) {
        findings.info(
            "root_included",
            format!(
                "the root stands beside {who}: a server does not need it from a client, some applications do"
            ),
        );
    } else {
        findings.info(
            "root_missing",
            format!("the root of {who} is not in the file: a CA bundle or a Java keystore needs it"),
        );
    }
}

/// A certificate chain runs leaf, sub CA, root; a CA bundle root first. Both are usual, others are not.
fn order(
    findings: &mut Findings,
    kind: Kind,
    certificates: &[(&Facts, Fingerprint, &str)],
    issuers: &Issuers,
) {
    // A set has no order of its own, and a keystore names what belongs together.
    if !matches!(kind, Kind::Pem | Kind::Base64) || certificates.len() < 2 {
        return;
    }
    let once: HashSet<Fingerprint> = certificates.iter().map(|(_, id, _)| *id).collect();
    let count = |role| certificates.iter().filter(|(facts, ..)| facts.role == Some(role)).count();
    // Two of a kind, or the same one twice, and there is no single order to speak of.
    if once.len() < certificates.len() || count(Role::Root) > 1 || count(Role::Leaf) > 1 {
        return;
    }
    let signed = |(below, above): (usize, usize)| {
        issuers.given_signers(certificates[below].1).any(|signer| signer == certificates[above].1)
    };
    let steps = 1..certificates.len();
    let upwards = steps.clone().all(|at| signed((at - 1, at)));
    let downwards = steps.clone().all(|at| signed((at, at - 1)));
    let has_leaf = certificates.iter().any(|(facts, ..)| facts.role == Some(Role::Leaf));
    let related =
        certificates.iter().any(|(_, id, _)| issuers.given_signers(*id).any(|signer| once.contains(&signer)));
    if !related || upwards || (downwards && !has_leaf) {
        return;
    }
    let mut names: Vec<&str> = certificates.iter().map(|(.., who)| *who).take(TOLD).collect();
    if certificates.len() > TOLD {
        names.push("and more");
    }
    findings.warn(
        "order_unusual",
        format!(
            "the order is {}; usual are leaf, sub CA, root for a chain and root, sub CA for a CA bundle",
            names.join(", ")
        ),
    );
}

/// A key and a certificate side by side that do not belong together.
fn keys(findings: &mut Findings, contents: &Contents, facts: &[Facts]) {
    let mut keys = HashSet::new();
    let mut leaves = HashSet::new();
    for (object, facts) in contents.objects.iter().zip(facts) {
        match (&object.content, facts.key) {
            (Content::PrivateKey(Key::Rsa(_) | Key::Foreign { .. }), Some(key)) => {
                keys.insert(key);
            }
            (Content::Certificate(_), Some(key)) if facts.role == Some(Role::Leaf) => {
                leaves.insert(key);
            }
            _ => {}
        }
    }
    if !keys.is_empty() && !leaves.is_empty() && keys.is_disjoint(&leaves) {
        findings.fail("key_mismatch", "the private key and the certificate in it do not belong together");
    }
}
