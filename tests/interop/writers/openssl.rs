//! Files made by openssl.

use super::*;
use crate::support::{openssl, scratch};

/// `openssl pkcs12 -export`: its options, and the rows of protection of certificates, key and integrity.
const PROFILES: [(&str, [&str; 3]); 8] = [
    ("", [PBES2_CERTIFICATES, PBES2_KEY, MAC_SHA256]),
    (
        "-legacy",
        ["certificates: PBE-SHA1-RC2-40, RC2-40-CBC, PKCS#12 with SHA-1, 2048", TRIPLE_DES_KEY, MAC_SHA1],
    ),
    // Without a MAC openssl does not encrypt certificates, not even when it is told how.
    ("-nomac", ["", PBES2_KEY, "integrity: none"]),
    ("-keypbe NONE", [PBES2_CERTIFICATES, "private key: none", MAC_SHA256]),
    ("-certpbe NONE", ["", PBES2_KEY, MAC_SHA256]),
    ("-keypbe NONE -certpbe NONE", ["", "private key: none", MAC_SHA256]),
    ("-keypbe NONE -certpbe NONE -nomac", ["", "private key: none", "integrity: none"]),
    (
        "-certpbe PBE-SHA1-3DES -keypbe AES-128-CBC -macalg sha512 -iter 100",
        [
            "certificates: PBE-SHA1-3DES, 3DES-CBC, PKCS#12 with SHA-1, 100",
            "private key: PBES2, AES-128-CBC, PBKDF2-HMAC-SHA-256, 100",
            "integrity: HMAC-SHA-512, PKCS#12, 100",
        ],
    ),
];

const PBES2_CERTIFICATES: &str = "certificates: PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-256, 2048";
const PBES2_KEY: &str = "private key: PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-256, 2048";
const TRIPLE_DES_KEY: &str = "private key: PBE-SHA1-3DES, 3DES-CBC, PKCS#12 with SHA-1, 2048";
const MAC_SHA256: &str = "integrity: HMAC-SHA-256, PKCS#12, 2048";
const MAC_SHA1: &str = "integrity: HMAC-SHA-1, PKCS#12, 2048";

/// Without `-legacy` openssl 3 has no RC2, and its defaults are the modern ones.
pub(super) fn export(options: &str, certificates: &[Item], with_key: bool, folder: &Path) -> Vec<u8> {
    let fixture = &*FIXTURE;
    let input = folder.join("input.pem");
    fs::write(&input, fixture.pem(certificates)).unwrap();
    let out = path_arg(&folder.join("out.p12"));
    let key = match (with_key, certificates.is_empty()) {
        (true, false) => format!("-inkey {}", fixture.arg(KEY)),
        (true, true) => format!("-inkey {} -nocerts", fixture.arg(KEY)),
        (false, _) => "-nokeys".into(),
    };
    openssl_with(
        PASSWORD,
        &format!("pkcs12 -export {options} {key} -in {} -out {out} -passout env:PASS", path_arg(&input)),
    );
    fs::read(out).unwrap()
}

