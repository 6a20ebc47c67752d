mod keep;
mod report;

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use self::keep::{Kept, Target};
use super::curl::{Bodies, CurlArgs};
use super::each::{self, Each};
use super::target::TargetArgs;
use super::{Context, Example, connection, inbox};
use crate::mesh::Call;
use crate::store::files;
use crate::ui::{Failure, InputError, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "Everything that waits; what is safe on disk leaves the inbox",
        line: "mesh-onboard receive X26ABC1 --all --to inbox --ack",
    },
    Example {
        does: "One message, under a name of your own; it stays in the inbox",
        line: "mesh-onboard receive X26ABC1 20261118093000123456_A1B2C3 --file results.csv",
    },
];

/// Receive messages into files
///
/// A file has its name only when it is whole and safe on disk. Names come from the sender; they are made
/// safe, and never replace a file that is there. A report is kept as JSON. What breaks off is taken up again
/// by the same command.
#[derive(Debug, Args)]
#[command(mut_arg("mailbox", |mailbox| mailbox.required(true).index(1)))]
#[command(group(ArgGroup::new("which").required(true).args(["ids", "all"])))]
#[command(group(ArgGroup::new("where").required(true).args(["to", "file"])))]
pub struct ReceiveArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Message IDs, as inbox lists them
    #[arg(value_name = "ID", index = 2)]
    ids: Vec<String>,
    /// Everything that waits
    #[arg(long)]
    all: bool,
    /// With --all: only of this workflow ID, as inbox takes it
    #[arg(long, value_name = "FILTER", requires = "all", value_parser = inbox::filter)]
    workflow: Option<String>,
    /// Folder for the files; made if it is missing
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// New file for the one message that is named
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    file: Option<PathBuf>,
    /// Acknowledge each message once it is safe on disk: it leaves the inbox for ever
    #[arg(long)]
    ack: bool,
    #[command(flatten)]
    curl: CurlArgs,
}

/// Receives one after the other.
pub fn run(context: &Context, args: &ReceiveArgs) -> Result<Outcome, Failure> {
    let target = target(args)?;
    if args.curl.curl {
        return curl(context, args);
    }
    let mesh = connection::client(context, &args.target)?;
    for id in &args.ids {
        Call::message(mesh.calls.mailbox(), id).map_err(|error| InputError::Usage(error.to_string()))?;
    }
    target.prepare()?;
    let ids = if args.all {
        mesh.run("Reading the inbox", |client| inbox::list(client, args.workflow.as_deref(), usize::MAX))?.0
    } else {
        args.ids.clone()
    };
    if ids.is_empty() {
        context.screen.note(&format!("Nothing waits in {}.", mesh.calls.mailbox()));
    }
    let again = context.again(&[]);
    context.screen.on_interrupt(Some(format!("nothing is half-named; go on: {again}")));
    let Each { done, failed } = mesh.work("Receiving", |client| {
        each::run(&ids, |id, done: &mut Vec<Kept>| {
            let kept = target.receive(context, &mesh, id)?;
            done.push(kept);
            if args.ack {
                client.acknowledge(id).map_err(|error| mesh.failed_with(id, error))?;
                done.last_mut().expect("it was just put there").acknowledged = Some(true);
            }
            Ok(())
        })
    })?;
    let messages: Vec<Value> = done.iter().map(Kept::json).collect();
    let text: Vec<_> = done.iter().map(Kept::text).collect();
    Ok(failed.outcome(context, json!({"messages": messages}), text.join("\n")))
}

/// Where the messages go.
fn target(args: &ReceiveArgs) -> Result<Target, Failure> {
    match (&args.to, &args.file) {
        (Some(folder), _) => Ok(Target::Folder(folder.clone())),
        (None, Some(file)) if file.as_os_str() == "-" => Err(InputError::Usage(
            "--file - is not possible: a message is safe only on disk, and standard output holds the result"
                .into(),
        )
        .into()),
        (None, Some(_)) if args.ids.len() > 1 => {
            Err(InputError::Usage("--file takes one message; several go with --to DIR".into()).into())
        }
        (None, Some(file)) => Ok(Target::File(file.clone())),
        (None, None) => Err(InputError::Usage("say where to with --to DIR or --file FILE".into()).into()),
    }
}

impl Target {
    /// Before anything is asked of MESH: what cannot be kept must not be received.
    fn prepare(&self) -> Result<(), Failure> {
        match self {
            Self::Folder(folder) => Ok(files::create_folder(folder)?),
            Self::File(file) => Ok(files::check_new(file)?),
        }
    }
}

fn curl(context: &Context, args: &ReceiveArgs) -> Result<Outcome, Failure> {
    if args.all {
        let text = "--curl shows single requests: name the message IDs that inbox lists";
        return Err(InputError::Usage(text.into()).into());
    }
    if args.ack {
        let text = "--curl does not go with --ack: curl takes the first chunk of a message for the whole; \
                    acknowledge with ack --curl when all of it is there";
        return Err(InputError::Usage(text.into()).into());
    }
    let mailbox = args.target.named()?;
    let usage = |error: crate::mesh::Error| Failure::from(InputError::Usage(error.to_string()));
    args.curl.outcome(context, &args.target, |curl| {
        args.ids
            .iter()
            .map(|id| {
                let output = args.file.clone().or_else(|| Some(args.to.as_ref()?.join(id)));
                let bodies = Bodies { output: output.as_deref(), ..Bodies::default() };
                Ok(curl.line_with(&Call::message(mailbox, id).map_err(usage)?, bodies))
            })
            .collect()
    })
}
