//! `import`: the answer of the desk becomes bundles that other programs open.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::keys;
use crate::support::{Authority, Mailbox, PASSPHRASE, openssl, openssl_with, path_arg, tool, tree};

const LEAF: &str = "subject=O = nhs, OU = Devices, CN = x26abc1.x26.api.mesh-client.nhs.uk";
const SUB: &str = "subject=C = GB, O = tests, CN = ours-sub";
const ROOT: &str = "subject=C = GB, O = tests, CN = ours-root";

/// 2026-06-01T12:00:00Z, when the tests take place.
const NOW_UNIX: &str = "1780315200";

fn imported() -> (Mailbox, Value) {
    let mailbox = Mailbox::requested();
    let answer = mailbox.import([mailbox.certificate()]).run().expect(0).json();
    (mailbox, answer)
}

fn file(answer: &Value, name: &str) -> PathBuf {
    let path = PathBuf::from(answer["files"][name].as_str().unwrap_or_else(|| panic!("{name}: {answer}")));
    assert!(path.is_absolute(), "{}", path.display());
    path
}

/// The subjects of the certificates in a PEM file, in their order, as openssl names them.
fn subjects(file: &Path) -> Vec<String> {
    let scratch = crate::support::scratch();
    let p7 = path_arg(&scratch.path().join("all.p7"));
    openssl(&format!("crl2pkcs7 -nocrl -certfile {} -out {p7}", path_arg(file)));
    let listing = openssl(&format!("pkcs7 -in {p7} -print_certs -noout"));
    listing.lines().filter(|l| l.starts_with("subject=")).map(str::to_owned).collect()
}

