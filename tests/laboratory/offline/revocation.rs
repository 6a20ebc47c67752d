use std::path::Path;
use std::sync::{Arc, Mutex};

use super::bench::{Bench, stored};
use crate::support::{Answer, Authority, Mailbox, Output, WebServer, closed_port, path_arg, scratch};

/// When a list that is in force begins, and when the next one is due.
const FROM: &str = "20260525000000Z";
const UNTIL: &str = "20260608000000Z";

/// A server whose answers are set once what they are about is made; it needs the address first.
struct Lists {
    server: WebServer,
    answer: Arc<Mutex<Answer>>,
}

impl Lists {
    fn start() -> Self {
        let answer = Arc::new(Mutex::new(Answer::Status(404)));
        let shared = answer.clone();
        let server = WebServer::start(move |_| shared.lock().expect("no panic holds it").clone());
        Self { server, answer }
    }

    fn serve(&self, list: Vec<u8>) {
        *self.answer.lock().expect("no panic holds it") = Answer::Body(list);
    }

    fn url(&self) -> String {
        self.server.url("/list.crl")
    }
}

/// `check` of a leaf that names a list, which is what `list` makes of the leaf.
fn with_list(list: impl FnOnce(&Path) -> Vec<u8>) -> Output {
    let lists = Lists::start();
    let bench = Bench::with_leaf(|leaf| leaf.crl_at(&lists.url()));
    lists.serve(list(&bench.leaf()));
    let output = bench.sandbox().arg("--online-revocation").run();
    assert_eq!(lists.server.asked(), 1, "the list was not asked for once: {}", output.shown());
    output
}

pub fn leaf() -> Output {
    with_list(|leaf| Authority::ours().crl("sub", &[leaf], FROM, UNTIL))
}

pub fn by_an_old_list() -> Output {
    with_list(|leaf| Authority::ours().crl("sub", &[leaf], "20260401000000Z", "20260501000000Z"))
}

pub fn overdue() -> Output {
    with_list(|_| Authority::ours().crl("sub", &[], "20260401000000Z", "20260501000000Z"))
}

pub fn not_begun() -> Output {
    with_list(|_| Authority::ours().crl("sub", &[], "20260701000000Z", "20260801000000Z"))
}

pub fn of_another() -> Output {
    with_list(|_| Authority::foreign().crl("sub", &[], FROM, UNTIL))
}

/// The changes since list 1 (RFC 5280, 5.2.4), which nobody can judge by without it.
pub fn changes_alone() -> Output {
    let delta = "2.5.29.27=critical,ASN1:INTEGER:1";
    with_list(|_| Authority::ours().crl_with("sub", &[], FROM, UNTIL, delta))
}

/// By a CA of the same name with another key.
pub fn forged() -> Output {
    let folder = scratch();
    let namesake = Authority::like(folder.path(), "ours", None);
    with_list(|_| namesake.crl("sub", &[], FROM, UNTIL))
}

pub fn portal() -> Output {
    with_list(|_| b"<!DOCTYPE html><html><body>Please log in to the guest network</body></html>".to_vec())
}

pub fn gone() -> Output {
    let lists = Lists::start();
    let bench = Bench::with_leaf(|leaf| leaf.crl_at(&lists.url()));
    bench.sandbox().arg("--online-revocation").run()
}

pub fn nobody() -> Output {
    let address = closed_port();
    let bench = Bench::with_leaf(|leaf| leaf.crl_at(&address));
    bench.sandbox().arg("--online-revocation").run()
}

pub fn unnamed() -> Output {
    Bench::with_leaf(|leaf| leaf).sandbox().arg("--online-revocation").run()
}

/// Of a sub CA that names a list of its root, and a leaf that names one of the sub CA.
fn with_lists(revoked: bool) -> (Output, usize) {
    let (of_root, of_sub) = (Lists::start(), Lists::start());
    let folder = scratch();
    let authority = Authority::like(folder.path(), "listed", Some(&of_root.url()));
    let sub = authority.sub();
    let taken_back: &[&Path] = if revoked { &[&sub] } else { &[] };
    of_root.serve(authority.crl("root", taken_back, FROM, UNTIL));
    of_sub.serve(authority.crl("sub", &[], FROM, UNTIL));
    let mailbox = Mailbox::requested();
    let leaf = authority.leaf(&mailbox.csr(), Mailbox::COMMON_NAME).crl_at(&of_sub.url());
    let leaf = leaf.sign(&mailbox.file("reply.pem"));
    let import = mailbox.program().args(["import", Mailbox::ID, &path_arg(&leaf)]);
    let import = import.arg("--ca").arg(authority.root()).arg("--ca").arg(&sub);
    import.run().expect(0);
    let without = stored(&mailbox).run().expect(0);
    assert_eq!(of_root.server.asked() + of_sub.server.asked(), 0, "asked unbidden: {}", without.shown());
    let output = stored(&mailbox).arg("--online-revocation").run();
    (output, of_root.server.asked() + of_sub.server.asked())
}

pub fn sub_ca() -> Output {
    with_lists(true).0
}

#[test]
fn lists_of_leaf_and_sub_ca_are_asked_for_and_told() {
    let (output, asked) = with_lists(false);
    let output = output.expect(0);
    assert_eq!(asked, 2);
    let answer = output.json();
    assert_eq!(answer["verdict"], "pass", "{}", output.shown());
    let chain = &answer["probes"][3];
    assert_eq!(chain["id"], "chain");
    let evidence = chain["evidence"].as_str().expect("evidence");
    assert_eq!(evidence.matches("is not revoked by http://127.0.0.1:").count(), 2, "{evidence}");
    assert!(evidence.contains("the next by 8 June 2026"), "{evidence}");
}

#[test]
fn revocation_is_told_with_its_date_reason_and_serial_number() {
    let answer = leaf().expect(3).json();
    let evidence = answer["probes"][3]["evidence"].as_str().expect("evidence");
    for word in ["1 March 2026", "keyCompromise", "serial number", "SHA-256"] {
        assert!(evidence.contains(word), "'{word}' is missing: {evidence}");
    }
}
