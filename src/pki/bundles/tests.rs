use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256};
use rustls_pki_types::PrivatePkcs8KeyDer;

use super::*;
use crate::pki::{Certificate, KeySize};

/// A chain whose certificates differ in all that matters here, and the key of its leaf.
struct Material {
    chain: Chain,
    key: PrivateKey,
}

impl Material {
    fn new() -> Self {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let pair = || {
            let der = PrivatePkcs8KeyDer::from(key.pkcs8().expose());
            KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256).unwrap()
        };
        let named = |name: &str| {
            let mut params = CertificateParams::default();
            params.distinguished_name = rcgen::DistinguishedName::new();
            params.distinguished_name.push(DnType::CommonName, name);
            params
        };
        let mut ca = named("root");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let parsed = |c: rcgen::Certificate| Certificate::from_der(c.der()).unwrap();
        let root = parsed(ca.self_signed(&pair()).unwrap());
        let issuer = Issuer::new(ca, pair());
        let signed = |name| parsed(named(name).signed_by(&pair(), &issuer).unwrap());
        let chain = Chain { leaf: signed("leaf"), intermediates: vec![signed("sub")], root };
        Self { chain, key }
    }

    fn contents<'a>(&'a self, choices: &'a BundleChoices) -> Vec<(BundleRole, Content<'a>)> {
        contents(&self.chain, &self.key, &options(choices)).unwrap()
    }
}

fn password() -> &'static Passphrase {
    static PASSWORD: std::sync::LazyLock<Passphrase> =
        std::sync::LazyLock::new(|| Passphrase::new("correct horse battery"));
    &PASSWORD
}

fn options(choices: &BundleChoices) -> BundleOptions<'_> {
    BundleOptions { password: password(), stem: "X26ABC1", choices }
}

fn everything() -> BundleChoices {
    BundleChoices {
        keystore: true,
        truststore: true,
        plaintext_key: Some(PlaintextKey::Pkcs8),
        ..BundleChoices::default()
    }
}

#[test]
fn files_stand_in_the_order_in_which_they_are_told() {
    let material = Material::new();
    let names = |choices: &BundleChoices| {
        let bundles = Bundles::build(&material.chain, &material.key, &options(choices)).unwrap();
        bundles.files().iter().map(|f| format!("{}={}", f.role.as_str(), f.name)).collect::<Vec<_>>()
    };
    let usual = [
        "certificate=certificate.pem",
        "fullchain=fullchain.pem",
        "chain=chain.pem",
        "ca_bundle=ca-bundle.pem",
        "pfx=X26ABC1.pfx",
        "pfx_base64=X26ABC1.pfx.b64",
    ];
    assert_eq!(names(&BundleChoices::default()), usual);
    let more = ["keystore=X26ABC1.p12", "truststore=truststore.p12", "plaintext_key=key-plain.pem"];
    assert_eq!(names(&everything()), [&usual[..], &more].concat());
}

/// What would have been written by a builder with a fault, and what should have been.
#[test]
fn file_that_holds_anything_else_is_not_taken_for_good() {
    let (right, other) = (Material::new(), Material::new());
    for (profile, form) in
        [(PfxProfile::Modern, PlaintextKey::Pkcs8), (PfxProfile::Legacy, PlaintextKey::Pkcs1)]
    {
        let choices = BundleChoices { profile, plaintext_key: Some(form), ..everything() };
        let aliased = BundleChoices { alias: Some("another".parse().unwrap()), ..choices.clone() };
        for (index, (role, content)) in right.contents(&choices).iter().enumerate() {
            let good = content.write(password(), profile).unwrap();
            assert!(content.is_in(good.expose(), password()), "{role:?}");
            let refused = |what: &str, bytes: &[u8]| {
                assert!(
                    !content.is_in(bytes, password()),
                    "{role:?} of {profile:?}: {what} was taken for good"
                );
            };
            refused("nothing", b"");
            refused("its first half", &good.expose()[..good.expose().len() / 2]);
            let mut flipped = good.expose().to_vec();
            let middle = flipped.len() / 2;
            // A line end in PEM may be any white space.
            let middle = middle + usize::from(flipped[middle] == b'\n');
            flipped[middle] ^= 1;
            refused("one bit", &flipped);
            let of = |material: &Material, choices: &BundleChoices| {
                material.contents(choices)[index].1.write(password(), profile).unwrap()
            };
            refused("other key and chain", of(&other, &choices).expose());
            if matches!(role, BundleRole::Pfx | BundleRole::Keystore) {
                refused("another alias", of(&right, &aliased).expose());
            }
            if matches!(content, Content::Pkcs12(_)) {
                assert!(!content.is_in(good.expose(), &Passphrase::new("wrong")), "{role:?}: any password");
            }
        }
    }
}

