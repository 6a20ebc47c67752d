use time::{Duration, OffsetDateTime};

use crate::expiry::{Deadlines, chase_on, date_of};
use crate::store::{CredentialState, MailboxRecord};

/// What a mailbox needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A new certificate: the one in use ends soon, or is over.
    Renew,
    /// A credential that is ready waits for being put in use.
    Activate,
    /// A request waits for its email to be sent.
    Send,
    /// The desk was asked, and its time for the answer is over.
    Chase,
    /// The desk was asked, and has still time for its answer; or there is no desk.
    Wait,
    /// A request: every credential that it had is archived.
    Request,
    /// Nothing now.
    Nothing,
}

/// What to compare mailboxes by: the most urgent is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Urgency(Rank, OffsetDateTime);

/// Kinds of urgency, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The service has stopped.
    Over,
    /// The service stops soon, and it is not the desk that is waited for, or its answer may come too late.
    Ending,
    /// Nothing is wanted but to put it in use.
    Ready,
    /// The desk's answer is late.
    Overdue,
    /// The desk does not know of it yet.
    Unsent,
    /// Nobody has asked.
    Unasked,
    /// The desk is at it.
    Waiting,
    /// All is well.
    Well,
}

impl Urgency {
    /// Whether the service has stopped.
    pub fn is_over(self) -> bool {
        self.0 == Rank::Over
    }

    /// Whether there is something to do that does not wait.
    pub fn is_pressing(self) -> bool {
        self.0 <= Rank::Unsent
    }
}

/// What a mailbox needs next, and how urgently; `record` is the owner of its credential. A certificate that
/// ends within `soon` counts as ending.
///
/// Those whose certificate is over come first, then those that end soon and are waited for by the desk or by
/// nobody, each by the date; then what is ready, requests whose answer is overdue, requests that were not sent,
/// mailboxes without a request, requests that the desk is at, each by its age; then all others by their dates.
pub fn need(record: &MailboxRecord, soon: Duration, now: OffsetDateTime) -> (Need, Urgency) {
    let deadlines = |c: &crate::store::CertificateRecord| Deadlines::new(c.not_after, c.key_usage_ends, now);
    let in_use = record.current().and_then(|current| current.certificate.as_ref()).map(deadlines);
    let ready = record.in_state(CredentialState::Ready);
    let (need, since) = match (ready, record.requested()) {
        (Some(ready), _) => {
            (Need::Activate, ready.certificate.as_ref().map_or(ready.requested_at, |c| c.imported_at))
        }
        // Who signs is not written to, and nothing is known of how long it takes.
        (None, Some(request)) if !record.environment.has_desk() => (Need::Wait, request.requested_at),
        (None, Some(request)) => match request.sent_at {
            None => (Need::Send, request.requested_at),
            Some(sent) if is_overdue(sent, now) => (Need::Chase, sent),
            Some(sent) => (Need::Wait, sent),
        },
        (None, None) => match in_use {
            Some(deadlines) if deadlines.falls_within(soon) => (Need::Renew, deadlines.not_after),
            Some(deadlines) => (Need::Nothing, deadlines.not_after),
            None => (Need::Request, now),
        },
    };
    let urgency = match (need, in_use) {
        (_, Some(deadlines)) if deadlines.is_over() => Urgency(Rank::Over, deadlines.not_after),
        (_, Some(deadlines))
            if deadlines.falls_within(soon) && (need != Need::Wait || is_late(deadlines, now)) =>
        {
            Urgency(Rank::Ending, deadlines.not_after)
        }
        (Need::Renew | Need::Nothing, _) => Urgency(Rank::Well, since),
        (Need::Activate, _) => Urgency(Rank::Ready, since),
        (Need::Chase, _) => Urgency(Rank::Overdue, since),
        (Need::Send, _) => Urgency(Rank::Unsent, since),
        (Need::Request, _) => Urgency(Rank::Unasked, since),
        (Need::Wait, _) => Urgency(Rank::Waiting, since),
    };
    (need, urgency)
}

/// Whether the desk may answer too late even if it was asked today.
fn is_late(deadlines: Deadlines, now: OffsetDateTime) -> bool {
    deadlines.ask_by().is_some_and(|last| date_of(now) > last)
}

