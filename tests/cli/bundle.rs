//! `bundle`: key and certificate from anywhere become the same bundles as those of `import`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::keys;
use crate::support::{
    Authority, Elsewhere, Mailbox, PASSPHRASE, Program, authority_args, openssl_with, path_arg, tree,
};

/// A home without anything, and the program in a folder of its own.
struct Bench {
    mailbox: Mailbox,
}

impl Bench {
    fn new() -> Self {
        let mailbox = Mailbox::none();
        fs::create_dir(mailbox.file("work")).unwrap();
        Self { mailbox }
    }

    fn work(&self) -> PathBuf {
        self.mailbox.file("work")
    }

    /// `bundle --key KEY` with the CA of the tests, and no passphrase but those that a test gives.
    fn bundle(&self, key: &Path) -> Program {
        let program = self.mailbox.program().without_env("MESH_KEY_PASSPHRASE").directory(&self.work());
        program.arg("bundle").arg("--key").arg(key).args(authority_args())
    }

    /// Runs what has to fail; nothing may appear, neither in the home nor where the bundles would lie.
    #[track_caller]
    fn refused(&self, program: Program, exit: i32, code: &str) -> Value {
        let (home, work) = (tree(&self.mailbox.home()), tree(&self.work()));
        let error = program.run().expect_error(exit, code);
        assert_eq!(tree(&self.mailbox.home()), home);
        assert_eq!(tree(&self.work()), work);
        error
    }
}

/// The key in `pem` opens with the passphrase and is the one that was given.
#[track_caller]
fn assert_same_key(made: &Elsewhere, pem: &Path, passphrase: &str) {
    let public = |file: &Path| {
        openssl_with(passphrase, &format!("pkey -in {} -passin env:PASS -pubout", path_arg(file)))
    };
    assert_eq!(public(pem), public(&made.key()), "{}", pem.display());
    let text = fs::read_to_string(pem).unwrap();
    assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{text}");
}

#[test]
fn key_of_every_form_makes_the_same_bundles() {
    // One that may protect new files too.
    const PASSWORD: &str = "a password kept from before";
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let leaf: Vec<OsString> = vec!["--cert".into(), made.leaf().into()];
    let pkcs12 = "-export -in {leaf} -inkey {key} -passout env:PASS -out {out}";
    let rows: Vec<(PathBuf, &[OsString], &str)> = vec![
        (made.key(), &leaf, "MESH_KEY_PASSPHRASE"),
        (
            made.with_openssl("key.der", "", "pkey -in {key} -outform DER -out {out}"),
            &leaf,
            "MESH_KEY_PASSPHRASE",
        ),
        (
            made.with_openssl("pkcs1.pem", "", "rsa -in {key} -traditional -out {out}"),
            &leaf,
            "MESH_KEY_PASSPHRASE",
        ),
        (made.encrypted_key(PASSWORD), &leaf, "MESH_KEY_PASSPHRASE"),
        (
            made.with_openssl(
                "old.pem",
                PASSWORD,
                "rsa -in {key} -traditional -aes256 -passout env:PASS -out {out}",
            ),
            &leaf,
            "MESH_KEY_PASSPHRASE",
        ),
        (made.with_openssl("new.pfx", PASSWORD, &format!("pkcs12 {pkcs12}")), &[], "MESH_PFX_PASSWORD"),
        (
            made.with_openssl("legacy.pfx", PASSWORD, &format!("pkcs12 -legacy {pkcs12}")),
            &[],
            "MESH_PFX_PASSWORD",
        ),
        (made.keystore("JKS", PASSWORD, PASSWORD), &[], "MESH_PFX_PASSWORD"),
        (made.keystore("PKCS12", PASSWORD, PASSWORD), &[], "MESH_KEY_PASSPHRASE"),
    ];
    let before = tree(made.folder());
    let expected: Vec<u8> = [made.leaf(), Authority::ours().sub(), Authority::ours().root()]
        .iter()
        .flat_map(|file| fs::read(file).unwrap())
        .collect();
    for (index, (key, certificate, variable)) in rows.iter().enumerate() {
        let bench = Bench::new();
        // The first three have no passphrase, so theirs is new.
        let passphrase = if index < 3 { PASSPHRASE } else { PASSWORD };
        let output = bench.bundle(key).args(*certificate).env(variable, passphrase).run().expect(0);
        let answer = output.json();
        assert!(!output.stdout.contains(passphrase) && !output.stderr.contains(passphrase));
        assert_eq!(keys(&answer), ["certificate", "chain", "files", "readers", "warnings"]);
        let file = |name: &str| PathBuf::from(answer["files"][name].as_str().expect(name));
        assert_eq!(
            keys(&answer["files"]),
            ["ca_bundle", "certificate", "chain", "fullchain", "key", "pfx", "pfx_base64"]
        );
        assert_eq!(file("pfx"), bench.work().canonicalize().unwrap().join("X26ABC1-bundles/X26ABC1.pfx"));
        assert_eq!(answer["certificate"]["days_left"], 944);
        assert_eq!(answer["chain"].as_array().unwrap().len(), 3);
        assert_eq!(fs::read(file("fullchain")).unwrap(), expected, "{}", key.display());
        assert_same_key(&made, &file("key"), passphrase);
        let pfx = path_arg(&file("pfx"));
        let listed = openssl_with(passphrase, &format!("pkcs12 -in {pfx} -passin env:PASS -nokeys"));
        assert_eq!(String::from_utf8_lossy(&listed).matches("BEGIN CERTIFICATE").count(), 3);
        for (name, (mode, content)) in tree(&bench.work()) {
            assert_eq!(mode & 0o077, 0, "{name} has mode {mode:o}");
            assert!(content != "folder" || name == "X26ABC1-bundles", "{name} was left behind");
        }
        assert!(!bench.mailbox.home().exists(), "the home was touched");
    }
    assert_eq!(tree(made.folder()), before, "the user's own files were changed");
}

