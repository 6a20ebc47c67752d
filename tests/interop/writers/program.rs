//! One file of each writer through the program itself.

use super::*;
use crate::support::{Program, openssl, scratch};

/// What `inspect` says the objects of a file are, by type and by the fingerprint of certificates.
fn inspect(file: &Path, with_password: bool, folder: &Path) -> (String, Vec<(String, String)>) {
    let mut program =
        Program::new().home(&folder.join("home")).args(["--json", "--no-input", "inspect"]).arg(file);
    if with_password {
        program = program.env("MESH_PFX_PASSWORD", PASSWORD).env("MESH_KEY_PASSPHRASE", PASSWORD);
    }
    let answer = program.run().json();
    let found = &answer["files"][0];
    let text =
        |object: &serde_json::Value, field: &str| object[field].as_str().unwrap_or_default().to_owned();
    let objects = found["objects"].as_array().unwrap();
    let objects = objects.iter().map(|object| (text(object, "type"), text(object, "sha256"))).collect();
    (text(found, "kind"), objects)
}

#[test]
fn program_says_of_each_file_what_the_library_says() {
    let folder = scratch();
    let certificates = [ROOT, LEAF, SUB];
    let p12 = |options: &str| openssl::export(options, &certificates, true, folder.path());
    let p7b = path_arg(&folder.path().join("out.p7b"));
    let files = certificates.map(|item| format!("-certfile {}", FIXTURE.arg(item))).join(" ");
    openssl(&format!("crl2pkcs7 -nocrl {files} -outform DER -out {p7b}"));
    let jks = keytool::store("JKS", &[LEAF, SUB, ROOT], folder.path());
    // Order, and how many of the objects are there without the password.
    let openssl_order = vec![LEAF, ROOT, SUB, KEY];
    let rows = [
        ("pkcs12", p12(""), openssl_order.clone()),
        ("pkcs12", p12("-legacy"), openssl_order.clone()),
        ("pkcs12", p12("-nomac"), openssl_order),
        ("pkcs7", fs::read(p7b).unwrap(), certificates.to_vec()),
        ("jks", fs::read(jks).unwrap(), vec![KEY, LEAF, SUB, ROOT]),
        ("pem", FIXTURE.pem(&[SUB, KEY, LEAF]).into_bytes(), vec![SUB, KEY, LEAF]),
    ];
    for (kind, bytes, items) in rows {
        let file = folder.path().join("file");
        fs::write(&file, &bytes).unwrap();
        let expected: Vec<_> = items
            .iter()
            .map(|item| match item {
                KEY => ("private_key".to_owned(), String::new()),
                item => {
                    let fingerprint = FIXTURE.certificates[*item as usize - LEAF as usize];
                    ("certificate".to_owned(), fingerprint.to_string())
                }
            })
            .collect();
        let (found_kind, objects) = inspect(&file, true, folder.path());
        assert_eq!((found_kind.as_str(), objects), (kind, expected));
        let (found_kind, objects) = inspect(&file, false, folder.path());
        assert_eq!(found_kind, kind);
        assert_eq!(objects.len(), sniff::read(&bytes, &[]).objects.len(), "{kind}");
    }
}
