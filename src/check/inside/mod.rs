//! The probes inside MESH: clock, authorization, mailbox, round trip.

mod clock;
mod refused;
mod round_trip;

pub use refused::remedy as refusal_remedy;

use super::online::RoundTrip;
use super::report::{Cause, Finding, Findings, ProbeId};
use super::way::{self, Arrived};
use crate::mailbox::MailboxId;
use crate::mesh::{Client, Clock, Error, InboxQuery, Reply};

/// What can be wrong here.
#[cfg(feature = "test-hooks")]
pub(super) static CAUSES: &[&Cause] = &[];

pub(super) fn probe(
    client: &Client,
    mailbox: &MailboxId,
    arrived: &Arrived,
    now: &Clock,
    round_trip: Option<RoundTrip<'_>>,
    findings: &mut Findings<'_>,
) -> &'static str {
    let answer = client.handshake();
    if let Err(Error::Transport(error)) = &answer {
        findings.add(arrived.refused(error));
        return "the server did not answer the first request";
    }
    findings.add(way::accepted(arrived));
    let date = match &answer {
        Ok(Reply { date, .. }) => *date,
        Err(Error::Refused(refusal)) => refusal.date,
        Err(_) => None,
    };
    findings.add(clock::probe(date, now()));
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