#[test]
fn the_certificate_that_fits_the_key_is_found_among_strangers() {
    let (made, other) =
        (Elsewhere::new(Mailbox::COMMON_NAME), Elsewhere::new("x26abc2.x26.api.mesh-client.nhs.uk"));
    let strangers = [
        Authority::foreign().root(),
        other.leaf(),
        Authority::ours().root(),
        made.leaf(),
        Authority::ours().sub(),
        made.leaf(),
    ];
    let all: Vec<u8> = strangers.iter().flat_map(|file| fs::read(file).unwrap()).collect();
    let bench = Bench::new();
    let together = bench.mailbox.file_with("all.pem", all);
    let program = bench.bundle(&made.key()).arg("--cert").arg(together);
    let answer = program.env("MESH_KEY_PASSPHRASE", PASSPHRASE).run().expect(0).json();
    let subject = answer["certificate"]["subject"].as_str().unwrap();
    assert!(subject.contains("x26abc1"), "{answer}");
    // One file that holds the key too.
    let both = [fs::read(made.key()).unwrap(), fs::read(made.leaf()).unwrap()].concat();
    let both = bench.mailbox.file_with("both.pem", both);
    let program = bench.bundle(&both).args(["--to", "other"]);
    program.env("MESH_KEY_PASSPHRASE", PASSPHRASE).run().expect(0);
}

#[test]
fn several_keys_are_told_apart_by_alias_or_certificate() {
    let (one, two) =
        (Elsewhere::new(Mailbox::COMMON_NAME), Elsewhere::new("x26abc2.x26.api.mesh-client.nhs.uk"));
    let bench = Bench::new();
    let keystore = bench.mailbox.file("two.jks");
    one.add_to_keystore(&keystore, "JKS", "first", "changeit", "changeit");
    two.add_to_keystore(&keystore, "JKS", "second", "changeit", "changeit");
    let bundle = || bench.bundle(&keystore).env("MESH_PFX_PASSWORD", "changeit");

    let error = bench.refused(bundle(), 2, "several_keys").to_string();
    assert!(error.contains("first") && error.contains("second") && error.contains("--alias-in"), "{error}");
    let error = bench.refused(bundle().args(["--alias-in", "third"]), 2, "no_such_alias").to_string();
    assert!(error.contains("first") && error.contains("second"), "{error}");

    let bundle = || bundle().env("MESH_KEY_PASSPHRASE", PASSPHRASE);
    let answer = bundle().args(["--alias-in", "SECOND", "--to", "by-alias"]).run().expect(0).json();
    assert!(answer["certificate"]["subject"].to_string().contains("x26abc2"), "{answer}");
    let answer = bundle().arg("--cert").arg(one.leaf()).args(["--to", "by-cert"]).run().expect(0).json();
    assert!(answer["certificate"]["subject"].to_string().contains("x26abc1"), "{answer}");
}

