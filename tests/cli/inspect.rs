//! `inspect`: what any file is, how files belong together, and what is wrong with them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::keys;
use crate::support::{Authority, Mailbox, openssl, path_arg, tool, tree};

fn inspect<P: AsRef<Path>>(mailbox: &Mailbox, code: i32, files: impl IntoIterator<Item = P>) -> Value {
    let files: Vec<_> = files.into_iter().map(|file| file.as_ref().to_owned()).collect();
    mailbox.program().arg("inspect").args(files).run().expect(code).json()
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect()
}

/// A self-signed client certificate of openssl's making, valid from today on.
fn certificate(mailbox: &Mailbox, name: &str, options: &str) -> PathBuf {
    let (key, file) = (mailbox.file(&format!("{name}.key")), mailbox.file(&format!("{name}.pem")));
    // Without openssl's own settings, which make every such certificate a CA.
    let config = mailbox.file_with("plain.cnf", "[req]\ndistinguished_name=dn\n[dn]\n");
    let (key, out, config) = (path_arg(&key), path_arg(&file), path_arg(&config));
    openssl(&format!(
        "req -x509 -config {config} -nodes -keyout {key} -out {out} -days 200 \
         -addext extendedKeyUsage=clientAuth -addext basicConstraints=CA:FALSE {options}"
    ));
    file
}

/// [`inspect`] today.
fn inspect_today(mailbox: &Mailbox, code: i32, file: &Path) -> Value {
    let program = mailbox.program().without_env("MESH_ONBOARD_TEST_NOW");
    program.arg("inspect").arg(file).run().expect(code).json()
}

#[test]
fn certificate_is_described_with_the_promised_json() {
    let mailbox = Mailbox::requested();
    let answer = inspect(&mailbox, 0, [mailbox.certificate()]);
    assert_eq!(keys(&answer), ["files", "findings", "relations"]);
    let file = &answer["files"][0];
    assert_eq!((&file["kind"], &file["encoding"]), (&"pem".into(), &"ascii".into()));
    assert!(Path::new(file["path"].as_str().unwrap()).is_absolute());
    let object = &file["objects"][0];
    for (field, value) in [
        ("type", "certificate"),
        ("subject", "O=nhs, OU=Devices, CN=x26abc1.x26.api.mesh-client.nhs.uk"),
        ("common_name", "x26abc1.x26.api.mesh-client.nhs.uk"),
        ("issuer", "C=GB, O=tests, CN=ours-sub"),
        ("not_before", "2026-01-01T00:00:00Z"),
        ("not_after", "2029-01-01T00:30:00Z"),
        ("key_usage_ends", "2028-02-01T00:00:00Z"),
        ("role", "leaf"),
        ("authority", "other"),
        ("key_algorithm", "RSA 2048"),
        ("signature_algorithm", "sha256WithRSAEncryption"),
    ] {
        assert_eq!(object[field], value, "{field}");
    }
    assert_eq!(object["days_left"], 944);
    assert_eq!(object["key_sha256"], mailbox.request["key_sha256"]);
    assert_eq!(object["key_usage"], serde_json::json!(["digitalSignature", "keyEncipherment"]));
    assert_eq!(object["extended_key_usage"], serde_json::json!(["serverAuth", "clientAuth"]));
    let owner = serde_json::json!([{"mailbox": "X26ABC1", "environment": "sandbox", "credential": 1}]);
    assert_eq!(object["belongs_to"], owner);
}

#[test]
fn key_request_certificate_and_chain_are_related() {
    let mailbox = Mailbox::imported();
    let credential = mailbox.credential(1);
    let files = [
        credential.join("key.pem"),
        mailbox.csr(),
        credential.join("bundles-01/certificate.pem"),
        Authority::ours().sub(),
        Authority::ours().root(),
    ];
    let answer = inspect(&mailbox, 0, &files);
    let key = answer["files"][0]["objects"][0]["key_sha256"].as_str().unwrap();
    let sha256 = |file: usize| answer["files"][file]["objects"][0]["sha256"].as_str().unwrap();
    let relation =
        |kind: &str, from: &str, to: &str| serde_json::json!({"kind": kind, "from": from, "to": to});
    let expected = [
        relation("same_key", sha256(1), key),
        relation("same_key", sha256(2), key),
        relation("signed_by", sha256(2), sha256(3)),
        relation("signed_by", sha256(3), sha256(4)),
    ];
    assert_eq!(answer["relations"], serde_json::json!(expected));
    let roles: Vec<_> = (2..5).map(|file| &answer["files"][file]["objects"][0]["role"]).collect();
    assert_eq!(roles, ["leaf", "sub_ca", "root"]);
    // The same without the passphrase: the key stays closed and is no less of a key.
    let closed = mailbox.program().without_env("MESH_KEY_PASSPHRASE").arg("inspect").arg(&files[0]);
    let closed = closed.run().expect(0).json();
    assert_eq!(closed["files"][0]["objects"][0]["type"], "private_key");
    assert_eq!(closed["files"][0]["objects"][0]["locked"], true);
}