#[test]
fn pkcs12_of_openssl_is_read_in_every_combination() {
    let mut jobs = Vec::new();
    for (options, expected) in PROFILES {
        for certificates in arrangements(&[LEAF, SUB, ROOT]) {
            for with_key in [true, false] {
                // openssl wants the certificate of the key, or none at all, and it refuses an empty file.
                let is_possible = match with_key {
                    true => certificates.contains(&LEAF) || certificates.is_empty(),
                    false => !certificates.is_empty(),
                };
                if is_possible {
                    jobs.push((options, expected, certificates.clone(), with_key));
                }
            }
        }
    }
    assert_eq!(jobs.len(), PROFILES.len() * (12 + 15));
    in_parallel(jobs, |(options, expected, certificates, with_key)| {
        let folder = scratch();
        let bytes = export(options, &certificates, with_key, folder.path());
        let what = format!("{options} {certificates:?} key {with_key}");
        let contents = opened(&bytes);
        assert_eq!(contents.kind, Kind::Pkcs12, "{what}");
        // openssl puts the certificate of the key first, and the key last.
        let mut items = certificates.clone();
        if with_key {
            items.sort_by_key(|item| *item != LEAF);
            items.push(KEY);
        }
        assert_eq!(FIXTURE.items(&contents), items, "{what}");
        let present = |row: &&str| match row.split(':').next() {
            Some("certificates") => !certificates.is_empty(),
            Some("private key") => with_key,
            row => row != Some(""),
        };
        let expected: Vec<_> = expected.into_iter().filter(present).collect();
        assert_eq!(rows(&contents), expected, "{what}");
        assert!(contents.notes.is_empty(), "{what}: {:?}", contents.notes);
        // An independent reader, which has no order between certificates and keys.
        let archive = p12_keystore::Pkcs12Archive::from_pkcs12(&bytes, PASSWORD).unwrap();
        let theirs = archive.certs.iter().map(|bag| bag.cert.as_der());
        assert!(theirs.eq(contents.certificates().map(Certificate::der)), "{what}");
        assert_eq!(archive.keys.len(), usize::from(with_key), "{what}");

        let without = sniff::read(&bytes, &[]);
        assert_eq!(without.kind, Kind::Pkcs12, "{what}");
        let closed = |part: &str| expected.iter().any(|row| row.starts_with(part) && !row.contains("none"));
        let names: Vec<_> = without.objects.iter().map(|object| object.content.name()).collect();
        let mut expected_names = vec!["a certificate"; items.iter().filter(|item| **item != KEY).count()];
        if closed("certificates") {
            expected_names = vec!["encrypted certificates"];
        }
        if with_key {
            expected_names.push(if closed("private key") {
                "an encrypted private key"
            } else {
                "a private key"
            });
        }
        assert_eq!(names, expected_names, "{what}");
        assert_eq!(without.is_locked(), closed("certificates") || closed("private key"), "{what}");

        let wrong = sniff::read(&bytes, &[Passphrase::new("wrong")]);
        let codes: Vec<_> = wrong.notes.iter().map(|note| note.code).collect();
        let is_closed = !options.ends_with("-nomac") || closed("certificates") || closed("private key");
        assert_eq!(codes, if is_closed { vec!["password_wrong"] } else { vec![] }, "{what}");
    });
}

#[test]
fn names_in_a_pkcs12_file_are_given_back() {
    let folder = scratch();
    let fixture = &*FIXTURE;
    let out = path_arg(&folder.path().join("named.p12"));
    openssl_with(
        PASSWORD,
        &format!(
            "pkcs12 -export -inkey {} -in {} -certfile {} -name meshclient -caname subca -out {out} -passout env:PASS",
            fixture.arg(KEY),
            fixture.arg(LEAF),
            fixture.arg(SUB)
        ),
    );
    let contents = opened(&fs::read(out).unwrap());
    let names: Vec<_> = contents.objects.iter().map(|object| object.alias.as_deref()).collect();
    assert_eq!(names, [Some("meshclient"), Some("subca"), Some("meshclient")]);
}

#[test]
fn keystores_with_public_passwords_open_and_say_so() {
    let folder = scratch();
    let fixture = &*FIXTURE;
    for (password, code) in
        [("Spine2Int", "published_password"), ("Spine2Train", "published_password"), ("", "empty_password")]
    {
        for options in ["", "-legacy", "-nomac"] {
            let out = path_arg(&folder.path().join("public.p12"));
            let (key, leaf) = (fixture.arg(KEY), fixture.arg(LEAF));
            openssl_with(
                password,
                &format!("pkcs12 -export {options} -inkey {key} -in {leaf} -out {out} -passout env:PASS"),
            );
            let bytes = fs::read(&out).unwrap();
            for given in [vec![], vec![Passphrase::new("another password")]] {
                let contents = sniff::read(&bytes, &given);
                assert_eq!(fixture.items(&contents), [LEAF, KEY], "{password} {options}");
                let notes: Vec<_> = contents.notes.iter().filter(|note| note.code == code).collect();
                assert_eq!(notes.len(), 1, "{:?}", contents.notes);
                assert!(notes[0].message.contains(password));
            }
            // Whoever gives the password need not be told.
            assert!(sniff::read(&bytes, &[Passphrase::new(password)]).notes.is_empty());
        }
    }
}

#[test]
fn pkcs7_of_openssl_is_read_in_every_combination() {
    let mut jobs: Vec<_> = arrangements(&[LEAF, SUB, ROOT]);
    jobs.retain(|items| !items.is_empty());
    in_parallel(jobs, |items| {
        let folder = scratch();
        let files: String = items.iter().map(|item| format!(" -certfile {}", FIXTURE.arg(*item))).collect();
        for (form, kind) in [("DER", Kind::Pkcs7), ("PEM", Kind::Pem)] {
            let out = path_arg(&folder.path().join("out.p7b"));
            openssl(&format!("crl2pkcs7 -nocrl{files} -outform {form} -out {out}"));
            let contents = sniff::read(&fs::read(out).unwrap(), &[]);
            assert_eq!(contents.kind, kind);
            assert_eq!(FIXTURE.items(&contents), items, "{form}");
            assert!(contents.notes.is_empty() && contents.protection.is_empty(), "{contents:?}");
        }
    });
}

