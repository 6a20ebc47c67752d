use std::path::PathBuf;

use clap::Args;

use super::order::{OrderArgs, Wanted};
use super::{Context, Example};
use crate::desk::{Existing, Reason, reply};
use crate::mailbox::{CommonName, Environment, MailboxId, OdsCode};
use crate::onboarding::{self, Purpose};
use crate::pki::Certificate;
use crate::ui::{Failure, InputError, Outcome};

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
    /// new, renewal, expired, compromised, or your own words
    #[arg(long, value_name = "REASON", default_value = "new")]
    reason: String,
    #[command(flatten)]
    order: OrderArgs,
}

/// Makes the request and says what to do with it.
pub fn run(context: &Context, args: RequestArgs) -> Result<Outcome, Failure> {
    let like = args.like.as_deref().map(|path| read_certificate(context, path)).transpose()?;
    let (common_name, ods) = names(&args, like.as_ref())?;
    onboarding::may_request(&context.store, args.env, &args.mailbox, args.order.again)?;
    let wanted = Wanted {
        command: "request",
        purpose: Purpose::New,
        mailbox: args.mailbox,
        environment: args.env,
        ods,
        common_name,
        reason: Reason::from_text(&args.reason),
        existing: like.map(|c| Existing {
            common_name: c.common_name().unwrap_or_default().into(),
            serial: c.serial().into(),
            not_after: c.not_after(),
            service: None,
        }),
        deploy_hook: None,
    };
    let placed = args.order.place(context, wanted)?;
    placed.warn(context);
    Ok(Outcome::done(placed.json(context), placed.text(context, "", &[])))
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
