//! The way to MESH, stage by stage: name, connection, TLS, and what each side thinks of the other's
//! certificate.

use std::time::Duration;

use super::report::{Finding, Findings, ProbeId};
use crate::mesh::transport::{self, Stage};
use crate::mesh::{Target, TlsSettings, TransportError};
use crate::pki::Certificate;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// A TLS handshake that this side holds for complete.
pub(super) struct Arrived {
    certificate_requested: bool,
}

/// Walks to the server and through its handshake; the reason for stopping if it cannot.
pub(super) fn walk(
    target: &Target,
    settings: &TlsSettings,
    findings: &mut Findings<'_>,
) -> Result<Arrived, &'static str> {
    let addresses = match transport::resolve(target) {
        Ok(addresses) => addresses,
        Err(error) => {
            let remedy = "check the name and the DNS of this machine; HSCN names resolve on HSCN only";
            findings.add(Finding::fail(ProbeId::Dns, "no_such_name", error.to_string(), remedy));
            return Err("the server's name has no address");
        }
    };
    let list: Vec<_> = addresses.iter().map(|a| a.ip().to_string()).collect();
    findings.add(Finding::pass(ProbeId::Dns, format!("{} is {}", target.host(), list.join(", "))));

    let stream = match transport::connect(&addresses, CONNECT_TIMEOUT) {
        Ok((stream, address)) => {
            findings.add(Finding::pass(ProbeId::Connect, format!("{address} answers")));
            stream
        }
        Err(error) => {
            findings.add(not_connected(&error));
            return Err("the server does not answer");
        }
    };

    match transport::handshake(stream, target, settings, TLS_TIMEOUT) {
        Ok(tls) => {
            let evidence = format!("{}, {}", tls.version(), tls.cipher_suite());
            findings.add(Finding::pass(ProbeId::Tls, evidence));
            findings.add(Finding::pass(ProbeId::ServerTrust, shown(&tls.server_chain())));
            Ok(Arrived { certificate_requested: tls.certificate_requested() })
        }
        Err(error) => Err(not_shaken(&error, findings)),
    }
}

fn not_connected(error: &TransportError) -> Finding {
    let (code, remedy) = match error {
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
            "if this is not an NHS name, a company proxy may be in between; name the right root with --ca FILE",
        ),
        other => fail("server_untrusted", other.to_string(), "name the right root with --ca FILE"),
    }
}

/// The server answered a request: whatever it says, it took the certificate.
pub(super) fn accepted_certificate(arrived: &Arrived) -> Finding {
    if arrived.certificate_requested {
        return Finding::pass(ProbeId::ClientCertificate, "asked for and accepted");
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
    let asked = if arrived.certificate_requested { "asked for" } else { "not asked for" };
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
