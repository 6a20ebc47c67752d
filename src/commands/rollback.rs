use clap::Args;

use super::hook::{Event, HookArgs};
use super::{Context, Example, switched};
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding;
use crate::ui::{Failure, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[Example {
    does: "The credential that was in use before; a second time swaps back",
    line: "mesh-onboard rollback X26ABC1",
}];

/// Put the credential in use again that was in use before
#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// Mailbox ID
    mailbox: MailboxId,
    /// Which environment, where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    /// Go back to it even though its key may be in other hands
    #[arg(long)]
    i_understand: bool,
    #[command(flatten)]
    hook: HookArgs,
}

/// Switches back, runs the deploy hook, and names old and new files.
pub fn run(context: &Context, args: &RollbackArgs) -> Result<Outcome, Failure> {
    let (folder, _) = context.find_own(&args.mailbox, args.env, "rollback")?;
    let holder = context.holder("rollback");
    let switched = onboarding::rollback(&context.store, &folder, args.i_understand, &holder, context.now)?;
    switched::outcome(context, &args.hook, &switched, Event::Rollback)
}
