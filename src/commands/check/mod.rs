mod all;
mod checked;
mod credential;
mod machine;
mod page;
mod report;
mod revocation;
mod round_trip;
mod sample;
mod told;
mod way;

use clap::Args;
use zeroize::Zeroizing;

pub(super) use self::checked::Checked;
use self::checked::One;
pub(super) use self::credential::CredentialCheck;
use self::report::ReportArgs;
use self::revocation::RevocationArgs;
use self::round_trip::RoundTripArgs;
use self::told::Lines;
use self::way::WayArgs;
use super::secrets::FoundLogin;
use super::target::{self, Chosen, TargetArgs};
use super::{Context, Example};
use crate::check::{self, Finding, Online, ProbeId, Report, Verdict};
use crate::mesh::Target;
use crate::ui::{Failure, Outcome, exit, with_home};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "The credentials in use, end to end", line: "mesh-onboard check X26ABC1" },
    Example {
        does: "What needs no network: files, key, certificate, chain, dates",
        line: "mesh-onboard check X26ABC1 --offline",
    },
    Example {
        does: "Credentials made by hand; nothing is stored",
        line: "mesh-onboard check X26ABC1 --cert chain.pem --key key.pem --url https://localhost:8700 --ca server-root.pem",
    },
    Example {
        does: "A message to the mailbox itself and back",
        line: "mesh-onboard check X26SAND --url https://localhost:8700 --round-trip",
    },
    Example {
        does: "A page to attach to a ticket, with no secret in it",
        line: "mesh-onboard check X26ABC1 --report check.html",
    },
    Example {
        does: "Every mailbox, for cron: silent when all is well",
        line: "mesh-onboard --quiet --no-input check --all --secrets secrets.toml",
    },
];

/// Prove credentials end to end and name the cause of what fails
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Every mailbox that is known here, side by side; --env picks those of one environment
    #[arg(long, conflicts_with_all = ["mailbox", "credential", "pfx", "cert", "key", "round_trip"])]
    all: bool,
    /// Stop before the way to MESH
    #[arg(long, conflicts_with = "round_trip")]
    offline: bool,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    round_trip: RoundTripArgs,
    #[command(flatten)]
    revocation: RevocationArgs,
    #[command(flatten)]
    way: WayArgs,
    // Last: it ends with the heading of the secrets.
    #[command(flatten)]
    target: TargetArgs,
}

/// Checks; writes nothing but the report and the letter.
pub fn run(context: Context, args: &CheckArgs) -> Result<Outcome, Failure> {
    args.way.check()?;
    let page = args.report.page(&context, args.all)?;
    if args.all {
        return all::run(context, args, page);
    }
    let mut chosen = target::choose(&context, &args.target)?;
    chosen.expectation.revocation = args.revocation.lists(&context)?;
    let online = match args.offline {
        true => None,
        false => Some(online(&context, args, &args.target, &chosen, Wanted::Login(None))?),
    };
    if let Some(online) = &online {
        note(&context, online);
    }
    let watched = Watched::new(&context);
    let target = chosen.url.clone();
    let checked = checked(chosen, online, &mut |finding| watched.see(finding));
    let is_written = args.way.write_letter(&context, target.as_ref(), &args.target.words(), &checked);
    let (look, json) = (context.screen.look(), checked.json());
    let exit = if is_written { exit_code(&checked.report) } else { exit::FAILED };
    let ending = told::ending(look, &checked.report);
    let text = match watched.end() {
        true => format!("\n{ending}"),
        false => format!("{}\n{ending}", Lines::new(look, context.screen.verbose).of(&checked.report)),
    };
    let one = [One::Checked(checked)];
    let text = if context.screen.quiet { all::not_well(look, &one) } else { text };
    let text = with_home(&text, context.home_flag.as_deref());
    Ok(args.report.written(&context, page, &one, Outcome { exit, json, text }))
}

/// Says beforehand what MESH will notice.
fn note(context: &Context, online: &Online<'_>) {
    context.screen.note(&format!(
        "Checking against {}; validation updates the mailbox's connection history.",
        online.target.url("")
    ));
}

