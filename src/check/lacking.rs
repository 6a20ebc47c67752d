//! What is not known of a mailbox, so that its probes cannot be made: told as findings, because one mailbox of many
//! must not hide the others.

use super::report::{Cause, Finding, ProbeId, Report, Status};

/// What can be missing.
#[cfg(feature = "test-hooks")]
pub(super) static CAUSES: &[&Cause] = &[&PASSPHRASE_MISSING, &SECRETS_MISSING];

static PASSPHRASE_MISSING: Cause = Cause {
    probe: ProbeId::Key,
    code: "passphrase_missing",
    meaning: "The key is encrypted, and nothing here says how to open it. Neither the key nor the way to MESH can be tried without it.",
};

static SECRETS_MISSING: Cause = Cause {
    probe: ProbeId::Authorization,
    code: "secrets_missing",
    meaning: "MESH lets in whoever has the certificate, the mailbox password and the shared key of the environment. Without all three nothing inside MESH can be tried.",
};

impl Report {
    /// Tells that the key was not opened because nothing was given to open it.
    pub fn lacks_passphrase(&mut self, evidence: impl Into<String>, remedy: impl Into<String>) {
        // A file that cannot be read comes first, and is told already.
        if let Some(key) = self.of(ProbeId::Key, Status::Fail) {
            let millis = key.millis;
            *key = Finding { millis, ..Finding::failure(&PASSPHRASE_MISSING, evidence, remedy) };
        }
    }

    /// Tells that the way ends before the mailbox because password or shared key is missing.
    pub fn lacks_secrets(&mut self, evidence: impl Into<String>, remedy: impl Into<String>) {
        // Whatever failed before says already why nobody came so far.
        if self.first_failure().is_some() {
            return;
        }
        if let Some(authorization) = self.of(ProbeId::Authorization, Status::Skipped) {
            *authorization = Finding::failure(&SECRETS_MISSING, evidence, remedy);
        }
        for probe in [ProbeId::Clock, ProbeId::Mailbox, ProbeId::RoundTrip] {
            if let Some(skipped) = self.of(probe, Status::Skipped) {
                *skipped = Finding::skipped(probe, "mailbox password or shared key is missing");
            }
        }
    }

    fn of(&mut self, probe: ProbeId, status: Status) -> Option<&mut Finding> {
        self.findings.iter_mut().find(|f| f.probe == probe && f.status == status)
    }
}
