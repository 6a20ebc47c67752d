//! `export --for`: which files a handover has, who may read them, and what is noted of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::keys;
use crate::support::{Authority, Mailbox, Program, changes, openssl, path_arg, tree};

/// A handover to a folder beside the home.
pub fn export(mailbox: &Mailbox, consumer: &str, to: &str) -> Program {
    with_login(mailbox.program())
        .args(["export", Mailbox::ID, "--for", consumer, "--to"])
        .arg(mailbox.file(to))
}

pub fn with_login(program: Program) -> Program {
    program.env("MESH_MAILBOX_PASSWORD", "password").env("MESH_SHARED_KEY", "TestKey")
}

/// `export` with a flag that is about what was handed over.
pub fn again(mailbox: &Mailbox, flag: &str) -> Program {
    with_login(mailbox.program()).args(["export", Mailbox::ID, flag])
}

/// The permissions of a folder and all that is in it.
fn modes(folder: &Path) -> Vec<(String, u32)> {
    let own = fs::metadata(folder).unwrap().permissions().mode() & 0o7777;
    let below = tree(folder).into_iter().map(|(name, (mode, _))| (name, mode));
    std::iter::once((String::new(), own)).chain(below).collect()
}

/// `[[export]]` of the record.
pub fn recorded(mailbox: &Mailbox) -> Vec<toml::Table> {
    let record: toml::Table =
        fs::read_to_string(mailbox.own_folder().join("mailbox.toml")).unwrap().parse().unwrap();
    let exports = record.get("export").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    exports.into_iter().map(|export| export.as_table().unwrap().clone()).collect()
}

#[test]
fn handover_is_told_to_people() {
    let mailbox = Mailbox::imported();
    let program = with_login(mailbox.person()).args(["export", "x26abc1", "--for", "Mesh-Client", "--to"]);
    let output = program.arg(mailbox.file("handover")).run().expect(0);
    let folder = mailbox.file("handover").display().to_string();
    assert_eq!(
        output.stdout,
        format!(
            "Credential 1 of X26ABC1 (sandbox), for mesh-client (Python), in {folder}

  FILE        HOLDS                                        SECRETS
  client.pem  certificate, sub CA
  key.pem     the key, PKCS#8                              unencrypted private key
  ca.pem      root, sub CA: whom to believe
  mesh.env    the settings, NAME=value                     mailbox password, shared key
  connect.py  a client from these settings, to start from

Whoever reads these files can act as the mailbox.

Next: Load mesh.env into the environment of the application (set -a; . ./mesh.env; set +a), and connect as connect.py does. Later, whether it still is what is in use: mesh-onboard export X26ABC1 --verify
"
        )
    );
    assert_eq!(output.stderr, "");
}

