//! Chains of any kind, made by chance.

use mesh_onboard::pki::{Certificate, chain};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose};

use crate::judge::{Strictness, openssl_verify};
use crate::mint::{Draft, Entity, NOW, ca, common_name, leaf};

/// The same cases each time, unless PROPTEST_CASES asks for more of them.
fn runner(cases: u32) -> TestRunner {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config { cases: asked.unwrap_or(cases), failure_persistence: None, ..Config::default() };
    match asked {
        Some(_) => TestRunner::new(config),
        None => {
            let seed = proptest::test_runner::RngAlgorithm::ChaCha;
            TestRunner::new_with_rng(config, proptest::test_runner::TestRng::deterministic_rng(seed))
        }
    }
}

/// A certificate of a small world with few names and keys, so that they meet.
#[derive(Debug, Clone)]
struct Plan {
    subject: usize,
    key: usize,
    issuer: usize,
    signer: usize,
    is_ca: bool,
    path_length: Option<u8>,
    may_sign: bool,
    purpose: u8,
    time: u8,
    damage: Option<(Index, u8)>,
}

const NAMES: [&str; 3] = ["a", "b", "c"];

fn plan() -> impl Strategy<Value = Plan> {
    // Mostly every name has a key of its own.
    let usual = || proptest::bool::weighted(0.7);
    let ends = (0..3_usize, 0..3_usize, usual(), 0..3_usize, 0..3_usize, usual());
    // Mostly as it should be, or no chain would ever be whole.
    let shape = (
        proptest::bool::weighted(0.6),
        proptest::option::weighted(0.2, 0..2_u8),
        proptest::bool::weighted(0.9),
        0..10_u8,
        0..10_u8,
        proptest::option::weighted(0.05, (any::<Index>(), 1..=255_u8)),
    );
    (ends, proptest::bool::weighted(0.4), shape).prop_map(|(ends, own, shape)| {
        let (subject, key, own_key, issuer, signer, its_key) = ends;
        let key = if own_key { subject } else { key };
        let signer = if its_key { issuer } else { signer };
        let (issuer, signer) = if own { (subject, key) } else { (issuer, signer) };
        let (is_ca, path_length, may_sign, purpose, time, damage) = shape;
        Plan { subject, key, issuer, signer, is_ca, path_length, may_sign, purpose, time, damage }
    })
}

impl Plan {
    /// `keys[k]` is an issuer with key `k`, whatever its name.
    fn make(&self, keys: &[Entity]) -> Option<Certificate> {
        let mut draft: Draft = if self.is_ca { ca(NAMES[self.subject]) } else { leaf(NAMES[self.subject]) };
        draft = draft.key_of(&keys[self.key]).shape(|params| {
            if self.is_ca {
                params.is_ca = IsCa::Ca(match self.path_length {
                    Some(length) => BasicConstraints::Constrained(length),
                    None => BasicConstraints::Unconstrained,
                });
                params.key_usages = match self.may_sign {
                    true => vec![KeyUsagePurpose::KeyCertSign],
                    false => vec![KeyUsagePurpose::CrlSign],
                };
            }
            params.extended_key_usages = match self.purpose {
                0 => vec![ExtendedKeyUsagePurpose::ServerAuth],
                1 | 2 => vec![ExtendedKeyUsagePurpose::ClientAuth],
                _ => Vec::new(),
            };
        });
        draft = match self.time {
            0 => draft.expired(),
            1 => draft.not_begun(),
            _ => draft,
        };
        let name = common_name(NAMES[self.issuer]);
        let made = draft.by(&keys[self.signer].as_issuer(|params| params.distinguished_name = name));
        let mut der = made.certificate().der().to_vec();
        if let Some((at, change)) = &self.damage {
            let at = at.index(der.len());
            der[at] ^= change;
        }
        Certificate::from_der(&der).ok()
    }
}

#[test]
fn whatever_chain_is_proved_openssl_verifies_and_the_order_never_matters() {
    let keys: Vec<Entity> = NAMES.map(|name| ca(name).self_signed()).into();
    let proved = std::cell::Cell::new(0);
    let strategy = (proptest::collection::vec(plan(), 2..12), any::<u16>());
    let outcome = runner(150).run(&strategy, |(plans, trusted)| {
        let world: Vec<Certificate> = plans.iter().filter_map(|plan| plan.make(&keys)).collect();
        // Only what names itself as its issuer may become an anchor here, as with `import --ca`.
        let anchors: Vec<Certificate> = world
            .iter()
            .enumerate()
            .filter(|(i, c)| trusted >> i & 1 == 1 && c.is_self_signed())
            .map(|(_, c)| c.clone())
            .collect();
        let backwards = |list: &[Certificate]| list.iter().rev().cloned().collect::<Vec<_>>();
        for end in &world {
            let found = chain::build(end, &world, &anchors, NOW);
            let again = chain::build(end, &backwards(&world), &backwards(&anchors), NOW);
            prop_assert_eq!(
                found.as_ref().map_err(|e| format!("{e:?}")),
                again.as_ref().map_err(|e| format!("{e:?}"))
            );
            let Ok(chain) = found else { continue };
            // openssl looks no further than a self-signed leaf, though its key may be that of a root.
            if end.is_self_signed() && chain.root != *end {
                continue;
            }
            let root = std::slice::from_ref(&chain.root);
            let verdict = openssl_verify(end, &chain.intermediates, root, NOW, Strictness::Usual);
            prop_assert!(verdict.is_ok(), "openssl: {:?} of {:?}", verdict, chain);
            proved.set(proved.get() + 1);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(proved.get() >= 60, "only {} chains were proved at all", proved.get());
}
