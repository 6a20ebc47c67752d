//! Whether the chain leads to a root that is trusted for the environment, and can be sent as it is.

use super::{Expectation, authority, gravest, name_of, quoted, revocation, shown_by};
use crate::check::material::Material;
use crate::check::report::{Cause, Finding, ProbeId};
use crate::mailbox::Authority;
use crate::pki::Certificate;
use crate::pki::chain::{self, Chain, ChainError};

pub(super) static NO_CLIENT_AUTH: Cause = Cause {
    probe: ProbeId::Chain,
    code: "no_client_auth",
    meaning: "The certificate was issued for servers, or for something else again. MESH asks its clients for certificates whose extended key usage includes client authentication.",
};

pub(super) static WEAK_SIGNATURE: Cause = Cause {
    probe: ProbeId::Chain,
    code: "weak_signature",
    meaning: "A certificate of the chain is signed over MD5 or SHA-1. TLS libraries of today refuse such signatures, because they can be forged.",
};

pub(super) static SUB_CA_MISSING: Cause = Cause {
    probe: ProbeId::Chain,
    code: "sub_ca_missing",
    meaning: "The chain is good, and the sub CA is not in the file. A client sends what is in its file, so a server that trusts only the root cannot find the way to it, and refuses.",
};

pub(super) static ORDER_WRONG: Cause = Cause {
    probe: ProbeId::Chain,
    code: "order_wrong",
    meaning: "The certificates stand in another order than leaf, sub CA, root. Many programs take the first one for their own and send the file as it stands; they fail with it, or their server refuses.",
};

pub(super) static CHAIN_INCOMPLETE: Cause = Cause {
    probe: ProbeId::Chain,
    code: "chain_incomplete",
    meaning: "The certificate of an issuer is neither in the file nor known here, so nobody can tell whether the certificate leads to a trusted root.",
};

pub(super) static CHAIN_UNTRUSTED: Cause = Cause {
    probe: ProbeId::Chain,
    code: "chain_untrusted",
    meaning: "The chain ends at a root that the environment does not trust. Its servers refuse the certificate.",
};

pub(super) static CHAIN_INVALID: Cause = Cause {
    probe: ProbeId::Chain,
    code: "chain_invalid",
    meaning: "A certificate of the chain breaks a rule of X.509, so servers refuse the chain.",
};

pub(super) static ISSUER_EXPIRED: Cause = Cause {
    probe: ProbeId::Chain,
    code: "issuer_expired",
    meaning: "The certificate of a CA in the chain is over, and with it everything that stands on it, whatever the leaf's own dates say.",
};

pub(super) fn probe(material: &Material, leaf: &Certificate, expectation: &Expectation) -> Finding {
    if !leaf.may_authenticate_client() {
        return no_client_auth(material, leaf);
    }
    let given = material.certificates();
    let pool: Vec<Certificate> = given.iter().chain(&expectation.known).cloned().collect();
    // The leaf's own dates are judged by the next probe.
    let at = expectation.now.max(leaf.not_before()).min(leaf.not_after());
    let chain = match chain::build(leaf, &pool, &expectation.roots, at) {
        Ok(chain) => chain,
        Err(error) => {
            return authority::judge(&error, &expectation.known_roots, expectation.environment)
                .unwrap_or_else(|| broken(material, &pool, &error, expectation));
        }
    };
    let mut found: Vec<Finding> = sub_ca_missing(material, &chain).into_iter().collect();
    found.extend(order_wrong(material, &chain));
    let mut path = chain.leaf_first().map(name_of).collect::<Vec<_>>().join(" < ");
    if chain.root != *leaf && given.contains(&chain.root) {
        path.push_str("; the root is in the file, and is not sent");
    }
    if let Some(lists) = &expectation.revocation {
        let judged = revocation::judge(&chain, lists, expectation.now);
        found.extend(judged.findings);
        for said in judged.good {
            path.push_str(&format!("; {said}"));
        }
    }
    gravest(found).unwrap_or_else(|| Finding::pass(ProbeId::Chain, path))
}

fn no_client_auth(material: &Material, leaf: &Certificate) -> Finding {
    let usages = leaf.details().extended_key_usages.unwrap_or_default().join(", ");
    Finding::failure(
        &NO_CLIENT_AUTH,
        format!(
            "the extended key usage of {} is {usages}; see: {}",
            name_of(leaf),
            shown_by(material, "-ext extendedKeyUsage")
        ),
        "ask the service desk for a MESH client certificate, and tell it what this one is for",
    )
}