#[test]
fn handover_is_told_to_scripts_and_noted_without_a_secret() {
    let mailbox = Mailbox::imported();
    let before = tree(&mailbox.home());
    let answer = export(&mailbox, "mesh-client", "handover").run().expect(0).json();
    assert_eq!(
        keys(&answer),
        [
            "certificate_sha256",
            "consumer",
            "credential",
            "environment",
            "files",
            "folder",
            "mailbox",
            "next",
            "not_after",
            "warnings"
        ]
    );
    let folder = mailbox.file("handover");
    assert_eq!(answer["folder"], folder.to_str().unwrap());
    assert_eq!(answer["warnings"], serde_json::json!([]));
    let files = answer["files"].as_array().unwrap();
    let secrets: Vec<_> = files.iter().map(|file| file["secrets"].to_string()).collect();
    assert_eq!(secrets, ["[]", r#"["private_key"]"#, "[]", r#"["mailbox_password","shared_key"]"#, "[]"]);
    for file in files {
        assert!(Path::new(file["path"].as_str().unwrap()).is_file(), "{file}");
        assert_eq!(file["mode"], "600");
    }
    let changed = changes(&before, &tree(&mailbox.home()));
    assert_eq!(changed, ["sandbox/X26ABC1/mailbox.toml"], "more than the record changed");
    let [export] = recorded(&mailbox).try_into().unwrap();
    assert_eq!(export["consumer"].as_str(), Some("mesh-client"));
    assert_eq!(export["folder"].as_str(), folder.to_str());
    assert_eq!(export["certificate_sha256"].as_str(), answer["certificate_sha256"].as_str());
    let hashed = |path: &str| {
        let files = export["file"].as_array().unwrap();
        files.iter().find(|file| file["path"].as_str() == Some(path)).unwrap().get("sha256").is_some()
    };
    assert!(hashed("client.pem") && hashed("key.pem") && hashed("ca.pem") && hashed("connect.py"));
    assert!(!hashed("mesh.env"), "whoever reads the record could try passwords");
}

/// The hashes of all other files stand in the record: whatever it keeps of the whole must not be made from hashes, or a
/// password of few letters could be found from it.
#[test]
fn record_has_nothing_by_which_a_password_could_be_tried() {
    let mailbox = Mailbox::imported();
    export(&mailbox, "mesh-client", "handover").run().expect(0);
    let record = fs::read_to_string(mailbox.own_folder().join("mailbox.toml")).unwrap();
    let names = ["client.pem", "key.pem", "ca.pem", "mesh.env", "connect.py"];
    let content = |name: &str| fs::read(mailbox.file("handover").join(name)).unwrap();
    let hash = |bytes: &[u8]| mesh_onboard::pki::Fingerprint::of(bytes);
    assert!(!record.contains(&hash(&content("mesh.env")).to_string()));
    let mut of_hashes = Vec::new();
    for name in names {
        of_hashes.extend_from_slice(hash(name.as_bytes()).as_bytes());
        of_hashes.extend_from_slice(hash(&content(name)).as_bytes());
    }
    assert!(!record.contains(&hash(&of_hashes).to_string()));

    // Without a key in the handover nothing is kept of such a file, nor of the whole.
    let templates = mailbox.home().join("templates");
    fs::create_dir(&templates).unwrap();
    let own = mailbox.file("without-key");
    fs::write(templates.join("mesh-client.connect.py"), "{{ password | bare }}\n").unwrap();
    export(&mailbox, "mesh-client", "without-key").run().expect(0);
    let [_, export] = recorded(&mailbox).try_into().unwrap();
    for file in export["file"].as_array().unwrap() {
        let is_password = ["mesh.env", "connect.py"].contains(&file["path"].as_str().unwrap());
        assert_eq!(file.get("sha256").is_none(), is_password, "{file}");
    }
    assert!(own.is_dir());
}

#[test]
fn files_are_private_whatever_the_umask() {
    for umask in ["000", "077"] {
        let mailbox = Mailbox::imported();
        let shell = ["sh", "-c", &format!("umask {umask}; exec \"$0\" \"$@\"")];
        export(&mailbox, "mesh-client", "handover").run_by(shell).run().expect(0);
        for (name, mode) in modes(&mailbox.file("handover")) {
            assert_eq!(mode, if name.is_empty() { 0o700 } else { 0o600 }, "umask {umask}: {name}");
        }
        let shell = ["sh", "-c", &format!("umask {umask}; exec \"$0\" \"$@\"")];
        export(&mailbox, "mesh-client", "group").args(["--mode", "640"]).run_by(shell).run().expect(0);
        for (name, mode) in modes(&mailbox.file("group")) {
            assert_eq!(mode, if name.is_empty() { 0o750 } else { 0o640 }, "umask {umask}: {name}");
        }
    }
}

#[test]
fn handover_replaces_its_own_folder_and_keeps_what_was_there() {
    let mailbox = Mailbox::imported();
    let folder = mailbox.file("handover");
    export(&mailbox, "pem", "handover").run().expect(0);
    let first = tree(&folder);
    let answer = export(&mailbox, "pem", "handover").args(["--set", "key=pkcs1"]).run().expect(0).json();
    assert_eq!(answer["before"], mailbox.file("handover.before-1").to_str().unwrap());
    assert_eq!(tree(&mailbox.file("handover.before-1")), first, "the earlier one was touched");
    let key = fs::read_to_string(folder.join("key.pem")).unwrap();
    assert!(key.starts_with("-----BEGIN RSA PRIVATE KEY-----"), "not PKCS#1");
    let answer = export(&mailbox, "pem", "handover").run().expect(0).json();
    assert_eq!(answer["before"], mailbox.file("handover.before-2").to_str().unwrap());
    assert_eq!(recorded(&mailbox).len(), 1, "one folder is noted once");
    // Gone by another hand, it is made anew.
    fs::remove_dir_all(&folder).unwrap();
    let answer = export(&mailbox, "pem", "handover").run().expect(0).json();
    assert!(answer["before"].is_null());
    assert!(folder.join("key.pem").is_file());
}

#[test]
fn key_is_written_as_asked_and_fits_the_certificate() {
    let mailbox = Mailbox::imported();
    let public = |line: &str| openssl(line);
    for (form, begins) in [
        ("pkcs8", "BEGIN PRIVATE KEY"),
        ("pkcs1", "BEGIN RSA PRIVATE KEY"),
        ("encrypted", "BEGIN ENCRYPTED PRIVATE KEY"),
    ] {
        export(&mailbox, "pem", form).args(["--set", &format!("key={form}")]).run().expect(0);
        let (key, certificate) = (mailbox.file(form).join("key.pem"), mailbox.file(form).join("client.pem"));
        assert!(fs::read_to_string(&key).unwrap().contains(begins), "{form}");
        let password = match form {
            "encrypted" => format!("-passin file:{}", path_arg(&mailbox.file(form).join("key-password.txt"))),
            _ => String::new(),
        };
        assert_eq!(
            public(&format!("pkey -in {} {password} -pubout", path_arg(&key))),
            public(&format!("x509 -in {} -noout -pubkey", path_arg(&certificate))),
            "{form}"
        );
    }
    for (chain, certificates) in [("sub-ca", 2), ("root", 3), ("nothing", 1)] {
        export(&mailbox, "pem", &format!("chain-{chain}"))
            .args(["--set", &format!("chain={chain}")])
            .run()
            .expect(0);
        let client = fs::read_to_string(mailbox.file(&format!("chain-{chain}")).join("client.pem")).unwrap();
        assert_eq!(client.matches("BEGIN CERTIFICATE").count(), certificates, "{chain}");
    }
    let password = fs::read_to_string(mailbox.file("encrypted").join("key-password.txt")).unwrap();
    assert!(password.len() == 32 && password.chars().all(|c| c.is_ascii_alphanumeric()), "{password:?}");
}

#[test]
fn paths_are_those_of_the_place_where_the_consumer_finds_the_files() {
    let mailbox = Mailbox::imported();
    let settings = |to: &str| fs::read_to_string(mailbox.file(to).join("mesh.env")).unwrap();
    export(&mailbox, "mesh-client", "here").run().expect(0);
    let path = mailbox.file("here").join("key.pem").display().to_string();
    assert!(settings("here").contains(&format!("MESH_CLIENT_KEY='{path}'\n")), "{}", settings("here"));
    export(&mailbox, "mesh-client", "there").args(["--installed-at", "/run/it's mesh"]).run().expect(0);
    assert!(
        settings("there").contains("MESH_CLIENT_KEY=\"/run/it's mesh/key.pem\"\n"),
        "{}",
        settings("there")
    );
    // The same when it is made again.
    let there = settings("there");
    again(&mailbox, "--refresh").arg("--to").arg(mailbox.file("there")).run().expect(0);
    assert_eq!(settings("there"), there);
}

#[test]
fn any_credential_of_the_mailbox_can_be_handed_over() {
    let mailbox = Mailbox::switched();
    let subject = |to: &str| {
        let client = path_arg(&mailbox.file(to).join("client.pem"));
        openssl(&format!("x509 -in {client} -noout -enddate"))
    };
    let answer = export(&mailbox, "pem", "now").run().expect(0).json();
    assert_eq!(answer["credential"], 2);
    let answer = export(&mailbox, "pem", "before").args(["--credential", "1"]).run().expect(0).json();
    assert_eq!(answer["credential"], 1);
    assert!(subject("now").contains("May  1") && subject("before").contains("Jan  1"), "{}", subject("now"));
}

#[test]
fn mailbox_that_shares_hands_over_its_own_password_and_the_other_key() {
    let mailbox = Mailbox::imported();
    mailbox.program().args(["adopt", "X26ABC2", "--share", "X26ABC1"]).run().expect(0);
    let before = tree(&mailbox.own_folder());
    let secrets = "[sandbox.X26ABC1]\nMESH_MAILBOX_PASSWORD = 'of one'\nMESH_SHARED_KEY = 'TestKey'\n\
                   [sandbox.X26ABC2]\nMESH_MAILBOX_PASSWORD = 'of two'\nMESH_SHARED_KEY = 'TestKey'\n";
    let secrets = mailbox.file_with("secrets.toml", secrets);
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o600)).unwrap();
    let to = mailbox.file("handover");
    let program = mailbox.program().args(["export", "X26ABC2", "--for", "mesh-client", "--to"]).arg(&to);
    let answer = program.arg("--secrets").arg(&secrets).run().expect(0).json();
    assert_eq!((answer["mailbox"].as_str(), answer["credential"].as_u64()), (Some("X26ABC2"), Some(1)));
    let settings = fs::read_to_string(to.join("mesh.env")).unwrap();
    assert!(settings.contains("='X26ABC2'") && settings.contains("='of two'"), "{settings}");
    assert_eq!(tree(&mailbox.own_folder()), before, "it is noted with the mailbox that was handed over");
    // The switch of the other one names it.
    mailbox.renew(&[]).run().expect(0);
    mailbox.import([mailbox.next_certificate()]).arg("--no-check").run().expect(0);
    let answer = mailbox.program().args(["activate", "X26ABC1"]).run().expect(0).json();
    assert_eq!(answer["handed_over"][0]["mailbox"], "X26ABC2", "{answer}");
    assert_eq!(answer["handed_over"][0]["folder"], to.to_str().unwrap());
}