#[test]
fn keystore_and_its_key_may_have_two_passwords() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let keystore = made.keystore("JKS", "store password", "key password!");
    let bench = Bench::new();
    let program = bench.bundle(&keystore).env("MESH_PFX_PASSWORD", "store password");
    let answer = program.env("MESH_KEY_PASSPHRASE", "key password!").run().expect(0).json();
    assert_same_key(&made, Path::new(answer["files"]["key"].as_str().unwrap()), "key password!");
    let pfx = answer["files"]["pfx"].as_str().unwrap();
    openssl_with("store password", &format!("pkcs12 -in {pfx} -passin env:PASS -noout"));
}

#[test]
fn published_keystore_password_is_named_and_never_becomes_ours() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let keystore = made.keystore("JKS", "Spine2Int", "Spine2Int");
    let bench = Bench::new();
    bench.refused(bench.bundle(&keystore), 2, "input_needed");
    let program = bench.bundle(&keystore).env("MESH_KEY_PASSPHRASE", PASSPHRASE);
    let output = program.run().expect(0).says("Spine2Int");
    let key = output.json()["files"]["key"].as_str().unwrap().to_owned();
    assert_same_key(&made, Path::new(&key), PASSPHRASE);
}

#[test]
fn new_passphrase_has_to_be_a_good_one_and_so_has_an_old_one_to_be_kept() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let bench = Bench::new();
    let bundle = |key: &Path| bench.bundle(key).arg("--cert").arg(made.leaf());
    bench.refused(bundle(&made.key()), 2, "input_needed");
    bench.refused(bundle(&made.key()).env("MESH_KEY_PASSPHRASE", "short"), 2, "passphrase_weak");
    let encrypted = made.encrypted_key("short");
    bench.refused(bundle(&encrypted), 2, "input_needed");
    bench.refused(bundle(&encrypted).env("MESH_KEY_PASSPHRASE", "wrong"), 1, "passphrase_wrong");
    for variable in ["MESH_KEY_PASSPHRASE", "MESH_PFX_PASSWORD"] {
        let error = bench.refused(bundle(&encrypted).env(variable, "short"), 2, "passphrase_weak");
        assert!(error["because"].to_string().contains("5 characters"), "{error}");
    }
    // What opens the file, and what our copy is to have.
    let program = bundle(&encrypted).args(["--to", "better"]).env("MESH_PFX_PASSWORD", "short");
    let answer = program.env("MESH_KEY_PASSPHRASE", PASSPHRASE).run().expect(0).json();
    assert_same_key(&made, Path::new(answer["files"]["key"].as_str().unwrap()), PASSPHRASE);
}

#[test]
fn password_of_the_old_file_protects_new_ones_only_if_it_is_good_enough() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let legacy = "pkcs12 -legacy -export -in {leaf} -inkey {key} -passout env:PASS -out {out}";
    let long = "long enough to stay";
    let rows: [(PathBuf, &str, &str); 7] = [
        (made.with_openssl("published.p12", "Spine2Int", legacy), "Spine2Int", PASSPHRASE),
        (made.with_openssl("published.p12", "Spine2Int", legacy), "x", PASSPHRASE),
        (made.with_openssl("one.pfx", "x", legacy), "x", PASSPHRASE),
        (made.with_openssl("legacy.pfx", "secret", legacy), "secret", PASSPHRASE),
        (made.keystore("JKS", "changeit", "changeit"), "changeit", PASSPHRASE),
        (made.with_openssl("long.pfx", long, legacy), long, long),
        // It opened nothing, so it is meant for the new one.
        (made.key(), "secret", "secret"),
    ];
    for (index, (key, given, protects)) in rows.iter().enumerate() {
        let bench = Bench::new();
        let program = bench.bundle(key).arg("--cert").arg(made.leaf());
        let program = program.env("MESH_KEY_PASSPHRASE", PASSPHRASE).env("MESH_PFX_PASSWORD", given);
        let output = program.run().expect(0);
        let pfx = output.json()["files"]["pfx"].as_str().unwrap().to_owned();
        openssl_with(protects, &format!("pkcs12 -in {pfx} -passin env:PASS -noout"));
        let said = output.stderr.contains("the new PFX has the key's passphrase");
        assert_eq!(said, *protects == PASSPHRASE, "row {index}: {}", output.shown());
    }
    // A weak one with the certificate's file, and nothing else that could protect the copy.
    let bench = Bench::new();
    let program = bench.bundle(&made.key()).arg("--cert").arg(made.with_openssl("c.pfx", "secret", legacy));
    let program = program.env("MESH_PFX_PASSWORD", "secret");
    bench.refused(program.clone(), 2, "input_needed");
    let answer = program.env("MESH_KEY_PASSPHRASE", PASSPHRASE).run().expect(0).json();
    let pfx = answer["files"]["pfx"].as_str().unwrap();
    openssl_with(PASSPHRASE, &format!("pkcs12 -in {pfx} -passin env:PASS -noout"));
}

