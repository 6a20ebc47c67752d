//! `export`: makes a handover, makes handovers again, and looks whether they still are what is in use.

mod after;
mod again;
mod apart;
mod every;
mod forget;
mod gather;
mod list;
mod path;
mod show;
mod told;
mod verify;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

pub use self::gather::own_templates;
use self::gather::{Opened, Wanted};
pub use self::told::files as files_told;
use super::secrets::{KeyArgs, LoginArgs};
use super::{Context, Example};
use crate::handover::{self, Plan};
use crate::mailbox::{Environment, MailboxId, Network};
use crate::pki::PfxProfile;
use crate::store::files::Readers;
use crate::ui::{Failure, InputError, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "Which consumers are known, and what each was proved with",
        line: "mesh-onboard export --list",
    },
    Example {
        does: "What one of them gets, what can be set, and which templates make it",
        line: "mesh-onboard export --list --for mavis",
    },
    Example {
        does: "What anything takes that takes PEM files",
        line: "mesh-onboard export X26ABC1 --for pem --to handover",
    },
    Example {
        does: "The key encrypted under a password of its own, for a service that runs in the group of the files",
        line: "mesh-onboard export X26ABC1 --for pem --set key=encrypted --mode 640 --to handover-encrypted",
    },
    Example {
        does: "Everything that was handed over, made again from the credential in use",
        line: "mesh-onboard export X26ABC1 --refresh",
    },
    Example {
        does: "Whether what was handed over still is what is in use",
        line: "mesh-onboard export X26ABC1 --verify",
    },
];

/// Flags about one handover that is made: elsewhere they would be believed to do something.
const OF_ONE: [&str; 9] =
    ["settings", "show_secrets", "mode", "installed_at", "credential", "pfx_profile", "network", "url", "ca"];

/// Write what one consumer loads: files and settings in its own shape
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("action").args(["consumer", "list", "refresh", "verify", "forget"]).required(true).multiple(true)))]
#[command(group(ArgGroup::new("of_one").args(OF_ONE).multiple(true).conflicts_with_all(["list", "refresh", "verify", "forget"])))]
pub struct ExportArgs {
    /// Mailbox ID; --refresh and --verify without one are about all of them
    mailbox: Option<MailboxId>,
    /// Which environment, where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    /// Consumer: a name of --list
    #[arg(long = "for", value_name = "CONSUMER", id = "consumer")]
    consumer: Option<String>,
    /// New folder for the files; - prints them
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// What the consumer needs to be told besides; --list names what each takes
    #[arg(long = "set", value_name = "NAME=VALUE", requires = "consumer")]
    settings: Vec<String>,
    /// Print secrets too; with --to -
    #[arg(long, requires = "consumer")]
    show_secrets: bool,
    /// Which of several files to print; with --to -, or with --list the template that makes it
    #[arg(long, value_name = "FILE", requires = "consumer", conflicts_with_all = ["refresh", "verify", "forget"])]
    only: Option<String>,
    /// Permissions of the files in octal
    #[arg(long, default_value = "600", requires = "consumer", hide = cfg!(not(unix)))]
    mode: Readers,
    /// Where the consumer finds the folder, if not where it is written: a path in a container, or on another machine
    #[arg(long, value_name = "DIR", requires = "consumer")]
    installed_at: Option<PathBuf>,
    /// Which credential of the mailbox, by its number; default: the one in use
    #[arg(long, value_name = "NUMBER", requires = "consumer")]
    credential: Option<u32>,
    /// Protection of PFX and keystore: modern (AES-256), or legacy (3DES) for readers that say "wrong password"
    #[arg(long, value_name = "PROFILE", default_value = "modern", requires = "consumer")]
    pfx_profile: PfxProfile,
    /// internet or hscn
    #[arg(long, default_value = "internet", requires = "consumer")]
    network: Network,
    /// Address of MESH, instead of the environment's own
    // Taken as text: the parser of the command line would repeat a password in it.
    #[arg(long, requires = "consumer")]
    url: Option<String>,
    /// Certificates that the consumer is to trust at the server, instead of the CAs of the client certificate
    #[arg(long, value_name = "FILE", requires = "consumer")]
    ca: Vec<PathBuf>,
    /// List the consumers; with --for what one of them gets: files, secrets, settings, templates
    #[arg(long, conflicts_with_all = ["refresh", "verify", "forget", "mailbox", "to"])]
    list: bool,
    /// Make again what was handed over, from the credential in use; with --to only that folder
    #[arg(long, conflicts_with_all = ["consumer", "verify", "forget"])]
    refresh: bool,
    /// Read what was handed over where it lies, and compare it with the credential in use; with --to only that folder
    #[arg(long, conflicts_with_all = ["consumer", "forget"])]
    verify: bool,
    /// Forget that something was handed over to DIR; its files stay
    #[arg(long, value_name = "DIR", conflicts_with = "consumer", requires = "mailbox")]
    forget: Option<PathBuf>,
    #[command(flatten)]
    login: LoginArgs,
    #[command(flatten)]
    secrets: KeyArgs,
}