fn sub_ca_missing(material: &Material, chain: &Chain) -> Option<Finding> {
    let given = material.certificates();
    let missing = chain.intermediates.iter().find(|sub_ca| !given.contains(sub_ca))?;
    let file = material.certificate_file();
    Some(Finding::warning(
        &SUB_CA_MISSING,
        format!(
            "{} is not in {}: a server that trusts only the root will refuse",
            authority::of(missing),
            file.display()
        ),
        "use fullchain.pem or the PFX that mesh-onboard import or bundle makes",
    ))
}

/// PEM is sent as it stands by most programs; a PFX has no order.
fn order_wrong(material: &Material, chain: &Chain) -> Option<Finding> {
    let given = material.certificates();
    let right: Vec<&Certificate> = chain.leaf_first().filter(|c| given.contains(c)).collect();
    let mut found: Vec<&Certificate> = Vec::new();
    for certificate in given.iter().filter(|c| right.contains(c)) {
        if !found.contains(&certificate) {
            found.push(certificate);
        }
    }
    if !material.is_pem || (found == right && given.first() == right.first().copied()) {
        return None;
    }
    let file = material.certificate_file();
    Some(Finding::warning(
        &ORDER_WRONG,
        format!(
            "{} holds {}; the order of a chain is {}",
            file.display(),
            given.iter().map(name_of).collect::<Vec<_>>().join(", then "),
            right.iter().map(|c| name_of(c)).collect::<Vec<_>>().join(", then ")
        ),
        "use fullchain.pem that mesh-onboard import or bundle makes, or put them into that order",
    ))
}

fn broken(
    material: &Material,
    pool: &[Certificate],
    error: &ChainError,
    expectation: &Expectation,
) -> Finding {
    let evidence = match error {
        ChainError::Untrusted { root } => format!("{error} (SHA-256 {})", root.fingerprint()),
        ChainError::Incomplete { namesake: Some(namesake), .. } => {
            format!("{error}; SHA-256 {namesake} bears its name and did not sign it")
        }
        _ => error.to_string(),
    };
    let signed_weakly = |subject: &str| {
        let named = |c: &&Certificate| c.subject() == subject;
        pool.iter().filter(named).any(|certificate| certificate.details().weak_signature)
    };
    let (cause, remedy) = match error {
        ChainError::Incomplete { .. } if !expectation.roots_are_known => {
            return Finding::warning(
                &CHAIN_INCOMPLETE,
                evidence,
                "the server may know the issuer; if it refuses, put the issuer's certificate into the file",
            );
        }
        ChainError::Incomplete { .. } => {
            let remedy = "put the certificate of the issuer into the file, behind the others; the service desk has it, or mesh-onboard bundle --fetch gets it";
            (&CHAIN_INCOMPLETE, remedy.to_owned())
        }
        ChainError::Untrusted { .. } if expectation.environment.authority() == Authority::Own => {
            (&CHAIN_UNTRUSTED, "give the root of the CA that your sandbox trusts with --ca FILE".to_owned())
        }
        ChainError::Untrusted { .. } => (
            &CHAIN_UNTRUSTED,
            format!(
                "ask the service desk which authority issues for {}; whose this certificate is: mesh-onboard inspect {}",
                expectation.environment,
                quoted(material.certificate_file())
            ),
        ),
        ChainError::SelfSigned { .. } => (
            &CHAIN_UNTRUSTED,
            "send the CSR to the service desk; what comes back is signed by its authority".to_owned(),
        ),
        ChainError::Expired { certificate } => (
            &ISSUER_EXPIRED,
            format!(
                "ask the service desk for a certificate from the authority of today; this one's has the SHA-256 {}",
                certificate.fingerprint()
            ),
        ),
        ChainError::Invalid { subject: Some(subject), .. } if signed_weakly(subject) => {
            (&WEAK_SIGNATURE, "ask the service desk for a certificate that is signed with SHA-256".to_owned())
        }
        _ => (
            &CHAIN_INVALID,
            "ask the service desk for a certificate that MESH accepts, and send it this message".to_owned(),
        ),
    };
    Finding::failure(cause, evidence, remedy)
}
