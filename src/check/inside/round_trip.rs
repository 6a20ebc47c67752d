use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::Visit;
use crate::check::report::{Cause, Finding, ProbeId};
use crate::mesh::{Cause as Why, Client, Error, Outgoing, standing};

const fn cause(code: &'static str, meaning: &'static str) -> Cause {
    Cause { probe: ProbeId::RoundTrip, code, meaning }
}

pub(super) static RECIPIENT_NOT_REGISTERED: Cause = cause(
    "recipient_not_registered",
    "MESH knows no recipient of this name (code 12). The message was sent to the mailbox itself, which MESH has just validated.",
);
pub(super) static WORKFLOW_NOT_ALLOWED: Cause = cause(
    "workflow_not_allowed",
    "A mailbox may send and receive only the workflows that it is registered for: code 16 is about sending, code 17 about receiving. Everything before this works.",
);
pub(super) static NOT_SENT: Cause =
    cause("not_sent", "The message was not accepted, so nothing is known of the way back.");
pub(super) static NOT_RECEIVED: Cause = cause(
    "not_received",
    "MESH accepted the message and refuses to hand it out: sending works, receiving does not.",
);
pub(super) static NEVER_ARRIVES: Cause = cause(
    "never_arrives",
    "MESH accepted the message and did not bring it to the inbox in time. It may still arrive.",
);
pub(super) static ARRIVES_LATE: Cause = cause(
    "arrives_late",
    "The message came back as it was sent, and took long. MESH promises no time, so an application must not count on one.",
);
pub(super) static MESSAGE_CHANGED: Cause = cause(
    "message_changed",
    "What came back is not what was sent: something on the way, or MESH, changed the content. Messages of an application would be changed as well.",
);
pub(super) static NOT_ACKNOWLEDGED: Cause = cause(
    "not_acknowledged",
    "The message came back whole, and MESH does not take it out of the inbox: an application would receive it again and again.",
);

/// Hears which message lies in the inbox, for whoever is interrupted; `None` once it is acknowledged.
pub type Told = Arc<dyn Fn(Option<&str>) + Send + Sync>;

/// A message to send to the mailbox itself.
#[derive(Clone)]
pub struct RoundTrip<'a> {
    /// The workflow ID under which it travels.
    pub workflow: &'a str,
    /// How long it may take to come back; a tenth of it is late already, if that is 5 seconds or more.
    pub wait: Duration,
    /// Who hears of the message.
    pub told: Told,
}

/// MESH asks to be polled every five minutes: what is not back by then has missed a cycle.
const WAIT: Duration = Duration::from_secs(300);

/// No message is late before that: sending, looking and fetching take their time, too.
const NEVER_LATE: Duration = Duration::from_secs(5);

/// The first pause between looks, which doubles, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));

/// More than was sent: what else came with it is to be seen.
const READ_MAX: u64 = 1 << 20;

impl<'a> RoundTrip<'a> {
    /// With five minutes to come back, and nobody to tell.
    pub fn new(workflow: &'a str) -> Self {
        Self { workflow, wait: WAIT, told: Arc::new(|_| {}) }
    }
}

/// Sends a small message to the mailbox itself, receives it, compares it, and acknowledges it if it is the same.
pub(super) fn probe(visit: &Visit<'_>, trip: &RoundTrip<'_>) -> Finding {
    let Visit { client, mailbox, words } = *visit;
    let body = format!("mesh-onboard round trip {}\n", uuid::Uuid::new_v4()).into_bytes();
    let message = Outgoing {
        to: mailbox.as_str(),
        workflow: trip.workflow,
        filename: Some("mesh-onboard-round-trip.txt"),
        local_id: Some("mesh-onboard-round-trip"),
        ..Outgoing::default()
    };
    let id = match client.send(&message, &body.as_slice()) {
        Ok(sent) => sent.value.message_id,
        Err(error) => return not_sent(&error, visit, trip.workflow),
    };
    (trip.told)(Some(&id));
    let (back, took) = match wait_for(client, &id, trip.wait) {
        Ok(back) => back,
        Err(last) => return not_back(visit, &id, trip, last),
    };
    if let Some(difference) = difference(&body, &back) {
        let evidence = format!(
            "message {id}: {difference}; it was not acknowledged and stays in the inbox of {mailbox}"
        );
        let remedy = format!(
            "send this to the service desk with the message ID; then take it out: mesh-onboard ack {words} {id}"
        );
        return Finding::failure(&MESSAGE_CHANGED, evidence, remedy);
    }
    if let Err(error) = client.acknowledge(&id) {
        let evidence = format!("message {id} came back whole and cannot be acknowledged: {error}");
        let remedy = format!(
            "try it by hand: mesh-onboard ack {words} {id}; without it the message stays for five days"
        );
        return Finding::failure(&NOT_ACKNOWLEDGED, evidence, remedy);
    }
    (trip.told)(None);
    let evidence = format!(
        "message {id} of {} bytes was sent with {}, came back whole after {} and was acknowledged",
        body.len(),
        trip.workflow,
        seconds(took)
    );
    let late = (trip.wait / 10).max(NEVER_LATE);
    if took > late {
        let evidence = format!("{evidence}; more than {} is late", seconds(late));
        let remedy = "check again later, and see the service status of MESH; if it stays slow, ask the service desk with the message ID";
        return Finding::warning(&ARRIVES_LATE, evidence, remedy);
    }
    Finding::pass(ProbeId::RoundTrip, evidence)
}

/// Why a message is not back.
enum Missing {
    /// It is not there, or not yet.
    NotThere,
    /// MESH would not hand it out.
    Refused(Error),
}

