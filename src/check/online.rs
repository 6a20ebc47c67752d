//! The probes on the way to MESH and inside it.

use time::{Duration, OffsetDateTime};

use super::material::Material;
use super::refused;
use super::report::{Finding, Findings, ProbeId};
use super::round_trip;
use super::way::{self, Arrived};
use crate::mailbox::MailboxId;
use crate::mesh::token::{Login, TOLERANCE};
use crate::mesh::{Client, Clock, Error, InboxQuery, Reply, Retries, Service, Target, TlsSettings, Trust};

/// How far clocks may differ before it is worth saying.
const CLOCK_SLACK: Duration = Duration::minutes(2);

/// Where MESH is and how to log in there.
pub struct Online<'a> {
    /// The server.
    pub target: Target,
    /// Whether it is believed.
    pub trust: Trust,
    /// Mailbox and its secrets; without them the check ends after TLS.
    pub login: Option<(MailboxId, Login)>,
    /// A message to send to the mailbox itself.
    pub round_trip: Option<RoundTrip<'a>>,
    /// Our clock.
    pub clock: Clock,
}

/// A message to send to the mailbox itself.
#[derive(Debug, Clone, Copy)]
pub struct RoundTrip<'a> {
    /// The workflow ID under which it travels.
    pub workflow: &'a str,
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
    inside(&client, &mailbox, &arrived, &online.clock, online.round_trip, findings)
}

fn inside(
    client: &Client,
    mailbox: &MailboxId,
    arrived: &Arrived,
    now: &Clock,
    round_trip: Option<RoundTrip<'_>>,
    findings: &mut Findings<'_>,
) -> &'static str {
    let answer = client.handshake();
    if let Err(Error::Transport(error)) = &answer {
        findings.add(way::refused_certificate(error));
        return "the server did not answer the first request";
    }
    findings.add(way::accepted_certificate(arrived));
    let date = match &answer {
        Ok(Reply { date, .. }) => *date,
        Err(Error::Refused(refusal)) => refusal.date,
        Err(_) => None,
    };
    findings.add(clock(date, now()));
    match answer {
        Ok(_) => {
            findings.add(Finding::pass(ProbeId::Authorization, format!("MESH validated mailbox {mailbox}")))
        }
        // Tokens of a clock that is hours off are refused: told once, by the clock.
        Err(_) if !findings.stands(ProbeId::Clock) && date.is_some() => {
            return "tokens are refused while the clocks differ";
        }
        Err(error) => {
            findings.add(refused::authorization(&error, mailbox));
            return "MESH did not accept mailbox, password or shared key";
        }
    }
    match client.inbox(&InboxQuery::default()) {
        Ok(inbox) => {
            let count =
                inbox.value.approx_inbox_count.unwrap_or(inbox.value.messages.len().try_into().unwrap_or(0));
            findings.add(Finding::pass(ProbeId::Mailbox, format!("{count} messages in the inbox")));
        }
        Err(error) => {
            findings.add(Finding::fail(
                ProbeId::Mailbox,
                "inbox_refused",
                error.to_string(),
                "ask the service desk why the mailbox validates and its inbox does not",
            ));
            return "the inbox cannot be read";
        }
    }
    if let Some(round_trip) = round_trip {
        findings.add(round_trip::probe(client, mailbox, round_trip.workflow));
    }
    ""
}

fn clock(server: Option<OffsetDateTime>, ours: OffsetDateTime) -> Finding {
    let Some(server) = server else {
        return Finding::skipped(ProbeId::Clock, "the server does not tell its time");
    };
    let off = ours - server;
    // The header has whole seconds, and servers make it once a second at most.
    if off.abs() < Duration::seconds(5) {
        return Finding::pass(ProbeId::Clock, "this clock and the server's agree");
    }
    let direction = if off.is_negative() { "behind" } else { "ahead of" };
    let evidence = format!("this clock is {} {direction} the server's", span(off.abs()));
    let remedy = "set the clock of this machine by NTP";
    if off.abs() > TOLERANCE {
        return Finding::fail(ProbeId::Clock, "clock_off", evidence, remedy);
    }
    if off.abs() > CLOCK_SLACK {
        return Finding::warn(ProbeId::Clock, "clock_drifts", evidence, remedy);
    }
    Finding::pass(ProbeId::Clock, evidence)
}

fn span(span: Duration) -> String {
    match (span.whole_hours(), span.whole_minutes() % 60, span.whole_seconds() % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::super::Status;
    use super::*;

    #[test]
    fn clock_warns_after_two_minutes_and_fails_after_two_hours() {
        let server = datetime!(2026-11-20 12:00 UTC);
        let status = |off: Duration| clock(Some(server), server + off).status;
        assert_eq!(status(Duration::seconds(119)), Status::Pass);
        assert_eq!(status(Duration::seconds(-121)), Status::Warn);
        assert_eq!(status(Duration::minutes(119)), Status::Warn);
        assert_eq!(status(Duration::minutes(-121)), Status::Fail);
        assert_eq!(clock(None, server).status, Status::Skipped);
    }

    #[test]
    fn clock_says_how_far_and_which_way() {
        let server = datetime!(2026-11-20 12:00 UTC);
        let finding = clock(Some(server), server - Duration::minutes(150));
        assert_eq!(finding.evidence, "this clock is 2 h 30 min behind the server's");
    }
}
