//! The way to MESH, stage by stage: name, connection, TLS, and what each side thinks of the other's
//! certificate.

mod again;
mod client_certificate;
mod connect;
mod dns;
mod server_trust;
mod shown;
mod tls;

use std::time::Duration;

pub(super) use client_certificate::{accepted, judged_alone};
pub(super) use server_trust::no_trust;
pub(super) use shown::place;

#[cfg(feature = "test-hooks")]
use super::report::Cause;
use super::report::{Finding, Findings, ProbeId};
use crate::check::Consumer;
use crate::mailbox::{Environment, Network};
use crate::mesh::transport::{self, Belief, PlainStream, Stream, TlsStream};
use crate::mesh::{Refusal, Target, TlsSettings, TransportError};
use crate::pki::Certificate;

/// What can be wrong here.
#[cfg(feature = "test-hooks")]
pub(super) static CAUSES: &[&Cause] = &[
    &dns::NO_SUCH_NAME,
    &connect::REFUSED,
    &connect::RESET,
    &connect::TIMED_OUT,
    &connect::UNREACHABLE,
    &connect::PROXY_UNREACHABLE,
    &connect::PROXY_LOGIN,
    &connect::PROXY_LOGIN_REFUSED,
    &connect::PROXY_REFUSED,
    &connect::PROXY_NOT_HTTP,
    &connect::PROXY_TIMED_OUT,
    &tls::RESET_IN_TLS,
    &tls::NOT_TLS,
    &tls::CAPTIVE_PORTAL,
    &tls::TLS_ALERT,
    &tls::TLS_TIMED_OUT,
    &tls::TLS_FAILED,
    &server_trust::NO_TRUST,
    &server_trust::NOT_VERIFIED,
    &server_trust::SERVER_NAME,
    &server_trust::SERVER_NAME_CN_ONLY,
    &server_trust::SERVER_EXPIRED,
    &server_trust::SERVER_NOT_YET_VALID,
    &server_trust::UNKNOWN_ROOT,
    &server_trust::CA_AS_SERVER,
    &server_trust::INSPECTED,
    &client_certificate::NOT_ASKED_FOR,
    &client_certificate::ROOT_MISSING,
    &client_certificate::SUB_CA_NOT_SENT,
    &client_certificate::CERTIFICATE_REQUIRED,
    &client_certificate::UNKNOWN_CA,
    &client_certificate::CERTIFICATE_EXPIRED,
    &client_certificate::CERTIFICATE_REVOKED,
    &client_certificate::UNSUPPORTED_CERTIFICATE,
    &client_certificate::BAD_CERTIFICATE,
    &client_certificate::ACCESS_DENIED,
    &client_certificate::TLS_ALERT,
    &client_certificate::CLOSED_WITHOUT_ALERT,
    &client_certificate::REFUSED_BY_HTTP,
    &client_certificate::NO_ANSWER,
    &client_certificate::CONNECTION_FAILED,
];

/// Why the probes of TLS are skipped.
const PLAIN: &str = "an http:// address: nothing is encrypted, and neither side proves who it is";

/// How long is waited.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For TCP, and once more for the proxy and for TLS.
    pub connect: Duration,
    /// For the answer to a request; `None` is as long as the client does.
    pub answer: Option<Duration>,
}

impl Patience {
    /// What was asked for, or what is usual.
    pub(super) fn new(given: Option<Duration>) -> Self {
        Self { connect: given.unwrap_or(Duration::from_secs(10)), answer: given }
    }
}

/// Where to, how, and as whom.
pub(super) struct Way {
    /// The server.
    pub target: Target,
    /// What is shown to it, as `consumer` would.
    pub settings: TlsSettings,
    /// The same with all that there is.
    pub whole: TlsSettings,
    /// Whose manner it is, if not ours.
    pub consumer: Option<Consumer>,
    /// The certificates shown, by names.
    pub identity: String,
    /// Whether the consumer wants a root in the file, and there is none.
    pub root_missing: bool,
    /// How long is waited.
    pub patience: Patience,
    /// The mailbox and the flags that lead there, as commands in remedies need them.
    pub words: String,
}

impl Way {
    /// The command that writes the letter to the network team.
    fn letter(&self) -> String {
        let words = if self.words.is_empty() { String::new() } else { format!(" {}", self.words) };
        format!("mesh-onboard check{words} --bypass-letter FILE")
    }

    /// Whether it leads to MESH on HSCN.
    fn is_hscn(&self) -> bool {
        let on = |network| {
            Environment::ALL.into_iter().filter_map(move |e| e.url(network)?.parse::<Target>().ok())
        };
        let is_there = |network| on(network).any(|own| own.host() == self.target.host());
        is_there(Network::Hscn) && !is_there(Network::Internet)
    }
}

