use time::OffsetDateTime;

use super::request::{Purpose, RequestError, permitted};
use crate::desk::{Existing, Reason, Service};
use crate::expiry::{Deadlines, working_days};
use crate::mailbox::{CommonName, MailboxId, OdsCode};
use crate::store::{MailboxRecord, Store, StoreError};

/// Where fewer working days than these are left, the email says by when the service stops: three times what the
/// desk takes.
const SHORT: u32 = 15;

/// What a renewal goes by: all of it is recorded.
#[derive(Debug)]
pub struct Renewal {
    /// The owner of the mailbox.
    pub ods: OdsCode,
    /// The name that was asked for the last time.
    pub common_name: CommonName,
    /// The credential in use.
    pub current: u32,
    /// Its certificate, as the email names it.
    pub existing: Existing,
    /// Its dates.
    pub deadlines: Deadlines,
    /// Mailboxes that use the same credential, and switch with it.
    pub sharers: Vec<MailboxId>,
}

impl Renewal {
    /// Why one asks, where nobody says it.
    pub fn reason(&self) -> Reason {
        if self.deadlines.is_over() { Reason::Expired } else { Reason::Renewal }
    }
}

/// What a new credential beside the one in use would be. Next: [`super::request()`].
///
/// It is as welcome after the old one has expired, and where only the certificate of the old one is known.
pub fn renewal(
    store: &Store,
    record: &MailboxRecord,
    again: bool,
    now: OffsetDateTime,
) -> Result<Renewal, RequestError> {
    permitted(Purpose::Renewal, &record.mailbox, again, Some(record))?;
    let (environment, mailbox) = (record.environment, &record.mailbox);
    let folder = store.folder(environment, mailbox);
    let (Some(current), Some(certificate)) =
        (record.current(), record.current().and_then(|c| c.certificate.as_ref()))
    else {
        // Never written so.
        let detail = "a credential is in use without a certificate".into();
        return Err(StoreError::Malformed { path: folder.path().join("mailbox.toml"), detail }.into());
    };
    let deadlines = Deadlines::new(certificate.not_after, certificate.key_usage_ends, now);
    // As the CA wrote it; without the file, as it was asked for.
    let leaf = folder.certificates(current).ok().and_then(|found| found.into_iter().next());
    let named = leaf.as_ref().and_then(|leaf| leaf.common_name()).map(str::to_owned);
    Ok(Renewal {
        ods: record.ods.clone(),
        common_name: current.common_name.clone(),
        current: current.number,
        existing: Existing {
            common_name: named.unwrap_or_else(|| current.common_name.to_string()),
            serial: certificate.serial.clone(),
            not_after: certificate.not_after,
            service: service(deadlines, now),
        },
        deadlines,
        sharers: store.sharers(environment, mailbox)?,
    })
}

/// What the desk is told of the time that is left.
fn service(deadlines: Deadlines, now: OffsetDateTime) -> Option<Service> {
    if deadlines.is_over() {
        return Some(Service::StoppedOn(deadlines.not_after));
    }
    let last = working_days::before(deadlines.not_after.date(), SHORT);
    let is_short = last.is_none_or(|last| last < now.date());
    is_short.then_some(Service::StopsOn(deadlines.not_after))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn desk_is_told_when_fewer_than_fifteen_working_days_are_left_or_none() {
        let now = datetime!(2026-06-01 12:00 UTC);
        let told = |not_after| service(Deadlines::new(not_after, None, now), now);
        // 1 June is a Monday, the fifteenth working day before the weekend of 20 June and before the Monday after.
        let (enough, short) = (datetime!(2026-06-20 0:00 UTC), datetime!(2026-06-19 23:59 UTC));
        assert_eq!(told(enough), None);
        assert_eq!(told(short), Some(Service::StopsOn(short)));
        let over = datetime!(2026-06-01 11:59 UTC);
        assert_eq!(told(over), Some(Service::StoppedOn(over)));
    }
}
