//! What was handed over of a mailbox, as other commands name it: a renewal does not change it by itself.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Context, known, rfc3339};
use crate::expiry::{Deadlines, day};
use crate::onboarding::Switched;
use crate::store::{CredentialRecord, ExportRecord, MailboxRecord};

/// A handover, with what became of the certificate that it holds.
pub struct HandedOver {
    pub export: ExportRecord,
    /// Whether another certificate is in use.
    pub is_stale: bool,
    /// The dates of its certificate, while a record of that is kept.
    pub deadlines: Option<Deadlines>,
}

impl HandedOver {
    /// Those of `record`, whose credential is one of `owner`.
    pub fn all(record: &MailboxRecord, owner: &MailboxRecord, now: OffsetDateTime) -> Vec<Self> {
        let one = |export: &ExportRecord| Self {
            is_stale: owner.current().is_some_and(|current| is_other(export, current)),
            deadlines: deadlines(record, owner, export, now),
            export: export.clone(),
        };
        record.exports.iter().map(one).collect()
    }

    /// For people, with the end of what is not in use.
    pub fn sentence(&self) -> String {
        let sentence = sentence(&self.export);
        match (self.is_stale, self.deadlines) {
            (false, _) => sentence,
            (true, None) => format!("{sentence}: not the one in use"),
            (true, Some(deadlines)) => {
                format!("{sentence}: not the one in use, and {}", deadlines.expiry_sentence())
            }
        }
    }

    /// For scripts.
    pub fn json(&self, record: &MailboxRecord) -> Value {
        let mut json = one_json(record, &self.export);
        json["stale"] = self.is_stale.into();
        json["not_after"] = self.deadlines.map(|deadlines| rfc3339(deadlines.not_after)).into();
        known(json)
    }
}

/// The dates of the certificate that was handed over. Who shares a credential may have had one of its own.
pub fn deadlines(
    record: &MailboxRecord,
    owner: &MailboxRecord,
    export: &ExportRecord,
    now: OffsetDateTime,
) -> Option<Deadlines> {
    let credentials = owner.credentials.iter().chain(&record.credentials);
    let mut certificates = credentials.filter_map(|credential| credential.certificate.as_ref());
    let certificate = certificates.find(|certificate| certificate.sha256 == export.certificate_sha256)?;
    Some(Deadlines::new(certificate.not_after, certificate.key_usage_ends, now))
}

fn is_other(export: &ExportRecord, current: &CredentialRecord) -> bool {
    current.certificate.as_ref().is_some_and(|certificate| certificate.sha256 != export.certificate_sha256)
}

/// The handovers of one mailbox that hold another certificate than the one in use.
pub struct Stale {
    record: MailboxRecord,
    exports: Vec<ExportRecord>,
}

impl Stale {
    /// Those of `record`, whose credential in use is `current`.
    pub fn of(record: MailboxRecord, current: &CredentialRecord) -> Option<Self> {
        let exports = record.exports.iter().filter(|export| is_other(export, current));
        let exports: Vec<_> = exports.cloned().collect();
        (!exports.is_empty()).then_some(Self { record, exports })
    }

    /// Those of a mailbox that switched, and of all that share its credential.
    pub fn after(context: &Context, switched: &Switched) -> Vec<Self> {
        // A record that cannot be read is no reason to hide the switch.
        let load = |other| context.store.folder(switched.record.environment, other).load().ok().flatten();
        std::iter::once(switched.record.clone())
            .chain(switched.sharers.iter().filter_map(load))
            .filter_map(|record| Self::of(record, &switched.current))
            .collect()
    }

    /// For people, with the command that makes them again.
    pub fn lines(&self, context: &Context) -> Vec<String> {
        let mut lines =
            vec![format!("\n  Handed over of {}, still the credential of before", self.record.mailbox)];
        lines.extend(self.sentences().map(|sentence| format!("    {sentence}")));
        lines.push(format!("    Make it again: {}", self.refresh(context)));
        lines
    }

    /// The command that makes them again.
    pub fn refresh(&self, context: &Context) -> String {
        context.line("export", &self.record.mailbox, self.record.environment, "--refresh")
    }

    /// Where each went.
    pub fn sentences(&self) -> impl Iterator<Item = String> {
        self.exports.iter().map(sentence)
    }

    /// For scripts.
    pub fn json(&self) -> Vec<Value> {
        self.exports.iter().map(|export| one_json(&self.record, export)).collect()
    }
}

/// Where a handover went, with which credential and when.
pub fn sentence(export: &ExportRecord) -> String {
    format!(
        "{} in {}, credential {}, {}",
        export.consumer,
        export.folder.display(),
        export.credential,
        day(export.exported_at)
    )
}

/// The same for scripts.
pub fn one_json(record: &MailboxRecord, export: &ExportRecord) -> Value {
    json!({
        "mailbox": record.mailbox.as_str(),
        "consumer": export.consumer,
        "folder": export.folder.display().to_string(),
        "credential": export.credential,
    })
}
