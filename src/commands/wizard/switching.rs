//! Another credential in use.

use super::form::Turn;
use super::survey::Subject;
use super::{Line, Wizard};
use crate::expiry::day;
use crate::store::{CredentialRecord, CredentialState};
use crate::ui::{Failure, Reply};

/// Puts the credential in use that is ready.
pub fn activate(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let ready = subject.owner.in_state(CredentialState::Ready);
    if let Some(ready) = ready {
        let reason = ready.stays_ready.as_deref();
        let reason = reason.unwrap_or("a check with it did not pass when it was imported, or was not made");
        wizard.screen().tell(&format!("\nIt is ready and not in use, because: {reason}."));
        let check = subject.line("check", &subject.owner).option("--credential", Some(ready.number));
        wizard.screen().say(&format!("To prove it first: {}", wizard.with_home(&check.to_string())));
    }
    switch(wizard, subject, ready, subject.line("activate", &subject.owner))
}

/// Puts the credential in use again that was in use before.
pub fn roll_back(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let previous = subject.owner.previous();
    switch(wizard, subject, previous, subject.line("rollback", &subject.owner))
}

fn switch(
    wizard: &Wizard<'_>,
    subject: &Subject,
    next: Option<&CredentialRecord>,
    line: Line,
) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    let mut means = String::from("\n");
    if let Some(current) = subject.owner.current() {
        means.push_str(&format!("In use now:   {}\n", described(current)));
    }
    if let Some(next) = next {
        means.push_str(&format!("In use then:  {}\n", described(next)));
    }
    means.push_str(
        "\nNothing is deleted, and it can be undone. What was handed over to applications before does not change by itself.\n",
    );
    screen.tell(&means);
    match screen.ask_yes("Switch now", None)? {
        Reply::Answer(true) => wizard.carry_out(line),
        Reply::Answer(false) => {
            screen.tell("Nothing was changed.");
            Ok(Turn::On)
        }
        Reply::Back => Ok(Turn::Back),
    }
}

/// "credential 2, works until 20 November 2029".
fn described(credential: &CredentialRecord) -> String {
    match &credential.certificate {
        Some(certificate) => {
            format!("credential {}, valid until {}", credential.number, day(certificate.not_after))
        }
        None => format!("credential {}", credential.number),
    }
}