#[test]
fn order_of_certificates_counts() {
    let Material { chain, .. } = Material::new();
    let right: Vec<_> = chain.leaf_first().collect();
    let content = Content::Certificates(right.clone());
    for wrong in
        [vec![right[0], right[2], right[1]], vec![right[0], right[1]], [&right[..], &right[..1]].concat()]
    {
        let bytes = Content::Certificates(wrong).write(password(), PfxProfile::Modern).unwrap();
        assert!(!content.is_in(bytes.expose(), password()));
    }
    // The same in a PFX: sub CA and root changed places.
    let material = Material::new();
    let mut turned = material.chain.clone();
    std::mem::swap(&mut turned.intermediates[0], &mut turned.root);
    let alias = || "X26ABC1".parse().unwrap();
    let wrong = Pkcs12::pfx(&turned, &material.key, alias()).write(password(), PfxProfile::Modern).unwrap();
    assert!(!Pkcs12::pfx(&material.chain, &material.key, alias()).is_in(&wrong, password()));
}

#[test]
fn trusted_entries_belong_to_keystore_and_truststore_alone() {
    let Material { chain, key } = Material::new();
    let alias: Alias = "meshclient".parse().unwrap();
    let other = Material::new().chain;
    let (own, given): (Vec<_>, Vec<_>) = (chain.authorities().collect(), other.authorities().collect());
    let all = [
        Pkcs12::pfx(&chain, &key, alias.clone()),
        Pkcs12::keystore(&chain, &key, &alias, &own),
        Pkcs12::keystore(&chain, &key, &alias, &given),
        Pkcs12::truststore(&own),
        Pkcs12::truststore(&given),
    ];
    for (i, written) in all.iter().enumerate() {
        let bytes = written.write(password(), PfxProfile::Modern).unwrap();
        for (j, expected) in all.iter().enumerate() {
            assert_eq!(expected.is_in(&bytes, password()), i == j, "{written:?} read as {expected:?}");
        }
    }
}

#[test]
fn alias_of_a_ca_is_refused_for_the_key_of_a_keystore_whatever_its_case() {
    let Material { chain, key } = Material::new();
    for name in ["rootca", "SubCA"] {
        let choices = BundleChoices { alias: Some(name.parse().unwrap()), ..everything() };
        let error = Bundles::build(&chain, &key, &options(&choices)).unwrap_err();
        assert!(matches!(error, BundleError::Pfx(PfxError::AliasTaken(_))), "{error}");
        // Without the keystore nothing stands beside it.
        let choices = BundleChoices { keystore: false, ..choices };
        Bundles::build(&chain, &key, &options(&choices)).unwrap();
    }
}

#[test]
fn two_files_never_share_a_name() {
    let Material { chain, key } = Material::new();
    let choices = everything();
    let options = BundleOptions { stem: "TrustStore", ..options(&choices) };
    let error = Bundles::build(&chain, &key, &options).unwrap_err();
    assert!(matches!(error, BundleError::SameName(_)), "{error}");
}

#[test]
fn key_of_another_certificate_is_refused() {
    let (right, other) = (Material::new(), Material::new());
    let error = Bundles::build(&right.chain, &other.key, &options(&BundleChoices::default())).unwrap_err();
    assert!(matches!(error, BundleError::Pfx(PfxError::KeyMismatch)), "{error}");
}

#[test]
fn debug_shows_no_key() {
    let Material { chain, key } = Material::new();
    let bundles = Bundles::build(&chain, &key, &options(&everything())).unwrap();
    let shown = format!("{bundles:?}");
    assert!(!shown.contains("PRIVATE") && shown.contains("hidden"), "{shown}");
}
