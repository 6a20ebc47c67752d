//! How a mailbox stands and what its next step is, in plain sentences.

use time::{Date, OffsetDateTime};

use super::survey::Subject;
use crate::expiry::{SOON, ago, chase_on, date_text, day};
use crate::onboarding::Need;
use crate::ui::{Entry, Mark};

impl Subject {
    /// "X26ABC1 (integration)".
    pub fn name(&self) -> String {
        format!("{} ({})", self.record.mailbox, self.record.environment)
    }

    /// As it stands in the list of all.
    pub fn entry(&self, now: OffsetDateTime) -> Entry {
        let mut below = Vec::new();
        below.extend(self.record.shares.as_ref().map(|other| format!("It uses the credential of {other}.")));
        if self.credential.as_ref().is_some_and(|credential| credential.key_elsewhere) {
            below.push("Its key is kept elsewhere.".into());
        }
        below.push(format!("Next: {}.", self.next(now)));
        Entry { name: self.name(), state: Some(self.stands(now)), mark: self.mark(), below, apart: false }
    }

    /// How grave it is.
    fn mark(&self) -> Option<Mark> {
        match self.need {
            _ if self.urgency.is_over() => Some(Mark::Fail),
            _ if self.urgency.is_pressing() => Some(Mark::Warn),
            _ => None,
        }
    }

    /// How it stands: the certificate in use, and what is on its way.
    pub fn stands(&self, now: OffsetDateTime) -> String {
        let in_use = self.deadlines.filter(|_| self.owner.current().is_some()).map(|dates| {
            let (end, left) = (day(dates.not_after), dates.days_left());
            let midnights = (dates.not_after.to_offset(now.offset()).date() - now.date()).whole_days();
            match midnights {
                _ if dates.is_over() => format!("stopped working on {end}, {}", ago(dates.not_after, now)),
                _ if !dates.falls_within(SOON) => format!("works until {end}"),
                0 => format!("stops working on {end}, today"),
                1 => format!("stops working on {end}, tomorrow"),
                // As status counts them.
                _ if left == 1 => format!("stops working on {end}, in 1 day"),
                _ => format!("stops working on {end}, in {left} days"),
            }
        });
        let request = self.owner.requested();
        let sent = || request.and_then(|request| request.sent_at).map_or(String::new(), |at| ago(at, now));
        let made = || request.map_or(String::new(), |request| ago(request.requested_at, now));
        let coming = match self.need {
            Need::Nothing | Need::Renew => None,
            Need::Request => Some("no credential here is in use".to_owned()),
            Need::Activate if in_use.is_some() => Some("the next certificate is here, not in use yet".into()),
            Need::Activate => Some("its certificate is here, not in use yet".into()),
            Need::Send => Some(format!("the request was made {}; its email is not noted as sent", made())),
            Need::Chase => Some(format!("the email was sent {}, and the answer is late", sent())),
            Need::Wait if !self.owner.environment.has_desk() => {
                Some(format!("the request was made {}", made()))
            }
            Need::Wait => Some(format!("the email was sent {}", sent())),
        };
        match (in_use, coming) {
            (Some(in_use), None) => in_use,
            (None, Some(coming)) => coming,
            (Some(in_use), Some(coming)) => format!("{in_use}; {coming}"),
            (None, None) => "nothing is known of its certificate".into(),
        }
    }

    /// Its one next step.
    pub fn next(&self, now: OffsetDateTime) -> String {
        match self.need {
            Need::Renew => match self.deadlines.and_then(|dates| dates.asking_sentence()) {
                Some(asking) => format!("renew it; {asking}"),
                None => "renew it now; the desk takes up to 5 working days".into(),
            },
            Need::Activate => "put it in use".into(),
            Need::Send => "send the email, and note it here".into(),
            Need::Chase => "ask the desk what became of it; if the certificate has come, import it".into(),
            Need::Wait if !self.owner.environment.has_desk() => {
                "have the request signed, and import the certificate".into()
            }
            Need::Wait => match self.comes_back(now) {
                Some(last) => format!(
                    "import the certificate when it comes; if nothing has come by {}, ask the desk",
                    date_text(last)
                ),
                None => "import the certificate when it comes".into(),
            },
            Need::Request => "ask for a certificate".into(),
            Need::Nothing if self.stale().is_some() => {
                "make again what was handed over to applications: it is the credential of before".into()
            }
            Need::Nothing => match self.deadlines.filter(|dates| dates.key_usage_is_over()) {
                Some(_) => "renew it when it suits: it works, and the CA means its key to be replaced".into(),
                None => match self.comes_back(now) {
                    Some(date) => {
                        format!("nothing until {}; prove now and then that it works", date_text(date))
                    }
                    None => "prove that it works".into(),
                },
            },
        }
    }

    /// When there is something to do again, if it is not now.
    pub fn comes_back(&self, now: OffsetDateTime) -> Option<Date> {
        match self.need {
            Need::Wait => chase_on(self.owner.requested()?.sent_at?),
            Need::Nothing => {
                let dates = self.deadlines?;
                let soon = dates.not_after - SOON;
                let planned = dates.key_usage_ends.map_or(soon, |ends| ends.min(soon));
                (planned > now).then(|| planned.date())
            }
            _ => None,
        }
    }
}
