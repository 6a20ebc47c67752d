use clap::Args;
use serde_json::{Value, json};

use super::curl::CurlArgs;
use super::target::TargetArgs;
use super::{Context, Example, connection};
use crate::mailbox::OdsCode;
use crate::mesh::Call;
use crate::ui::{Failure, InputError, Outcome, table};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "The mailbox of an organisation that takes a workflow",
        line: "mesh-onboard lookup X26ABC1 --ods X26 --workflow TEST_WORKFLOW",
    },
    Example {
        does: "Every mailbox that takes it",
        line: "mesh-onboard lookup X26ABC1 --workflow TEST_WORKFLOW",
    },
];

/// Look up which mailboxes take a workflow
///
/// MAILBOX is whose certificate is shown to MESH. Mailbox password and shared key are not needed.
#[derive(Debug, Args)]
pub struct LookupArgs {
    /// ODS code of the organisation; without it, of every organisation
    #[arg(long, value_name = "CODE")]
    ods: Option<OdsCode>,
    /// Workflow ID
    #[arg(long, value_name = "ID")]
    workflow: String,
    #[command(flatten)]
    curl: CurlArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Asks once.
pub fn run(context: &Context, args: &LookupArgs) -> Result<Outcome, Failure> {
    let workflow = args.workflow.as_str();
    let call = match &args.ods {
        Some(ods) => Call::endpoint_lookup(ods, workflow),
        None => Call::workflow_search(workflow),
    };
    let call = call.map_err(|e| InputError::Usage(e.to_string()))?;
    if args.curl.curl {
        return args.curl.outcome(context, &args.target, |curl| Ok(vec![curl.line(&call)]));
    }
    let mesh = connection::service(context, &args.target)?;
    let found = mesh.run("Asking", |service| match &args.ods {
        Some(ods) => service.endpoint_lookup(ods, workflow),
        None => service.workflow_search(workflow),
    })?;
    let found = found.value.results;
    let whose = args.ods.as_ref().map(|ods| format!(" of {ods}")).unwrap_or_default();
    if found.is_empty() {
        context.screen.note(&format!("No mailbox{whose} takes {workflow}."));
        return Ok(Outcome::done(json!({"mailboxes": [], "count": 0}), ""));
    }
    let mailboxes: Value =
        found.iter().map(|item| json!({"mailbox": item.mailbox_id, "name": item.mailbox_name})).collect();
    let json = json!({"mailboxes": mailboxes, "count": found.len()});
    let rows = found.into_iter().map(|item| vec![item.mailbox_id, item.mailbox_name]);
    Ok(Outcome::done(json, table(&["MAILBOX", "NAME"], rows)))
}
