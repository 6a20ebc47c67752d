use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::bundle_args::BundleArgs;
use super::pair::{Opened, PairArgs};
use super::secrets::{KeyArgs, PfxArgs, Secrets};
use super::{Context, Example, bundle_files, known, proved, warnings_json};
use crate::mailbox::{CommonName, Environment, MailboxId, Network};
use crate::onboarding::{self, Bundled};
use crate::pki::anchors;
use crate::store::files;
use crate::ui::{Failure, Outcome, with_home};

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
    /// File with the private key: PEM or DER in any usual form, a PFX, or a keystore (PKCS#12, JKS)
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
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
    let key = args.key.as_path();
    if let Some(to) = &args.to {
        // Before anybody is asked.
        files::check_new(to)?;
    }
    let secrets = Secrets::new(context, &args.secrets, Some(&args.pfx));
    let opened = Opened::read(context, &args.pair, key, &secrets)?;
    let (opened_by, pfx_opens) = (opened.opened_by(), opened.pfx_password_opens());
    let (pair, given) = opened.pair(context, &args.pair, &[])?;
    let authorities = context.deliver(&args.pair.ca)?;
    let (environment, fetcher) = (args.pair.env, args.pair.fetch.fetcher(context)?);
    let proved =
        onboarding::prove_pair(&context.store, environment, &authorities, fetcher, pair, context.now)?;
    let to = args.to.clone().unwrap_or_else(|| PathBuf::from(format!("{}-bundles", proved.stem())));
    files::check_new(&to)?;
    let (passphrase, _) = secrets.for_copy(&given, opened_by)?;
    let pfx_password = secrets.for_new_pfx(&given, pfx_opens)?;
    let to = std::path::absolute(&to).unwrap_or(to);
    let bundled = proved.write(&to, &passphrase, pfx_password.as_ref().unwrap_or(&passphrase), &choices)?;
    proved::warn(context, &bundled.warnings);
    Ok(outcome(context, &args.pair, &bundled, key))
}

fn outcome(context: &Context, args: &PairArgs, bundled: &Bundled, key: &Path) -> Outcome {
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
    let (check, adopt) = next_lines(context, args, bundled);
    let text = format!(
        "Made the bundles of {}\n\n{}  {:<12} {}\n\n{}\n{}\n\nNext: prove that they work: {check}\nor keep them here: {adopt}",
        crate::ui::clean(proved::name(leaf)),
        proved::text(leaf, Some(&bundled.chain), context.now),
        "Key",
        bundled.key.display(),
        bundle_files::text(&bundled.bundles),
        still_there(key, &folder),
    );
    Outcome::done(json, text)
}

/// The lines that check and adopt what was made, as they work when pasted here; `MAILBOX` stands for one that
/// the common name does not tell.
fn next_lines(context: &Context, args: &PairArgs, bundled: &Bundled) -> (String, String) {
    let leaf = &bundled.chain.leaf;
    let name = leaf.common_name().and_then(|name| name.parse::<CommonName>().ok());
    let mailbox = name.and_then(|name| name.mesh_parts()?.0.parse::<MailboxId>().ok());
    let mailbox = mailbox.map_or_else(|| "MAILBOX".to_owned(), |mailbox| mailbox.to_string());
    let foreign = anchors::issuer_of(leaf).is_none();
    // A CA of the user's own tells no environment, and adopting takes one.
    let environment = args.env.or((foreign && !args.ca.is_empty()).then_some(Environment::Sandbox));
    let mut pair = String::new();
    let mut flag = |name: &str, value: &str| pair.push_str(&format!(" {name} {}", shell_words::quote(value)));
    flag("--key", &bundled.key.display().to_string());
    flag("--cert", &bundled.bundles.folder.join("fullchain.pem").display().to_string());
    if let Some(environment) = environment {
        flag("--env", environment.as_str());
    }
    for ca in &args.ca {
        flag("--ca", &ca.display().to_string());
    }
    // Where no address of MESH is known, what needs none can be proved.
    let offline = environment.map_or(foreign, |environment| environment.url(Network::Internet).is_none());
    let offline = if offline { " --offline" } else { "" };
    let home = context.home_flag.as_deref();
    (
        with_home(&format!("mesh-onboard check {mailbox}{offline}"), home) + &pair,
        with_home(&format!("mesh-onboard adopt {mailbox}"), home) + &pair,
    )
}

/// What became of the user's own file: nothing.
pub fn still_there(key: &Path, copied_to: &str) -> String {
    format!(
        "{} lies where it was, unchanged; once the copy in {copied_to} serves, remove it or lock it away.",
        key.display()
    )
}