#[test]
fn built_in_authorities_are_recognised_by_environment_and_generation() {
    let mailbox = Mailbox::none();
    let anchors = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pki/anchors");
    let answer = inspect(&mailbox, 3, [&anchors]);
    let files = answer["files"].as_array().unwrap();
    assert_eq!(files.len(), 9, "a folder stands for its files");
    let seen: Vec<_> = files
        .iter()
        .map(|file| {
            let name = Path::new(file["path"].as_str().unwrap()).file_stem().unwrap().to_str().unwrap();
            let object = &file["objects"][0];
            let text = |field: &str| object[field].as_str().unwrap_or("-").to_owned();
            format!("{name} {} {} {}", text("role"), text("authority"), text("environment"))
        })
        .collect();
    let expected = [
        "dep-sub-g1 sub_ca nhs_g1 deployment",
        "int-sub-g1 sub_ca nhs_g1 integration",
        "int-sub-g2 sub_ca nhs_g2 integration",
        "live-root-g1 root nhs_g1 live",
        "live-root-g2 root nhs_g2 live",
        "live-sub-g1 sub_ca nhs_g1 live",
        "live-sub-g2 sub_ca nhs_g2 live",
        "ptl-root-g1 root nhs_g1 -",
        "ptl-root-g2 root nhs_g2 -",
    ];
    assert_eq!(seen, expected);
    assert_eq!(codes(&answer).iter().filter(|code| **code == "retired_authority").count(), 5);
    assert_eq!(codes(&answer).iter().filter(|code| **code == "expired").count(), 2);
}

#[test]
fn wrong_names_are_found_with_the_likely_one() {
    let mailbox = Mailbox::none();
    let rows = [
        ("/CN=X26ABC1.X26.thirdparty.nhs.uk", "name_thirdparty", "X26ABC1.X26.api.mesh-client.nhs.uk"),
        ("/CN=X26ABC1.X26.api.mesh-client.nhs.net", "name_not_mesh", "X26ABC1.X26.api.mesh-client.nhs.uk"),
        ("/CN=www.example.com", "name_not_mesh", "www.example.com"),
        ("/O=nhs", "name_not_mesh", "no common name"),
        (
            "/CN=X26ABC1.X26.api.mesh-client.nhs.uk/emailAddress=a@example.nhs.uk",
            "email_in_subject",
            "a@example.nhs.uk",
        ),
    ];
    for (number, (subject, code, words)) in rows.into_iter().enumerate() {
        let csr = mailbox.file(&format!("{number}.csr"));
        let (key, out) = (path_arg(&mailbox.file(&format!("{number}.key"))), path_arg(&csr));
        openssl(&format!("req -new -newkey rsa:2048 -nodes -keyout {key} -out {out} -subj {subject}"));
        let own = certificate(&mailbox, &number.to_string(), &format!("-newkey rsa:2048 -subj {subject}"));
        for file in [csr, own] {
            let answer = inspect_today(&mailbox, 0, &file);
            let findings = answer["findings"].as_array().unwrap();
            let finding = findings.iter().find(|f| f["code"] == code);
            let finding = finding.unwrap_or_else(|| panic!("{subject}: {code} is not in {answer}"));
            assert!(finding["message"].as_str().unwrap().contains(words), "{finding}");
        }
    }
}

#[test]
fn weak_keys_signatures_and_usages_fail() {
    let mailbox = Mailbox::none();
    let name = "-subj /CN=X26ABC1.X26.api.mesh-client.nhs.uk";
    let weak = certificate(&mailbox, "weak", &format!("-newkey rsa:1024 {name}"));
    assert_eq!(codes(&inspect_today(&mailbox, 3, &weak)), ["weak_key", "self_signed"]);
    let sha1 = certificate(&mailbox, "sha1", &format!("-newkey rsa:2048 -sha1 {name}"));
    assert_eq!(codes(&inspect_today(&mailbox, 3, &sha1)), ["weak_signature", "self_signed"]);

    let requested = Mailbox::requested();
    let leaf = Authority::ours().leaf(&requested.csr(), Mailbox::COMMON_NAME);
    let server = leaf.clone().extended_key_usage("serverAuth").sign(&requested.file("server.pem"));
    assert!(codes(&inspect(&requested, 3, [server])).contains(&"no_client_auth"));
    let over = leaf.clone().valid("20200101000000Z", "20230101000000Z").sign(&requested.file("over.pem"));
    assert!(codes(&inspect(&requested, 3, [over])).contains(&"expired"));
    let early = leaf.clone().valid("20270101000000Z", "20290101000000Z").sign(&requested.file("early.pem"));
    assert!(codes(&inspect(&requested, 3, [early])).contains(&"not_yet_valid"));
    let soon = leaf.clone().valid("20260101000000Z", "20260801000000Z").sign(&requested.file("soon.pem"));
    assert!(codes(&inspect(&requested, 0, [soon])).contains(&"expires_soon"));
    let renew = leaf.key_usage_ends("20260501000000Z").sign(&requested.file("renew.pem"));
    assert!(codes(&inspect(&requested, 0, [renew])).contains(&"key_usage_period_over"));
}

