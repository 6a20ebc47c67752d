mod faults;
mod serving;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::{Context, Example, rfc3339};
use crate::mailbox::CommonName;
use crate::pki::sniff;
use crate::rehearsal::{self, Journey, PASSPHRASE, Step};
use crate::store::{REHEARSAL_CA, files};
use crate::ui::{Failure, InputError, Outcome, exit};
use faults::FaultArgs;

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "The whole journey, in a temporary folder", line: "mesh-onboard rehearse" },
    Example { does: "The same, and keep what was made", line: "mesh-onboard rehearse --keep rehearsal" },
    Example {
        does: "Let the rehearsal CA sign a request, for use against a sandbox",
        line: "mesh-onboard rehearse --issue request.csr --to certificate.pem",
    },
    Example { does: "A MESH for your own application, until Ctrl-C", line: "mesh-onboard rehearse --serve" },
    Example {
        does: "The same with mailboxes and messages of your own, for a script",
        line: "mesh-onboard --json rehearse --serve --config rehearsal.toml --keep mesh",
    },
];

/// Go the whole journey on this machine, without network, against a rehearsal CA and MESH
#[derive(Debug, Args)]
pub struct RehearseArgs {
    /// Folder that keeps what is made; default: a temporary one
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Let the rehearsal CA of the home folder sign this request, and do no more
    #[arg(long, value_name = "CSR", requires = "to", conflicts_with = "keep")]
    issue: Option<PathBuf>,
    /// Where the certificate of --issue goes
    #[arg(long, value_name = "FILE", requires = "issue")]
    to: Option<PathBuf>,
    /// Go no journey: keep the rehearsal MESH running on 127.0.0.1 until Ctrl-C or SIGTERM, which end it with 0
    #[arg(long, conflicts_with = "issue")]
    serve: bool,
    /// The port of --serve; default: that of --config, or any that is free
    #[arg(long, value_name = "N", requires = "serve")]
    port: Option<u16>,
    /// Mailboxes, workflows and limits of --serve; default: those of the official sandbox
    #[arg(long, value_name = "FILE", requires = "serve")]
    config: Option<PathBuf>,
    #[command(flatten)]
    faults: FaultArgs,
}

/// Rehearses, or issues.
pub fn run(context: Context, args: RehearseArgs) -> Result<Outcome, Failure> {
    if let (Some(csr), Some(to)) = (&args.issue, &args.to) {
        return issue(&context, csr, to);
    }
    if args.serve {
        return serving::run(context, &args);
    }
    let temporary = if args.keep.is_none() { Some(files::temporary_home()?) } else { None };
    let home = args.keep.as_deref().or(temporary.as_ref().map(|t| t.path())).expect("one of the two");
    let context = context.with_home(home);
    if let Some(folder) = context.store.folders()?.first() {
        let used =
            format!("{} holds mailbox {} already: name a new folder", home.display(), folder.mailbox());
        return Err(InputError::Usage(used).into());
    }
    let screen = context.screen;
    screen.note("Rehearsing the journey of mailbox X26ABC1 on this machine, without network:");
    let journey = rehearsal::walk(&context.store, &context.clock, &context.holder("rehearse"), &mut |step| {
        screen.note(&line(step));
    });
    let json = json!({
        "steps": journey.steps.iter().map(step_json).collect::<Vec<_>>(),
        "verdict": if journey.passed() { "pass" } else { "fail" },
    });
    let exit = if journey.passed() { exit::DONE } else { exit::FAILED };
    Ok(Outcome { exit, json, text: text(&journey, context.store.home(), args.keep.is_some()) })
}

fn line(step: &Step) -> String {
    let mark = if step.passed { "pass" } else { "FAIL" };
    format!("  {mark}  {:<10} {:>5} ms  {}", step.id, step.millis, step.evidence)
}

fn step_json(step: &Step) -> Value {
    json!({
        "id": step.id,
        "status": if step.passed { "pass" } else { "fail" },
        "millis": step.millis,
        "evidence": step.evidence,
    })
}

/// What was made, and in which words.
fn made(journey: &Journey) -> Vec<(&'static str, PathBuf)> {
    let (Some(requested), Some(bundles)) =
        (&journey.requested, journey.imported.as_ref().and_then(|i| i.bundles.as_ref()))
    else {
        return Vec::new();
    };
    let requested = [
        ("encrypted private key", requested.folder.join("key.pem")),
        ("certificate signing request", requested.folder.join("request.csr")),
        ("draft for the service desk", requested.folder.join("request.eml")),
    ];
    let kept = bundles.files.iter().map(|file| (file.role.holds(), file.path.clone()));
    requested.into_iter().chain(kept).collect()
}

fn text(journey: &Journey, home: &Path, kept: bool) -> String {
    if !journey.passed() {
        return "The rehearsal failed at the last step above.".into();
    }
    let mut text = format!("\nThe journey works here. It made, in {}:\n\n", home.display());
    for (what, path) in made(journey) {
        let path = path.strip_prefix(home).unwrap_or(&path).display().to_string();
        text.push_str(&format!("  {path:<62} {what}\n"));
    }
    if kept {
        text.push_str(&format!(
            "\nThe key's passphrase and the PFX password are: {PASSPHRASE}\nLook around: mesh-onboard --home {} status X26ABC1\n",
            home.display()
        ));
    } else {
        text.push_str(
            "\nThat folder is gone again. To keep one and look around: mesh-onboard rehearse --keep DIR\n",
        );
    }
    text.push_str(
        "\nFor a real mailbox:\n\
         \x20 1. mesh-onboard request MAILBOX --ods CODE --env integration\n\
         \x20 2. send the email that it drafts, then: mesh-onboard sent MAILBOX\n\
         \x20 3. within 5 working days the certificate comes: mesh-onboard import MAILBOX FILE\n\
         \x20 4. mesh-onboard check MAILBOX",
    );
    text
}

fn issue(context: &Context, csr: &Path, to: &Path) -> Result<Outcome, Failure> {
    let file = context.deliver(&[csr.to_owned()])?.swap_remove(0);
    let contents = sniff::read(file.bytes.expose(), &[]);
    let request = contents
        .request()
        .ok_or_else(|| InputError::Usage(format!("there is no certificate request in {}", csr.display())))?;
    let certificate = rehearsal::issue(&context.store, request, context.now)
        .map_err(|e| InputError::Rehearsal(e.to_string()))?;
    files::write_result(to, certificate.pem().as_bytes())?;
    let bundle = context.store.home().join(REHEARSAL_CA).join("ca-bundle.pem");
    let json = json!({
        "certificate": std::path::absolute(to).unwrap_or_else(|_| to.to_owned()),
        "ca_bundle": bundle,
        "subject": certificate.subject(),
        "not_after": rfc3339(certificate.not_after()),
    });
    // The first label of the name, by default: the mailbox need not be one of this home.
    let mailbox = certificate.common_name().and_then(|name| name.parse::<CommonName>().ok());
    let mailbox = mailbox.and_then(|name| name.mesh_parts().map(|(label, _)| label.to_uppercase()));
    let (to, bundle) = (to.display().to_string(), bundle.display().to_string());
    let words = ["import", mailbox.as_deref().unwrap_or("MAILBOX"), &to, "--ca", &bundle];
    let text = format!(
        "The rehearsal CA issued {}\n\n  Certificate  {to}\n  Its CAs      {bundle} (root, sub CA)\n\nNext: {}",
        crate::ui::clean(certificate.subject()),
        context.command(&shell_words::join(words)),
    );
    Ok(Outcome::done(json, text))
}