#[test]
fn passphrase_on_standard_input_is_read_once_for_both_purposes() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let bench = Bench::new();
    let program = bench.bundle(&made.encrypted_key(PASSPHRASE)).arg("--cert").arg(made.leaf());
    program.args(["--key-passphrase-file", "-"]).stdin(format!("{PASSPHRASE}\n")).run().expect(0);
}

#[test]
fn bundle_refuses_what_does_not_belong_together() {
    let (made, other) = (Elsewhere::new(Mailbox::COMMON_NAME), Elsewhere::new(Mailbox::COMMON_NAME));
    let bench = Bench::new();
    let bundle = |key: PathBuf, cert: PathBuf| {
        bench.bundle(&key).arg("--cert").arg(cert).env("MESH_KEY_PASSPHRASE", PASSPHRASE)
    };
    let error = bench.refused(bundle(made.key(), other.leaf()), 1, "key_mismatch").to_string();
    assert!(error.contains(&made.key_sha256()[..8]) && error.contains(&other.key_sha256()[..8]), "{error}");
    // A certificate that is named counts, though the keystore holds one that fits.
    let program = bundle(made.pfx("changeit"), other.leaf()).env("MESH_PFX_PASSWORD", "changeit");
    bench.refused(program, 1, "key_mismatch");
    bench.refused(bundle(made.key(), made.key()), 1, "not_a_certificate");
    bench.refused(bundle(made.leaf(), made.leaf()), 1, "key_unreadable");
    bench.refused(bench.bundle(&made.key()).env("MESH_KEY_PASSPHRASE", PASSPHRASE), 1, "not_a_certificate");
    bench.refused(bundle(made.file("nowhere"), made.leaf()), 1, "io");
    let pfx = bench.bundle(&made.pfx("changeit")).env("MESH_PFX_PASSWORD", "another");
    bench.refused(pfx, 1, "passphrase_wrong");
    let ec =
        made.with_openssl("ec.pem", "", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {out}");
    bench.refused(bundle(ec, made.leaf()), 1, "key_unreadable");
    let program = bench.mailbox.program().args(["bundle", "--cert"]).arg(made.leaf());
    let error = bench.refused(program, 2, "usage").to_string();
    assert!(error.contains("--key"), "{error}");
}

#[test]
fn chain_is_proved_as_import_proves_it() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let bench = Bench::new();
    let with = |made: &Elsewhere, ca: &[PathBuf]| {
        let mut program =
            bench.mailbox.program().directory(&bench.work()).arg("bundle").arg("--key").arg(made.key());
        program = program.arg("--cert").arg(made.leaf());
        ca.iter().fold(program, |program, ca| program.arg("--ca").arg(ca))
    };
    let (root, sub) = (Authority::ours().root(), Authority::ours().sub());
    bench.refused(with(&made, &[]), 1, "chain_incomplete");
    bench.refused(with(&made, std::slice::from_ref(&root)), 1, "chain_incomplete");
    let program = with(&made, &[]).arg("--cert").arg(&sub).arg("--cert").arg(&root);
    bench.refused(program, 1, "chain_untrusted");
    let over = Elsewhere::valid(Mailbox::COMMON_NAME, "20230101000000Z", "20260501000000Z");
    bench.refused(with(&over, &[root.clone(), sub.clone()]), 1, "expired");
    let early = Elsewhere::valid(Mailbox::COMMON_NAME, "20270101000000Z", "20290101000000Z");
    bench.refused(with(&early, &[root, sub]), 1, "not_yet_valid");
}

#[test]
fn certificate_of_the_rehearsal_needs_no_ca_and_no_other_environment_takes_it() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let bench = Bench::new();
    let issued = bench.mailbox.file("issued.pem");
    let issue = bench.mailbox.program().args(["rehearse", "--issue"]).arg(made.file("made.csr"));
    issue.arg("--to").arg(&issued).run().expect(0);
    let bundle = || {
        let program = bench.mailbox.program().directory(&bench.work()).arg("bundle");
        program.arg("--key").arg(made.key()).arg("--cert").arg(&issued)
    };
    bench.refused(bundle().args(["--env", "integration"]), 1, "chain_incomplete");
    let authorities = bench.mailbox.home().join("rehearsal-ca/ca-bundle.pem");
    let program = bundle().args(["--env", "integration", "--cert"]).arg(authorities);
    bench.refused(program, 1, "chain_untrusted");
    let answer = bundle().run().expect(0).json();
    assert_eq!(answer["chain"].as_array().unwrap().len(), 3, "{answer}");
}

