//! The probes inside MESH: clock, authorization, mailbox, round trip.

mod clock;
mod login;
mod mailbox;
mod refused;
mod round_trip;

pub use login::{Kept, Lookup, OtherSecrets};
pub use refused::remedy as refusal_remedy;
pub use round_trip::RoundTrip;

#[cfg(feature = "test-hooks")]
use super::report::Cause;
use super::report::{Finding, Findings, ProbeId};
use super::way::{self, Arrived};
use crate::mailbox::MailboxId;
use crate::mesh::{Cause as Why, Client, Clock, Error, Reply};

/// What can be wrong here.
#[cfg(feature = "test-hooks")]
pub(super) static CAUSES: &[&Cause] = &[
    &clock::CLOCK_DRIFTS,
    &clock::CLOCK_OFF,
    &refused::MAILBOX_UNKNOWN,
    &refused::TOKEN_FOR_OTHER_MAILBOX,
    &refused::TOKEN_TIME,
    &refused::TOKEN_REUSED,
    &refused::NO_SUCH_PATH,
    &refused::SERVER_ERROR,
    &refused::UNEXPECTED_ANSWER,
    &refused::TOO_MANY_REQUESTS,
    &refused::REFUSED,
    &login::LOGIN_REFUSED,
    &login::SECRETS_SWAPPED,
    &login::SECRET_HAS_SPACES,
    &login::SANDBOX_SHARED_KEY,
    &login::SECRETS_EQUAL,
    &login::SECRET_OF_OTHER_ENVIRONMENT,
    &mailbox::INBOX_REFUSED,
    &mailbox::INBOX_FULL,
    &mailbox::INBOX_NEARLY_FULL,
    &mailbox::MESSAGES_EXPIRE,
    &round_trip::RECIPIENT_NOT_REGISTERED,
    &round_trip::WORKFLOW_NOT_ALLOWED,
    &round_trip::NOT_SENT,
    &round_trip::NOT_RECEIVED,
    &round_trip::NEVER_ARRIVES,
    &round_trip::ARRIVES_LATE,
    &round_trip::MESSAGE_CHANGED,
    &round_trip::NOT_ACKNOWLEDGED,
];

/// A mailbox from inside.
pub(super) struct Visit<'a> {
    /// Its calls.
    pub client: &'a Client,
    /// Its ID.
    pub mailbox: &'a MailboxId,
    /// The same with the flags that lead there, for commands in remedies.
    pub words: &'a str,
}

pub(super) fn probe(
    visit: &Visit<'_>,
    arrived: &Arrived,
    now: &Clock,
    others: Option<Lookup<'_>>,
    round_trip: Option<RoundTrip<'_>>,
    findings: &mut Findings<'_>,
) -> &'static str {
    let Visit { client, mailbox, .. } = *visit;
    let answer = client.handshake();
    if let Err(Error::Transport(error)) = &answer {
        findings.add(arrived.refused(error));
        return "the server did not answer the first request";
    }
    if let Err(Error::Refused(refusal)) = &answer
        && let Some(refused) = arrived.refused_by_http(refusal)
    {
        findings.add(refused);
        return "the server refused the client certificate";
    }
    findings.add(way::accepted(arrived));
    let (date, refusal) = match &answer {
        Ok(Reply { date, .. }) => (*date, None),
        Err(Error::Refused(refusal)) => (refusal.date, Some(&**refusal)),
        Err(_) => (None, None),
    };
    let why = refusal.map(|refusal| refusal.cause());
    findings.add(match refusal {
        Some(refusal) if date.is_none() && why == Some(Why::TokenTime) => {
            clock::told_by_refusal(refusal, now())
        }
        _ => clock::probe(date, now()),
    });
    match (answer, why) {
        (Ok(_), _) => {
            findings.add(Finding::pass(ProbeId::Authorization, format!("MESH validated mailbox {mailbox}")))
        }
        // Tokens of a clock that is hours off are refused: told once, by the clock.
        (Err(_), Some(Why::Login | Why::TokenTime))
            if findings.code_of(ProbeId::Clock) == Some(clock::CLOCK_OFF.code) =>
        {
            return "tokens are refused while the clocks differ";
        }
        (Err(Error::Refused(refusal)), Some(Why::Login)) => {
            findings.add(login::refused(client, mailbox, &refusal, others));
            return "MESH did not accept password and shared key";
        }
        (Err(error), _) => {
            findings.add(refused::authorization(&error, mailbox, &client.handshake_url()));
            return "MESH did not let the mailbox in";
        }
    }
    findings.add(mailbox::probe(visit, date.unwrap_or_else(|| now())));
    if !findings.stands(ProbeId::Mailbox) {
        return "the inbox cannot be read";
    }
    if let Some(round_trip) = round_trip {
        findings.add(round_trip::probe(visit, &round_trip));
    }
    ""
}
