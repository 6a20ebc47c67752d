//! The way to MESH, stage by stage: name, connection, TLS, and what each side thinks of the other's
//! certificate.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::check::report::{Cause, Finding, Findings, ProbeId};
use crate::mesh::transport::{self, Belief, Stage};
use crate::mesh::{Target, TlsSettings, TransportError};
use crate::pki::Certificate;

/// What can be wrong here.
#[cfg(feature = "test-hooks")]
pub(super) static CAUSES: &[&Cause] = &[];

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// How this side arrived at the server.
pub(super) enum Arrived {
    /// By a TLS handshake that it holds for complete.
    Tls { certificate_requested: bool },
    /// By a connection that nothing protects.
    Plain,
}

/// Why the probes of TLS are skipped.
const PLAIN: &str = "an http:// address: nothing is encrypted, and neither side proves who it is";

/// Walks to the server and through its handshake; the reason for stopping if it cannot.
pub(super) fn walk(
    target: &Target,
    settings: &TlsSettings,
    findings: &mut Findings<'_>,
) -> Result<Arrived, &'static str> {
    let addresses = match transport::resolve(target) {
        Ok(addresses) => addresses,
        Err(error) => {
            let error = error.on_the_way_to(target);
            let remedy = "check the name and the DNS of this machine; HSCN names resolve on HSCN only";
            findings.add(Finding::fail(ProbeId::Dns, "no_such_name", error.to_string(), remedy));
            return Err("the name has no address");
        }
    };
    let list: Vec<_> = addresses.iter().map(|a| a.ip().to_string()).collect();
    let host = target.proxy().map_or(target.host().into(), |proxy| format!("the proxy {}", proxy.host()));
    findings.add(Finding::pass(ProbeId::Dns, format!("{host} is {}", list.join(", "))));

    let stream = match connected(target, &addresses) {
        Ok((stream, evidence)) => {
            findings.add(Finding::pass(ProbeId::Connect, evidence));
            stream
        }
        Err(error) => {
            findings.add(not_connected(&error));
            return Err("the server was not reached");
        }
    };

    if !target.is_encrypted() {
        for probe in [ProbeId::Tls, ProbeId::ServerTrust] {
            findings.add(Finding::skipped(probe, PLAIN));
        }
        return Ok(Arrived::Plain);
    }
    match transport::handshake(stream, target, settings, TLS_TIMEOUT) {
        Ok(tls) => {
            let evidence = format!("{}, {}", tls.version(), tls.cipher_suite());
            findings.add(Finding::pass(ProbeId::Tls, evidence));
            findings.add(believed(tls.belief(), &tls.server_chain()));
            Ok(Arrived::Tls { certificate_requested: tls.certificate_requested() })
        }
        Err(error) => Err(not_shaken(&error, findings)),
    }
}

/// TCP, and the way that the proxy opens if there is one; with what was seen.
fn connected(target: &Target, addresses: &[SocketAddr]) -> Result<(TcpStream, String), TransportError> {
    let (stream, address) =
        transport::connect(addresses, CONNECT_TIMEOUT).map_err(|e| e.on_the_way_to(target))?;
    let stream = transport::tunnel(stream, target, CONNECT_TIMEOUT)?;
    let evidence = match target.proxy() {
        Some(proxy) => format!("the proxy {proxy} opens a way to {}", target.host()),
        None => format!("{address} answers"),
    };
    Ok((stream, evidence))
}

/// By what the server is believed.
fn believed(belief: Belief, chain: &[Certificate]) -> Finding {
    let names = shown(chain);
    match belief {
        Belief::Nothing => Finding::warn(
            ProbeId::ServerTrust,
            "not_verified",
            format!("--insecure: anyone could be the server; it shows {names}"),
            "trust its certificate, or its root, with --ca FILE instead",
        ),
        Belief::Exact => Finding::pass(ProbeId::ServerTrust, format!("{names}, which --ca gives")),
        Belief::CommonName => {
            Finding::pass(ProbeId::ServerTrust, format!("{names}; by its common name, as it has no other"))
        }
        _ => Finding::pass(ProbeId::ServerTrust, names),
    }
}

fn not_connected(error: &TransportError) -> Finding {
    let cause = match error {
        TransportError::ProxyUnreachable { source, .. } => source,
        other => other,
    };
    let (code, remedy) = match cause {
        TransportError::ProxyLogin { .. } => (
            "proxy_login",
            "give user and password in the environment: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT; only Basic is spoken",
        ),
        TransportError::ProxyRefused { .. } => (
            "proxy_refused",
            "ask the network team to let this machine through to this host and port; or leave the proxy out with NO_PROXY",
        ),
        TransportError::ProxyNotHttp { .. } => ("proxy_not_http", "check host and port of the proxy"),
        TransportError::Refused { .. } => ("refused", "check host and port; a firewall may refuse as well"),
        TransportError::TimedOut { .. } => (
            "timed_out",
            "a firewall drops the packets: ask the network team for a way out; internet access to MESH wants a UK address",
        ),
        _ => ("unreachable", "check the network of this machine, and whether it needs a proxy"),
    };
    Finding::fail(ProbeId::Connect, code, error.to_string(), remedy)
}

