use std::time::Duration;

use rustls::version::{TLS12, TLS13};
use time::Duration as Days;

use crate::mesh::Target;
use crate::mesh::transport::testing::{NOW, Pki, clock, serve_tls};
use crate::mesh::transport::{Belief, TlsSettings, TransportError, Trust, connect, handshake, resolve};

const WAIT: Duration = Duration::from_secs(5);

/// Shakes hands with a server on this machine as if it were that of `url`.
fn meet(
    config: std::sync::Arc<rustls::ServerConfig>,
    url: &str,
    settings: &TlsSettings,
) -> Result<Belief, TransportError> {
    let (local, server) = serve_tls(config, 1, &[]);
    let (tcp, _) = connect(&resolve(&local).unwrap(), WAIT).unwrap();
    let target: Target = url.parse().unwrap();
    let met = handshake(tcp, &target, settings, WAIT).map(|stream| stream.belief());
    server.join().unwrap();
    met
}

fn settings(trust: Trust) -> TlsSettings {
    TlsSettings::new(trust, None, clock(NOW)).unwrap()
}

const HSCN: &str = "https://msg.int.spine2.ncrs.nhs.uk";

#[test]
fn common_name_alone_proves_an_hscn_server() {
    let pki = Pki::new();
    for (version, name) in [(&TLS13, "msg.int.spine2.ncrs.nhs.uk"), (&TLS12, "MSG.int.Spine2.ncrs.nhs.uk")] {
        let belief = meet(pki.server_named(name, &[], version), HSCN, &pki.settings(None)).unwrap();
        assert_eq!(belief, Belief::CommonName);
    }
    let alternative = pki.server_named("x", &["msg.int.spine2.ncrs.nhs.uk"], &TLS13);
    assert_eq!(meet(alternative, HSCN, &pki.settings(None)).unwrap(), Belief::Chain);
}

#[test]
fn common_name_proves_nothing_elsewhere() {
    let pki = Pki::new();
    for url in ["https://msg.intspineservices.nhs.uk", "https://localhost", "https://other.ncrs.nhs.uk"] {
        let name = url.trim_start_matches("https://");
        let error = meet(pki.server_named(name, &[], &TLS13), url, &pki.settings(None)).unwrap_err();
        assert!(matches!(error, TransportError::ServerName { .. }), "{url}: {error:?}");
    }
}

#[test]
fn common_name_of_another_proves_no_hscn_server() {
    let pki = Pki::new();
    for name in ["msg.dev.spine2.ncrs.nhs.uk", "*.int.spine2.ncrs.nhs.uk", "msg.int.spine2.ncrs.nhs.uk."] {
        let error = meet(pki.server_named(name, &[], &TLS13), HSCN, &pki.settings(None)).unwrap_err();
        assert!(matches!(error, TransportError::ServerName { .. }), "{name}: {error:?}");
    }
}

#[test]
fn common_name_does_not_count_beside_an_alternative_name() {
    let pki = Pki::new();
    for san in ["other.nhs.uk", "10.0.0.1"] {
        let server = pki.server_named("msg.int.spine2.ncrs.nhs.uk", &[san], &TLS13);
        let error = meet(server, HSCN, &pki.settings(None)).unwrap_err();
        assert!(matches!(error, TransportError::ServerName { .. }), "{san}: {error:?}");
    }
}

#[test]
fn common_name_proves_nothing_without_a_trusted_chain() {
    let (pki, other) = (Pki::new(), Pki::named("other root"));
    let server = pki.server_named("msg.int.spine2.ncrs.nhs.uk", &[], &TLS13);
    let error = meet(server.clone(), HSCN, &other.settings(None)).unwrap_err();
    assert!(matches!(error, TransportError::ServerUntrusted { .. }), "{error:?}");
    let later = TlsSettings::new(pki.trust(), None, clock(NOW + Days::days(400))).unwrap();
    let error = meet(server, HSCN, &later).unwrap_err();
    assert!(matches!(error, TransportError::ServerExpired { .. }), "{error:?}");
}

