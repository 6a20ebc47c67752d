use std::path::PathBuf;

use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use super::bundle_args::BundleArgs;
use super::pair::{Opened, PairArgs, certificate_files};
use super::secrets::{KeyArgs, PfxArgs, Secrets};
use super::{Context, Example, bundle, bundle_files, known, proved, warnings_json};
use crate::mailbox::{MailboxId, OdsCode};
use crate::onboarding::{self, Adopted, Adoption, Share};
use crate::store::PassphraseHolder;
use crate::ui::{Failure, Outcome, passphrase_sentence};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "The keystore of the MESH Java client, and the certificate that came back",
        line: "mesh-onboard adopt X26ABC1 --key meshclient.jks --cert certificate.pem",
    },
    Example {
        does: "The certificate alone: enough to be warned, and to renew",
        line: "mesh-onboard adopt X26ABC1 --cert certificate.pem --env live",
    },
    Example {
        does: "One credential for several mailboxes",
        line: "mesh-onboard adopt X26ABC2 --share X26ABC1",
    },
    Example {
        does: "For a sandbox: a certificate of a CA of your own",
        line: "mesh-onboard adopt X26SAND --env sandbox --key key.pem --cert leaf.pem --ca server-root.pem",
    },
];

/// Take in credentials made elsewhere, their certificate alone, or those of another mailbox
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).multiple(true).args(["key", "cert", "share"])))]
pub struct AdoptArgs {
    /// Mailbox ID
    mailbox: MailboxId,
    /// File with the private key: PEM or DER in any usual form, a PFX, or a keystore (PKCS#12, JKS)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    pair: PairArgs,
    /// ODS code of the mailbox's owner; otherwise the certificate's name says it
    #[arg(long, value_name = "CODE")]
    ods: Option<OdsCode>,
    /// Use the credential of another mailbox of the same environment
    #[arg(long, value_name = "OTHER", conflicts_with_all = [
        "key", "cert", "ca", "fetch", "keystore", "alias", "plaintext_key", "pfx_profile", "truststore",
    ])]
    share: Option<MailboxId>,
    #[command(flatten)]
    bundles: BundleArgs,
    #[command(flatten)]
    pfx: PfxArgs,
    #[command(flatten)]
    secrets: KeyArgs,
}

/// Adopts, and says what lies where.
pub fn run(context: &Context, args: AdoptArgs) -> Result<Outcome, Failure> {
    if let Some(other) = args.share.clone() {
        return share(context, args, other);
    }
    let choices = args.bundles.choices()?;
    let adoption = Adoption {
        mailbox: args.mailbox.clone(),
        environment: args.pair.env,
        ods: args.ods.clone(),
        authorities: context.deliver(&args.pair.ca)?,
        fetcher: args.pair.fetch.fetcher(context)?,
        holder: context.holder("adopt"),
    };
    let secrets = Secrets::new(context, &args.secrets, Some(&args.pfx));
    let Some(key) = &args.key else {
        let mut given = secrets.for_files()?;
        let certificates = certificate_files(context, &args.pair.cert, &secrets, &mut given)?;
        let adopted = onboarding::adopt_certificate(&context.store, &adoption, &certificates, context.now)?;
        return Ok(outcome(context, &args, &adopted, None));
    };
    let known = onboarding::known_certificates(&context.store, &args.mailbox, args.pair.env)?;
    let opened = Opened::read(context, &args.pair, key, &secrets)?;
    let (opened_by, pfx_opens) = (opened.opened_by(), opened.pfx_password_opens());
    let (pair, given) = opened.pair(context, &args.pair, &known)?;
    let admitted = onboarding::admit(&context.store, adoption, pair, context.now)?;
    let secrets = secrets.of(&args.mailbox, admitted.environment());
    let (passphrase, held_by) = secrets.for_copy(&given, opened_by)?;
    let pfx_password = secrets.for_new_pfx(&given, pfx_opens)?;
    let adopted = admitted.take_in(
        &passphrase,
        held_by.clone(),
        pfx_password.as_ref().unwrap_or(&passphrase),
        &choices,
    )?;
    Ok(outcome(context, &args, &adopted, Some(&held_by)))
}

