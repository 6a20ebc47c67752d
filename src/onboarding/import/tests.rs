//! Any order and duplication of what the desk may send gives the same bundles.

use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use time::Duration;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);
const COMMON_NAME: &str = "x26abc1.x26.api.mesh-client.nhs.uk";

/// A name with a key, to sign and to be signed.
struct Holder {
    params: CertificateParams,
    key: KeyPair,
}

fn params(name: &str, is_ca: bool) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (NOW - Duration::days(100), NOW + Duration::days(900));
    if is_ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    }
    params
}

impl Holder {
    fn new(name: &str, is_ca: bool) -> Self {
        Self { params: params(name, is_ca), key: KeyPair::generate().unwrap() }
    }

    fn ca(name: &str) -> Self {
        Self::new(name, true)
    }

    fn leaf(name: &str) -> Self {
        Self::new(name, false)
    }

    fn by(&self, issuer: &Self) -> Certificate {
        self.until(NOW + Duration::days(900), issuer)
    }

    fn until(&self, end: OffsetDateTime, issuer: &Self) -> Certificate {
        let mut params = self.params.clone();
        params.not_after = end;
        let issuer = Issuer::from_params(&issuer.params, &issuer.key);
        Certificate::from_der(params.signed_by(&self.key, &issuer).unwrap().der()).unwrap()
    }
}

/// Leaf, sub CA, root, and whatever could be mistaken for them.
fn sendable() -> Vec<Certificate> {
    let (root, sub, leaf) = (Holder::ca("root"), Holder::ca("sub"), Holder::leaf(COMMON_NAME));
    let (stranger, old_root, other_sub) = (Holder::ca("stranger"), Holder::ca("old root"), Holder::ca("sub"));
    let false_root = Holder::ca("root");
    let over = NOW - Duration::days(1);
    let mut by_keytool = Holder { params: params(COMMON_NAME, false), key: KeyPair::generate().unwrap() };
    by_keytool.key = KeyPair::from_pem(&leaf.key.serialize_pem()).unwrap();
    by_keytool.params.not_before = NOW - Duration::hours(1);
    let for_the_key = |name: &str| {
        let mut params = params(name, false);
        params.not_before = NOW - Duration::hours(2);
        Holder { params, key: KeyPair::from_pem(&leaf.key.serialize_pem()).unwrap() }
    };
    vec![
        leaf.by(&sub),
        sub.by(&root),
        root.by(&root),
        // Strangers.
        stranger.by(&stranger),
        Holder::ca("other sub").by(&stranger),
        Holder::leaf("x26abc2.x26.api.mesh-client.nhs.uk").by(&sub),
        Holder::leaf(COMMON_NAME).by(&other_sub),
        // The same names with other keys.
        false_root.by(&false_root),
        other_sub.by(&root),
        // The same names and keys: over, by another CA, or self-signed as keytool does it.
        leaf.until(over, &sub),
        sub.until(over, &root),
        sub.by(&stranger),
        root.by(&old_root),
        root.until(over, &old_root),
        by_keytool.by(&by_keytool),
        // The same key, made later: by a CA that nobody trusts or that is nowhere, and with another name.
        for_the_key(COMMON_NAME).by(&stranger),
        for_the_key(COMMON_NAME).by(&Holder::ca("nowhere")),
        for_the_key("x26abc2.x26.api.mesh-client.nhs.uk").by(&sub),
    ]
}

fn waiting_for(certificate: &Certificate) -> MailboxRecord {
    let (mailbox, ods) = ("X26ABC1".parse().unwrap(), "X26".parse().unwrap());
    let mut record = MailboxRecord::new(mailbox, ods, Environment::Sandbox);
    let common_name = COMMON_NAME.parse().unwrap();
    record.credentials.push(CredentialRecord::requested(1, common_name, certificate.key_fingerprint(), NOW));
    record
}

/// The bundles in PEM that these files become: certificate, fullchain, chain, CA bundle.
fn bundles(record: &MailboxRecord, files: Vec<DeliveredFile>, root: &Certificate) -> [String; 4] {
    let home = tempfile::tempdir().unwrap();
    let store = Store::at(home.path());
    let folder = store.folder(record.environment, &record.mailbox);
    let root = DeliveredFile { name: "root.pem".into(), bytes: SecretBytes::new(root.pem().into_bytes()) };
    let delivery = Delivery { files, authorities: vec![root], ..Delivery::default() };
    let examined = examine(&store, folder, record.clone(), &delivery, NOW).expect("a good delivery");
    let pem = |certificates: Vec<&Certificate>| certificates.into_iter().map(Certificate::pem).collect();
    let chain = &examined.chain;
    [
        chain.leaf.pem(),
        pem(chain.leaf_first().collect()),
        pem(chain.authorities().collect()),
        pem(chain.authorities().rev().collect()),
    ]
}

#[test]
fn any_order_and_duplication_over_any_files_imports_to_the_same_bundles() {
    let all = sendable();
    let record = waiting_for(&all[0]);
    let alone = DeliveredFile {
        name: "all".into(),
        bytes: SecretBytes::new((all[0].pem() + &all[1].pem()).into_bytes()),
    };
    let expected = bundles(&record, vec![alone], &all[2]);
    assert_eq!(expected[1], [&all[0], &all[1], &all[2]].map(Certificate::pem).concat());

    // Leaf and sub CA, some of the others, some of all again; then in any order over up to five files.
    let count = all.len();
    let some = subsequence((2..count).collect::<Vec<_>>(), 0..=count - 2);
    let again = subsequence((0..count).collect::<Vec<_>>(), 0..=count);
    let strategy = (some, again)
        .prop_map(|(some, again)| [vec![0, 1], some, again].concat())
        .prop_shuffle()
        .prop_flat_map(|order| {
            let files = proptest::collection::vec(0..5_usize, order.len());
            (Just(order), files, any::<bool>())
        });
    let config = Config { cases: 256, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&strategy, |(order, files, der)| {
        let in_file =
            |number| order.iter().zip(&files).filter(move |(_, f)| **f == number).map(|(c, _)| &all[*c]);
        let delivered = (0..5).map(|number| (number, in_file(number).collect::<Vec<_>>()));
        let delivered = delivered.filter(|(_, here)| !here.is_empty()).map(|(number, here)| {
            let bytes = match &here[..] {
                [one] if der => one.der().to_vec(),
                several => several.iter().map(|c| c.pem()).collect::<String>().into_bytes(),
            };
            DeliveredFile { name: format!("{number}.pem"), bytes: SecretBytes::new(bytes) }
        });
        prop_assert_eq!(&bundles(&record, delivered.collect(), &all[2]), &expected);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
