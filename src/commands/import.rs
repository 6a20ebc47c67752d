mod told;

use std::path::PathBuf;

use clap::Args;

use self::told::{Done, Proof};
use super::address::{AddressArgs, PlaceArgs};
use super::bundle_args::BundleArgs;
use super::check::CredentialCheck;
use super::fetch_args::FetchArgs;
use super::hook::{self, Event, HookArgs};
use super::secrets::{KeyArgs, LoginArgs, PfxArgs, Secrets};
use super::target::TargetArgs;
use super::{Context, Example, proved};
use crate::desk::reply;
use crate::mailbox::{Environment, MailboxId};
use crate::onboarding::{self, Delivery, Examined, Imported, Switched};
use crate::secret::Passphrase;
use crate::store::CredentialState;
use crate::ui::{Failure, Outcome};

/// Exit codes of the help.
pub const CODES: &[(u8, &str)] = &[
    (
        3,
        "imported, and it stays ready: a probe of the check failed, or none was possible; or the deploy hook failed",
    ),
    (4, "imported, and it stays ready: MESH could not be reached"),
];

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
        does: "On a mailbox that is renewed: leave it ready, without a check; activate puts it in use",
        line: "mesh-onboard import X26ABC1 desk-reply.cer --no-check",
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
    /// Leave it ready, without a check, where another credential is in use
    #[arg(long)]
    no_check: bool,
    #[command(flatten)]
    hook: HookArgs,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    bundles: BundleArgs,
    #[command(flatten)]
    login: LoginArgs,
    #[command(flatten)]
    pfx: PfxArgs,
    #[command(flatten)]
    secrets: KeyArgs,
}

impl ImportArgs {
    /// What a check of a credential of this mailbox goes by.
    fn target(&self, credential: u32) -> TargetArgs {
        let address = AddressArgs {
            env: self.env,
            place: self.place.clone(),
            // The server is judged by what is recorded: --ca is about the issuer here.
            ca: Vec::new(),
            insecure: false,
        };
        TargetArgs {
            mailbox: Some(self.mailbox.clone()),
            address,
            credential: Some(credential),
            pfx: None,
            cert: None,
            key: None,
            login: self.login.clone(),
            pfx_password: self.pfx.clone(),
            secrets: self.secrets.clone(),
        }
    }
}

/// Imports, and names the bundles. Where another credential is in use, the new one takes its place once a check with
/// it passes.
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
        deploy_hook: args.hook.words(),
        fetcher: args.fetch.fetcher(context)?,
    };
    let examined = onboarding::examine(&context.store, folder, record, &delivery, context.now)?;
    let check = wanted(context, &args, environment, &examined)?;
    let passphrase = secrets.key_passphrase(examined.credential())?;
    let pfx_password = secrets.pfx_password()?;
    // The last questions: nothing is written before.
    let check = check.with_login(context, &args.mailbox, environment)?;
    let imported = examined.carry_out(
        &passphrase,
        pfx_password.as_ref().unwrap_or(&passphrase),
        &choices,
        args.dry_run,
        &context.holder("import"),
    )?;
    proved::warn(context, &imported.warnings);
    if args.dry_run {
        return Ok(Done::nothing_written(&args.mailbox, environment, &imported).outcome(context));
    }
    let proof = prove(context, check, &imported, &passphrase)?;
    if let Some(reason) = proof.reason() {
        let (holder, number) = (context.holder("import"), imported.credential);
        // What was imported is imported, and the result names the reason all the same.
        if let Err(error) =
            onboarding::note_stays_ready(&context.store, &imported.record, number, &reason, &holder)
        {
            context.screen.warning(&format!("why it stays ready could not be noted: {error}"));
        }
    }
    let first = match imported.state {
        CredentialState::Current => Some(Switched::of(&context.store, imported.record.clone())?),
        _ => None,
    };
    let switched = proof.switched().or(first.as_ref());
    let hook = switched.and_then(|switched| hook::run(context, &args.hook, switched, Event::Import));
    let words = args.target(imported.credential).words();
    Ok(Done { mailbox: &args.mailbox, environment, imported: &imported, words, proof, hook }.outcome(context))
}

/// Whether a check is wanted, and what it takes.
enum Check {
    /// No other credential is in use.
    NotNeeded,
    /// The user does not want one.
    Unwanted,
    /// Yes, or why it cannot be made.
    Wanted(Box<Result<CredentialCheck, Failure>>),
}

/// Refused before anybody is asked, where an argument cannot be meant.
fn wanted(
    context: &Context,
    args: &ImportArgs,
    environment: Environment,
    examined: &Examined,
) -> Result<Check, Failure> {
    if args.dry_run || !examined.is_to_be_proved() {
        return Ok(Check::NotNeeded);
    }
    if args.no_check {
        return Ok(Check::Unwanted);
    }
    let target = args.target(examined.credential().number);
    Ok(Check::Wanted(Box::new(CredentialCheck::of(context, target, environment)?)))
}

impl Check {
    /// The same with the secrets that open MESH, which somebody may be asked for.
    fn with_login(
        self,
        context: &Context,
        mailbox: &MailboxId,
        environment: Environment,
    ) -> Result<Self, Failure> {
        let check = match self {
            Self::Wanted(check) => *check,
            other => return Ok(other),
        };
        let check = match check {
            Ok(check) => {
                if context.screen.may_ask {
                    context.screen.note(
                        "The new credential is checked before it takes the place of the one in use. That takes the mailbox password and the shared key; an empty answer leaves it ready, unchecked.",
                    );
                }
                check.with_login(context, mailbox, environment)?
            }
            Err(why) => Err(why),
        };
        Ok(Self::Wanted(Box::new(check)))
    }
}

/// Checks with the new credential, and puts it in use if nothing stands in its way. The lock is not held while the
/// network is waited for.
fn prove(
    context: &Context,
    check: Check,
    imported: &Imported,
    passphrase: &Passphrase,
) -> Result<Proof, Failure> {
    let check = match check {
        _ if imported.state != CredentialState::Ready => return Ok(Proof::NotNeeded),
        // Another one came into use between the questions and the lock.
        Check::NotNeeded => return Ok(Proof::Changed { checked: None }),
        Check::Unwanted => return Ok(Proof::Unwanted),
        Check::Wanted(check) => match *check {
            Ok(check) => check,
            Err(why) => return Ok(Proof::Impossible(why)),
        },
    };
    // It is imported: what stands in the way of the check must not look as if it were not.
    let checked = match check.run(context, passphrase) {
        Ok(checked) => checked,
        Err(why) => return Ok(Proof::Impossible(why)),
    };
    if !checked.is_well() {
        return Ok(Proof::Failed { checked });
    }
    let holder = context.holder("import");
    let now = (context.clock)();
    match onboarding::put_in_use(&context.store, &imported.record, imported.credential, &holder, now) {
        Ok(Some(switched)) => Ok(Proof::Switched { checked, switched: Box::new(switched) }),
        Ok(None) => Ok(Proof::Changed { checked: Some(checked) }),
        Err(error) => Ok(Proof::Unswitched { checked, error }),
    }
}
