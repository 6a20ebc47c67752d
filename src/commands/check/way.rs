use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::checked::Checked;
use crate::check::{BypassLetter, Consumer};
use crate::commands::Context;
use crate::mesh::Target;
use crate::store::files;
use crate::ui::{Explained, Failure};

/// Arguments about the way to MESH.
#[derive(Debug, Args)]
pub(super) struct WayArgs {
    /// Show the credentials as this application would, so that a pass here means a pass there: nel-mesh,
    /// dotnet-mesh-client, mesh-client, aws, mavis, java-client, javascript or curl
    #[arg(long = "as", value_name = "CONSUMER", conflicts_with = "offline")]
    pub consumer: Option<Consumer>,
    /// Write a letter to the network team: what to let through and to exempt from TLS inspection, and why
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "offline"])]
    bypass_letter: Option<PathBuf>,
    /// How long to wait for each of connection, proxy, TLS and answers [default: 10, answers 60]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: Option<u64>,
}

impl WayArgs {
    /// How long each step may take, if that was said.
    pub(super) fn timeout(&self) -> Option<Duration> {
        self.timeout.map(Duration::from_secs)
    }

    /// Refuses a letter that could not be written, before anything is done.
    pub(super) fn check(&self) -> Result<(), Failure> {
        self.bypass_letter.as_deref().map_or(Ok(()), files::check_new)?;
        Ok(())
    }

    /// Writes the letter that was asked for, whatever the verdict; `words` lead a check to `target`. Returns
    /// whether nothing is missing: a letter that cannot be written must not cost the result.
    pub(super) fn write_letter(
        &self,
        context: &Context,
        target: Option<&Target>,
        words: &str,
        checked: &Checked,
    ) -> bool {
        let (mailbox, environment) = (checked.mailbox.as_ref(), checked.environment);
        // A check that needs no address goes with no letter: the arguments exclude each other.
        let (Some(path), Some(target)) = (&self.bypass_letter, target) else { return true };
        let letter = BypassLetter { target, environment, mailbox, words, now: context.now };
        let text = letter.text(&checked.report);
        match files::write_result(path, text.as_bytes()) {
            Ok(()) => {
                context.screen.note(&format!("The letter to the network team is in {}.", path.display()));
                true
            }
            Err(error) => {
                let why = Explained::from(&Failure::from(error)).message;
                context.screen.warning(&format!("the letter was not written: {why}"));
                false
            }
        }
    }
}
