//! What people and machines do in earnest and no guide speaks of.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::support::{Authority, Mailbox, PASSPHRASE, Program, openssl, openssl_with, path_arg, tree};

/// Runs the one command that an answer suggests last, as a shell would.
fn follow(mailbox: &Mailbox, next: &Value) -> i32 {
    let next = next.as_str().expect("a next step");
    let (_, words) = next.rsplit_once("mesh-onboard ").expect("a command in it");
    mailbox.person().args(words.split_whitespace()).run().code().expect("an exit code")
}

#[test]
fn passphrase_that_a_file_could_not_hold_is_refused_for_a_new_key() {
    // Line ends and quotes of a file or a variable are left out, so only the prompt could set these.
    let mailbox = Mailbox::none();
    for typed in ["\"quoted passphrase\"\r", "trailing space \r"] {
        let program = Program::new().home(&mailbox.home());
        let program = program.args(["request", Mailbox::ID, "--ods", "X26", "--env", "sandbox"]);
        let talk = program.in_terminal(&[
            ("Passphrase for the new key", typed),
            ("white space or quotes", ""),
            ("Passphrase for the new key", "\u{3}"),
        ]);
        assert_eq!(talk.status, 130, "{}", talk.screen);
    }
}

#[test]
fn key_whose_passphrase_has_quotes_opens_from_a_file() {
    let mailbox = Mailbox::none();
    let (key, certificate) = (mailbox.file("quoted.key"), mailbox.file("quoted.pem"));
    let passphrase = "\"really quoted\"";
    let command = "req -x509 -newkey rsa:2048 -passout env:PASS -subj /CN=a.x26.nhs.uk -days 9";
    let out = format!("-keyout {} -out {}", path_arg(&key), path_arg(&certificate));
    openssl_with(passphrase, &format!("{command} {out}"));
    let file = mailbox.file_with("passphrase", format!("{passphrase}\n"));
    let program = mailbox.program().args(["check", "--offline", "--cert"]).arg(&certificate);
    let answer = program.arg("--key").arg(&key).arg("--key-passphrase-file").arg(&file).run().json();
    assert_eq!(answer["probes"][1]["status"], "pass", "{answer}");
}

