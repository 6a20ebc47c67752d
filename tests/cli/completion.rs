//! Chains that are completed: in any order, from earlier credentials, and by `--fetch`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::{
    Answer, Authority, Mailbox, Program, WebServer, changes, closed_port, openssl, path_arg, tree,
};

/// Our sub CA as PKCS#7 in DER, as `.p7c` files hold it.
fn sub_as_pkcs7(mailbox: &Mailbox) -> Vec<u8> {
    let (sub, out) = (path_arg(&Authority::ours().sub()), mailbox.file("sub.p7c"));
    openssl(&format!("crl2pkcs7 -nocrl -certfile {sub} -outform DER -out {}", path_arg(&out)));
    fs::read(out).expect("PKCS#7")
}

/// A self-signed CA with the name of our sub CA and another key.
fn namesake(mailbox: &Mailbox) -> PathBuf {
    let (key, out) = (path_arg(&mailbox.file("namesake.key")), mailbox.file("namesake.pem"));
    let names = "-subj /C=GB/O=tests/CN=ours-sub -days 9000";
    openssl(&format!("req -x509 -newkey rsa:2048 -nodes -keyout {key} {names} -out {}", path_arg(&out)));
    out
}

/// A good certificate that says where its issuer lies.
fn leaf(mailbox: &Mailbox, issuer_at: &str) -> PathBuf {
    let leaf = Authority::ours().leaf(&mailbox.csr(), Mailbox::COMMON_NAME);
    leaf.issuer_at(issuer_at).sign(&mailbox.file("reply.pem"))
}

/// `import` with nothing but the root to go by.
fn import(mailbox: &Mailbox, file: &Path) -> Program {
    let program = mailbox.program().args(["import", Mailbox::ID]).arg(file);
    program.arg("--ca").arg(Authority::ours().root())
}

/// Imports with `--fetch` what has to be refused as incomplete, and returns the error.
#[track_caller]
fn refused(mailbox: &Mailbox, issuer_at: &str) -> Value {
    let file = leaf(mailbox, issuer_at);
    let before = tree(&mailbox.home());
    let error = import(mailbox, &file).arg("--fetch").run().expect_error(1, "chain_incomplete");
    let changed = changes(&before, &tree(&mailbox.home()));
    assert!(changed.is_empty(), "changed: {changed:?}");
    error
}

