use std::fs;
use std::path::Path;

use super::bench::{Bench, stored};
use crate::support::{Authority, Mailbox, Output};

pub fn request() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    bench.pair("sandbox", &bench.file("leaf.csr"), &bench.key()).run()
}

pub fn other_key() -> Output {
    let (bench, other) = (Bench::with_leaf(|leaf| leaf), Bench::with_leaf(|leaf| leaf));
    bench.pair("sandbox", &bench.fullchain(), &other.key()).run()
}

/// Import refuses such a certificate: somebody looked up afterwards which name is on record.
pub fn other_name() -> Output {
    let mailbox = Mailbox::imported();
    let record = mailbox.own_folder().join("mailbox.toml");
    let text = fs::read_to_string(&record).unwrap();
    let other = text.replace(Mailbox::COMMON_NAME, "SERVER001.X26.api.mesh-client.nhs.uk");
    assert_ne!(text, other, "the name is not recorded");
    fs::write(&record, other).unwrap();
    stored(&mailbox).run()
}

/// The certificate of [`Mailbox::imported`] at a time.
fn at(now: &str) -> Output {
    stored(&Mailbox::imported()).now(now).run()
}

pub fn expired() -> Output {
    at("2029-01-02T00:00:00Z")
}

pub fn not_yet_valid() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf.valid("20260701000000Z", "20290101003000Z"));
    bench.sandbox().run()
}

pub fn expires_soon() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf.valid("20240101000000Z", "20260801000000Z"));
    bench.sandbox().run()
}

pub fn usage_over() -> Output {
    at("2028-03-01T00:00:00Z")
}

#[test]
fn expired_certificate_is_told_with_the_clock_and_no_command_that_refuses() {
    let answer = expired().expect(3).json();
    let probes = answer["probes"].as_array().expect("probes");
    let told = probes.iter().find(|probe| probe["id"] == "expiry").expect("expiry");
    let text = |field: &str| told[field].as_str().expect("text").to_owned();
    assert!(text("evidence").contains("the clock here says 2029-01-02 00:00 UTC"), "{told}");
    let remedy = text("remedy");
    assert!(remedy.starts_with("check the clock") && !remedy.contains("mesh-onboard request"), "{told}");
}

/// One certificate often serves several mailboxes: its name is compared with what was asked for, and with nothing else.
#[test]
fn name_of_another_mailbox_or_of_a_server_is_no_fault() {
    for name in
        ["x26zzz9.x26.api.mesh-client.nhs.uk", "server001.x26.api.mesh-client.nhs.uk", "host.example.org"]
    {
        let authority = Authority::ours();
        let bench = Bench::new();
        let leaf = authority.leaf(Path::new(""), name).with_new_key(&bench.file("leaf")).sign(&bench.leaf());
        let chain = bench.joined("fullchain.pem", &[&leaf, &authority.sub()]);
        let output = bench.pair("sandbox", &chain, &bench.key()).arg(Mailbox::ID).run();
        assert_eq!(output.json()["verdict"], "pass", "{name}: {}", output.shown());
    }
}