fn checked(chosen: Chosen, online: Option<Online<'_>>, on_finding: &mut dyn FnMut(&Finding)) -> Checked {
    let Chosen { mailbox, environment, url, material, expectation, .. } = chosen;
    let leaf = material.leaf().cloned();
    let others = material.certificates().iter().filter(|c| Some(*c) != leaf.as_ref()).cloned();
    let certificates = leaf.clone().into_iter().chain(others).collect();
    let report = check::check(material, &expectation, online, on_finding);
    Checked { mailbox, environment, url: url.map(|url| url.url("")), certificates, report }
}

/// Whether the secrets that open MESH are wanted.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    /// Yes; with the shared key that was typed for all of an environment, if one was.
    Login(Option<&'a Zeroizing<String>>),
    /// No: they are known to be missing.
    Nothing,
}

/// What the network takes, with the secrets that open MESH. `of` is about one mailbox of those that `args` mean.
fn online<'a>(
    context: &Context,
    args: &'a CheckArgs,
    of: &TargetArgs,
    chosen: &Chosen,
    wanted: Wanted<'_>,
) -> Result<Online<'a>, Failure> {
    let target = chosen.needed_url()?;
    let round_trip = args.round_trip.allowed(of.mailbox.as_ref(), chosen.environment, &target)?;
    let round_trip = round_trip.map(|trip| round_trip::said_when_interrupted(context, trip, of.words()));
    let found = match (&chosen.mailbox, wanted) {
        (Some(mailbox), Wanted::Login(shared_key)) => {
            let secrets = of.secrets(context).of(mailbox, chosen.environment).answered(shared_key);
            Some(secrets.login_as_found(mailbox, &of.login)?)
        }
        _ => None,
    };
    Ok(Online {
        round_trip,
        consumer: args.way.consumer,
        timeout: args.way.timeout(),
        ..plain(context, of, target, chosen, found)
    })
}

/// What the network takes, and nothing that is unusual.
fn plain<'a>(
    context: &Context,
    of: &TargetArgs,
    target: Target,
    chosen: &Chosen,
    found: Option<FoundLogin>,
) -> Online<'a> {
    let (login, others) = found.map(|found| (found.login, found.others)).unzip();
    Online {
        target,
        trust: chosen.trust.clone(),
        words: of.words(),
        login: chosen.mailbox.clone().zip(login),
        others,
        round_trip: None,
        clock: context.clock.clone(),
        consumer: None,
        timeout: None,
    }
}

/// Shows each probe as it ends, to somebody who watches.
struct Watched {
    watched: bool,
    lines: std::cell::RefCell<Lines>,
    screen: crate::ui::Screen,
    progress: crate::ui::Progress,
}

impl Watched {
    fn new(context: &Context) -> Self {
        let screen = context.screen;
        let watched = screen.is_watched() && context.output.is_none();
        let this = Self {
            watched,
            lines: Lines::new(screen.look(), screen.verbose).into(),
            screen,
            progress: screen.progress(),
        };
        this.waits_for(Some(ProbeId::Files));
        this
    }

    fn see(&self, finding: &Finding) {
        self.progress.end();
        if self.watched {
            let line = self.lines.borrow_mut().line(finding);
            // A terminal that is gone is noticed at the end.
            let _ = self.screen.early(&Outcome::done(serde_json::Value::Null, line));
        }
        self.wait_after(finding);
    }

    /// Names the probe that comes next.
    fn wait_after(&self, finding: &Finding) {
        self.progress.end();
        let next = ProbeId::ORDER.into_iter().skip_while(|probe| *probe != finding.probe).nth(1);
        self.waits_for(next);
    }

    /// Whether the lines were shown.
    fn end(self) -> bool {
        self.progress.end();
        self.watched
    }

    fn waits_for(&self, probe: Option<ProbeId>) {
        if let Some(probe) = probe {
            self.progress.begin(probe.as_str(), None);
        }
    }
}

fn exit_code(report: &Report) -> u8 {
    match report.verdict() {
        _ if report.is_unreachable() => exit::UNREACHABLE,
        Verdict::Fail => exit::ATTENTION,
        Verdict::Pass | Verdict::Warn => exit::DONE,
    }
}