/// Does what the flags say.
pub fn run(context: &Context, args: &ExportArgs) -> Result<Outcome, Failure> {
    let to = args.to.as_deref().map(|to| path::folder(to, "--to")).transpose()?;
    if args.list {
        return list::run(context, args.consumer.as_deref(), args.only.as_deref());
    }
    if args.refresh {
        return again::run(context, args, to.as_deref());
    }
    if args.verify {
        return verify::run(context, args, to.as_deref());
    }
    if let Some(folder) = &args.forget {
        return forget::run(context, args, &path::folder(folder, "--forget")?);
    }
    one(context, args, to.as_deref())
}

/// One handover to one consumer.
fn one(context: &Context, args: &ExportArgs, to: Option<&Path>) -> Result<Outcome, Failure> {
    let mailbox = args.mailbox.as_ref().ok_or_else(|| InputError::Usage("name the mailbox".into()))?;
    let consumer = args.consumer.as_deref().unwrap_or_default();
    let to = to.ok_or_else(|| InputError::Usage("say where to: --to DIR".into()))?;
    let preset = handover::find(consumer)?;
    let settings = args.settings.iter().map(|text| setting(text)).collect::<Result<Vec<_>, _>>()?;
    let mut plan = Plan::new(preset, &settings, mailbox, gather::own_templates(context))?;
    if let Some(installed_at) = &args.installed_at {
        path::must_be_absolute(installed_at, "--installed-at")?;
    }
    let prints = to == Path::new("-");
    // Before anybody is asked.
    if prints {
        show::choose(args, &mut plan)?;
    } else {
        show::only_with_stdout(args)?;
        gather::readers_fit(args.mode, &plan)?;
        let (folder, _) = context.find(mailbox, args.env)?;
        handover::place(&context.store, &folder, preset.name, to)?;
    }
    let wanted = Wanted {
        mailbox,
        environment: args.env,
        credential: args.credential,
        network: args.network,
        url: args.url.as_deref(),
        server_ca: gather::certificates(context, &args.ca)?,
        profile: args.pfx_profile,
        login: &args.login,
        secrets: &args.secrets,
    };
    let gathered = gather::gather(context, &wanted, &plan, &mut Opened::default())?;
    let folder = if prints { PathBuf::from("/") } else { to.to_owned() };
    let installed_at = args.installed_at.as_deref();
    let made = plan.make(&gathered.ingredients(), installed_at.unwrap_or(&folder))?;
    let mut warnings = told::warn(context, &made, &gathered);
    if prints {
        return show::outcome(context, &made, &warnings);
    }
    let delivered = gathered.deliver(context, &made, &folder, installed_at, args.mode)?;
    warnings.extend(after::warn(context, &delivered));
    Ok(told::outcome(context, &gathered, &made, &delivered, &warnings))
}

/// `NAME=VALUE`.
fn setting(text: &str) -> Result<(String, String), InputError> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| InputError::Usage(format!("--set takes NAME=VALUE, and '{text}' is none")))?;
    Ok((name.trim().to_owned(), value.to_owned()))
}
