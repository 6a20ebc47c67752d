//! What `request` and `import` spend their time on, part by part: `cargo bench --bench parts`.
//!
//! Medians and ranges of 30 runs each, in one process. Whole processes are timed by
//! `benches/onboarding.py`.

use std::time::{Duration, Instant};

use mesh_onboard::pki::chain::Chain;
use mesh_onboard::pki::{Alias, Certificate, KeySize, Pfx, PfxProfile, PrivateKey};
use mesh_onboard::secret::Passphrase;

const RUNS: usize = 30;

fn main() {
    let passphrase = Passphrase::new("correct horse battery");
    let (key, pem) = PrivateKey::generate_encrypted(KeySize::Rsa2048, &passphrase).expect("a key");
    let chain = self_signed(&key);
    let alias: Alias = "X26ABC1".parse().expect("an alias");
    let pfx = Pfx::write(&chain, &key, &passphrase, &alias, PfxProfile::Modern).expect("a PFX file");

    println!("| part | median of {RUNS} | range |\n|---|---|---|");
    time("make an RSA-2048 key", || drop(PrivateKey::generate(KeySize::Rsa2048)));
    time("make and encrypt one side by side: PBKDF2, 600,000 iterations", || {
        drop(PrivateKey::generate_encrypted(KeySize::Rsa2048, &passphrase));
    });
    time("open a key: PBKDF2, 600,000 iterations", || {
        drop(PrivateKey::parse(pem.as_bytes(), Some(&passphrase)))
    });
    time("write a PFX file, 100,000 iterations", || {
        drop(Pfx::write(&chain, &key, &passphrase, &alias, PfxProfile::Modern))
    });
    time("read it back", || drop(Pfx::read(&pfx, &passphrase)));
}

/// A chain of one certificate three times over: the same size as a real one.
fn self_signed(key: &PrivateKey) -> Chain {
    let der = rustls_pki_types::PrivatePkcs8KeyDer::from(key.pkcs8().expose());
    let pair = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256).expect("a pair");
    let der = rcgen::CertificateParams::default().self_signed(&pair).expect("a certificate");
    let leaf = Certificate::from_der(der.der()).expect("a certificate");
    Chain { intermediates: vec![leaf.clone()], root: leaf.clone(), leaf }
}

fn time(part: &str, mut work: impl FnMut()) {
    let mut taken: Vec<Duration> = (0..=RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .skip(1)
        .collect();
    taken.sort_unstable();
    let millis = |at: usize| taken[at].as_secs_f64() * 1000.0;
    println!("| {part} | {:.0} ms | {:.0}–{:.0} ms |", millis(RUNS / 2), millis(0), millis(RUNS - 1));
}
