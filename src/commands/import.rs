use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::bundle_args::BundleArgs;
use super::fetch_args::FetchArgs;
use super::secrets::{KeyArgs, PfxArgs, Secrets};
use super::{Context, Example, bundle_files, proved, warnings_json};
use crate::desk::reply;
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding::{self, Delivery, Imported};
use crate::ui::{Failure, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "Import the certificate that the desk sent",
        line: "mesh-onboard import X26ABC1 desk-reply.cer",
    },
    Example {
        does: "What was pasted or piped, from standard input",
        line: "mesh-onboard import X26ABC1 - < desk-reply.txt",
    },
    Example {
        does: "See whether it would be accepted, and write nothing",
        line: "mesh-onboard import X26ABC1 desk-reply.cer --dry-run",
    },
    Example {
        does: "Also a keystore for the MESH Java client, and a PFX that Windows Server 2016 opens",
        line: "mesh-onboard import X26ABC1 desk-reply.cer --keystore --pfx-profile legacy",
    },
    Example {
        does: "Also the key without encryption, for a key vault that takes no other",
        line: "mesh-onboard import X26ABC1 desk-reply.cer --plaintext-key pkcs8 --i-understand",
    },
    Example {
        does: "Fetch the certificate of the CA that issued it, if it is neither in the file nor built in",
        line: "mesh-onboard import X26ABC1 desk-reply.cer --fetch",
    },
    Example {
        does: "For a sandbox: a certificate of a CA of your own",
        line: "mesh-onboard import X26SAND certificate.pem --ca my-root.pem --ca my-sub-ca.pem",
    },
];

/// Prove the returned certificate and write the bundles
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Mailbox ID
    mailbox: MailboxId,
    /// What the desk sent, as it came, - for standard input; CA certificates may stand beside it, in any order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Which environment, where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    /// Trust the self-signed certificates in FILE as issuers of this mailbox's certificates
    #[arg(long, value_name = "FILE")]
    ca: Vec<PathBuf>,
    #[command(flatten)]
    fetch: FetchArgs,
    /// Prove everything and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    bundles: BundleArgs,
    #[command(flatten)]
    pfx: PfxArgs,
    #[command(flatten)]
    secrets: KeyArgs,
}

/// Imports, and names the bundles.
pub fn run(context: &Context, args: ImportArgs) -> Result<Outcome, Failure> {
    let choices = args.bundles.choices()?;
    let (folder, record) = context.find(&args.mailbox, args.env)?;
    let environment = record.environment;
    let secrets = Secrets::new(context, &args.secrets, Some(&args.pfx)).of(&args.mailbox, environment);
    let files = context.deliver(&args.files)?;
    // Looked for only where one is of use: standard input can be read once.
    let locked = files.iter().any(|file| reply::read(file.bytes.expose(), &[]).is_locked());
    let delivery = Delivery {
        files,
        passwords: if locked { secrets.given_passwords()? } else { Vec::new() },
        authorities: context.deliver(&args.ca)?,
        fetcher: args.fetch.fetcher(context)?,
    };
    let examined = onboarding::examine(&context.store, folder, record, &delivery, context.now)?;
    let passphrase = secrets.key_passphrase(examined.credential())?;
    let pfx_password = secrets.pfx_password()?;
    let imported = examined.carry_out(
        &passphrase,
        pfx_password.as_ref().unwrap_or(&passphrase),
        &choices,
        args.dry_run,
        &context.holder("import"),
    )?;
    proved::warn(context, &imported.warnings);
    Ok(outcome(context, &imported, &args.mailbox, environment))
}

fn outcome(context: &Context, imported: &Imported, mailbox: &MailboxId, environment: Environment) -> Outcome {
    let leaf = &imported.chain.leaf;
    let state = imported.state.as_str();
    let bundles = imported.bundles.as_ref();
    let json = json!({
        "mailbox": mailbox.as_str(),
        "environment": environment.as_str(),
        "credential": imported.credential,
        "state": state,
        "certificate": proved::certificate_json(leaf, context.now),
        "chain": proved::chain_json(Some(&imported.chain)),
        "files": bundle_files::files_json(bundles),
        "readers": bundle_files::readers_json(bundles),
        "warnings": warnings_json(&imported.warnings),
    });

    let (done, becomes) = match imported.bundles {
        Some(_) => ("Imported", "now"),
        None => ("Dry run, nothing written:", "would become"),
    };
    let mut text = format!(
        "{done} the certificate of {mailbox} ({environment}), credential {}, {becomes} {state}\n\n",
        imported.credential
    );
    text.push_str(&proved::text(leaf, Some(&imported.chain), context.now));
    if let Some(bundles) = bundles {
        text.push_str(&format!("\n{}", bundle_files::text(bundles)));
    }
    let next = if imported.bundles.is_some() {
        format!("prove that it works: {}", context.check_line(mailbox, environment))
    } else {
        "the same without --dry-run".into()
    };
    text.push_str(&format!("\nNext: {next}"));
    Outcome::done(json, text)
}
