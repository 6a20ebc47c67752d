use clap::Args;
use serde_json::{Value, json};

use super::target::{self, Chosen, TargetArgs};
use super::{Context, Example, known};
use crate::check::{self, Finding, Online, Report, RoundTrip, Status, Verdict};
use crate::mailbox::{Authority, Environment, MailboxId, Network};
use crate::mesh::Target;
use crate::ui::{Failure, InputError, Outcome, clean, exit};

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

/// The workflow of the sandbox that a mailbox may send to itself with.
const SANDBOX_WORKFLOW: &str = "TEST_WORKFLOW2";

/// Prove credentials end to end and name the cause of what fails
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Stop before the network
    #[arg(long, conflicts_with = "round_trip")]
    offline: bool,
    /// Send a small message to the mailbox itself, receive, compare and acknowledge it
    #[arg(long)]
    round_trip: bool,
    /// Workflow ID of the round trip; needed but for sandbox and rehearsal
    #[arg(long, value_name = "ID", requires = "round_trip")]
    workflow: Option<String>,
    /// Yes, send the round trip's message on live
    #[arg(long, requires = "round_trip")]
    yes_on_live: bool,
    // Last: it ends with the heading of the secrets.
    #[command(flatten)]
    target: TargetArgs,
}

/// Checks; writes nothing.
pub fn run(context: &Context, args: &CheckArgs) -> Result<Outcome, Failure> {
    let chosen = target::choose(context, &args.target)?;
    let online = if args.offline { None } else { Some(online(context, args, &chosen)?) };
    let Chosen { mailbox, environment, url, material, expectation, .. } = chosen;
    let report = check::check(material, &expectation, online, &mut |finding| {
        context.screen.detail(&format!("{} {} ms", finding.probe.as_str(), finding.millis));
    });
    let json = known(json!({
        "mailbox": mailbox.as_ref().map(MailboxId::as_str),
        "environment": environment.as_str(),
        "url": url.as_ref().map(|url| url.url("")),
        "verdict": report.verdict().as_str(),
        "probes": report.findings.iter().map(probe_json).collect::<Vec<_>>(),
    }));
    Ok(Outcome { exit: exit_code(&report), json, text: text(&report) })
}

/// What the network takes, with the secrets that open MESH.
fn online<'a>(context: &Context, args: &'a CheckArgs, chosen: &Chosen) -> Result<Online<'a>, Failure> {
    let target = chosen.needed_url()?;
    let workflow = workflow(args, chosen.environment, &target)?;
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
        round_trip: workflow.map(|workflow| RoundTrip { workflow }),
        clock: context.clock.clone(),
    })
}

/// The workflow of the round trip, once it is allowed.
fn workflow<'a>(
    args: &'a CheckArgs,
    environment: Environment,
    target: &Target,
) -> Result<Option<&'a str>, InputError> {
    if !args.round_trip {
        return Ok(None);
    }
    if args.target.mailbox.is_none() {
        return Err(InputError::Usage("--round-trip needs a mailbox: mesh-onboard check MAILBOX".into()));
    }
    // Where it goes counts, whatever the mailbox is said to be.
    let at_live = [Network::Internet, Network::Hscn]
        .into_iter()
        .filter_map(|network| Environment::Live.url(network)?.parse::<Target>().ok())
        .any(|live| live.host() == target.host());
    if (environment == Environment::Live || at_live) && !args.yes_on_live {
        return Err(InputError::Usage(
            "--round-trip sends a message, and this is live: add --yes-on-live if that is meant".into(),
        ));
    }
    match (&args.workflow, environment.authority()) {
        (Some(workflow), _) => Ok(Some(workflow)),
        (None, Authority::Own | Authority::Rehearsal) if !target.host().ends_with(".nhs.uk") => {
            Ok(Some(SANDBOX_WORKFLOW))
        }
        (None, _) => Err(InputError::Usage(
            "--round-trip needs --workflow ID: one that this mailbox may send to itself".into(),
        )),
    }
}

fn exit_code(report: &Report) -> u8 {
    match report.verdict() {
        _ if report.is_unreachable() => exit::UNREACHABLE,
        Verdict::Fail => exit::ATTENTION,
        Verdict::Pass | Verdict::Warn => exit::DONE,
    }
}

fn probe_json(finding: &Finding) -> Value {
    known(json!({
        "id": finding.probe.as_str(),
        "status": finding.status.as_str(),
        "code": finding.code,
        "evidence": finding.evidence,
        "remedy": finding.remedy,
        "millis": finding.millis,
    }))
}

/// One line a probe; then the first failure in full, and every warning's remedy.
fn text(report: &Report) -> String {
    let mut lines: Vec<String> = report
        .findings
        .iter()
        .map(|f| format!("  {:<8} {:<19} {}", f.status.as_str(), f.probe.as_str(), clean(&f.evidence)))
        .collect();
    lines.push(String::new());
    match report.first_failure() {
        Some(failure) => {
            lines.push(format!("{} failed ({}).", failure.probe.as_str(), failure.code.unwrap_or_default()));
            lines.push(format!("because: {}", clean(&failure.evidence)));
            lines.extend(failure.remedy.iter().map(|remedy| format!("hint: {}", clean(remedy))));
        }
        None if report.verdict() == Verdict::Warn => {
            lines.push("The credentials work; something deserves attention:".into());
            for warning in report.findings.iter().filter(|f| f.status == Status::Warn) {
                let remedy = warning.remedy.as_deref().unwrap_or_default();
                lines.push(format!("  {}: {}", warning.probe.as_str(), clean(remedy)));
            }
        }
        None => lines.push("All is well.".into()),
    }
    lines.join("\n")
}
