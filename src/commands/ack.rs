use clap::Args;
use serde_json::json;

use super::curl::CurlArgs;
use super::each::{self, Each};
use super::target::TargetArgs;
use super::{Context, Example, connection};
use crate::mesh::Call;
use crate::ui::{Failure, InputError, Outcome, clean};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[Example {
    does: "A message that is safe and may leave the inbox for ever",
    line: "mesh-onboard ack X26ABC1 20261118093000123456_A1B2C3",
}];

/// Acknowledge messages: they leave the inbox for ever
#[derive(Debug, Args)]
#[command(mut_arg("mailbox", |mailbox| mailbox.required(true).index(1)))]
pub struct AckArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Message IDs
    #[arg(value_name = "ID", required = true, index = 2)]
    ids: Vec<String>,
    #[command(flatten)]
    curl: CurlArgs,
}

/// Acknowledges one after the other.
pub fn run(context: &Context, args: &AckArgs) -> Result<Outcome, Failure> {
    let mailbox = args.target.named()?;
    let calls = args.ids.iter().map(|id| Call::acknowledge(mailbox, id));
    // Before anything is changed.
    let calls: Vec<_> = calls.collect::<Result<_, _>>().map_err(|e| InputError::Usage(e.to_string()))?;
    if args.curl.curl {
        return args
            .curl
            .outcome(context, &args.target, |curl| Ok(calls.iter().map(|call| curl.line(call)).collect()));
    }
    let mesh = connection::client(context, &args.target)?;
    let Each { done, failed } = mesh.work("Acknowledging", |client| {
        each::run(&args.ids, |id, done| {
            client.acknowledge(id).map_err(|error| mesh.failed_with(id, error))?;
            done.push(id.to_owned());
            Ok(())
        })
    })?;
    let lines: Vec<_> = done.iter().map(|id| format!("Acknowledged {}", clean(id))).collect();
    Ok(failed.outcome(context, json!({"acknowledged": done}), lines.join("\n")))
}
