//! Files made by Python's cryptography, which mesh-client brings along.

use super::*;
use crate::support::{scratch, venv_python};

/// Writes one file for every line of `jobs`: name, scheme, whether there is a key, certificates.
const SCRIPT: &str = r#"
import sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

fixture, out, password = sys.argv[1:]
password = password.encode()
read = lambda name: open(f"{fixture}/{name}.pem", "rb").read()
key = s.load_pem_private_key(read("key"), None)
certificates = {name: x509.load_pem_x509_certificate(read(name)) for name in ("leaf", "sub", "root")}
builder = s.PrivateFormat.PKCS12.encryption_builder
algorithms = {
    "best": s.BestAvailableEncryption(password),
    "none": s.NoEncryption(),
    "3des": builder().kdf_rounds(3000).key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1()).build(password),
    "aes": builder().kdf_rounds(4000).key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256()).build(password),
}
for line in sys.stdin:
    name, scheme, with_key, *names = line.split()
    chosen = [certificates[n] for n in names]
    if scheme == "p7b":
        data = pkcs7.serialize_certificates(chosen, s.Encoding.DER)
    elif with_key == "key":
        data = pkcs12.serialize_key_and_certificates(
            b"meshclient", key, chosen[0] if chosen else None, chosen[1:], algorithms[scheme])
    else:
        data = pkcs12.serialize_java_truststore(
            [pkcs12.PKCS12Certificate(c, n.encode()) for c, n in zip(chosen, names)], algorithms[scheme])
    open(f"{out}/{name}", "wb").write(data)
for name, form, encryption in [("pkcs8", "PKCS8", "best"), ("traditional", "TraditionalOpenSSL", "best"),
                               ("plain", "PKCS8", "none")]:
    encoding = s.Encoding.PEM if name == "traditional" else s.Encoding.DER
    data = key.private_bytes(encoding, getattr(s.PrivateFormat, form), algorithms[encryption])
    open(f"{out}/key-{name}", "wb").write(data)
"#;

fn name(item: Item) -> &'static str {
    match item {
        KEY => "key",
        LEAF => "leaf",
        SUB => "sub",
        ROOT => "root",
    }
}

#[test]
fn files_of_python_are_read_in_every_combination() {
    let folder = scratch();
    let mut jobs = Vec::new();
    for certificates in arrangements(&[LEAF, SUB, ROOT]) {
        for scheme in ["best", "none", "3des", "aes"] {
            // The certificate of the key is the leaf; the others come in any order.
            if certificates.first().is_none_or(|first| *first == LEAF) {
                jobs.push((scheme, true, certificates.clone()));
            }
            if !certificates.is_empty() {
                jobs.push((scheme, false, certificates.clone()));
            }
        }
        if !certificates.is_empty() {
            jobs.push(("p7b", false, certificates.clone()));
        }
    }
    let line = |(number, (scheme, with_key, items)): (usize, &(&str, bool, Vec<Item>))| {
        let names: Vec<_> = items.iter().map(|item| name(*item)).collect();
        format!("{number} {scheme} {} {}\n", if *with_key { "key" } else { "trust" }, names.join(" "))
    };
    let input: String = jobs.iter().enumerate().map(line).collect();
    let script = folder.path().join("write.py");
    fs::write(&script, SCRIPT).unwrap();
    let lines = folder.path().join("jobs");
    fs::write(&lines, input).unwrap();
    let status = std::process::Command::new(venv_python())
        .args([&script, &FIXTURE.folder, folder.path()])
        .arg(PASSWORD)
        .stdin(fs::File::open(lines).unwrap())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");

    for (number, (scheme, with_key, certificates)) in jobs.into_iter().enumerate() {
        let bytes = fs::read(folder.path().join(number.to_string())).unwrap();
        let contents = opened(&bytes);
        let what = format!("{scheme} {with_key} {certificates:?}");
        let mut items = FIXTURE.items(&contents);
        if scheme == "p7b" {
            // Python sorts them, as DER asks.
            assert_eq!(contents.kind, Kind::Pkcs7, "{what}");
            let sorted = |mut items: Vec<Item>| {
                items.sort_by_key(|item| *item as u8);
                items
            };
            assert_eq!(sorted(items), sorted(certificates), "{what}");
            continue;
        }
        assert_eq!(contents.kind, Kind::Pkcs12, "{what}");
        if with_key {
            assert_eq!(items.pop(), Some(KEY), "{what}");
        }
        assert_eq!(items, certificates, "{what}");
        let trusted = contents.objects.iter().filter(|object| object.trusted).count();
        assert_eq!(trusted, if with_key { 0 } else { certificates.len() }, "{what}");
        let found = rows(&contents);
        let part = match scheme {
            "best" => "PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-256, 20000",
            "3des" => "PBE-SHA1-3DES, 3DES-CBC, PKCS#12 with SHA-1, 3000",
            "aes" => "PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-256, 4000",
            _ => "none",
        };
        let parts = found.iter().filter(|row| !row.starts_with("integrity"));
        assert!(parts.into_iter().all(|row| row.ends_with(part)), "{what}: {found:?}");
        if scheme != "none" {
            assert!(with_key || sniff::read(&bytes, &[]).is_locked(), "{what}");
        }
    }
    for name in ["pkcs8", "traditional", "plain"] {
        let bytes = fs::read(folder.path().join(format!("key-{name}"))).unwrap();
        assert_eq!(FIXTURE.items(&opened(&bytes)), [KEY], "{name}");
        assert_eq!(sniff::read(&bytes, &[]).is_locked(), name != "plain", "{name}");
    }
}