/// Asserts that one line of evidence holds the address and these words.
#[track_caller]
fn because(error: &Value, address: &str, words: &str) {
    let lines: Vec<_> = error["because"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(lines.iter().any(|line| line.contains(address) && line.contains(words)), "{words}: {error}");
}

#[test]
fn missing_sub_ca_is_fetched_as_pkcs7_and_serves_the_next_import_too() {
    let mailbox = Mailbox::requested();
    mailbox.request_again(&["--again"]);
    let pkcs7 = sub_as_pkcs7(&mailbox);
    let server = WebServer::start(move |_| Answer::Body(pkcs7.clone()));
    let address = server.url("/sub.p7c");
    let file = leaf(&mailbox, &address);
    let answer = import(&mailbox, &file).arg("--fetch").run().expect(0).json();
    assert_eq!(answer["chain"].as_array().map(Vec::len), Some(3), "{answer}");
    let said = answer["warnings"].as_array().unwrap().iter().find(|w| w["code"] == "fetched_issuer");
    let message = said.and_then(|w| w["message"].as_str()).unwrap_or_else(|| panic!("not said: {answer}"));
    let sub = path_arg(&Authority::ours().sub());
    let fingerprint = openssl(&format!("x509 -in {sub} -noout -fingerprint -sha256"));
    let fingerprint = fingerprint.trim().rsplit('=').next().unwrap().replace(':', "").to_lowercase();
    assert!(message.contains(&address) && message.contains(&fingerprint), "{message}");

    // The answer to the other request is completed by what came with this one.
    drop(server);
    let csr = mailbox.credential(2).join("request.csr");
    let next = Authority::ours().leaf(&csr, Mailbox::COMMON_NAME).sign(&mailbox.file("next.pem"));
    let next = mailbox.program().args(["import", Mailbox::ID, "--no-check"]).arg(next).run().expect(0).json();
    assert_eq!(next["credential"], 2);
    assert_eq!(next["chain"].as_array().map(Vec::len), Some(3), "{next}");
}

#[test]
fn earlier_sub_ca_is_not_trusted_for_being_here() {
    let mailbox = Mailbox::imported();
    // Without its root in the record, the chain has no end that is trusted.
    let record = mailbox.own_folder().join("mailbox.toml");
    let text = fs::read_to_string(&record).unwrap();
    let (head, rest) = text.split_once("authorities = [").expect("recorded");
    let (_, tail) = rest.split_once("]\n").expect("its end");
    fs::write(&record, format!("{head}{tail}")).unwrap();
    let program = mailbox.program().args(["import", Mailbox::ID]).arg(mailbox.certificate());
    let error = program.run().expect_error(1, "chain_untrusted");
    assert!(error.to_string().contains("ours-root"), "{error}");
}

#[test]
fn without_fetch_the_hint_names_it_and_nobody_is_asked() {
    let mailbox = Mailbox::requested();
    let server = WebServer::start(|_| Answer::Status(500));
    let file = leaf(&mailbox, &server.url("/sub.crt"));
    let error = import(&mailbox, &file).run().expect_error(1, "chain_incomplete");
    let hint = error["hint"].as_str().unwrap_or_default();
    assert!(hint.contains("--fetch") && hint.contains(&server.url("/sub.crt")), "{error}");
    assert_eq!(server.asked(), 0);
    // Where there is no address, it would be no help.
    let error = import(&mailbox, &mailbox.certificate()).run().expect_error(1, "chain_incomplete");
    assert!(!error.to_string().contains("--fetch"), "{error}");
}

#[test]
fn impostor_that_is_fetched_is_refused() {
    let mailbox = Mailbox::requested();
    let impostor = fs::read(namesake(&mailbox)).unwrap();
    let server = WebServer::start(move |_| Answer::Body(impostor.clone()));
    let address = server.url("/sub.crt");
    because(&refused(&mailbox, &address), &address, "did not issue it: C=GB, O=tests, CN=ours-sub");
}

#[test]
fn what_cannot_be_fetched_is_evidence_and_the_chain_stays_incomplete() {
    let mailbox = Mailbox::requested();
    let server = WebServer::start(|path| match path {
        "/page" => Answer::Body(b"<html><body>Please log in</body></html>".to_vec()),
        "/large" => Answer::Body(vec![b'-'; 100_000]),
        "/circle" => Answer::Redirect("/circle".into()),
        _ => Answer::Status(404),
    });
    for (path, words) in [
        ("/nothing", "status 404"),
        ("/page", "no certificate in the answer"),
        ("/large", "longer than 64 kB"),
        ("/circle", "more than 3 times"),
    ] {
        let address = server.url(path);
        let error = refused(&mailbox, &address);
        because(&error, &address, words);
        assert!(error["message"].as_str().unwrap().contains("ours-sub"), "{error}");
    }
    let address = closed_port();
    because(&refused(&mailbox, &address), &address, "");
}

#[test]
fn chain_of_a_stranger_stays_untrusted_when_it_is_fetched() {
    let mailbox = Mailbox::requested();
    let foreign = Authority::foreign();
    let both = [fs::read(foreign.sub()).unwrap(), fs::read(foreign.root()).unwrap()].concat();
    let server = WebServer::start(move |_| Answer::Body(both.clone()));
    let leaf = foreign.leaf(&mailbox.csr(), Mailbox::COMMON_NAME).issuer_at(&server.url("/sub.pem"));
    let file = leaf.sign(&mailbox.file("reply.pem"));
    let error = import(&mailbox, &file).arg("--fetch").run().expect_error(1, "chain_untrusted");
    assert!(error.to_string().contains("foreign-root"), "{error}");
}

#[test]
fn mailbox_is_not_locked_while_the_network_is_waited_for() {
    let mailbox = Mailbox::requested();
    let sub = fs::read(Authority::ours().sub()).unwrap();
    let meanwhile = mailbox.program().args(["sent", Mailbox::ID]);
    let seen = Arc::new(Mutex::new(None));
    let in_server = seen.clone();
    // Another run changes the mailbox before the answer comes.
    let server = WebServer::start(move |_| {
        *in_server.lock().unwrap() = Some(meanwhile.clone().run().code());
        Answer::Body(sub.clone())
    });
    let file = leaf(&mailbox, &server.url("/sub.crt"));
    import(&mailbox, &file).arg("--fetch").run().expect(0);
    assert_eq!(*seen.lock().unwrap(), Some(Some(0)), "the other run was locked out");
}

#[test]
fn bundle_and_adopt_fetch_too() {
    let mailbox = Mailbox::requested();
    let sub = fs::read(Authority::ours().sub()).unwrap();
    let server = WebServer::start(move |_| Answer::Body(sub.clone()));
    let file = leaf(&mailbox, &server.url("/sub.crt"));
    let other = Mailbox::none();
    let key = mailbox.credential(1).join("key.pem");
    let with = |program: Program| {
        let program = program.arg("--key").arg(&key).arg("--cert").arg(&file);
        program.arg("--ca").arg(Authority::ours().root())
    };
    let to = other.file("bundles");
    let bundle = |fetch: &[&str]| with(other.program().arg("bundle")).arg("--to").arg(&to).args(fetch).run();
    let error = bundle(&[]).expect_error(1, "chain_incomplete");
    assert!(error["hint"].as_str().unwrap().contains("--fetch"), "{error}");
    let answer = bundle(&["--fetch"]).expect(0).json();
    assert!(answer["warnings"].to_string().contains("fetched_issuer"), "{answer}");
    let adopt = other.program().args(["adopt", Mailbox::ID, "--env", "sandbox", "--fetch"]);
    let answer = with(adopt).run().expect(0).json();
    assert!(answer["warnings"].to_string().contains("fetched_issuer"), "{answer}");
}

#[test]
fn files_in_any_order_and_grouping_import_to_the_same_bundles() {
    let mailbox = Mailbox::requested();
    let (ours, foreign) = (Authority::ours(), Authority::foreign());
    let old = ours.leaf(&mailbox.csr(), Mailbox::COMMON_NAME).valid("20230101000000Z", "20260501000000Z");
    let stranger = ours.leaf(&mailbox.csr(), "x26abc2.x26.api.mesh-client.nhs.uk");
    let files = [
        mailbox.certificate(),
        ours.sub(),
        ours.root(),
        foreign.root(),
        foreign.sub(),
        namesake(&mailbox),
        old.sign(&mailbox.file("old.pem")),
        stranger.with_new_key(&mailbox.file("stranger")).sign(&mailbox.file("stranger.pem")),
    ];
    let imported = |files: &[PathBuf]| {
        let program = mailbox.program().args(["import", Mailbox::ID]).args(files);
        let answer = program.arg("--ca").arg(ours.root()).run().expect(0).json();
        ["certificate", "fullchain", "chain", "ca_bundle"]
            .map(|role| fs::read_to_string(answer["files"][role].as_str().unwrap()).unwrap())
    };
    let expected = imported(&files);
    assert_eq!(expected[1].matches("BEGIN CERTIFICATE").count(), 3, "{}", expected[1]);
    for turn in 0..files.len() {
        let mut turned = files.clone();
        turned.rotate_left(turn);
        assert_eq!(imported(&turned), expected, "{turned:?}");
        let twice = [&turned[..], &turned[..3]].concat();
        turned.reverse();
        assert_eq!(imported(&turned), expected, "{turned:?}");
        let all = twice.iter().map(|file| fs::read_to_string(file).unwrap()).collect::<String>();
        let one = mailbox.file_with(&format!("all-{turn}.pem"), all);
        assert_eq!(imported(&[one]), expected, "{twice:?}");
    }
}