/// A handshake that failed: which probe that belongs to.
fn not_shaken(error: &TransportError, findings: &mut Findings<'_>) -> &'static str {
    let spoke = |findings: &mut Findings<'_>| {
        findings.add(Finding::pass(ProbeId::Tls, "the server speaks TLS"));
    };
    match error {
        TransportError::ServerUntrusted { .. }
        | TransportError::ServerName { .. }
        | TransportError::ServerExpired { .. }
        | TransportError::ServerNotYetValid { .. } => {
            spoke(findings);
            findings.add(untrusted(error));
            "the server cannot be trusted"
        }
        TransportError::Alert { certificate_requested: true, .. }
        | TransportError::ClosedWithoutAlert { certificate_requested: true, .. }
        | TransportError::Reset { certificate_requested: true, .. } => {
            spoke(findings);
            findings.add(Finding::pass(ProbeId::ServerTrust, "the server's certificate was accepted"));
            findings.add(refused_certificate(error));
            "the server refused the client certificate"
        }
        _ => {
            findings.add(Finding::fail(
                ProbeId::Tls,
                "tls_failed",
                described(error),
                "check that the port speaks TLS, and whether a firewall or proxy breaks it",
            ));
            "there is no TLS connection"
        }
    }
}

fn untrusted(error: &TransportError) -> Finding {
    let fail =
        |code, evidence: String, remedy: &str| Finding::fail(ProbeId::ServerTrust, code, evidence, remedy);
    match error {
        TransportError::ServerName { presented, common_name, .. } => {
            let names = if presented.is_empty() {
                format!("no name but the common name {}", common_name.as_deref().unwrap_or("(none)"))
            } else {
                presented.join(", ")
            };
            fail("server_name", format!("{error}; it is for {names}"), "check the host of --url")
        }
        TransportError::ServerExpired { .. } => fail(
            "server_expired",
            error.to_string(),
            "tell the service desk; check this machine's clock first",
        ),
        TransportError::ServerNotYetValid { .. } => {
            fail("server_not_yet_valid", error.to_string(), "check this machine's clock")
        }
        TransportError::ServerUntrusted { chain, .. } => fail(
            "server_untrusted",
            format!("{error}; the server shows {}", shown(chain)),
            "if this is not an NHS name, a company proxy may be in between; name the right root, or a sandbox's own certificate, with --ca FILE",
        ),
        other => fail("server_untrusted", other.to_string(), "name the right root with --ca FILE"),
    }
}

/// The server answered a request: whatever it says, it took the certificate.
pub(super) fn accepted_certificate(arrived: &Arrived) -> Finding {
    match arrived {
        Arrived::Plain => return Finding::skipped(ProbeId::ClientCertificate, PLAIN),
        Arrived::Tls { certificate_requested: true } => {
            return Finding::pass(ProbeId::ClientCertificate, "asked for and accepted");
        }
        Arrived::Tls { certificate_requested: false } => {}
    }
    Finding::warn(
        ProbeId::ClientCertificate,
        "not_asked_for",
        "the server did not ask for a client certificate, so this proves nothing about it",
        "check that --url is a MESH service that asks for one; every NHS environment does",
    )
}

/// Without a request nothing is known of what a TLS 1.3 server thinks of the certificate.
pub(super) fn without_request(arrived: &Arrived) -> Finding {
    let asked = match arrived {
        Arrived::Plain => return Finding::skipped(ProbeId::ClientCertificate, PLAIN),
        Arrived::Tls { certificate_requested: true } => "asked for",
        Arrived::Tls { certificate_requested: false } => "not asked for",
    };
    Finding::skipped(
        ProbeId::ClientCertificate,
        format!("{asked}; a server may judge it with the first request only, which takes a mailbox"),
    )
}

/// The connection ended where the server judges the certificate.
pub(super) fn refused_certificate(error: &TransportError) -> Finding {
    let fail = |code, remedy: &str| Finding::fail(ProbeId::ClientCertificate, code, described(error), remedy);
    match error {
        TransportError::Alert { name, .. } => match name.as_str() {
            "certificate_required" => fail("certificate_required", "give a certificate and its key"),
            "unknown_ca" => fail(
                "unknown_ca",
                "the server does not trust this issuer, or the sub CA was not sent: check the environment, and use fullchain.pem",
            ),
            "certificate_expired" => fail("certificate_expired", "ask the desk for a new certificate"),
            "certificate_revoked" => fail("certificate_revoked", "ask the desk for a new certificate"),
            "unsupported_certificate" => {
                fail("unsupported_certificate", "ask the desk for a certificate for client authentication")
            }
            "bad_certificate" => {
                fail("bad_certificate", "check that the certificate is for this environment")
            }
            "access_denied" => {
                fail("access_denied", "ask the service desk whether the certificate is registered")
            }
            _ => fail("tls_alert", "send this to the service desk with the time of the attempt"),
        },
        TransportError::ClosedWithoutAlert { .. } | TransportError::Reset { .. } => fail(
            "closed_without_alert",
            "servers that dislike a client certificate and send no alert look like this: check that its issuer and its environment are the server's",
        ),
        TransportError::TimedOut { stage: Stage::Send | Stage::Receive, .. } => {
            fail("no_answer", "try again; if it stays so, tell the service desk")
        }
        _ => fail("connection_failed", "try again; if it stays so, tell the service desk"),
    }
}

/// An error with its source, which holds the operating system's or the TLS library's words.
fn described(error: &TransportError) -> String {
    match std::error::Error::source(error) {
        Some(source) if !error.to_string().contains(&source.to_string()) => format!("{error}: {source}"),
        _ => error.to_string(),
    }
}

fn shown(chain: &[Certificate]) -> String {
    let names: Vec<_> = chain.iter().map(|c| c.common_name().unwrap_or(c.subject())).collect();
    match (names.as_slice(), chain.last()) {
        ([], _) | (_, None) => "no certificate".into(),
        (names, Some(last)) if last.is_self_issued() => names.join(" < "),
        (names, Some(last)) => format!("{} < {}", names.join(" < "), last.issuer()),
    }
}
