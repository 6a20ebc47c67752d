//! The probes that need the network: the way to MESH, then what is inside it.

use super::inside::{self, Lookup, RoundTrip, Visit};
use super::material::Material;
use super::report::{Finding, Findings, ProbeId};
use super::way;
use crate::mailbox::MailboxId;
use crate::mesh::token::Login;
use crate::mesh::{Client, Clock, Retries, Service, Target, TlsSettings, Trust};

/// Where MESH is and how to log in there.
pub struct Online<'a> {
    /// The server.
    pub target: Target,
    /// Whether it is believed.
    pub trust: Trust,
    /// Mailbox and its secrets; without them the check ends after TLS.
    pub login: Option<(MailboxId, Login)>,
    /// The mailbox and the flags that lead there, as commands in remedies need them.
    pub words: String,
    /// What else is known of the login; asked for only if MESH refuses it.
    pub others: Option<Lookup<'a>>,
    /// A message to send to the mailbox itself.
    pub round_trip: Option<RoundTrip<'a>>,
    /// Our clock.
    pub clock: Clock,
}

/// Everything after these stands on them.
const AFTER_OFFLINE: [ProbeId; 9] = [
    ProbeId::Dns,
    ProbeId::Connect,
    ProbeId::Tls,
    ProbeId::ServerTrust,
    ProbeId::ClientCertificate,
    ProbeId::Clock,
    ProbeId::Authorization,
    ProbeId::Mailbox,
    ProbeId::RoundTrip,
];

pub(super) fn probe(material: Material, online: Online<'_>, findings: &mut Findings<'_>) {
    let round_trip = online.round_trip.is_some();
    let reason = run(material, online, findings);
    // Whatever was not reached is named once, with what it waits for.
    for probe in AFTER_OFFLINE.into_iter().filter(|p| *p != ProbeId::RoundTrip || round_trip) {
        if !findings.has(probe) {
            findings.add(Finding::skipped(probe, reason));
        }
    }
}

/// Goes as far as it can; returns why it stopped.
fn run(material: Material, online: Online<'_>, findings: &mut Findings<'_>) -> &'static str {
    if !findings.stands(ProbeId::Key) {
        return "the key cannot be used";
    }
    // Another name than was asked for may still let us in; another key cannot.
    if !findings.stands(ProbeId::Match) && findings.code_of(ProbeId::Match) != Some("name_mismatch") {
        return "key and certificate are needed first";
    }
    let identity = material.into_identity().ok();
    let settings = match TlsSettings::new(online.trust, identity, Some(online.clock.clone())) {
        Ok(settings) => settings,
        Err(error) => {
            findings.add(Finding::fail(
                ProbeId::ServerTrust,
                "no_trust",
                error.to_string(),
                "name the root of the server's certificate with --ca FILE",
            ));
            return "the server cannot be trusted";
        }
    };
    let arrived = match way::walk(&online.target, &settings, findings) {
        Ok(arrived) => arrived,
        Err(reason) => return reason,
    };
    let Some((mailbox, login)) = online.login else {
        findings.add(way::without_request(&arrived));
        return "no mailbox was named: mesh-onboard check MAILBOX";
    };
    // One request a probe: what fails now and then is to be seen.
    let service = Service::new(online.target, &settings, online.clock.clone()).with_retries(Retries::none());
    let client = Client::new(service, mailbox.clone(), login);
    let visit = Visit { client: &client, mailbox: &mailbox, words: &online.words };
    inside::probe(&visit, &arrived, &online.clock, online.others, online.round_trip, findings)
}
