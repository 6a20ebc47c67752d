use serde_json::{Value, json};

use crate::check::{Finding, Report, Status, Verdict};
use crate::commands::known;
use crate::mailbox::{Environment, MailboxId};
use crate::pki::Certificate;
use crate::ui::{Explained, Mark};

/// What was checked, and what came out.
pub(in crate::commands) struct Checked {
    /// The mailbox, if one was named.
    pub mailbox: Option<MailboxId>,
    pub environment: Environment,
    /// Where MESH is, where that is known.
    pub url: Option<String>,
    /// As they came with the credentials, the client's own first.
    pub certificates: Vec<Certificate>,
    pub report: Report,
}

impl Checked {
    /// For scripts.
    pub fn json(&self) -> Value {
        known(json!({
            "mailbox": self.mailbox.as_ref().map(MailboxId::as_str),
            "environment": self.environment.as_str(),
            "url": self.url,
            "verdict": self.report.verdict().as_str(),
            "probes": self.report.findings.iter().map(probe_json).collect::<Vec<_>>(),
        }))
    }
}

fn probe_json(finding: &Finding) -> Value {
    known(json!({
        "id": finding.probe.as_str(),
        "status": finding.status.as_str(),
        "code": finding.code,
        "evidence": finding.evidence,
        "remedy": finding.remedy,
        "millis": finding.millis,
    }))
}

/// What became of one of several mailboxes.
pub(super) enum One {
    /// It was checked.
    Checked(Checked),
    /// There is nothing to check yet, which is no fault.
    Waiting { mailbox: MailboxId, environment: Environment, why: String },
    /// What is kept of it cannot be used.
    Broken { mailbox: MailboxId, environment: Environment, explained: Explained },
}

impl One {
    /// What it counts as among others.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Checked(checked) => checked.report.verdict(),
            Self::Waiting { .. } => Verdict::Pass,
            Self::Broken { .. } => Verdict::Fail,
        }
    }

    /// How it is marked.
    pub fn mark(&self) -> Mark {
        match (self, self.verdict()) {
            (Self::Waiting { .. }, _) => Mark::Skipped,
            (_, Verdict::Pass) => Mark::Pass,
            (_, Verdict::Warn) => Mark::Warn,
            (_, Verdict::Fail) => Mark::Fail,
        }
    }

    /// Whose it is.
    pub fn whose(&self) -> (Option<&MailboxId>, Environment) {
        match self {
            Self::Checked(checked) => (checked.mailbox.as_ref(), checked.environment),
            Self::Waiting { mailbox, environment, .. } | Self::Broken { mailbox, environment, .. } => {
                (Some(mailbox), *environment)
            }
        }
    }

    /// What it is about, for people.
    pub fn name(&self) -> String {
        match self.whose() {
            (Some(mailbox), environment) => format!("{mailbox} ({environment})"),
            (None, environment) => format!("files for {environment}"),
        }
    }

    /// In a few words, what of it is not well first, or why it was not tried.
    pub fn first(&self) -> String {
        match self {
            Self::Checked(checked) => {
                let findings = &checked.report.findings;
                let of = |status| findings.iter().find(|f| f.status == status);
                of(Status::Fail).or(of(Status::Warn)).map_or_else(String::new, |f| {
                    format!("{} ({})", f.probe.as_str(), f.code.unwrap_or_default())
                })
            }
            Self::Waiting { why, .. } => why.clone(),
            Self::Broken { explained, .. } => format!("could not be checked ({})", explained.code),
        }
    }

    /// For scripts.
    pub fn json(&self) -> Value {
        let other = |what: (&str, Value)| {
            let (mailbox, environment) = self.whose();
            let mut json = json!({
                "mailbox": mailbox.map(MailboxId::as_str),
                "environment": environment.as_str(),
                "verdict": self.mark().word(),
                "probes": [],
            });
            json[what.0] = what.1;
            json
        };
        match self {
            Self::Checked(checked) => checked.json(),
            Self::Waiting { why, .. } => other(("reason", why.as_str().into())),
            Self::Broken { explained, .. } => other(("error", explained.json()["error"].clone())),
        }
    }
}
