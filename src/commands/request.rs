use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::secrets::{KeyArgs, Secrets};
use super::{Context, Example};
use crate::desk::reply;
use crate::desk::{Attachment, Existing, Reason};
use crate::mailbox::{CommonName, Environment, MailboxId, OdsCode};
use crate::onboarding::{self, Order, Requested};
use crate::pki::{Certificate, KeySize};
use crate::store::Contact;
use crate::ui::{Failure, InputError, Outcome, passphrase_sentence};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "A key, a CSR and the email for a new mailbox",
        line: "mesh-onboard request X26ABC1 --ods X26 --env integration --name 'A. Engineer' --email a.engineer@example.nhs.uk --organisation 'Example Trust' --application 'Example App'",
    },
    Example {
        does: "The names of a certificate that you already have",
        line: "mesh-onboard request X26ABC2 --like old-certificate.pem --env integration --reason renewal",
    },
    Example {
        does: "Replace a request that is outstanding; the old one is kept",
        line: "mesh-onboard request X26ABC1 --ods X26 --env integration --again",
    },
];

/// Make an encrypted key, a CSR and the email to the service desk
#[derive(Debug, Args)]
pub struct RequestArgs {
    /// Mailbox ID, such as X26ABC1
    mailbox: MailboxId,
    /// ODS code of the mailbox's owner
    #[arg(long, value_name = "CODE", required_unless_present = "like")]
    ods: Option<OdsCode>,
    /// integration, live, deployment, development, training, sandbox or rehearsal
    #[arg(long, value_name = "ENV")]
    env: Environment,
    /// First label of the common name, instead of the mailbox ID
    #[arg(long, value_name = "NAME", conflicts_with_all = ["common_name", "like"])]
    cn_label: Option<String>,
    /// Whole common name, for a name outside the MESH grammar
    #[arg(long, value_name = "FQDN", conflicts_with = "like")]
    common_name: Option<CommonName>,
    /// Take the names from an existing certificate
    #[arg(long, value_name = "CERTIFICATE")]
    like: Option<PathBuf>,
    /// Your name, for the email
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Your email address, for the answer
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Your telephone number
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// Your organisation
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// The application that will use the mailbox
    #[arg(long, value_name = "NAME")]
    application: Option<String>,
    /// new, renewal, expired, compromised, or your own words
    #[arg(long, value_name = "REASON", default_value = "new")]
    reason: String,
    /// Reference of the desk, such as CS1234567
    #[arg(long, value_name = "REF")]
    ticket: Option<String>,
    /// File to attach to the email; live asks for the conformance certificate
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// Where the email goes, if not to the usual desk
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// Size of the RSA key: 2048, 3072 or 4096
    #[arg(long, value_name = "BITS", default_value = "2048")]
    key_size: KeySize,
    /// Replace a request that is outstanding; nothing is deleted
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    secrets: KeyArgs,
}

/// Makes the request and says what to do with it.
pub fn run(context: &Context, args: RequestArgs) -> Result<Outcome, Failure> {
    let like = args.like.as_deref().map(|path| read_certificate(context, path)).transpose()?;
    let (common_name, ods) = names(&args, like.as_ref())?;
    onboarding::may_request(&context.store, args.env, &args.mailbox, args.again)?;
    // Everything that can be refused is, before anybody is asked.
    let attachments = attachments(context, &args.attach)?;
    let secrets = Secrets::new(context, &args.secrets, None).of(&args.mailbox, args.env);
    let (passphrase, passphrase_held_by) = secrets.new_key_passphrase()?;
    let held = passphrase_sentence(&passphrase_held_by);
    let contact = Contact {
        name: args.name,
        email: args.email,
        phone: args.phone,
        organisation: args.organisation,
        application: args.application,
    };
    let order = Order {
        contact,
        reason: Reason::from_text(&args.reason),
        ticket: args.ticket,
        existing: like.map(|c| Existing {
            common_name: c.common_name().unwrap_or_default().into(),
            serial: c.serial().into(),
            not_after: c.not_after(),
        }),
        attachments,
        to: args.to,
        key_size: args.key_size,
        again: args.again,
        passphrase_held_by,
        holder: context.holder("request"),
        mailbox: args.mailbox,
        ods,
        environment: args.env,
        common_name,
    };
    let (mailbox, environment, common_name) =
        (order.mailbox.clone(), order.environment, order.common_name.clone());
    let requested = onboarding::request(&context.store, order, &passphrase, context.now)?;
    Ok(outcome(context, &requested, &mailbox, environment, &common_name, held))
}

