use std::path::Path;
use std::process::Command;

use super::*;
use crate::support::{openssl, openssl_with, path_arg, refused};

/// Every iteration count that OpenSSL reports of a PKCS#12 file, and its whole report.
fn report(file: &Path) -> (Vec<u32>, String) {
    let mut command = Command::new("openssl");
    command
        .args(["pkcs12", "-info", "-noout", "-passin", "env:PASS", "-in"])
        .arg(file)
        .env("PASS", PASSPHRASE);
    let output = command.output().expect("openssl starts");
    // The report is on stderr.
    let report = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success(), "{report}");
    let counts = report.split("teration ").skip(1).map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a count")
    });
    (counts.collect(), report)
}

/// The subjects of what `openssl pkcs12` prints with `more` arguments, and all of it.
fn listing(file: &Path, more: &str) -> (Vec<String>, String) {
    let line = format!("pkcs12 -in {} -passin env:PASS {more}", path_arg(file));
    let text = String::from_utf8(openssl_with(PASSPHRASE, &line)).expect("UTF-8");
    let subjects = text.lines().filter_map(|l| l.strip_prefix("subject=")).map(str::to_owned);
    (subjects.collect(), text)
}

const LEAF: &str = "O = nhs, OU = Devices, CN = x26abc1.x26.api.mesh-client.nhs.uk";
const SUB: &str = "C = GB, O = tests, CN = ours-sub";
const ROOT: &str = "C = GB, O = tests, CN = ours-root";

#[test]
fn openssl_opens_every_pkcs12_without_its_legacy_provider() {
    let (mailbox, both) = Bundles::both();
    for bundles in &both {
        let (subjects, text) = listing(&bundles.file("pfx"), "-nodes");
        assert_eq!(subjects, [LEAF, SUB, ROOT], "{}", bundles.profile);
        assert!(text.contains("friendlyName: X26ABC1\n"), "{text}");
        let (subjects, text) = listing(&bundles.file("keystore"), "-nodes");
        assert_eq!(subjects, [ROOT, SUB, LEAF, SUB, ROOT], "{}", bundles.profile);
        for alias in ["meshclient", "rootca", "subca"] {
            assert!(text.contains(&format!("friendlyName: {alias}\n")), "{alias} is missing\n{text}");
        }
        let (subjects, text) = listing(&bundles.file("truststore"), "-nodes");
        assert_eq!(subjects, [ROOT, SUB], "{}", bundles.profile);
        assert!(!text.contains("PRIVATE KEY"), "a key in the truststore");
        for role in ["pfx", "keystore", "truststore"] {
            let file = path_arg(&bundles.file(role));
            refused("openssl", ["pkcs12", "-noout", "-passin", "pass:wrong", "-in", &file]);
            let key = mailbox.file("from.key");
            if role != "truststore" {
                let line =
                    format!("pkcs12 -in {file} -passin env:PASS -nocerts -nodes -out {}", path_arg(&key));
                openssl_with(PASSPHRASE, &line);
                let der = openssl_bytes(&format!("pkey -in {} -pubout -outform DER", path_arg(&key)));
                let found = mesh_onboard::pki::Fingerprint::of(&der).to_string();
                assert_eq!(mailbox.request["key_sha256"], found, "{role} of {}", bundles.profile);
            }
        }
    }
}

fn openssl_bytes(line: &str) -> Vec<u8> {
    openssl_with("", line)
}

#[test]
fn each_profile_is_protected_as_it_says_within_the_limits_of_dot_net() {
    let (_mailbox, [modern, legacy]) = Bundles::both();
    for role in ["pfx", "keystore", "truststore"] {
        for (bundles, protection, mac) in [
            (&modern, "PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF hmacWithSHA256", "MAC: sha256"),
            (&legacy, "pbeWithSHA1And3-KeyTripleDES-CBC, Iteration ", "MAC: sha1"),
        ] {
            let (counts, report) = report(&bundles.file(role));
            let parts = if role == "truststore" { 2 } else { 3 };
            assert_eq!(counts.len(), parts, "{report}");
            assert_eq!(
                report.matches(protection).count(),
                parts - 1,
                "{role} of {}: {report}",
                bundles.profile
            );
            assert!(report.contains(mac), "{role} of {}: {report}", bundles.profile);
            assert!(!report.contains("RC2"), "{report}");
            assert!(counts.iter().all(|n| *n <= 300_000), "more than .NET takes: {report}");
            assert!(counts.iter().sum::<u32>() <= 1_000_000, "more than .NET takes in all: {report}");
        }
    }
}

#[test]
fn openssl_verifies_the_chain_strictly_and_reads_every_key() {
    let (mailbox, both) = Bundles::both();
    for bundles in &both {
        let file = |role| path_arg(&bundles.file(role));
        let (full, ca, chain, leaf) =
            (file("fullchain"), file("ca_bundle"), file("chain"), file("certificate"));
        let root = path_arg(&Authority::ours().root());
        // The first certificate of fullchain is judged; the others help.
        openssl(&format!("verify -x509_strict -purpose sslclient -CAfile {root} -untrusted {full} {full}"));
        openssl(&format!("verify -x509_strict -purpose sslclient -CAfile {root} -untrusted {chain} {leaf}"));
        openssl(&format!("verify -x509_strict -purpose sslclient -CAfile {ca} {leaf}"));
        let in_certificate = openssl(&format!("x509 -in {leaf} -noout -pubkey"));
        let plain = file("plaintext_key");
        assert_eq!(openssl(&format!("pkey -in {plain} -pubout")), in_certificate);
        assert!(openssl(&format!("rsa -in {plain} -check -noout")).contains("RSA key ok"));
        let key = path_arg(&mailbox.credential(1).join("key.pem"));
        let opened = openssl_with(PASSPHRASE, &format!("pkey -in {key} -passin env:PASS -pubout"));
        assert_eq!(opened, in_certificate.as_bytes());
        refused("openssl", ["pkey", "-noout", "-passin", "pass:wrong", "-in", &key]);
        let begins =
            if bundles.profile == "modern" { "-----BEGIN PRIVATE" } else { "-----BEGIN RSA PRIVATE" };
        assert!(fs::read_to_string(bundles.file("plaintext_key")).unwrap().starts_with(begins));
        // What stands in the settings of others is the PFX itself.
        let decoded = mailbox.file("decoded.pfx");
        let line = format!("base64 -d -A -in {} -out {}", file("pfx_base64"), path_arg(&decoded));
        openssl(&line);
        assert_eq!(fs::read(&decoded).unwrap(), fs::read(bundles.file("pfx")).unwrap());
    }
}
