//! Whether the server is believed.

use super::bench::{Pair, SServer, check, check_trusting, check_trusting_none};
use super::served::proxy_to;
use crate::support::{Authority, Mesh, Output};

/// A server with a certificate of ours.
fn server(pair: &Pair) -> SServer {
    SServer::start(pair, &Authority::ours(), "-www")
}

pub fn none() -> Output {
    check_trusting_none(&server(&Pair::server()).url()).run()
}

/// The files of a mailbox against the rehearsal MESH, whoever that is.
pub fn insecure() -> Output {
    let mesh = Mesh::start();
    let credential = mesh.home().join("rehearsal/X26ABC1/credentials/0001");
    let program = mesh.answers("check", "X26ABC1").args(["--env", "sandbox", "--insecure"]);
    let program = program.arg("--cert").arg(credential.join("bundles-01/fullchain.pem"));
    program.arg("--key").arg(credential.join("key.pem")).run()
}

fn named(file: &str, common_name: &str, names: &str) -> Output {
    let pair = Pair::server_of(&Authority::ours(), file, common_name, names);
    check(&server(&pair).url()).run()
}

pub fn other_name() -> Output {
    named("other-name", "localhost", "DNS:mesh.other.example")
}

pub fn other_common_name() -> Output {
    named("other-common-name", "mesh.other.example", "")
}

pub fn common_name() -> Output {
    named("common-name", "localhost", "")
}

pub fn expired() -> Output {
    check(&server(&Pair::server_valid("expired", "20250101000000Z", "20260501000000Z")).url()).run()
}

pub fn not_yet() -> Output {
    check(&server(&Pair::server_valid("not-yet", "20260701000000Z", "20290101000000Z")).url()).run()
}

#[test]
fn clock_that_is_years_ahead_is_what_two_certificates_point_to() {
    let good = server(&Pair::server());
    let answer = check(&good.url()).now("2031-01-01T00:00:00Z").run().expect(3).json();
    let probes = answer["probes"].as_array().expect("probes");
    let told = |id: &str| probes.iter().find(|probe| probe["id"] == id).expect("the probe");
    assert_eq!(told("expiry")["code"], "expired", "{answer:#}");
    assert_eq!(told("server_trust")["code"], "server_expired", "{answer:#}");
    let evidence = told("server_trust")["evidence"].as_str().expect("evidence");
    assert!(evidence.contains("both point to the clock of this machine"), "{evidence}");
}

fn foreign(file: &str, name: &str) -> SServer {
    let pair = Pair::server_of(&Authority::foreign(), file, name, &format!("DNS:{name}"));
    SServer::start(&pair, &Authority::foreign(), "-www")
}

pub fn unknown_root() -> Output {
    check(&foreign("foreign", "localhost").url()).run()
}

/// What is trusted is the very certificate of the server, in an environment that is no sandbox.
pub fn authority() -> Output {
    let pair = Pair::authority();
    let (mesh, server) = (Mesh::start(), server(&pair));
    let program = mesh.person().args(["--json", "--no-input", "check", "X26ABC1", "--env", "rehearsal"]);
    program.args(["--url", &server.url()]).arg("--ca").arg(pair.leaf()).run()
}

const MESH: &str = "msg.intspineservices.nhs.uk";

/// What a company's proxy shows in the place of MESH.
fn inspected_by(trusted: &Authority) -> Output {
    let server = foreign("inspecting", MESH);
    let proxy = proxy_to(server.address);
    check_trusting(trusted, &format!("https://{MESH}")).args(["--proxy", &proxy.proxy()]).run()
}

pub fn inspected() -> Output {
    inspected_by(&Authority::ours())
}

pub fn inspected_and_trusted() -> Output {
    inspected_by(&Authority::foreign())
}