#[test]
fn pem_of_openssl_is_read_in_every_combination() {
    for items in arrangements(&[KEY, LEAF, SUB, ROOT]).into_iter().skip(1) {
        let contents = sniff::read(FIXTURE.pem(&items).as_bytes(), &[]);
        assert_eq!((contents.kind, FIXTURE.items(&contents)), (Kind::Pem, items));
    }
}

#[test]
fn messages_signed_with_openssl_give_their_certificates() {
    let folder = scratch();
    let fixture = &*FIXTURE;
    let (text, out) = (path_arg(&folder.path().join("text")), path_arg(&folder.path().join("out.p7m")));
    fs::write(&text, "Dear customer").unwrap();
    for (options, encoding) in [("", "der"), ("-stream", "ber")] {
        openssl(&format!(
            "cms -sign -binary -nodetach {options} -in {text} -signer {} -inkey {} -certfile {} -outform DER -out {out}",
            fixture.arg(LEAF),
            fixture.arg(KEY),
            fixture.arg(SUB)
        ));
        let contents = sniff::read(&fs::read(&out).unwrap(), &[]);
        assert_eq!((contents.kind, contents.encoding.as_str()), (Kind::Pkcs7, encoding));
        let mut items = fixture.items(&contents);
        items.sort_by_key(|item| *item != LEAF);
        assert_eq!(items, [LEAF, SUB]);
        assert_eq!(contents.notes[0].code, "signed_content");
    }
    openssl(&format!("cms -encrypt -in {text} -outform DER -out {out} {}", fixture.arg(LEAF)));
    let contents = sniff::read(&fs::read(&out).unwrap(), &[]);
    assert!(contents.is_locked());
    assert_eq!(
        contents.describe(),
        "a PKCS#7 file with data encrypted for somebody's certificate (PKCS#7 enveloped data)"
    );
}

/// An openssl command that writes the key, what it is then, and its row of protection.
const KEYS: [(&str, Kind, &str); 18] = [
    ("pkcs8 -topk8 -nocrypt -outform DER", Kind::Pkcs8, ""),
    ("rsa -traditional -outform DER", Kind::Pkcs1, ""),
    ("pkcs8 -topk8 -outform DER", Kind::Pkcs8Encrypted, "PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-256, 2048"),
    (
        "pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA1 -iter 5000 -outform DER",
        Kind::Pkcs8Encrypted,
        "PBES2, AES-128-CBC, PBKDF2-HMAC-SHA-1, 5000",
    ),
    (
        "pkcs8 -topk8 -v2 aes-192-cbc -v2prf hmacWithSHA224 -outform DER",
        Kind::Pkcs8Encrypted,
        "PBES2, AES-192-CBC, PBKDF2-HMAC-SHA-224, 2048",
    ),
    (
        "pkcs8 -topk8 -v2 des3 -v2prf hmacWithSHA384 -outform DER",
        Kind::Pkcs8Encrypted,
        "PBES2, 3DES-CBC, PBKDF2-HMAC-SHA-384, 2048",
    ),
    (
        "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA512 -outform DER",
        Kind::Pkcs8Encrypted,
        "PBES2, AES-256-CBC, PBKDF2-HMAC-SHA-512, 2048",
    ),
    ("pkcs8 -topk8 -scrypt -outform DER", Kind::Pkcs8Encrypted, "PBES2, AES-256-CBC, scrypt, 16384"),
    (
        "pkcs8 -topk8 -v1 PBE-SHA1-3DES -outform DER",
        Kind::Pkcs8Encrypted,
        "PBE-SHA1-3DES, 3DES-CBC, PKCS#12 with SHA-1, 2048",
    ),
    (
        "pkcs8 -topk8 -v1 PBE-SHA1-2DES -outform DER",
        Kind::Pkcs8Encrypted,
        "PBE-SHA1-2DES, 3DES-CBC with two keys, PKCS#12 with SHA-1, 2048",
    ),
    (
        "pkcs8 -topk8 -v1 PBE-SHA1-RC2-128 -provider legacy -provider default -outform DER",
        Kind::Pkcs8Encrypted,
        "PBE-SHA1-RC2-128, RC2-128-CBC, PKCS#12 with SHA-1, 2048",
    ),
    (
        "pkcs8 -topk8 -v1 PBE-MD5-DES -provider legacy -provider default -outform DER",
        Kind::Pkcs8Encrypted,
        "PBE-MD5-DES, DES-CBC, PBKDF1, 2048",
    ),
    (
        "pkcs8 -topk8 -v1 PBE-SHA1-DES -provider legacy -provider default -outform DER",
        Kind::Pkcs8Encrypted,
        "PBE-SHA1-DES, DES-CBC, PBKDF1, 2048",
    ),
    ("rsa -traditional -aes128", Kind::Pem, "traditional PEM, AES-128-CBC, MD5, 1"),
    ("rsa -traditional -aes192", Kind::Pem, "traditional PEM, AES-192-CBC, MD5, 1"),
    ("rsa -traditional -aes256", Kind::Pem, "traditional PEM, AES-256-CBC, MD5, 1"),
    ("rsa -traditional -des3", Kind::Pem, "traditional PEM, DES-EDE3-CBC, MD5, 1"),
    (
        "rsa -traditional -des -provider legacy -provider default",
        Kind::Pem,
        "traditional PEM, DES-CBC, MD5, 1",
    ),
];