#[test]
fn bundles_never_take_the_place_of_anything() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let bench = Bench::new();
    let bundle =
        || bench.bundle(&made.key()).arg("--cert").arg(made.leaf()).env("MESH_KEY_PASSPHRASE", PASSPHRASE);
    bundle().run().expect(0);
    let error = bench.refused(bundle(), 1, "io").to_string();
    assert!(error.contains("X26ABC1-bundles: already exists"), "{error}");
    fs::create_dir(bench.work().join("empty")).unwrap();
    bench.refused(bundle().args(["--to", "empty"]), 1, "io");
    fs::write(bench.work().join("file"), "mine").unwrap();
    bench.refused(bundle().args(["--to", "file"]), 1, "io");
    for flag in ["--to", "--output"] {
        let error = bench.refused(bundle().args([flag, "no/such/folder"]), 1, "io").to_string();
        assert!(error.contains("no/such: there is no such folder"), "{error}");
    }
    bundle().args(["--to", "second"]).run().expect(0);
}

#[test]
fn more_bundles_are_made_when_asked() {
    let made = Elsewhere::new("SERVER:1.example.org");
    let bench = Bench::new();
    let program = bench.bundle(&made.key()).arg("--cert").arg(made.leaf());
    let program = program.args(["--keystore", "--truststore", "--pfx-profile", "legacy"]);
    let answer = program.env("MESH_KEY_PASSPHRASE", PASSPHRASE).run().expect(0).json();
    let file = |name: &str| answer["files"][name].as_str().expect(name).to_owned();
    assert!(file("keystore").ends_with("/server_1-bundles/server_1.p12"), "{answer}");
    assert!(file("truststore").ends_with("/truststore.p12"), "{answer}");
    openssl_with(PASSPHRASE, &format!("pkcs12 -legacy -in {} -passin env:PASS -noout", file("pfx")));
}

#[test]
fn person_is_told_what_lies_where() {
    let made = Elsewhere::new(Mailbox::COMMON_NAME);
    let bench = Bench::new();
    let program = bench.mailbox.person().directory(&bench.work()).arg("bundle").arg("--key").arg(made.key());
    let output = program.arg("--cert").arg(made.leaf()).args(authority_args()).run().expect(0);
    for words in
        ["key.pem", "X26ABC1.pfx", "2029", "lies where it was", "mesh-onboard check", "mesh-onboard adopt"]
    {
        assert!(output.stdout.contains(words), "'{words}' is missing\n{}", output.shown());
    }
    assert!(!output.stdout.contains(PASSPHRASE) && !output.stderr.contains(PASSPHRASE));
    // What it says next works as it stands.
    let lines: Vec<_> = output.stdout.lines().filter_map(|line| line.split_once("mesh-onboard ")).collect();
    assert_eq!(lines.len(), 2, "{}", output.shown());
    for (_, line) in lines {
        assert!(line.contains(" X26ABC1 ") && line.contains(" --ca "), "{line}");
        let mut words = shell_words::split(line).unwrap();
        // No MESH runs here.
        words.extend(line.starts_with("check").then(|| "--offline".to_owned()));
        bench.mailbox.program().directory(&bench.work()).args(words).run().expect(0);
    }
}

#[test]
fn next_lines_repeat_the_environment_and_leave_an_unknown_mailbox_open() {
    let made = Elsewhere::new("server.example.org");
    let bench = Bench::new();
    let program = bench.mailbox.person().directory(&bench.work()).arg("bundle").arg("--key").arg(made.key());
    let program = program.arg("--cert").arg(made.leaf()).args(["--env", "sandbox"]).args(authority_args());
    let output = program.run().expect(0);
    for words in ["check MAILBOX ", "adopt MAILBOX ", "--env sandbox"] {
        assert!(output.stdout.contains(words), "'{words}' is missing\n{}", output.shown());
    }
}

#[test]
fn certificate_without_a_common_name_is_still_called_something() {
    let made = Elsewhere::new(" ");
    let bench = Bench::new();
    let program = bench.mailbox.person().directory(&bench.work()).arg("bundle").arg("--key").arg(made.key());
    let output = program.arg("--cert").arg(made.leaf()).args(authority_args()).run().expect(0);
    assert!(output.stdout.starts_with("Made the bundles of O=nhs, OU=Devices"), "{}", output.shown());
}