fn outcome(
    context: &Context,
    requested: &Requested,
    mailbox: &MailboxId,
    environment: Environment,
    common_name: &CommonName,
    held: &str,
) -> Outcome {
    for orphan in &requested.orphans {
        context.screen.note(&format!(
            "note: {} is left from a run that was interrupted; it is kept, and an answer to it can be imported",
            orphan.display()
        ));
    }
    for warning in &requested.warnings {
        context.screen.warning(&warning.message);
    }
    let file = |name: &str| requested.folder.join(name).display().to_string();
    let sent = context.line("sent", mailbox, environment, "");
    let next = format!("open {}, complete it and send it; then: {sent}", file("request.eml"));
    let mut text = format!(
        "Made credential {} of {mailbox} ({environment})\n\n  Common name  {common_name}\n  Key          {}\n  CSR          {}\n  Email        {}\n  as text      {}\n\nThe email goes to {}.\n",
        requested.credential,
        file("key.pem"),
        file("request.csr"),
        file("request.eml"),
        file("request.txt"),
        requested.to,
    );
    if !requested.missing.is_empty() {
        text.push_str(&format!("Still to fill in, marked in the draft: {}.\n", requested.missing.join(", ")));
    }
    if let Some(archived) = requested.archived {
        text.push_str(&format!(
            "The request of credential {archived} was set aside; an answer to it can still be imported.\n"
        ));
    }
    text.push_str(&format!("Note that {held}.\n{}\n\nNext: {next}", context.backup_advice()));
    let json = json!({
        "mailbox": mailbox.as_str(),
        "environment": environment.as_str(),
        "common_name": common_name.as_str(),
        "credential": requested.credential,
        "files": {
            "key": file("key.pem"),
            "csr": file("request.csr"),
            "email": file("request.eml"),
            "email_text": file("request.txt"),
        },
        "key_sha256": requested.key_sha256.to_string(),
        "desk": {"to": requested.to, "subject": requested.subject},
        "next": next,
    });
    Outcome::done(json, text)
}

fn read_certificate(context: &Context, path: &std::path::Path) -> Result<Certificate, Failure> {
    let file = context.deliver(&[path.to_owned()])?.swap_remove(0);
    let found = reply::certificates(file.bytes.expose());
    let mut certificates = found.map_err(|found| InputError::NotACertificate { path: path.into(), found })?;
    let leaf = certificates.iter().position(|c| !c.is_ca()).unwrap_or(0);
    Ok(certificates.swap_remove(leaf))
}

/// Common name and owner, from the flags or from a certificate.
fn names(args: &RequestArgs, like: Option<&Certificate>) -> Result<(CommonName, OdsCode), Failure> {
    let Some(like) = like else {
        // clap asks for --ods unless --like is given.
        let ods = args.ods.clone().ok_or_else(|| InputError::Usage("--ods CODE is needed".into()))?;
        let common_name = match (&args.common_name, &args.cn_label) {
            (Some(name), _) => name.clone(),
            (None, Some(label)) => CommonName::for_label(label, &ods)?,
            (None, None) => CommonName::for_mailbox(&args.mailbox, &ods)?,
        };
        return Ok((common_name, ods));
    };
    let name: CommonName = like
        .common_name()
        .ok_or_else(|| InputError::Usage("the certificate of --like has no common name".into()))?
        .parse()?;
    match (name.mesh_parts(), &args.ods) {
        (Some((_, ods)), given) => Ok((name.as_asked_for(), given.clone().unwrap_or(ods))),
        (None, Some(ods)) => Ok((name, ods.clone())),
        (None, None) => {
            Err(InputError::Usage(format!("{name} names no ODS code: give it with --ods CODE")).into())
        }
    }
}

fn attachments(context: &Context, paths: &[PathBuf]) -> Result<Vec<Attachment>, Failure> {
    let base = |name: &str| {
        std::path::Path::new(name).file_name().map_or(name.to_owned(), |n| n.to_string_lossy().into_owned())
    };
    let files = context.deliver(paths)?;
    Ok(files
        .into_iter()
        .map(|f| Attachment { name: base(&f.name), bytes: f.bytes.expose().to_vec() })
        .collect())
}
