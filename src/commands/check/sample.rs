//! What a page may have to show, made up: a template of the user's own is tried with it before anything is done.

use std::path::PathBuf;

use super::checked::{Checked, One};
use crate::check::{Finding, ProbeId, Report, Status};
use crate::mailbox::{Environment, MailboxId};
use crate::pki::anchors;
use crate::ui::{Explained, Failure, InputError};

/// One mailbox, or `several` of which each ended otherwise.
pub(super) fn sample(several: bool) -> Vec<One> {
    let mut all = vec![One::Checked(checked())];
    if several {
        let environment = Environment::Live;
        let failure = Failure::from(InputError::NothingToCheck { home: PathBuf::from("mesh") });
        let explained = Explained::from(&failure);
        all.push(One::Waiting { mailbox: mailbox(), environment, why: "no certificate yet".into() });
        all.push(One::Broken { mailbox: mailbox(), environment, explained });
    }
    all
}

fn mailbox() -> MailboxId {
    "X26ABC1".parse().expect("it is one")
}

fn checked() -> Checked {
    let statuses = [Status::Fail, Status::Warn, Status::Pass, Status::Skipped];
    let finding = |(probe, status)| {
        let is_well = matches!(status, Status::Pass | Status::Skipped);
        Finding {
            probe,
            status,
            code: (!is_well).then_some("code"),
            meaning: (!is_well).then_some("What it means."),
            evidence: "what was seen".into(),
            remedy: (!is_well).then(|| "what to do".into()),
            millis: 1,
        }
    };
    Checked {
        mailbox: Some(mailbox()),
        environment: Environment::Live,
        url: Some("https://localhost".into()),
        certificates: anchors::known_certificates().take(1).collect(),
        report: Report {
            findings: ProbeId::ORDER.into_iter().zip(statuses.into_iter().cycle()).map(finding).collect(),
        },
    }
}