#[test]
fn keys_as_openssl_writes_them_open_or_are_named() {
    let mailbox = Mailbox::none();
    let plain = mailbox.file("plain.key");
    openssl(&format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out {}", path_arg(&plain)));
    let rows = [
        ("rsa -traditional", "pass", ""),
        ("pkey", "pass", ""),
        ("pkey -aes256 -passout env:PASS", "pass", ""),
        ("pkey -des3 -passout env:PASS", "pass", ""),
        ("pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA1 -passout env:PASS", "pass", ""),
        ("pkcs8 -topk8 -scrypt -passout env:PASS", "pass", ""),
        ("pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout env:PASS", "pass", ""),
        ("rsa -traditional -aes256 -passout env:PASS", "pass", ""),
        ("rsa -traditional -des3 -passout env:PASS", "pass", ""),
        (
            "pkcs8 -topk8 -v1 PBE-SHA1-RC4-128 -provider legacy -provider default -passout env:PASS",
            "fail",
            "encrypted as PBE-SHA1-RC4-128",
        ),
        ("pkey -pubout", "fail", "a public key"),
    ];
    for (command, status, words) in rows {
        let key = mailbox.file("written.key");
        openssl_with(PASSPHRASE, &format!("{command} -in {} -out {}", path_arg(&plain), path_arg(&key)));
        let program = mailbox.program().args(["check", "--offline", "--cert"]).arg(&plain);
        let answer = program.arg("--key").arg(&key).run().expect(3).json();
        let found = &answer["probes"][1];
        assert_eq!(found["status"], status, "{command}: {found}");
        assert!(found["evidence"].as_str().is_some_and(|e| e.contains(words)), "{command}: {found}");
    }
}

#[test]
fn result_that_cannot_be_written_costs_no_change() {
    let mailbox = Mailbox::requested();
    let taken = mailbox.file_with("taken.json", "precious");
    let before = tree(&mailbox.home());
    for output in [taken.clone(), mailbox.file("no-such-folder/x.json")] {
        let program = mailbox.program().arg("--output").arg(&output).args(["sent", Mailbox::ID]);
        program.run().expect_error(1, "io");
    }
    assert_eq!(tree(&mailbox.home()), before);
    assert_eq!(fs::read_to_string(&taken).unwrap(), "precious");
    let written = mailbox.file("new.json");
    mailbox.program().arg("--output").arg(&written).args(["sent", Mailbox::ID]).run().expect(0);
    assert!(fs::read_to_string(&written).unwrap().starts_with('{'));
}

#[test]
fn round_trip_at_live_is_refused_whatever_the_mailbox_is_said_to_be() {
    let mailbox = Mailbox::imported();
    for url in ["https://mesh-sync.spineservices.nhs.uk", "https://mesh-sync.national.ncrs.nhs.uk:443"] {
        let program = mailbox.program().args(["check", Mailbox::ID, "--round-trip", "--url", url]);
        let error = program.run().expect_error(2, "usage");
        assert!(error["message"].as_str().is_some_and(|m| m.contains("--yes-on-live")), "{error}");
    }
    let url = "https://msg.intspineservices.nhs.uk";
    let program = mailbox.program().args(["check", Mailbox::ID, "--round-trip", "--url", url]);
    let error = program.run().expect_error(2, "usage");
    assert!(error["message"].as_str().is_some_and(|m| m.contains("--workflow")), "{error}");
}

#[test]
fn certificate_that_ends_before_it_begins_is_judged() {
    let mailbox = Mailbox::none();
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(2030, 1, 1);
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let certificate = mailbox.file_with("backwards.pem", params.self_signed(&pair).unwrap().pem());
    let key = mailbox.file_with("backwards.key", pair.serialize_pem());
    let program = mailbox.program().args(["check", "--offline", "--cert"]).arg(certificate);
    let answer = program.arg("--key").arg(key).run().expect(3).json();
    assert_eq!(answer["probes"][4]["status"], "fail", "{answer}");
}

#[test]
fn line_break_in_a_field_of_the_email_is_refused() {
    for flag in ["--name", "--ticket", "--organisation", "--application", "--reason", "--phone"] {
        let mailbox = Mailbox::none();
        let program = mailbox.program().args(["request", Mailbox::ID, "--ods", "X26", "--env", "sandbox"]);
        program.args([flag, "N\r\nBcc: x@example.org"]).run().expect_error(2, "usage");
        assert!(tree(&mailbox.home()).is_empty(), "{flag} left something");
    }
}

#[test]
fn password_in_a_url_is_not_repeated() {
    let mailbox = Mailbox::imported();
    for url in ["https://user:MARKED@localhost", "https://localhost/?token=MARKED"] {
        let output = mailbox.program().args(["check", Mailbox::ID, "--url", url]).run().expect(2);
        assert!(!output.shown().replace(url, "").contains("MARKED"), "{}", output.shown());
    }
}

#[test]
fn contact_of_the_first_request_is_known_to_the_next() {
    let mailbox = Mailbox::none();
    let contact = ["--name", "Zoe Example", "--application", "Example App"];
    mailbox.request_again(&contact);
    mailbox.request_again(&["--again"]);
    let record = fs::read_to_string(mailbox.own_folder().join("mailbox.toml")).unwrap();
    let states: Vec<_> = record.lines().filter(|line| line.starts_with("state")).collect();
    assert_eq!(states, ["state = \"archived\"", "state = \"requested\""]);
    let text = fs::read_to_string(mailbox.credential(2).join("request.txt")).unwrap();
    assert!(text.contains("Zoe Example") && text.contains("Example App"), "{text}");
}

#[test]
fn desk_address_may_be_set_by_any_name_of_the_environment() {
    let mailbox = Mailbox::none();
    fs::create_dir_all(mailbox.home()).unwrap();
    let settings = mailbox.home().join("settings.toml");
    fs::write(&settings, "[desk]\nint = \"desk@example.org\"\n").unwrap();
    let request = ["request", Mailbox::ID, "--ods", "X26", "--env", "integration"];
    let answer = mailbox.program().args(request).run().expect(0).json();
    assert_eq!(answer["desk"]["to"], "desk@example.org");
    fs::write(&settings, "[desk]\nsomewhere = \"desk@example.org\"\n").unwrap();
    mailbox.program().arg("status").run().expect_error(1, "io");
}

#[test]
fn suggested_commands_work_when_they_are_pasted() {
    let mailbox = Mailbox::none();
    let live = ["request", Mailbox::ID, "--ods", "X26", "--env", "live"];
    mailbox.program().args(live).run().expect(0);
    let answer = mailbox.request_again(&[]);
    assert_eq!(follow(&mailbox, &answer["next"]), 0, "the ID is in two environments: {answer}");

    // A home given by flag is needed again.
    let elsewhere = mailbox.file("another home");
    let program = mailbox.program().without_env("MESH_ONBOARD_HOME").arg("--home").arg(&elsewhere);
    let answer = program.args(["request", "X26NEW", "--ods", "X26", "--env", "live"]).run().expect(0).json();
    let next = answer["next"].as_str().unwrap();
    let quoted = format!("mesh-onboard --home '{}' sent X26NEW", elsewhere.display());
    assert!(next.ends_with(&quoted), "{next}");
}

#[test]
fn result_that_cannot_be_printed_is_a_failure() {
    let mailbox = Mailbox::requested();
    let status = |redirection: &str| {
        let mut shell = std::process::Command::new("sh");
        let program = env!("CARGO_BIN_EXE_mesh-onboard");
        shell
            .args(["-c", &format!("{program} status {redirection}")])
            .env("MESH_ONBOARD_HOME", mailbox.home());
        shell.output().unwrap().status.code()
    };
    assert_eq!(status(">/dev/full"), Some(1));
    assert_eq!(status("2>/dev/full"), Some(0), "the result was printed");
}

#[test]
fn json_without_a_command_is_an_error() {
    Mailbox::none().program().run().expect_error(2, "usage");
}

#[test]
fn answer_to_a_request_whose_record_was_never_written_imports() {
    let mailbox = Mailbox::requested();
    let record = mailbox.own_folder().join("mailbox.toml");
    let before = fs::read(&record).unwrap();
    mailbox.request_again(&["--again"]);
    // As a run leaves it that could not write the record any more.
    fs::write(&record, before).unwrap();
    let csr = mailbox.credential(2).join("request.csr");
    let reply = Authority::ours().leaf(&csr, Mailbox::COMMON_NAME).sign(&mailbox.file("reply.pem"));
    let answer = mailbox.import([reply]).run().expect(0).json();
    assert_eq!((&answer["credential"], &answer["state"]), (&2.into(), &"current".into()), "{answer}");
    mailbox.program().args(["check", Mailbox::ID, "--offline"]).run().expect(0);
}

#[test]
fn older_certificate_for_the_same_key_is_pointed_out() {
    let mailbox = Mailbox::imported();
    let older = Authority::ours()
        .leaf(&mailbox.csr(), Mailbox::COMMON_NAME)
        .valid("20260101000000Z", "20280101000000Z");
    let answer = mailbox.import([older.sign(&mailbox.file("older.pem"))]).run().expect(0).json();
    let warnings = answer["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|w| w["code"] == "older_certificate"), "{answer}");
}

#[test]
fn self_signed_answer_is_named_as_such() {
    let mailbox = Mailbox::requested();
    let key = path_arg(&mailbox.credential(1).join("key.pem"));
    let (csr, out) = (path_arg(&mailbox.csr()), mailbox.file("self.pem"));
    let sign =
        format!("x509 -req -in {csr} -signkey {key} -passin env:PASS -days 9000 -out {}", path_arg(&out));
    openssl_with(PASSPHRASE, &sign);
    let now = mailbox.import([out]).real_clock();
    let error = now.run().expect_error(1, "chain_untrusted");
    assert!(error["message"].as_str().is_some_and(|m| m.contains("self-signed")), "{error}");
}

#[test]
fn secret_command_that_does_not_know_a_secret_is_no_failure() {
    let mailbox = Mailbox::requested();
    let vault = mailbox.file_with(
        "vault",
        format!(
            "#!/bin/sh\n[ \"$1 $2 $3\" = 'MESH_KEY_PASSPHRASE {} sandbox' ] && echo '{PASSPHRASE}'\n",
            Mailbox::ID
        ),
    );
    fs::set_permissions(&vault, fs::Permissions::from_mode(0o755)).unwrap();
    let settings = format!("secret_command = [\"{}\"]\n", path_arg(&vault));
    fs::write(mailbox.home().join("settings.toml"), settings).unwrap();
    mailbox.import([mailbox.certificate()]).without_env("MESH_KEY_PASSPHRASE").run().expect(0);
}

#[test]
fn pfx_password_that_readers_take_differently_is_refused() {
    let mailbox = Mailbox::requested();
    let before = tree(&mailbox.home());
    for password in ["pä", "\u{1f511}\u{1f511}\u{1f511}"] {
        let program = mailbox.import([mailbox.certificate()]).env("MESH_PFX_PASSWORD", password);
        program.run().expect_error(2, "passphrase_weak");
    }
    assert_eq!(tree(&mailbox.home()), before);
}

#[test]
fn stray_file_and_broken_record_do_not_hide_the_other_mailboxes() {
    let mailbox = Mailbox::requested();
    fs::write(mailbox.home().join("sandbox/notes"), "mine").unwrap();
    mailbox.program().arg("status").run().expect(0);
    let broken = mailbox.home().join("sandbox/BROKEN1");
    fs::create_dir(&broken).unwrap();
    fs::write(broken.join("mailbox.toml"), "format = ").unwrap();
    let output = mailbox.program().arg("status").run().expect(1).says("BROKEN1");
    assert_eq!(output.json()["mailboxes"][0]["mailbox"], Mailbox::ID);
}

#[test]
fn copied_folder_does_not_speak_for_another_environment() {
    let mailbox = Mailbox::requested();
    let live = mailbox.home().join("live").join(Mailbox::ID);
    fs::create_dir_all(&live).unwrap();
    fs::copy(mailbox.own_folder().join("mailbox.toml"), live.join("mailbox.toml")).unwrap();
    let program = mailbox.program().args(["status", Mailbox::ID, "--env", "live"]);
    program.run().expect_error(1, "record_unreadable");
}

#[test]
fn server_only_certificate_is_refused_in_plain_words() {
    let mailbox = Mailbox::requested();
    let leaf = Authority::ours().leaf(&mailbox.csr(), Mailbox::COMMON_NAME).extended_key_usage("serverAuth");
    let error =
        mailbox.import([leaf.sign(&mailbox.file("server.pem"))]).run().expect_error(1, "chain_invalid");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("client authentication"), "{message}");
}

#[test]
fn newer_root_serves_beside_the_expired_one_of_the_same_key() {
    let mailbox = Mailbox::requested();
    let folder = mailbox.file("roots");
    fs::create_dir(&folder).unwrap();
    let at = |name: &str| path_arg(&folder.join(name));
    fs::write(folder.join("ca.ext"), "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n")
        .unwrap();
    openssl(&format!(
        "req -new -newkey rsa:2048 -nodes -keyout {} -out {} -subj /CN=root",
        at("k"),
        at("csr")
    ));
    let root = |name: &str, days: &str| {
        let sign = format!("x509 -req -in {} -signkey {} -extfile {}", at("csr"), at("k"), at("ca.ext"));
        openssl(&format!("{sign} -days {days} -out {}", at(name)));
    };
    root("old.pem", "1");
    root("new.pem", "9000");
    let sign = format!("x509 -req -in {} -CA {} -CAkey {}", path_arg(&mailbox.csr()), at("new.pem"), at("k"));
    fs::write(folder.join("leaf.ext"), "extendedKeyUsage=clientAuth\n").unwrap();
    openssl(&format!(
        "{sign} -CAcreateserial -days 8000 -extfile {} -out {}",
        at("leaf.ext"),
        at("leaf.pem")
    ));
    let now = time::OffsetDateTime::now_utc() + time::Duration::days(30);
    let now = now.format(&time::format_description::well_known::Rfc3339).unwrap();
    let program = mailbox.program().now(&now).args(["import", Mailbox::ID]).arg(folder.join("leaf.pem"));
    let roots = [folder.join("old.pem"), folder.join("new.pem")];
    let program = roots
        .iter()
        .fold(program, |program, root: &std::path::PathBuf| program.arg("--ca").arg(root.as_path() as &Path));
    program.run().expect(0);
}
