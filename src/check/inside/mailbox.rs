use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::Visit;
use super::clock::{span, utc};
use crate::check::report::{Cause, Finding, ProbeId};
use crate::mesh::wire::Inbox;
use crate::mesh::{Client, Error, InboxQuery};

pub(super) static INBOX_REFUSED: Cause = Cause {
    probe: ProbeId::Mailbox,
    code: "inbox_refused",
    meaning: "MESH accepted mailbox, password and shared key a moment ago, and does not list the inbox: an application could log in and receive nothing.",
};
pub(super) static INBOX_FULL: Cause = Cause {
    probe: ProbeId::Mailbox,
    code: "inbox_full",
    meaning: "MESH lists 500 messages at a time, the oldest first. A client that does not ask for the next page sees nothing newer until it has acknowledged some.",
};
pub(super) static INBOX_NEARLY_FULL: Cause = Cause {
    probe: ProbeId::Mailbox,
    code: "inbox_nearly_full",
    meaning: "MESH lists 500 messages at a time, and the inbox is close to that: more comes in than is collected and acknowledged.",
};
pub(super) static MESSAGES_EXPIRE: Cause = Cause {
    probe: ProbeId::Mailbox,
    code: "messages_expire",
    meaning: "What nobody acknowledges within five days leaves the inbox, and its sender is told that it was not collected. It can be had again only from the sender or the service desk.",
};

/// MESH API specification, "Check an inbox": at most 500 identifiers are returned in every request that does not
/// ask for another number, and version 1 has no other page.
const PAGE: u64 = 500;

/// From here on it is worth saying: four fifths.
const NEARLY: u64 = 400;

/// MESH API specification, "Get Message": removed unless acknowledged within five days of delivery.
const STAYS: Duration = Duration::days(5);

/// How long before they leave messages are worth a warning. Inboxes are to be read once a day at least.
const NOTICE: Duration = Duration::days(1);

/// The beginning of a message ID, `20200529155357895317_3573F8`, and the status header of a message.
const MOMENT: StaticFormatDescription = format_description!("[year][month][day][hour][minute][second]");
const MOMENT_DIGITS: usize = 14;

/// Lists the inbox, and looks at its oldest message where that could be about to leave: one request, or two.
pub(super) fn probe(visit: &Visit<'_>, now: OffsetDateTime) -> Finding {
    let Visit { client, words, .. } = *visit;
    let inbox = match client.inbox(&InboxQuery::default()) {
        Ok(reply) => reply.value,
        Err(error) => return refused(&error, visit),
    };
    let waiting = inbox.approx_inbox_count.unwrap_or_default().max(inbox.messages.len() as u64);
    let evidence = match waiting {
        1 => "1 message in the inbox".into(),
        more => format!("{more} messages in the inbox"),
    };
    let leaves = leaves(client, &inbox, now);
    let receive = format!("receive and acknowledge them: mesh-onboard receive {words} --all --to DIR --ack");
    if let Some((oldest, came)) = &leaves
        && *came + STAYS - NOTICE <= now
    {
        let late = came_until(&inbox, now - (STAYS - NOTICE)).max(1);
        let left = *came + STAYS - now;
        let when = if left.is_positive() { format!("in {}", span(left)) } else { "any moment now".into() };
        let evidence = format!(
            "{evidence}; the oldest, {oldest}, came at {} and leaves {when}; {late} leave within a day",
            utc(*came)
        );
        let remedy = format!("{receive}; and find out why the application does not");
        return Finding::warning(&MESSAGES_EXPIRE, evidence, remedy);
    }
    if waiting >= NEARLY {
        let cause = if waiting >= PAGE { &INBOX_FULL } else { &INBOX_NEARLY_FULL };
        let evidence = format!("{evidence}; MESH lists {PAGE} at a time");
        let remedy = format!(
            "see whether the application runs, follows links.next, and acknowledges what it reads; or {receive}"
        );
        return Finding::warning(cause, evidence, remedy);
    }
    // No call of the specification tells when a mailbox was last in contact: MESH keeps that to itself.
    let oldest = leaves.map(|(_, came)| format!("; the oldest came at {}", utc(came))).unwrap_or_default();
    let contact = "last contact just now, by this check; MESH tells of none before";
    Finding::pass(ProbeId::Mailbox, format!("{evidence}{oldest}; {contact}"))
}

fn refused(error: &Error, visit: &Visit<'_>) -> Finding {
    let Visit { mailbox, words, .. } = visit;
    let remedy = match error {
        Error::Refused(refusal) if refusal.status < 500 => format!(
            "ask the service desk why {mailbox} validates and its inbox does not, with the time of the attempt"
        ),
        _ => format!(
            "try again: mesh-onboard inbox {words}; if it stays so, tell the service desk the time of the attempt"
        ),
    };
    Finding::failure(&INBOX_REFUSED, format!("{mailbox} validates; its inbox: {error}"), remedy)
}

/// The oldest message and when it came, as far as that can be known. Its ID says when it was sent; only where that
/// is no time, or close to the end, MESH is asked.
fn leaves(client: &Client, inbox: &Inbox, now: OffsetDateTime) -> Option<(String, OffsetDateTime)> {
    let oldest = inbox.messages.first()?;
    let sent = moment(oldest).filter(|sent| *sent <= now + Duration::days(1));
    if let Some(sent) = sent
        && sent + STAYS - NOTICE > now
    {
        return Some((oldest.clone(), sent));
    }
    // Somebody else may have taken it meanwhile.
    let head = client.head(oldest).ok()?.value;
    let came = head.status_timestamp.as_deref().and_then(moment).or(sent)?;
    Some((oldest.clone(), came))
}

/// How many of a page came before a moment, by their IDs.
fn came_until(inbox: &Inbox, until: OffsetDateTime) -> usize {
    inbox.messages.iter().filter_map(|id| moment(id)).filter(|sent| *sent <= until).count()
}

fn moment(text: &str) -> Option<OffsetDateTime> {
    let digits = text.get(..MOMENT_DIGITS)?;
    PrimitiveDateTime::parse(digits, MOMENT).ok().map(PrimitiveDateTime::assume_utc)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn message_id_tells_when_it_was_sent() {
        assert_eq!(moment("20200529155357895317_3573F8"), Some(datetime!(2020-05-29 15:53:57 UTC)));
        assert_eq!(moment("20210311101813"), Some(datetime!(2021-03-11 10:18:13 UTC)));
        for other in [
            "",
            "2020",
            "20201329155357895317_3573F8",
            "0D3F5E0C5B2A4F6E8A1B",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}x",
        ] {
            assert_eq!(moment(other), None, "{other}");
        }
    }
}
