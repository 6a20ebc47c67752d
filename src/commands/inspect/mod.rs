mod json;
mod reading;
mod text;

use std::path::PathBuf;

use clap::Args;

use super::secrets::{KeyArgs, PfxArgs, Secrets};
use super::{Context, Example};
use crate::inspection::{self, Inspection, KnownAuthority, Owner, Severity, Surroundings};
use crate::pki::sniff::{self, Kind};
use crate::ui::{Failure, Outcome, exit};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "What the desk sent, and whose it is", line: "mesh-onboard inspect desk-reply.cer" },
    Example {
        does: "Do these belong together?",
        line: "mesh-onboard inspect key.pem request.csr certificate.pem chain.pem",
    },
    Example { does: "Everything in a folder, for scripts", line: "mesh-onboard --json inspect certificates" },
];

/// Say what any file is, what is in it, and what it belongs to
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// Files of any kind, - for standard input, or folders, whose files are taken
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    pfx: PfxArgs,
    #[command(flatten)]
    secrets: KeyArgs,
}

/// Inspects; changes nothing.
pub fn run(context: &Context, args: &InspectArgs) -> Result<Outcome, Failure> {
    let secrets = Secrets::new(context, &args.secrets, Some(&args.pfx));
    let files = reading::read(context, &args.files, &secrets)?;
    let inspection = inspection::inspect(files, &surroundings(context)?, context.now);
    Ok(Outcome {
        exit: exit_code(&inspection),
        json: json::of(context, &inspection),
        text: text::of(context, &inspection),
    })
}

/// What is known in this home: the rehearsal CA, and whose keys are ours.
fn surroundings(context: &Context) -> Result<Surroundings, Failure> {
    let store = &context.store;
    let rehearsal = store.rehearsal_ca("ca-bundle.pem")?.unwrap_or_default();
    let authorities = sniff::certificates(rehearsal.as_bytes()).unwrap_or_default();
    let mut owners = Vec::new();
    for folder in store.folders()? {
        // A record that cannot be read is for `status` to tell.
        let Ok(Some(record)) = folder.load() else { continue };
        owners.extend(record.credentials.iter().map(|credential| Owner {
            mailbox: record.mailbox.clone(),
            environment: record.environment,
            credential: credential.number,
            key: credential.key_sha256,
        }));
    }
    Ok(Surroundings { authorities: authorities.into_iter().map(KnownAuthority::rehearsal).collect(), owners })
}

/// What could not be named comes before what was found wrong: the result is not complete then.
fn exit_code(inspection: &Inspection) -> u8 {
    if inspection.files.iter().any(|file| file.contents.kind == Kind::Unknown) {
        exit::FAILED
    } else if inspection.findings.iter().any(|finding| finding.severity == Severity::Fail) {
        exit::ATTENTION
    } else {
        exit::DONE
    }
}