/// Looks for the message, at longer and longer intervals, until it is there or the time is up.
fn wait_for(client: &Client, id: &str, wait: Duration) -> Result<(Vec<u8>, Duration), Missing> {
    let (begin, mut pause) = (Instant::now(), PAUSE.0);
    loop {
        let missing = match read(client, id) {
            Ok(back) => return Ok((back, begin.elapsed())),
            Err(Error::Refused(refusal)) if refusal.status == 404 => Missing::NotThere,
            Err(error) if error.is_transient() => Missing::Refused(error),
            Err(error) => return Err(Missing::Refused(error)),
        };
        let left = wait.saturating_sub(begin.elapsed());
        if left.is_zero() {
            return Err(missing);
        }
        thread::sleep(pause.min(left));
        pause = (pause * 2).min(PAUSE.1);
    }
}

fn read(client: &Client, id: &str) -> Result<Vec<u8>, Error> {
    let mut back = Vec::new();
    let body = client.message(id)?.value.into_reader();
    body.take(READ_MAX).read_to_end(&mut back).map_err(Error::from_read)?;
    Ok(back)
}

/// What is not the same.
fn difference(sent: &[u8], back: &[u8]) -> Option<String> {
    if sent == back {
        return None;
    }
    let same = sent.iter().zip(back).take_while(|(one, other)| one == other).count();
    Some(format!("{} bytes were sent and {} came back, the same up to byte {same}", sent.len(), back.len()))
}

fn not_back(visit: &Visit<'_>, id: &str, trip: &RoundTrip<'_>, missing: Missing) -> Finding {
    let Visit { client, mailbox, words } = *visit;
    let stays = format!("it may stay in the inbox of {mailbox}: mesh-onboard ack {words} {id}");
    // What MESH knows of it may be the cause itself.
    let tracking = client.track(id).ok().map(|reply| reply.value);
    let status = tracking.as_ref().and_then(|tracking| tracking.status.as_deref());
    let told = match status {
        Some(status) => format!(
            "; its tracking says {status}{}",
            standing(status).map(|words| format!(" ({words})")).unwrap_or_default()
        ),
        None => String::new(),
    };
    let code = tracking.as_ref().and_then(|tracking| tracking.status_code.as_deref());
    if let Some(finding) = code.and_then(Why::of_code).and_then(|why| {
        let evidence = format!("message {id} was accepted and then failed: {}{told}", why.words());
        by_code(why, evidence, visit, trip.workflow)
    }) {
        return finding;
    }
    match missing {
        Missing::NotThere => Finding::failure(
            &NEVER_ARRIVES,
            format!(
                "message {id} was sent with {} and is not in the inbox after {}{told}",
                trip.workflow,
                seconds(trip.wait)
            ),
            format!(
                "see where it stands: mesh-onboard track {words} {id}; if it does not arrive, ask the service desk with the message ID; {stays}"
            ),
        ),
        Missing::Refused(error) => Finding::failure(
            &NOT_RECEIVED,
            format!("message {id} was sent with {} and is not handed out: {error}{told}", trip.workflow),
            format!(
                "try it by hand: mesh-onboard receive {words} {id} --to DIR; if it stays so, ask the service desk with the message ID; {stays}"
            ),
        ),
    }
}

fn not_sent(error: &Error, visit: &Visit<'_>, workflow: &str) -> Finding {
    let words = visit.words;
    if let Error::Refused(refusal) = error
        && let Some(finding) =
            by_code(refusal.cause(), format!("sent with {workflow}: {error}"), visit, workflow)
    {
        return finding;
    }
    let remedy = match error {
        Error::Uncertain { .. } => {
            format!(
                "see whether MESH has it after all: mesh-onboard inbox {words} --workflow {workflow}; then check again"
            )
        }
        _ => "check again; if it stays so, send this to the service desk with the time of the attempt".into(),
    };
    Finding::failure(&NOT_SENT, format!("sent with {workflow}: {error}"), remedy)
}

/// What MESH has a code for.
fn by_code(why: Why, evidence: String, visit: &Visit<'_>, workflow: &str) -> Option<Finding> {
    let Visit { mailbox, words, .. } = visit;
    let look = format!("mesh-onboard lookup {words} --workflow {workflow}");
    match why {
        Why::RecipientUnknown => Some(Finding::failure(
            &RECIPIENT_NOT_REGISTERED,
            evidence,
            format!(
                "see which mailboxes take this workflow: {look}; if a gateway between here and MESH rewrites recipients, ask whoever runs it; else ask the service desk why {mailbox} cannot be sent to"
            ),
        )),
        Why::SenderNotAllowed | Why::WorkflowNotRegistered => Some(Finding::failure(
            &WORKFLOW_NOT_ALLOWED,
            evidence,
            format!(
                "name one with --workflow that {mailbox} may both send and receive; who takes {workflow}: {look}; registrations are made by the service desk"
            ),
        )),
        _ => None,
    }
}

fn seconds(span: Duration) -> String {
    format!("{:.1} s", span.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_is_told_by_lengths_and_place() {
        assert_eq!(difference(b"abc", b"abc"), None);
        assert_eq!(
            difference(b"abc", b"abX").unwrap(),
            "3 bytes were sent and 3 came back, the same up to byte 2"
        );
        assert_eq!(
            difference(b"abc", b"").unwrap(),
            "3 bytes were sent and 0 came back, the same up to byte 0"
        );
        assert_eq!(
            difference(b"abc", b"abcd").unwrap(),
            "3 bytes were sent and 4 came back, the same up to byte 3"
        );
    }
}
