//! What was handed over of a mailbox, as other commands name it: a renewal does not change it by itself.

use serde_json::{Value, json};

use super::Context;
use crate::expiry::day;
use crate::onboarding::Switched;
use crate::store::{CredentialRecord, ExportRecord, MailboxRecord};

/// The handovers of one mailbox that hold another certificate than the one in use.
pub struct Stale {
    record: MailboxRecord,
    exports: Vec<ExportRecord>,
}

impl Stale {
    /// Those of `record`, whose credential in use is `current`.
    pub fn of(record: MailboxRecord, current: &CredentialRecord) -> Option<Self> {
        let in_use = current.certificate.as_ref()?.sha256;
        let exports = record.exports.iter().filter(|export| export.certificate_sha256 != in_use);
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
