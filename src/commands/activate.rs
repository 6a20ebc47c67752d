use clap::Args;

use super::hook::{Event, HookArgs};
use super::{Context, Example, switched};
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding;
use crate::ui::{Failure, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] =
    &[Example { does: "The credential that import left ready", line: "mesh-onboard activate X26ABC1" }];

/// Put the credential in use that is ready
#[derive(Debug, Args)]
pub struct ActivateArgs {
    /// Mailbox ID
    mailbox: MailboxId,
    /// Which environment, where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    #[command(flatten)]
    hook: HookArgs,
}

/// Switches, runs the deploy hook, and names old and new files.
pub fn run(context: &Context, args: &ActivateArgs) -> Result<Outcome, Failure> {
    let (folder, _) = context.find_own(&args.mailbox, args.env, "activate")?;
    let holder = context.holder("activate");
    let switched = onboarding::activate(&context.store, &folder, &holder, context.now)?;
    switched::outcome(context, &args.hook, &switched, Event::Activate)
}
