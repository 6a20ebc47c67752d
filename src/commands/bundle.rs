use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::bundle_args::BundleArgs;
use super::pair::{Opened, PairArgs};
use super::secrets::{KeyArgs, PfxArgs, Secrets};
use super::{Context, Example, bundle_files, known, proved, warnings_json};
use crate::onboarding::{self, Bundled};
use crate::store::files;
use crate::ui::{Failure, InputError, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "From a key and certificate in PEM",
        line: "mesh-onboard bundle --key private_key.pem --cert certificate.pem",
    },
    Example {
        does: "From the keystore of the MESH Java client, which holds the certificate too",
        line: "mesh-onboard bundle --key meshclient.jks --alias-in meshclient --to for-java --keystore",
    },
    Example {
        does: "For a sandbox: a certificate of a CA of your own",
        line: "mesh-onboard bundle --key key.pem --cert leaf.pem --ca server-root.pem --to sandbox",
    },
];

/// Make the bundles of import from a key and certificate made elsewhere; nothing is recorded
#[derive(Debug, Args)]
pub struct BundleCommandArgs {
    #[command(flatten)]
    pair: PairArgs,
    /// New folder for the bundles; default: named after the mailbox, here
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    #[command(flatten)]
    bundles: BundleArgs,
    #[command(flatten)]
    pfx: PfxArgs,
    #[command(flatten)]
    secrets: KeyArgs,
}

/// Proves the pair and writes the folder.
pub fn run(context: &Context, args: &BundleCommandArgs) -> Result<Outcome, Failure> {
    let choices = args.bundles.choices()?;
    let key = args.pair.key.as_deref();
    let key = key.ok_or_else(|| InputError::Usage("--key FILE is needed".into()))?;
    if let Some(to) = &args.to {
        // Before anybody is asked.
        files::check_new(to)?;
    }
    let secrets = Secrets::new(context, &args.secrets, Some(&args.pfx));
    let opened = Opened::read(context, &args.pair, key, &secrets)?;
    let opened_by = opened.opened_by();
    let (pair, given) = opened.pair(context, &args.pair, &[])?;
    let authorities = context.deliver(&args.pair.ca)?;
    let proved = onboarding::prove_pair(&context.store, args.pair.env, &authorities, pair, context.now)?;
    let to = args.to.clone().unwrap_or_else(|| PathBuf::from(format!("{}-bundles", proved.stem())));
    files::check_new(&to)?;
    let (passphrase, _) = secrets.for_copy(&given, opened_by, true)?;
    let pfx_password = secrets.for_new_pfx(&given)?;
    let to = std::path::absolute(&to).unwrap_or(to);
    let bundled = proved.write(&to, &passphrase, pfx_password.as_ref().unwrap_or(&passphrase), &choices)?;
    proved::warn(context, &bundled.warnings);
    Ok(outcome(context, &bundled, key))
}

fn outcome(context: &Context, bundled: &Bundled, key: &Path) -> Outcome {
    let leaf = &bundled.chain.leaf;
    let bundles = Some(&bundled.bundles);
    let mut files = bundle_files::files_json(bundles);
    files.insert("key".into(), Value::from(bundled.key.display().to_string()));
    let json = known(json!({
        "certificate": proved::certificate_json(leaf, context.now),
        "chain": proved::chain_json(Some(&bundled.chain)),
        "files": files,
        "readers": bundle_files::readers_json(bundles),
        "warnings": warnings_json(&bundled.warnings),
    }));
    let folder = bundled.bundles.folder.display().to_string();
    let fullchain = bundled.bundles.folder.join("fullchain.pem").display().to_string();
    let (fullchain, copy) = (shell_words::quote(&fullchain), bundled.key.display().to_string());
    let text = format!(
        "Made the bundles of {}\n\n{}  {:<12} {copy}\n\n{}\n{}\n\nNext: prove that they work: mesh-onboard check MAILBOX --cert {fullchain} --key {}\nor keep them here: mesh-onboard adopt MAILBOX --key {} --cert {fullchain}",
        crate::ui::clean(leaf.common_name().unwrap_or(leaf.subject())),
        proved::text(leaf, Some(&bundled.chain), context.now),
        "Key",
        bundle_files::text(&bundled.bundles),
        still_there(key, &folder),
        shell_words::quote(&copy),
        shell_words::quote(&copy),
    );
    Outcome::done(json, text)
}

/// What became of the user's own file: nothing.
pub fn still_there(key: &Path, copied_to: &str) -> String {
    format!(
        "{} lies where it was, unchanged; once the copy in {copied_to} serves, remove it or lock it away.",
        key.display()
    )
}
