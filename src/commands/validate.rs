use clap::Args;
use serde_json::json;

use super::target::{self, TargetArgs};
use super::{Context, Example, known, rfc3339};
use crate::mesh::{Client, Service, TlsSettings};
use crate::ui::{Failure, InputError, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "Validate the mailbox, as MESH asks for every 24 hours",
        line: "mesh-onboard validate X26ABC1",
    },
    Example {
        does: "With a PFX file, at a sandbox",
        line: "mesh-onboard validate X26ABC1 --pfx X26ABC1.pfx --url https://localhost:8700 --ca server-root.pem",
    },
];

/// Validate the mailbox (handshake): MESH asks for it every 24 hours
#[derive(Debug, Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    target: TargetArgs,
}

/// One handshake.
pub fn run(context: &Context, args: &ValidateArgs) -> Result<Outcome, Failure> {
    let mailbox = args.target.mailbox.clone();
    let mailbox =
        mailbox.ok_or_else(|| InputError::Usage("name the mailbox: mesh-onboard validate MAILBOX".into()))?;
    let chosen = target::choose(context, &args.target)?;
    let (url, environment) = (chosen.needed_url()?, chosen.environment);
    let login = args.target.secrets(context).of(&mailbox, environment).login(&args.target.login)?;
    let identity = chosen.material.into_identity()?;
    let settings = TlsSettings::new(&chosen.server_roots, Some(identity), Some(context.clock.clone()))?;
    let client =
        Client::new(Service::new(url.clone(), &settings, context.clock.clone()), mailbox.clone(), login);
    let answer = client.handshake()?;
    let json = known(json!({
        "mailbox": mailbox.as_str(),
        "environment": environment.as_str(),
        "url": url.url(""),
        "validated": true,
        "server_time": answer.date.map(rfc3339),
    }));
    Ok(Outcome::done(json, format!("MESH validated mailbox {mailbox} at {}.", url.url(""))))
}