#[test]
fn very_certificate_that_was_given_proves_a_server() {
    let pki = Pki::with_names("sandbox", &["mesh_sandbox"]);
    let exact = settings(Trust::RootsOrServers(vec![pki.root()]));
    for version in [&TLS12, &TLS13] {
        let belief = meet(pki.server_with_the_root(version), "https://mesh_sandbox", &exact).unwrap();
        assert_eq!(belief, Belief::Exact);
    }
    // Given as a root alone, it is none of a server.
    let error =
        meet(pki.server_with_the_root(&TLS13), "https://mesh_sandbox", &pki.settings(None)).unwrap_err();
    assert!(matches!(error, TransportError::ServerUntrusted { .. }), "{error:?}");
    // A chain below it is judged as ever.
    let below = pki.server_named("x", &["mesh_sandbox"], &TLS13);
    assert_eq!(meet(below, "https://mesh_sandbox", &exact).unwrap(), Belief::Chain);
}

#[test]
fn very_certificate_must_be_for_the_name_and_the_time() {
    let pki = Pki::with_names("sandbox", &["mesh_sandbox"]);
    let exact = |now| TlsSettings::new(Trust::RootsOrServers(vec![pki.root()]), None, clock(now)).unwrap();
    let meet =
        |url, settings: TlsSettings| meet(pki.server_with_the_root(&TLS13), url, &settings).unwrap_err();
    let error = meet("https://localhost", exact(NOW));
    assert!(matches!(error, TransportError::ServerName { .. }), "{error:?}");
    let error = meet("https://mesh_sandbox", exact(NOW + Days::days(400)));
    assert!(matches!(error, TransportError::ServerExpired { .. }), "{error:?}");
    let error = meet("https://mesh_sandbox", exact(NOW - Days::days(400)));
    assert!(matches!(error, TransportError::ServerNotYetValid { .. }), "{error:?}");
}

#[test]
fn another_certificate_of_the_same_name_is_not_the_very_one() {
    let (given, shown) =
        (Pki::with_names("sandbox", &["localhost"]), Pki::with_names("sandbox", &["localhost"]));
    let exact = settings(Trust::RootsOrServers(vec![given.root()]));
    let error = meet(shown.server_with_the_root(&TLS13), "https://localhost", &exact).unwrap_err();
    assert!(matches!(error, TransportError::ServerUntrusted { .. }), "{error:?}");
}

#[test]
fn stolen_certificate_without_its_key_is_refused() {
    let pki = Pki::with_names("sandbox", &["localhost"]);
    let exact = settings(Trust::RootsOrServers(vec![pki.root()]));
    for version in [&TLS12, &TLS13] {
        let error = meet(pki.server_without_its_key(version), "https://localhost", &exact).unwrap_err();
        assert!(!matches!(error, TransportError::ServerName { .. }), "{error:?}");
    }
}

#[test]
fn anyone_is_believed_but_under_nhs_uk() {
    let pki = Pki::new();
    let anyone = settings(Trust::Anyone);
    let server = pki.server_named("whoever", &[], &TLS13);
    assert_eq!(meet(server.clone(), "https://localhost", &anyone).unwrap(), Belief::Nothing);
    for url in [HSCN, "https://MSG.intspineservices.nhs.uk.", "https://nhs.uk"] {
        let error = meet(server.clone(), url, &anyone).unwrap_err();
        assert!(matches!(error, TransportError::ServerUntrusted { .. }), "{url}: {error:?}");
    }
}

#[test]
fn nobody_is_nobody() {
    let pki = Pki::new();
    let server = pki.server_named("x", &["localhost"], &TLS13);
    let error = meet(server, "https://localhost", &settings(Trust::Nobody)).unwrap_err();
    assert!(matches!(error, TransportError::ServerUntrusted { .. }), "{error:?}");
}
