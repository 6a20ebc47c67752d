//! The probes that need the network: the way to MESH, then what is inside it.

use std::time::Duration;

use super::Consumer;
use super::inside::{self, Lookup, RoundTrip, Visit};
use super::material::Material;
use super::report::{Finding, Findings, ProbeId};
use super::way::{self, Patience, Way};
use crate::mailbox::MailboxId;
use crate::mesh::token::Login;
use crate::mesh::{Client, Clock, Identity, Retries, Service, Target, TlsSettings, Trust};
use crate::pki::Certificate;

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
    /// The application in whose manner the credentials are shown.
    pub consumer: Option<Consumer>,
    /// How long each step may take, instead of what is usual.
    pub timeout: Option<Duration>,
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
    let root_is_there = material.certificates().iter().any(Certificate::is_self_issued);
    let identity = material.into_identity().ok();
    let leaf_alone = online.consumer.is_some_and(Consumer::shows_leaf_alone);
    let names = identity.as_ref().map(|identity| names(identity, leaf_alone));
    let whole = match TlsSettings::new(online.trust, identity, Some(online.clock.clone())) {
        Ok(settings) => settings,
        Err(error) => {
            findings.add(way::no_trust(&error));
            return way::UNTRUSTED;
        }
    };
    let settings = online.consumer.map_or_else(|| whole.clone(), |consumer| consumer.settings(&whole));
    let patience = Patience::new(online.timeout);
    let way = Way {
        target: online.target.clone(),
        settings: settings.clone(),
        whole,
        consumer: online.consumer,
        identity: names.unwrap_or_else(|| "no certificate".into()),
        root_missing: online.consumer.is_some_and(Consumer::wants_root) && !root_is_there,
        patience,
        words: online.words.clone(),
    };
    let (arrived, stream) = match way::walk(way, findings) {
        Ok(arrived) => arrived,
        Err(reason) => return reason,
    };
    let Some((mailbox, login)) = online.login else {
        findings.add(way::judged_alone(&arrived));
        return "no mailbox was named: mesh-onboard check MAILBOX";
    };
    // One request a probe: what fails now and then is to be seen.
    let service = Service::patient(online.target, &settings, online.clock.clone(), patience.answer);
    let service = service.with_retries(Retries::none()).over(stream);
    let client = Client::new(service, mailbox.clone(), login);
    let visit = Visit { client: &client, mailbox: &mailbox, words: &online.words };
    inside::probe(&visit, &arrived, &online.clock, online.others, online.round_trip, findings)
}

/// What a server is shown, its own certificate first.
fn names(identity: &Identity, leaf_alone: bool) -> String {
    let shown = if leaf_alone { 1 } else { identity.certificates.len() };
    let names = identity.certificates.iter().take(shown).map(|c| c.common_name().unwrap_or(c.subject()));
    names.collect::<Vec<_>>().join(" < ")
}
