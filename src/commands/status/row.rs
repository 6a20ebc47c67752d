use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::super::handed_over::HandedOver;
use super::super::{Context, full_date, known, rfc3339};
use crate::expiry::{Deadlines, chase_on, chase_sentence};
use crate::mailbox::MailboxId;
use crate::onboarding::{Need, Standing, Whereabouts};
use crate::pki::BundleRole;
use crate::ui::{next_step, with_home};

/// One mailbox, with what to do next.
pub struct Row {
    /// Where it stands.
    pub place: Whereabouts,
    /// What to do next.
    pub next: String,
    /// The command that asks for the next certificate.
    pub renew: String,
    /// The folder of its credential.
    pub folder: PathBuf,
    /// What was handed over of it.
    pub handed_over: Vec<HandedOver>,
    /// Whether it is one of all.
    pub is_listed: bool,
}

impl Row {
    /// A row. `ambiguous` names the mailboxes that several environments hold, where all were looked at.
    pub fn new(context: &Context, place: Whereabouts, ambiguous: Option<&BTreeSet<MailboxId>>) -> Self {
        let environment = place.record.environment;
        let line = |verb: &str, mailbox: &MailboxId, more: &str| match ambiguous {
            Some(ambiguous) => context.line_of(verb, mailbox, environment, more, ambiguous.contains(mailbox)),
            None => context.line(verb, mailbox, environment, more),
        };
        let (mailbox, owner) = (&place.record.mailbox, &place.owner.mailbox);
        let step = next_step(
            place.standing,
            &place.credential,
            // What is done to a credential is done for its owner; a check is this mailbox's own.
            |verb, more| line(verb, owner, more),
            |number| match (number, place.credential.key_elsewhere) {
                (Some(number), _) => {
                    let flags = format!("{} --credential {number}", Context::check_flags(environment));
                    line("check", mailbox, flags.trim())
                }
                (None, true) => line("check", mailbox, "--cert FILE --key FILE"),
                (None, false) => line("check", mailbox, Context::check_flags(environment)),
            },
        );
        let renew_now = line("renew", owner, "");
        let next = match advice(&place, context.now) {
            Some(advice) => format!("{advice}; {step}"),
            None if is_meant_to_be_renewed(&place) => {
                format!("its key usage period is over: renew it when it suits, {renew_now}")
            }
            None => step,
        };
        let handed_over = HandedOver::all(&place.record, &place.owner, context.now);
        let next = match handed_over.iter().any(|handed| handed.is_stale) {
            false => next,
            true => {
                let again = line("export", mailbox, "--refresh");
                let again = format!("make again what was handed over to applications: {again}");
                // It hides no step that is more urgent than a proof.
                match place.need == Need::Nothing && !is_meant_to_be_renewed(&place) {
                    true => again,
                    false => format!("{next}; {again}"),
                }
            }
        };
        // It is read years later and from anywhere: with its environment and the whole path.
        let home = context.home_flag.as_ref().and_then(|home| std::path::absolute(home).ok());
        let env = match ambiguous.is_none_or(|ambiguous| ambiguous.contains(owner)) {
            true => format!(" --env {environment}"),
            false => String::new(),
        };
        let renew = with_home(&format!("mesh-onboard renew {owner}{env}"), home.as_deref());
        let folder = context.store.folder(environment, owner).credential(place.credential.number);
        Self { next, renew, folder, handed_over, is_listed: ambiguous.is_some(), place }
    }

    /// The file of the certificate alone, once it is imported.
    pub fn certificate_file(&self) -> Option<PathBuf> {
        let certificate = self.place.credential.certificate.as_ref()?;
        let name = BundleRole::Certificate.file_name(self.place.owner.mailbox.as_str());
        Some(self.folder.join(&certificate.bundles).join(name))
    }

    /// What was handed over and is not the one in use: the applications that have it stop with it.
    pub fn stale(&self) -> impl Iterator<Item = (&HandedOver, Deadlines)> {
        let stale = self.handed_over.iter().filter(|handed| handed.is_stale);
        stale.filter_map(|handed| Some((handed, handed.deadlines?)))
    }

    pub fn json(&self) -> Value {
        let Whereabouts { record, credential, deadlines, standing, .. } = &self.place;
        let in_use = deadlines.filter(|_| self.place.is_in_use());
        // While a certificate is waited for, the dates of asking are those of its request.
        let request = self.place.owner.requested();
        let asked = request.unwrap_or(credential);
        known(json!({
            "mailbox": record.mailbox.as_str(),
            "environment": record.environment.as_str(),
            "state": standing.as_str(),
            "common_name": credential.common_name.as_str(),
            "credential": credential.number,
            "shares": record.shares.as_ref().map(MailboxId::as_str),
            "key_elsewhere": credential.key_elsewhere.then_some(true),
            "requested_at": asked.asked_at().map(rfc3339),
            "adopted_at": credential.adopted_at.map(rfc3339),
            "compromised_at": credential.compromised_at.map(rfc3339),
            "sent_at": asked.sent_at.map(rfc3339),
            "chase_on": self.place.sent_request().and_then(|(_, sent)| chase_on(sent)).map(full_date),
            "not_after": deadlines.map(|d| rfc3339(d.not_after)),
            "key_usage_ends": deadlines.and_then(|d| d.key_usage_ends).map(rfc3339),
            "days_left": deadlines.map(|d| d.days_left()),
            "request": request.filter(|request| request.number != credential.number).map(|request| {
                known(json!({"credential": request.number, "ticket": request.ticket}))
            }),
            "ask_by": in_use.and_then(|d| d.ask_by()).map(full_date),
            "handed_over": (!self.handed_over.is_empty())
                .then(|| self.handed_over.iter().map(|handed| handed.json(record)).collect::<Vec<_>>()),
            "next": self.next,
        }))
    }
}

/// Whether the CA means the key to be renewed, and nobody has asked for that.
fn is_meant_to_be_renewed(place: &Whereabouts) -> bool {
    place.standing == Standing::Current
        && place.is_to_ask()
        && place.deadlines.is_some_and(|deadlines| deadlines.key_usage_is_over())
}

/// How long before its end a certificate's day to ask by stands before the next step.
const AHEAD: Duration = Duration::days(90);

/// What is urgent about the next step: chase, or ask by a day.
fn advice(place: &Whereabouts, now: OffsetDateTime) -> Option<String> {
    if let Some((_, sent)) = place.sent_request() {
        return chase_sentence(sent, now);
    }
    place.deadlines.filter(|d| place.is_to_ask() && d.falls_within(AHEAD))?.asking_sentence()
}
