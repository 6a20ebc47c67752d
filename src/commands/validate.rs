use clap::Args;
use serde_json::json;

use super::curl::CurlArgs;
use super::target::TargetArgs;
use super::{Context, Example, connection, known, rfc3339};
use crate::mesh::Call;
use crate::ui::{Failure, Outcome};

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
#[command(mut_arg("mailbox", |mailbox| mailbox.required(true).index(1)))]
pub struct ValidateArgs {
    #[command(flatten)]
    curl: CurlArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// One handshake.
pub fn run(context: &Context, args: &ValidateArgs) -> Result<Outcome, Failure> {
    if args.curl.curl {
        let call = Call::handshake(args.target.named()?);
        return args.curl.outcome(context, &args.target, |curl| Ok(vec![curl.line(&call)]));
    }
    let mesh = connection::client(context, &args.target)?;
    let answer = mesh.run("Validating", |client| client.handshake())?;
    let (mailbox, url) = (mesh.calls.mailbox(), mesh.url().url(""));
    let json = known(json!({
        "mailbox": mailbox.as_str(),
        "environment": mesh.environment.as_str(),
        "url": url,
        "validated": true,
        "server_time": answer.date.map(rfc3339),
    }));
    Ok(Outcome::done(json, format!("MESH validated mailbox {mailbox} at {url}.")))
}
