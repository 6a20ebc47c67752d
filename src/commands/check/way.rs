use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::checked::Checked;
use crate::check::{BypassLetter, Consumer};
use crate::commands::Context;
use crate::mesh::Target;
use crate::store::files;
use crate::ui::{Failure, InputError};

/// Arguments about the way to MESH.
#[derive(Debug, Args)]
pub(super) struct WayArgs {
    /// Show the credentials as this application would, so that a pass here means a pass there: nel-mesh,
    /// dotnet-mesh-client, mesh-client, aws, mavis, java-client, javascript or curl
    #[arg(long = "as", value_name = "CONSUMER", conflicts_with = "offline")]
    pub consumer: Option<Consumer>,
    /// Write a letter to the network team: what to let through and to exempt from TLS inspection, and why
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
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

    /// Writes the letter that was asked for, whatever the verdict.
    pub(super) fn write_letter(
        &self,
        context: &Context,
        target: Option<&Target>,
        checked: &Checked,
    ) -> Result<(), Failure> {
        let Some(path) = &self.bypass_letter else { return Ok(()) };
        let environment = checked.environment;
        let target = target.ok_or(InputError::UrlNeeded { environment: environment.as_str() })?;
        let letter =
            BypassLetter { target, environment, mailbox: checked.mailbox.as_ref(), now: context.now };
        let text = letter.text(&checked.report);
        files::write_result(path, text.as_bytes())?;
        context.screen.note(&format!("The letter to the network team is in {}", path.display()));
        Ok(())
    }
}