#[test]
fn import_answers_with_the_promised_json() {
    let (mailbox, answer) = imported();
    assert_eq!(
        keys(&answer),
        [
            "certificate",
            "chain",
            "credential",
            "environment",
            "files",
            "mailbox",
            "next",
            "readers",
            "state",
            "warnings"
        ]
    );
    assert_eq!(answer["mailbox"], "X26ABC1");
    assert_eq!(answer["environment"], "sandbox");
    assert_eq!(answer["credential"], 1);
    assert_eq!(answer["state"], "current");
    let certificate = &answer["certificate"];
    assert_eq!(
        keys(certificate),
        ["days_left", "issuer", "key_usage_ends", "not_after", "not_before", "serial", "sha256", "subject"]
    );
    assert_eq!(certificate["not_before"], "2026-01-01T00:00:00Z");
    assert_eq!(certificate["not_after"], "2029-01-01T00:30:00Z");
    assert_eq!(certificate["key_usage_ends"], "2028-02-01T00:00:00Z");
    assert_eq!(certificate["days_left"], 944);
    let pem = path_arg(&file(&answer, "certificate"));
    let sha256 = openssl(&format!("x509 -in {pem} -noout -fingerprint -sha256")).to_lowercase();
    let sha256 = sha256.trim().rsplit('=').next().unwrap().replace(':', "");
    assert_eq!(certificate["sha256"], sha256);
    let serial = openssl(&format!("x509 -in {pem} -noout -serial"));
    let serial = serial.trim().trim_start_matches("serial=").to_lowercase();
    let found = certificate["serial"].as_str().unwrap().replace(':', "").to_lowercase();
    assert_eq!(found.trim_start_matches('0'), serial.trim_start_matches('0'));
    let chain: Vec<_> = answer["chain"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    assert_eq!(chain.len(), 3, "{answer}");
    assert_eq!(chain[0], certificate["subject"]);
    assert_eq!(chain[1], certificate["issuer"]);
    assert!(chain[2].contains("ours-root"), "{answer}");
    for warning in answer["warnings"].as_array().unwrap() {
        assert_eq!(keys(warning), ["code", "message"]);
    }
    assert_eq!(
        keys(&answer["files"]),
        ["ca_bundle", "certificate", "chain", "fullchain", "pfx", "pfx_base64"]
    );
    assert_eq!(keys(&answer["readers"]), keys(&answer["files"]));
    let folder = mailbox.credential(1).join("bundles-01");
    for (name, expected) in [
        ("certificate", "certificate.pem"),
        ("chain", "chain.pem"),
        ("ca_bundle", "ca-bundle.pem"),
        ("fullchain", "fullchain.pem"),
        ("pfx", "X26ABC1.pfx"),
        ("pfx_base64", "X26ABC1.pfx.b64"),
    ] {
        assert_eq!(file(&answer, name), folder.join(expected));
    }
    for (name, (mode, content)) in tree(&mailbox.home()) {
        assert_eq!(mode, if content == "folder" { 0o700 } else { 0o600 }, "{name} has mode {mode:o}");
        assert!(!name.contains(".tmp"), "{name} was left behind");
    }
}

#[test]
fn every_bundle_is_in_its_promised_order() {
    let (_mailbox, answer) = imported();
    assert_eq!(subjects(&file(&answer, "certificate")), [LEAF]);
    assert_eq!(subjects(&file(&answer, "fullchain")), [LEAF, SUB, ROOT]);
    assert_eq!(subjects(&file(&answer, "chain")), [SUB, ROOT]);
    assert_eq!(subjects(&file(&answer, "ca_bundle")), [ROOT, SUB]);
}

#[test]
fn openssl_verifies_the_chain_and_the_key() {
    let (mailbox, answer) = imported();
    let (root, chain) = (path_arg(&Authority::ours().root()), path_arg(&file(&answer, "chain")));
    let certificate = path_arg(&file(&answer, "certificate"));
    let verify = "verify -purpose sslclient -attime";
    openssl(&format!("{verify} {NOW_UNIX} -CAfile {root} -untrusted {chain} {certificate}"));
    let bundle = path_arg(&file(&answer, "ca_bundle"));
    openssl(&format!("{verify} {NOW_UNIX} -CAfile {bundle} {certificate}"));
    let in_certificate = openssl(&format!("x509 -in {certificate} -noout -pubkey"));
    let key = path_arg(&mailbox.credential(1).join("key.pem"));
    let in_key = openssl_with(PASSPHRASE, &format!("pkey -in {key} -passin env:PASS -pubout"));
    assert_eq!(in_certificate.as_bytes(), in_key);
}

#[test]
fn openssl_opens_the_pfx_and_finds_key_and_chain() {
    let (mailbox, answer) = imported();
    let pfx = path_arg(&file(&answer, "pfx"));
    let certificates = mailbox.file("from-pfx.pem");
    let out = path_arg(&certificates);
    openssl_with(PASSPHRASE, &format!("pkcs12 -in {pfx} -passin env:PASS -nokeys -out {out}"));
    assert_eq!(subjects(&certificates), [LEAF, SUB, ROOT]);
    let key = mailbox.file("from-pfx.key");
    let out = path_arg(&key);
    openssl_with(PASSPHRASE, &format!("pkcs12 -in {pfx} -passin env:PASS -nocerts -nodes -out {out}"));
    let text = fs::read_to_string(&key).unwrap();
    assert!(text.contains("friendlyName: X26ABC1\n"), "{}", text.split("-----").next().unwrap());
    let in_pfx = openssl(&format!("pkey -in {out} -pubout"));
    let certificate = path_arg(&file(&answer, "certificate"));
    assert_eq!(in_pfx, openssl(&format!("x509 -in {certificate} -noout -pubkey")));
}

#[test]
fn pfx_is_of_the_modern_profile() {
    let (mailbox, answer) = imported();
    let pfx = path_arg(&file(&answer, "pfx"));
    // openssl tells the algorithms on stderr, so they are read from the structure.
    let inner = mailbox.file("authenticated-safe");
    let structure = openssl(&format!("asn1parse -inform DER -in {pfx}"));
    assert!(structure.contains(":sha256"), "the MAC: {structure}");
    assert!(structure.contains(":0186A0"), "100,000 iterations of the MAC: {structure}");
    let offset = structure.lines().find(|l| l.contains("OCTET STRING")).unwrap();
    let offset = offset.trim_start().split(':').next().unwrap();
    let out = path_arg(&inner);
    openssl(&format!("asn1parse -inform DER -in {pfx} -strparse {offset} -noout -out {out}"));
    let safe = openssl(&format!("asn1parse -inform DER -in {out}"));
    for part in [":PBES2", ":PBKDF2", ":0186A0", ":hmacWithSHA256", ":aes-256-cbc"] {
        assert!(safe.contains(part), "{part} is missing in\n{safe}");
    }
}

#[test]
fn pfx_has_a_password_of_its_own_when_asked() {
    let mailbox = Mailbox::requested();
    let program = mailbox.program().env("MESH_PFX_PASSWORD", "another password");
    let answer = mailbox.import_with(program, [mailbox.certificate()]).run().expect(0).json();
    let pfx = path_arg(&file(&answer, "pfx"));
    let out = path_arg(&mailbox.file("from-pfx.pem"));
    openssl_with("another password", &format!("pkcs12 -in {pfx} -passin env:PASS -nokeys -out {out}"));
}

#[test]
fn base64_of_the_pfx_is_one_line() {
    use base64::Engine;
    let (_mailbox, answer) = imported();
    let text = fs::read_to_string(file(&answer, "pfx_base64")).unwrap();
    assert!(!text.contains(['\n', '\r', ' ']), "more than one line");
    let decoded = base64::prelude::BASE64_STANDARD.decode(text).expect("base64");
    assert_eq!(decoded, fs::read(file(&answer, "pfx")).unwrap());
}

#[test]
fn keytool_shows_a_chain_of_three_under_the_mailbox() {
    let (mailbox, answer) = imported();
    let password = mailbox.file_with("password", PASSPHRASE);
    let pfx = file(&answer, "pfx");
    let options = ["-J-Duser.language=en", "-list", "-v", "-storetype", "PKCS12", "-keystore"];
    let listing = tool(
        "keytool",
        options.iter().map(|s| (*s).to_owned()).chain([
            path_arg(&pfx),
            "-storepass:file".into(),
            path_arg(&password),
        ]),
    );
    assert!(listing.contains("Certificate chain length: 3"), "{listing}");
    assert!(listing.contains("Alias name: x26abc1"), "{listing}");
    assert!(listing.contains("PrivateKeyEntry"), "{listing}");
}

#[test]
fn answer_is_taken_in_der_and_with_cas_in_any_order() {
    let authority = Authority::ours();
    let mailbox = Mailbox::requested();
    let leaf = mailbox.certificate();
    let der = mailbox.file("reply.cer");
    openssl(&format!("x509 -in {} -outform DER -out {}", path_arg(&leaf), path_arg(&der)));
    let program = mailbox.program().args(["import", Mailbox::ID]);
    let program = program.args([authority.sub(), der]).arg("--ca").arg(authority.root());
    let answer = program.run().expect(0).json();
    assert_eq!(subjects(&file(&answer, "fullchain")), [LEAF, SUB, ROOT]);

    let mailbox = Mailbox::requested();
    let all: Vec<_> = [authority.root(), authority.sub(), mailbox.certificate()]
        .iter()
        .flat_map(|f| [b"text around it\r\n".to_vec(), fs::read(f).unwrap()].concat())
        .collect();
    let together = mailbox.file_with("all.pem", all);
    let program = mailbox.program().args(["import", Mailbox::ID]).arg(together);
    let answer = program.arg("--ca").arg(authority.root()).run().expect(0).json();
    assert_eq!(subjects(&file(&answer, "fullchain")), [LEAF, SUB, ROOT]);
}

#[test]
fn dry_run_writes_nothing() {
    let mailbox = Mailbox::requested();
    let certificate = mailbox.certificate();
    let before = tree(&mailbox.home());
    let answer = mailbox.import([certificate]).arg("--dry-run").run().expect(0).json();
    assert_eq!(answer["credential"], 1);
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn late_answer_to_a_replaced_request_imports_to_its_own_credential() {
    let mailbox = Mailbox::requested();
    let second = mailbox.request_again(&["--again"]);
    assert_eq!(second["credential"], 2);
    let answer = mailbox.import([mailbox.certificate()]).run().expect(0).json();
    assert_eq!(answer["credential"], 1);
    assert!(file(&answer, "pfx").starts_with(mailbox.credential(1)), "{answer}");
    // The answer to the second request is as welcome when it comes.
    let csr = mailbox.credential(2).join("request.csr");
    let leaf = Authority::ours().leaf(&csr, Mailbox::COMMON_NAME).sign(&mailbox.file("second.pem"));
    let answer = mailbox.import([leaf]).arg("--no-check").run().expect(0).json();
    assert_eq!(answer["credential"], 2);
    assert!(file(&answer, "pfx").starts_with(mailbox.credential(2)), "{answer}");
}

#[test]
fn recorded_authority_serves_the_next_import() {
    let mailbox = Mailbox::requested();
    let certificate = mailbox.certificate();
    mailbox.import([&certificate]).run().expect(0);
    // The root is recorded with the mailbox; the sub CA comes along in the files.
    let program = mailbox.program().args(["import", Mailbox::ID]);
    program.args([certificate, Authority::ours().sub()]).run().expect(0);
}

#[test]
fn person_is_told_the_dates_and_the_days_left() {
    let mailbox = Mailbox::requested();
    let output = mailbox.import_with(mailbox.person(), [mailbox.certificate()]).run().expect(0);
    let all = format!("{}{}", output.stdout, output.stderr);
    for words in ["2029", "944", "2028", "X26ABC1.pfx"] {
        assert!(all.contains(words), "'{words}' is missing\n{}", output.shown());
    }
}

#[test]
fn other_certificates_for_the_same_key_do_not_keep_out_the_good_one() {
    let mailbox = Mailbox::requested();
    let later = |authority: Authority, name: &str, file: &str| {
        let leaf = authority.leaf(&mailbox.csr(), name).valid("20260501000000Z", "20300101000000Z");
        leaf.sign(&mailbox.file(file))
    };
    let stray = later(Authority::foreign(), Mailbox::COMMON_NAME, "stray.pem");
    let renamed = later(Authority::ours(), "x26abc2.x26.api.mesh-client.nhs.uk", "renamed.pem");
    let good = mailbox.certificate();
    let answer = mailbox.import([stray.clone(), good.clone(), renamed.clone()]).run().expect(0).json();
    assert!(answer["certificate"]["not_after"].as_str().unwrap().starts_with("2029"), "{answer}");
    // Again, as nothing new; and never one of the others alone.
    mailbox.import([renamed.clone(), good, stray.clone()]).run().expect(0);
    mailbox.import([stray]).run().expect_error(1, "chain_incomplete");
    mailbox.import([renamed]).run().expect_error(1, "name_mismatch");
}
