//! Files made by GnuTLS's certtool.

use super::*;
use crate::support::scratch;

fn certtool(line: &str) {
    let password = format!("--password={PASSWORD}");
    tool("certtool", line.split_whitespace().chain([&password[..]]));
}

/// `--pkcs-cipher`, and the row of a private key.
const CIPHERS: [(&str, &str); 6] = [
    ("3des", "PBES2, 3DES-CBC, PBKDF2-HMAC-SHA-"),
    ("3des-pkcs12", "PBE-SHA1-3DES, 3DES-CBC, PKCS#12 with SHA-1"),
    ("aes-128", "PBES2, AES-128-CBC, PBKDF2-HMAC-SHA-"),
    ("aes-192", "PBES2, AES-192-CBC, PBKDF2-HMAC-SHA-"),
    ("aes-256", "PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-"),
    ("rc2-40", "PBE-SHA1-RC2-40, RC2-40-CBC, PKCS#12 with SHA-1"),
];

#[test]
fn pkcs12_of_certtool_is_read_in_every_combination() {
    let mut jobs = Vec::new();
    for certificates in arrangements(&[LEAF, SUB, ROOT]).into_iter().skip(1) {
        // Each part takes 600,000 iterations, so each arrangement is made once: with the key, where its
        // certificate is there.
        let with_key = certificates.contains(&LEAF);
        jobs.push((CIPHERS[jobs.len() % CIPHERS.len()].0, certificates, with_key));
    }
    jobs.push(("aes-256", vec![LEAF, SUB, ROOT], false));
    in_parallel(jobs, |(cipher, certificates, with_key)| {
        let folder = scratch();
        let input = folder.path().join("chain.pem");
        fs::write(&input, FIXTURE.pem(&certificates)).unwrap();
        let out = path_arg(&folder.path().join("out.p12"));
        let key = if with_key { format!("--load-privkey {}", FIXTURE.arg(KEY)) } else { String::new() };
        certtool(&format!(
            "--to-p12 --outder --p12-name meshclient --pkcs-cipher {cipher} {key} --load-certificate {} --outfile {out}",
            path_arg(&input)
        ));
        let bytes = fs::read(&out).unwrap();
        let contents = opened(&bytes);
        let what = format!("{cipher} {certificates:?} {with_key}");
        assert_eq!(contents.kind, Kind::Pkcs12, "{what}");
        let mut items = certificates.clone();
        items.extend(with_key.then_some(KEY));
        assert_eq!(FIXTURE.items(&contents), items, "{what}");
        assert!(!contents.is_locked() && contents.notes.is_empty(), "{what}: {contents:?}");
        assert_eq!(rows(&contents).len(), items.len() + 1, "{what}: certtool encrypts each by itself");
        if certificates.len() == 1 {
            let without = sniff::read(&bytes, &[]);
            assert!(without.is_locked(), "{what}");
            assert_eq!(without.protection.len(), contents.protection.len(), "{what}");
        }
    });
}

#[test]
fn pkcs7_of_certtool_is_read_in_every_combination() {
    in_parallel(arrangements(&[LEAF, SUB, ROOT]).into_iter().skip(1).collect(), |certificates| {
        let folder = scratch();
        let input = folder.path().join("chain.pem");
        fs::write(&input, FIXTURE.pem(&certificates)).unwrap();
        let out = path_arg(&folder.path().join("out.p7b"));
        let input = path_arg(&input);
        certtool(&format!("--p7-generate --load-certificate {input} --outder --outfile {out}"));
        let contents = sniff::read(&fs::read(&out).unwrap(), &[]);
        assert_eq!(contents.kind, Kind::Pkcs7);
        // certtool sorts them, as DER asks.
        let found: Vec<_> = contents.certificates().map(Certificate::der).collect();
        assert!(found.is_sorted_by_key(|der| (der.len(), der.to_vec())));
        let items = FIXTURE.items(&contents);
        assert!(certificates.iter().all(|item| items.contains(item)) && items.len() == certificates.len());
    });
}

#[test]
fn keys_of_certtool_open_with_their_password_alone() {
    in_parallel(CIPHERS.to_vec(), |(cipher, row)| {
        let folder = scratch();
        let out = path_arg(&folder.path().join("key.p8"));
        certtool(&format!(
            "--to-p8 --load-privkey {} --pkcs-cipher {cipher} --outder --outfile {out}",
            FIXTURE.arg(KEY)
        ));
        let bytes = fs::read(&out).unwrap();
        let contents = opened(&bytes);
        assert_eq!((contents.kind, FIXTURE.items(&contents)), (Kind::Pkcs8Encrypted, vec![KEY]), "{cipher}");
        assert!(rows(&contents)[0].starts_with(&format!("private key: {row}")), "{:?}", rows(&contents));
        assert!(sniff::read(&bytes, &[]).is_locked(), "{cipher}");
    });
}