#[test]
fn address_and_trust_can_be_named_and_stay_when_it_is_made_again() {
    let mailbox = Mailbox::imported();
    let ca = &Authority::ours().root();
    let settings = || fs::read_to_string(mailbox.file("handover").join("mesh.env")).unwrap();
    let trusted = || fs::read_to_string(mailbox.file("handover").join("ca.pem")).unwrap();
    let program = export(&mailbox, "mesh-client", "handover");
    program.args(["--url", "https://mesh.example:8443/", "--ca"]).arg(ca).run().expect(0);
    assert!(settings().contains("MESH_URL='https://mesh.example:8443'\n"), "{}", settings());
    assert_eq!(trusted(), fs::read_to_string(ca).unwrap());
    again(&mailbox, "--refresh").run().expect(0);
    assert!(settings().contains("MESH_URL='https://mesh.example:8443'\n"), "{}", settings());
    assert_eq!(trusted(), fs::read_to_string(ca).unwrap());
}

#[test]
fn trust_without_a_root_or_with_a_sub_ca_of_nobody_is_refused_before_anything_is_written() {
    let mailbox = Mailbox::imported();
    let (ours, foreign) = (Authority::ours(), Authority::foreign());
    let said = |consumer: &str, cas: &[PathBuf]| {
        let program = export(&mailbox, consumer, "handover");
        let program = cas.iter().fold(program, |program, ca| program.arg("--ca").arg(ca));
        let message = program.run().expect_error(1, "no_root")["message"].clone();
        assert!(!mailbox.file("handover").exists(), "{consumer}");
        message.as_str().unwrap().to_owned()
    };
    for consumer in ["pem", "nel-mesh", "mavis", "java-client", "vault"] {
        let none = said(consumer, &[ours.sub()]);
        assert_eq!(none, format!("there is no root among the certificates that {consumer} is to believe"));
        let loose = said(consumer, &[ours.root(), foreign.sub()]);
        assert!(loose.contains("which none of the other certificates has signed"), "{loose}");
    }
    // One whose client is given the sub CA alone needs no root.
    export(&mailbox, "nhais", "handover").arg("--ca").arg(ours.sub()).run().expect(0);
}

#[test]
fn end_of_the_certificate_is_told_when_it_is_near() {
    let mailbox = Mailbox::imported();
    let program = export(&mailbox, "pem", "handover").now("2028-12-01T00:00:00Z");
    let output = program.run().expect(0).says("the certificate expires on 1 January 2029");
    assert_eq!(output.json()["warnings"][0]["code"], "expires_soon");
}

#[test]
fn nobody_is_asked_for_a_secret_that_no_file_holds() {
    let mailbox = Mailbox::imported();
    let to = mailbox.file("handover");
    // Neither password nor shared key is anywhere.
    mailbox.program().args(["export", Mailbox::ID, "--for", "pem", "--to"]).arg(&to).run().expect(0);
    let program = mailbox.program().args(["export", Mailbox::ID, "--for", "mesh-client", "--to"]);
    let error = program.arg(mailbox.file("other")).run().expect_error(2, "input_needed");
    assert!(error["hint"].as_str().unwrap().contains("--mailbox-password-file"), "{error}");
    let folder: PathBuf = mailbox.file("other");
    assert!(!folder.exists());
}
