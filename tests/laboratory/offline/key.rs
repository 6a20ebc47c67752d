use std::fs;

use super::bench::{Bench, stored};
use crate::support::{Elsewhere, Mailbox, Output, openssl, openssl_with, path_arg};

pub fn wrong_passphrase() -> Output {
    stored(&Mailbox::imported()).env("MESH_KEY_PASSPHRASE", "wrong horse battery").run()
}

pub fn wrong_pfx_password() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    let pfx = bench.file("made.pfx");
    let (leaf, key, out) = (path_arg(&bench.fullchain()), path_arg(&bench.key()), path_arg(&pfx));
    let line = format!("pkcs12 -export -in {leaf} -inkey {key} -passout env:PASS -out {out}");
    openssl_with(Elsewhere::PASSWORD, &line);
    bench.program().args(["--env", "sandbox", "--pfx", &out]).env("MESH_PFX_PASSWORD", "another one").run()
}

pub fn odd_cipher() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    let odd = bench.file("odd.key");
    let (key, out) = (path_arg(&bench.key()), path_arg(&odd));
    openssl_with("pass", &format!("pkcs8 -topk8 -v2 aria-256-cbc -in {key} -out {out} -passout env:PASS"));
    bench.pair("sandbox", &bench.fullchain(), &odd).env("MESH_KEY_PASSPHRASE", "pass").run()
}

pub fn certificate_as_key() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    let copy = bench.joined("copy.pem", &[&bench.leaf()]);
    openssl(&format!("x509 -in {} -noout", path_arg(&copy)));
    private(&copy);
    bench.pair("sandbox", &bench.fullchain(), &copy).run()
}

pub fn elliptic() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    let key = bench.file("elliptic.key");
    openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {}", path_arg(&key)));
    private(&key);
    bench.pair("sandbox", &bench.fullchain(), &key).run()
}

pub fn short() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    let (key, csr) = (path_arg(&bench.file("short.key")), path_arg(&bench.file("short.csr")));
    openssl(&format!("req -new -newkey rsa:1024 -nodes -keyout {key} -out {csr} -subj /CN=short"));
    let authority = crate::support::Authority::ours();
    let leaf = authority.leaf(csr.as_ref(), Mailbox::COMMON_NAME).sign(&bench.file("short.pem"));
    let chain = bench.joined("short-chain.pem", &[&leaf, &authority.sub(), &authority.root()]);
    bench.pair("sandbox", &chain, key.as_ref()).run()
}

/// What OpenSSL wrote before version 1.0, or writes when it is asked to: read here, with nothing to complain about.
#[test]
fn key_in_an_old_encryption_is_opened() {
    let bench = Bench::with_leaf(|leaf| leaf);
    let key = path_arg(&bench.key());
    for (name, line) in [
        ("traditional", "rsa -traditional -aes128 -in {key} -out {out} -passout env:PASS"),
        ("pbes1", "pkcs8 -topk8 -v1 PBE-SHA1-3DES -in {key} -out {out} -passout env:PASS"),
        ("pbes2-3des", "pkcs8 -topk8 -v2 des3 -in {key} -out {out} -passout env:PASS"),
    ] {
        let old = bench.file(name);
        openssl_with("pass", &line.replace("{key}", &key).replace("{out}", &path_arg(&old)));
        private(&old);
        let output = bench.pair("sandbox", &bench.fullchain(), &old).env("MESH_KEY_PASSPHRASE", "pass").run();
        assert_eq!(output.json()["verdict"], "pass", "{name}: {}", output.shown());
    }
}

fn private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