#[test]
fn keys_of_openssl_open_with_their_password_alone() {
    in_parallel(KEYS.to_vec(), |(command, kind, protection)| {
        let line = format!("{command} -in {} -passout env:PASS", FIXTURE.arg(KEY));
        let bytes = openssl_with(PASSWORD, &line);
        let contents = opened(&bytes);
        assert_eq!(contents.kind, kind, "{command}");
        assert_eq!(FIXTURE.items(&contents), [KEY], "{command}");
        if protection.is_empty() {
            assert!(contents.protection.is_empty(), "{command}");
            return;
        }
        assert_eq!(rows(&contents), [format!("private key: {protection}")], "{command}");
        for (given, expected, notes) in
            [(vec![], "no passphrase was given", 0), (vec![Passphrase::new("wrong")], "does not open", 1)]
        {
            let contents = sniff::read(&bytes, &given);
            assert_eq!(contents.kind, kind, "{command}");
            assert_eq!(rows(&contents), [format!("private key: {protection}, closed")], "{command}");
            assert_eq!(contents.notes.len(), notes, "{command}");
            let Some(Key::Locked(error)) = contents.into_key() else { panic!("{command}: not locked") };
            assert!(error.to_string().contains(expected), "{command}: {error}");
        }
        // All that were given are tried.
        let several = [Passphrase::new("wrong"), Passphrase::new(PASSWORD)];
        assert_eq!(FIXTURE.items(&sniff::read(&bytes, &several)), [KEY], "{command}");
    });
}

#[test]
fn public_keys_crls_and_other_keys_of_openssl_are_named() {
    let key = FIXTURE.arg(KEY);
    for line in [
        "pkey -pubout -outform DER",
        "pkey -pubout",
        "rsa -RSAPublicKey_out -outform DER",
        "rsa -RSAPublicKey_out",
    ] {
        let bytes = openssl_with(PASSWORD, &format!("{line} -in {key}"));
        let contents = sniff::read(&bytes, &[]);
        let Content::PublicKey { key } = contents.objects[0].content else { panic!("{line}: {contents:?}") };
        assert_eq!(key, FIXTURE.key, "{line}");
    }
    for (line, algorithm) in [
        ("ecparam -genkey -name prime256v1", "EC P-256"),
        ("ecparam -genkey -name secp384r1 -noout -outform DER", "EC P-384"),
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", "EC P-256"),
        ("genpkey -algorithm ED25519 -outform DER", "Ed25519"),
    ] {
        let bytes = openssl_with(PASSWORD, line);
        let folder = scratch();
        let file = path_arg(&folder.path().join("key"));
        fs::write(&file, &bytes).unwrap();
        let public = openssl_with(PASSWORD, &format!("pkey -in {file} -pubout -outform DER"));
        match sniff::read(&bytes, &[]).into_key() {
            Some(Key::Foreign { algorithm: found, key }) => {
                assert_eq!((&found[..], key), (algorithm, Some(Fingerprint::of(&public))), "{line}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}
