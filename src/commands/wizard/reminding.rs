//! A calendar that remembers.

use std::path::PathBuf;

use super::form::{Turn, fill, keep};
use super::{Line, Wizard, place};
use crate::ui::Failure;

/// Writes the dates of expiry into a calendar file.
pub fn ask(wizard: &Wizard<'_>) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    let file = |answer: &mut Option<PathBuf>| {
        screen.tell("\nThe file holds the date of expiry of every mailbox, with reminders 90, 60, 30 and 7 days before. Open it with your calendar; make it again after a renewal, and the dates there move along.\n");
        let read = |text: &str| place::writable(wizard, text);
        Ok(keep(answer, screen.ask("File to write", Some("~/mesh-certificates.ics"), read)?))
    };
    let run = |answer: &mut Option<PathBuf>| {
        let path = answer.clone().unwrap_or_default();
        wizard.carry_out(Line::new("status").option("--calendar", Some(path.display())))
    };
    fill(&mut None, &[&file, &run])
}