/// How this side arrived at the server.
pub(super) struct Arrived {
    /// How it went there.
    pub way: Way,
    /// Whether the server asked for a certificate in a handshake that this side holds for complete; `None` where
    /// there is no TLS.
    certificate_requested: Option<bool>,
}

impl Arrived {
    /// The connection ended where the server judges the certificate.
    pub(super) fn refused(&self, error: &TransportError) -> Finding {
        client_certificate::refused(error, &self.way)
    }

    /// The server answered that it does not take the certificate; `None` if its answer is about something else.
    pub(super) fn refused_by_http(&self, refusal: &Refusal) -> Option<Finding> {
        client_certificate::refused_by_http(refusal, &self.way)
    }
}

/// Walks to the server and through its handshake; the reason for stopping if it cannot. The connection stands for the
/// first request.
pub(super) fn walk(way: Way, findings: &mut Findings<'_>) -> Result<(Arrived, Stream), &'static str> {
    let stop = |findings: &mut Findings<'_>, failure: Finding, reason| {
        findings.add(failure);
        Err(reason)
    };
    let addresses = match dns::probe(&way, |finding| findings.add(finding)) {
        Ok(addresses) => addresses,
        Err(failure) => return stop(findings, failure, "the name has no address"),
    };
    let tcp = match connect::probe(&way, &addresses, |finding| findings.add(finding)) {
        Ok(tcp) => tcp,
        Err(failure) => return stop(findings, failure, "the server was not reached"),
    };
    if !way.target.is_encrypted() {
        for probe in [ProbeId::Tls, ProbeId::ServerTrust] {
            findings.add(Finding::skipped(probe, PLAIN));
        }
        return Ok((Arrived { way, certificate_requested: None }, Stream::Plain(PlainStream::new(tcp))));
    }
    let mut seen = None;
    let shaken =
        transport::handshake_watched(tcp, &way.target, &way.settings, way.patience.connect, |stream| {
            seen = Some(Seen::of(&way, stream));
        });
    let seen = seen.unwrap_or_default();
    match shaken {
        Ok(stream) => {
            seen.server_is_good(&way, findings)?;
            let certificate_requested = Some(stream.certificate_requested());
            Ok((Arrived { way, certificate_requested }, Stream::Tls(Box::new(stream))))
        }
        Err(error) => Err(not_shaken(&way, &error, seen, findings)),
    }
}

/// What was seen of the server in a handshake, also in one that failed.
#[derive(Default)]
struct Seen {
    spoken: String,
    belief: Option<Belief>,
    chain: Vec<Certificate>,
}

impl Seen {
    fn of(way: &Way, stream: &TlsStream) -> Self {
        Self { spoken: tls::seen(way, stream), belief: Some(stream.belief()), chain: stream.server_chain() }
    }

    /// The server spoke TLS and was believed; whether that was right.
    fn server_is_good(self, way: &Way, findings: &mut Findings<'_>) -> Result<(), &'static str> {
        findings.add(Finding::pass(ProbeId::Tls, self.spoken));
        let believed = server_trust::believed(way, self.belief.unwrap_or(Belief::Nothing), &self.chain);
        findings.add(believed);
        if findings.stands(ProbeId::ServerTrust) { Ok(()) } else { Err(UNTRUSTED) }
    }
}

/// Why nothing more is said to a server.
pub(super) const UNTRUSTED: &str = "the server cannot be trusted";

/// A handshake that failed: which probe that belongs to.
fn not_shaken(way: &Way, error: &TransportError, seen: Seen, findings: &mut Findings<'_>) -> &'static str {
    if let Some(refused) = server_trust::refused(way, error) {
        findings.add(Finding::pass(ProbeId::Tls, seen.spoken));
        findings.add(refused);
        return UNTRUSTED;
    }
    match error {
        TransportError::Alert { certificate_requested: true, .. }
        | TransportError::ClosedWithoutAlert { certificate_requested: true, .. }
        | TransportError::Reset { certificate_requested: true, .. } => {
            if let Err(reason) = seen.server_is_good(way, findings) {
                return reason;
            }
            findings.add(client_certificate::refused(error, way));
            "the server refused the client certificate"
        }
        _ => {
            findings.add(tls::failed(way, error));
            "there is no TLS connection"
        }
    }
}

#[cfg(test)]
mod testing {
    use super::*;
    use crate::mesh::Trust;

    /// A way on which nobody is trusted and nothing shown.
    pub(super) fn way(url: &str) -> Way {
        let settings = TlsSettings::new(Trust::Nobody, None, None).unwrap();
        Way {
            target: url.parse().unwrap(),
            whole: settings.clone(),
            settings,
            consumer: None,
            identity: String::new(),
            root_missing: false,
            patience: Patience::new(Some(Duration::from_secs(2))),
            words: "X26ABC1 --network hscn".into(),
        }
    }
}
