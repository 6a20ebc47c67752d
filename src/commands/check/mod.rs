mod round_trip;
mod shown;
mod way;

use clap::Args;
use serde_json::json;

use self::round_trip::RoundTripArgs;
use self::way::WayArgs;
use super::target::{self, Chosen, TargetArgs};
use super::{Context, Example, known};
use crate::check::{self, Online, Report, Verdict};
use crate::mailbox::MailboxId;
use crate::ui::{Failure, Outcome, exit};

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
];

/// Prove credentials end to end and name the cause of what fails
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Stop before the network
    #[arg(long, conflicts_with = "round_trip")]
    offline: bool,
    #[command(flatten)]
    round_trip: RoundTripArgs,
    #[command(flatten)]
    way: WayArgs,
    // Last: it ends with the heading of the secrets.
    #[command(flatten)]
    target: TargetArgs,
}

/// Checks; writes nothing.
pub fn run(context: &Context, args: &CheckArgs) -> Result<Outcome, Failure> {
    args.way.check()?;
    let chosen = target::choose(context, &args.target)?;
    let online = if args.offline { None } else { Some(online(context, args, &chosen)?) };
    let Chosen { mailbox, environment, url, material, expectation, .. } = chosen;
    let report = check::check(material, &expectation, online, &mut |finding| {
        context.screen.detail(&format!("{} {} ms", finding.probe.as_str(), finding.millis));
    });
    args.way.write_letter(context, url.as_ref(), environment, mailbox.as_ref(), &report)?;
    let json = known(json!({
        "mailbox": mailbox.as_ref().map(MailboxId::as_str),
        "environment": environment.as_str(),
        "url": url.as_ref().map(|url| url.url("")),
        "verdict": report.verdict().as_str(),
        "probes": report.findings.iter().map(shown::probe_json).collect::<Vec<_>>(),
    }));
    Ok(Outcome { exit: exit_code(&report), json, text: shown::text(&report) })
}

/// What the network takes, with the secrets that open MESH.
fn online<'a>(context: &Context, args: &'a CheckArgs, chosen: &Chosen) -> Result<Online<'a>, Failure> {
    let target = chosen.needed_url()?;
    let round_trip = args.round_trip.allowed(args.target.mailbox.as_ref(), chosen.environment, &target)?;
    let login = match &chosen.mailbox {
        Some(mailbox) => {
            let secrets = args.target.secrets(context).of(mailbox, chosen.environment);
            Some((mailbox.clone(), secrets.login(mailbox, &args.target.login)?))
        }
        None => None,
    };
    context.screen.note(&format!(
        "Checking against {}; validation updates the mailbox's connection history.",
        target.url("")
    ));
    Ok(Online {
        target,
        trust: chosen.trust.clone(),
        login,
        round_trip,
        clock: context.clock.clone(),
        consumer: args.way.consumer,
        timeout: args.way.timeout(),
    })
}

fn exit_code(report: &Report) -> u8 {
    match report.verdict() {
        _ if report.is_unreachable() => exit::UNREACHABLE,
        Verdict::Fail => exit::ATTENTION,
        Verdict::Pass | Verdict::Warn => exit::DONE,
    }
}