#[test]
fn order_and_gaps_of_a_chain_are_found() {
    let mailbox = Mailbox::requested();
    let authority = Authority::ours();
    let read = |path: &Path| std::fs::read(path).unwrap();
    let (leaf, sub, root) = (read(&mailbox.certificate()), read(&authority.sub()), read(&authority.root()));
    type Row<'a> = (&'a str, Vec<&'a [u8]>, &'a [&'a str]);
    let rows: [Row<'_>; 9] = [
        ("leaf", vec![&leaf], &["missing_intermediate"]),
        ("chain", vec![&leaf, &sub], &["root_missing"]),
        ("full", vec![&leaf, &sub, &root], &["root_included"]),
        ("bundle", vec![&root, &sub], &[]),
        ("chain-without-leaf", vec![&sub, &root], &[]),
        ("root-first", vec![&root, &sub, &leaf], &["root_included", "order_unusual"]),
        ("swapped", vec![&leaf, &root, &sub], &["root_included", "order_unusual"]),
        ("sub-first", vec![&sub, &leaf], &["root_missing", "order_unusual"]),
        ("gap", vec![&leaf, &root], &["missing_intermediate"]),
    ];
    for (name, parts, expected) in rows {
        let file = mailbox.file_with(name, parts.concat());
        assert_eq!(codes(&inspect(&mailbox, 0, [file])), expected, "{name}");
    }
}

#[test]
fn key_beside_another_certificate_fails() {
    let mailbox = Mailbox::none();
    let name = "-newkey rsa:2048 -subj /CN=X26ABC1.X26.api.mesh-client.nhs.uk";
    let (one, other) = (certificate(&mailbox, "one", name), certificate(&mailbox, "other", name));
    let read = |path: &Path| std::fs::read(path).unwrap();
    let together = mailbox.file_with("both.pem", [read(&one), read(&mailbox.file("other.key"))].concat());
    assert!(codes(&inspect_today(&mailbox, 3, &together)).contains(&"key_mismatch"));
    let fitting = mailbox.file_with("fits.pem", [read(&other), read(&mailbox.file("other.key"))].concat());
    assert!(!codes(&inspect_today(&mailbox, 0, &fitting)).contains(&"key_mismatch"));
}

#[test]
fn what_cannot_be_named_does_not_hide_the_rest() {
    let mailbox = Mailbox::requested();
    let odd = mailbox.file_with("odd.bin", [0x87; 300]);
    let missing = mailbox.file("missing.pem");
    let before = tree(&mailbox.home());
    let answer = inspect(&mailbox, 1, [odd, missing, mailbox.certificate()]);
    let kinds: Vec<_> = answer["files"].as_array().unwrap().iter().map(|file| &file["kind"]).collect();
    assert_eq!(kinds, ["unknown", "unknown", "pem"]);
    assert_eq!(answer["files"][1]["notes"][0]["code"], "unreadable");
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn person_reads_whose_it_is_and_how_things_belong_together() {
    let mailbox = Mailbox::imported();
    let bundles = mailbox.credential(1).join("bundles-01");
    let program = mailbox.person().arg("inspect");
    let output =
        program.args([bundles.join("certificate.pem"), bundles.join("fullchain.pem")]).run().expect(0);
    for words in [
        "Certificate x26abc1.x26.api.mesh-client.nhs.uk",
        "1 January 2026 to 1 January 2029 (944 days left)",
        "Key usage    until 1 February 2028",
        "Belongs to   X26ABC1 (sandbox), credential 1",
        "the same as in",
        "certificate x26abc1.x26.api.mesh-client.nhs.uk was signed by certificate ours-sub",
        "(root_included)",
    ] {
        assert!(output.stdout.contains(words), "'{words}' is missing\n{}", output.shown());
    }
}

#[test]
fn many_files_have_a_line_each() {
    let mailbox = Mailbox::requested();
    let certificate = mailbox.certificate();
    let folder = mailbox.file("many");
    std::fs::create_dir(&folder).unwrap();
    for number in 0..20 {
        std::fs::copy(&certificate, folder.join(format!("{number:02}.pem"))).unwrap();
    }
    let output = mailbox.person().arg("inspect").arg(&folder).run().expect(0);
    let lines = output.stdout.lines().filter(|line| line.contains("x26abc1") && line.contains("944")).count();
    assert_eq!(lines, 20, "{}", output.shown());
}

#[test]
fn standard_input_is_a_file_too() {
    let mailbox = Mailbox::requested();
    let pem = std::fs::read(mailbox.certificate()).unwrap();
    let program = mailbox.program().args(["inspect", "-"]).stdin(pem);
    let answer = program.run().expect(0).json();
    assert_eq!(answer["files"][0]["path"], "-");
    assert_eq!(answer["files"][0]["objects"][0]["type"], "certificate");
}

#[test]
fn name_of_an_authority_alone_is_called_a_forgery() {
    let mailbox = Mailbox::none();
    // The name of the NHS sub CA, and a key of anybody's.
    let nhs = "/C=GB/O=nhs/OU=CA/CN=NHS INT Authentication G2";
    let at = |name: &str| path_arg(&mailbox.file(name));
    let (key, ca) = (at("ca.key"), at("ca.pem"));
    let request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", nhs];
    tool("openssl", request.into_iter().chain(["-keyout", &key, "-out", &ca]));
    let (leaf_key, csr, leaf) = (at("leaf.key"), at("leaf.csr"), at("leaf.pem"));
    let name = "/CN=X26ABC1.X26.api.mesh-client.nhs.uk";
    openssl(&format!("req -new -newkey rsa:2048 -nodes -keyout {leaf_key} -out {csr} -subj {name}"));
    openssl(&format!("x509 -req -in {csr} -CA {ca} -CAkey {key} -CAcreateserial -days 20 -out {leaf}"));
    let answer = inspect_today(&mailbox, 3, &mailbox.file("leaf.pem"));
    assert!(codes(&answer).contains(&"authority_forged"), "{answer}");
    assert_eq!(answer["files"][0]["objects"][0]["authority"], "other");
    let answer = inspect_today(&mailbox, 3, &mailbox.file("ca.pem"));
    assert!(codes(&answer).contains(&"authority_forged"), "{answer}");

    // A client certificate may not issue others, whoever issued it.
    let (sub_csr, sub) = (at("below.csr"), at("below.pem"));
    openssl(&format!(
        "req -new -newkey rsa:2048 -nodes -keyout {} -out {sub_csr} -subj /CN=n1g3bot001.n1g3b.api.mesh-client.nhs.uk",
        at("below.key")
    ));
    openssl(&format!(
        "x509 -req -in {sub_csr} -CA {leaf} -CAkey {leaf_key} -CAcreateserial -days 20 -out {sub}"
    ));
    let program = mailbox.program().without_env("MESH_ONBOARD_TEST_NOW").arg("inspect");
    let answer = program.args([mailbox.file("below.pem"), mailbox.file("leaf.pem")]).run().expect(3).json();
    assert!(codes(&answer).contains(&"issuer_not_ca"), "{answer}");
}

#[test]
fn keys_of_another_kind_and_size_fail() {
    let mailbox = Mailbox::none();
    let at = |name: &str| path_arg(&mailbox.file(name));
    openssl(&format!("ecparam -name prime256v1 -genkey -noout -out {}", at("ec.key")));
    let subject = "/CN=X26ABC1.X26.api.mesh-client.nhs.uk";
    openssl(&format!("req -new -key {} -out {} -subj {subject}", at("ec.key"), at("ec.csr")));
    openssl(&format!("genrsa -out {} 1024", at("small.key")));
    let rows = [("ec.key", "key_not_rsa"), ("ec.csr", "key_not_rsa"), ("small.key", "weak_key")];
    for (file, code) in rows {
        assert_eq!(codes(&inspect(&mailbox, 3, [mailbox.file(file)])), [code], "{file}");
    }
}

#[test]
fn folder_without_files_is_said_and_pipes_are_not_waited_for() {
    let mailbox = Mailbox::requested();
    let folder = mailbox.file("folder");
    std::fs::create_dir(&folder).unwrap();
    tool("mkfifo", [folder.join("pipe")]);
    mailbox.program().arg("inspect").arg(&folder).run().expect_error(2, "usage");
    std::fs::copy(mailbox.certificate(), folder.join("reply.pem")).unwrap();
    assert_eq!(inspect(&mailbox, 0, [folder])["files"].as_array().unwrap().len(), 1);
}