fn is_overdue(sent: OffsetDateTime, now: OffsetDateTime) -> bool {
    chase_on(sent).is_some_and(|last| date_of(now) > last)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::expiry::SOON;
    use crate::mailbox::Environment;
    use crate::pki::Fingerprint;
    use crate::store::{CertificateRecord, CredentialRecord, PassphraseHolder};

    const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

    fn credential(number: u32, state: CredentialState) -> CredentialRecord {
        let text = format!(
            "number = {number}\nstate = \"{}\"\ncommon_name = \"x26abc1.x26.api.mesh-client.nhs.uk\"\n\
             key_sha256 = \"{}\"\nrequested_at = \"2026-05-01T12:00:00Z\"\npassphrase = {{ held_by = \"you\" }}\n",
            state.as_str(),
            Fingerprint::of(&number.to_be_bytes()),
        );
        let credential: CredentialRecord = toml::from_str(&text).expect("a credential");
        assert_eq!(credential.passphrase, PassphraseHolder::You);
        credential
    }

    fn requested(number: u32, sent_at: Option<OffsetDateTime>) -> CredentialRecord {
        CredentialRecord { sent_at, ..credential(number, CredentialState::Requested) }
    }

    fn with_certificate(number: u32, state: CredentialState, not_after: OffsetDateTime) -> CredentialRecord {
        let certificate = CertificateRecord {
            bundles: "bundles-01".into(),
            imported_at: NOW,
            sha256: Fingerprint::of(b"certificate"),
            serial: "01".into(),
            not_after,
            key_usage_ends: None,
        };
        CredentialRecord { certificate: Some(certificate), ..credential(number, state) }
    }

    fn mailbox(credentials: impl IntoIterator<Item = CredentialRecord>) -> MailboxRecord {
        let (id, ods) = ("X26ABC1".parse().unwrap(), "X26".parse().unwrap());
        let mut record = MailboxRecord::new(id, ods, Environment::Integration);
        record.credentials.extend(credentials);
        record
    }

    #[test]
    fn most_urgent_comes_first() {
        use CredentialState::{Current, Ready};
        let (over, soon, late) = (
            datetime!(2026-05-30 12:00 UTC),
            datetime!(2026-07-30 12:00 UTC),
            datetime!(2026-06-05 12:00 UTC),
        );
        let well = datetime!(2028-06-01 12:00 UTC);
        let overdue = datetime!(2026-05-20 12:00 UTC);
        let in_use = |not_after| with_certificate(1, Current, not_after);
        let ordered = [
            // Over, whatever is on its way.
            (Need::Wait, mailbox([in_use(over), requested(2, Some(NOW))])),
            (Need::Renew, mailbox([in_use(over + Duration::HOUR)])),
            // The desk may not answer in time.
            (Need::Wait, mailbox([in_use(late), requested(2, Some(NOW))])),
            (Need::Renew, mailbox([in_use(soon)])),
            (Need::Send, mailbox([in_use(soon + Duration::HOUR), requested(2, None)])),
            (Need::Activate, mailbox([in_use(soon + Duration::DAY), with_certificate(2, Ready, well)])),
            (Need::Activate, mailbox([in_use(well), with_certificate(2, Ready, well)])),
            (Need::Chase, mailbox([requested(1, Some(overdue))])),
            (Need::Chase, mailbox([in_use(well), requested(2, Some(overdue + Duration::HOUR))])),
            (Need::Send, mailbox([requested(1, None)])),
            (Need::Request, mailbox([credential(1, CredentialState::Archived)])),
            (Need::Wait, mailbox([requested(1, Some(NOW - Duration::DAY))])),
            (Need::Wait, mailbox([in_use(soon), requested(2, Some(NOW - Duration::HOUR))])),
            (Need::Wait, mailbox([in_use(well), requested(2, Some(NOW))])),
            (Need::Nothing, mailbox([in_use(well)])),
            (Need::Nothing, mailbox([in_use(well + Duration::DAY)])),
        ];
        let found: Vec<_> = ordered.iter().map(|(_, record)| need(record, SOON, NOW)).collect();
        for (place, ((expected, _), (found, _))) in ordered.iter().zip(&found).enumerate() {
            assert_eq!(found, expected, "at place {place}");
        }
        for (place, pair) in found.windows(2).enumerate() {
            assert!(pair[0].1 < pair[1].1, "{:?} at place {place} before {:?}", pair[0], pair[1]);
        }
        assert!(
            found[1].1.is_over()
                && !found[2].1.is_over()
                && found[9].1.is_pressing()
                && !found[10].1.is_pressing()
        );
    }

    #[test]
    fn desk_has_its_five_working_days_before_it_is_chased() {
        // Sent on Friday, 22 May; Monday, 25 May is a bank holiday, so the fifth working day is Monday, 1 June.
        let record = mailbox([requested(1, Some(datetime!(2026-05-22 16:00 UTC)))]);
        assert_eq!(need(&record, SOON, datetime!(2026-06-01 23:59 UTC)).0, Need::Wait);
        assert_eq!(need(&record, SOON, datetime!(2026-06-02 00:00 UTC)).0, Need::Chase);
    }
}