fn outcome(
    context: &Context,
    args: &AdoptArgs,
    adopted: &Adopted,
    held_by: Option<&PassphraseHolder>,
) -> Outcome {
    proved::warn(context, &adopted.warnings);
    let (mailbox, environment, state) = (&args.mailbox, adopted.environment, adopted.state.as_str());
    let bundles = Some(&adopted.bundles);
    let mut files = bundle_files::files_json(bundles);
    if let Some(key) = &adopted.key {
        files.insert("key".into(), Value::from(key.display().to_string()));
    }
    let next = match adopted.key {
        Some(_) => format!("prove that it works: {}", context.check_line(mailbox, environment)),
        None => format!("see when it is time to renew: {}", context.line("status", mailbox, environment, "")),
    };
    let json = known(json!({
        "mailbox": mailbox.as_str(),
        "environment": environment.as_str(),
        "ods": adopted.ods.as_str(),
        "common_name": adopted.common_name.as_str(),
        "credential": adopted.credential,
        "state": state,
        "key_elsewhere": adopted.key.is_none(),
        "certificate": proved::certificate_json(&adopted.leaf, context.now),
        "chain": proved::chain_json(adopted.chain.as_ref()),
        "files": files,
        "readers": bundle_files::readers_json(bundles),
        "warnings": warnings_json(&adopted.warnings),
        "next": next,
    }));
    let what =
        if adopted.key.is_some() { "key and certificate" } else { "the certificate, without its key," };
    let mut text = format!(
        "Adopted {what} as credential {} of {mailbox} ({environment}), now {state}\n\n{}",
        adopted.credential,
        proved::text(&adopted.leaf, adopted.chain.as_ref(), context.now),
    );
    if let Some(key) = &adopted.key {
        text.push_str(&format!("  {:<12} {}\n", "Key", key.display()));
    }
    text.push_str(&format!("\n{}", bundle_files::text(&adopted.bundles)));
    if let (Some(held_by), Some(key)) = (held_by, &args.key) {
        let folder = adopted.key.as_deref().and_then(std::path::Path::parent);
        let folder = folder.map(|folder| folder.display().to_string()).unwrap_or_default();
        text.push_str(&format!(
            "\n{}\nNote that {}.\n{}\n",
            bundle::still_there(key, &folder),
            passphrase_sentence(held_by),
            context.backup_advice()
        ));
    }
    text.push_str(&format!("\nNext: {next}"));
    Outcome::done(json, text)
}

fn share(context: &Context, args: AdoptArgs, other: MailboxId) -> Result<Outcome, Failure> {
    let mailbox = args.mailbox;
    let shared = onboarding::share(
        &context.store,
        Share {
            mailbox: mailbox.clone(),
            other,
            environment: args.pair.env,
            ods: args.ods,
            holder: context.holder("adopt"),
        },
    )?;
    proved::warn(context, &shared.warnings);
    let (environment, credential, other) = (shared.environment, &shared.credential, &shared.other);
    let next = match &credential.certificate {
        Some(_) if !credential.key_elsewhere => {
            format!("prove that it works: {}", context.check_line(&mailbox, environment))
        }
        _ => format!("see where it stands: {}", context.line("status", &mailbox, environment, "")),
    };
    let json = json!({
        "mailbox": mailbox.as_str(),
        "environment": environment.as_str(),
        "ods": shared.ods.as_str(),
        "shares": other.as_str(),
        "credential": credential.number,
        "state": credential.state.as_str(),
        "common_name": credential.common_name.as_str(),
        "warnings": warnings_json(&shared.warnings),
        "next": next,
    });
    let text = format!(
        "{mailbox} ({environment}) uses the credential of {other} from now on\n\n  Common name  {}\n  Credential   {} of {other}, {}\n\nNothing was copied: when {other} is renewed, so is {mailbox}. Mailbox ID and password stay its own.\n\nNext: {next}",
        credential.common_name,
        credential.number,
        credential.state.as_str(),
    );
    Ok(Outcome::done(json, text))
}
