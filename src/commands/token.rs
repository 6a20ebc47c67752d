use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::secrets::{HEADING, KeyArgs, LoginArgs, Secrets};
use super::{Context, Example, known, rfc3339};
use crate::mailbox::{Environment, MailboxId};
use crate::mesh::token::{self, Examination, Fault, Login, TOLERANCE, Token};
use crate::store::{StoreError, files};
use crate::ui::{Failure, InputError, Outcome, clean, exit, token_remedy};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "A header for one request; mailbox password and shared key from the environment",
        line: "mesh-onboard token X26ABC1",
    },
    Example {
        does: "What is wrong with the header that a program made",
        line: "mesh-onboard token X26ABC1 --verify - < header.txt",
    },
    Example {
        does: "The same of a header from a log, at the time of its request",
        line: "mesh-onboard token X26ABC1 --at 2026-06-01T12:00:00Z --verify - < header.txt",
    },
];

/// A header has less than 200 characters; HTTP servers take 8 KiB or so.
const HEADER_MAX: u64 = 8 * 1024;

/// Print an Authorization header, or say what is wrong with one
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Mailbox ID; it need not be known here
    mailbox: MailboxId,
    /// Say what is wrong with this header, made with the same secrets; - for standard input
    #[arg(long, value_name = "HEADER", allow_hyphen_values = true)]
    verify: Option<String>,
    /// Judge the header as of TIME, such as 2026-06-01T12:00:00Z, instead of now
    // Taken as text: clap would show the parser's own words.
    #[arg(long, value_name = "TIME", requires = "verify")]
    at: Option<String>,
    /// Which environment; needed where several hold this mailbox
    #[arg(long, value_name = "ENV")]
    env: Option<Environment>,
    /// Private file with several secrets, as TOML or NAME=value lines
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    secrets: Option<PathBuf>,
    #[command(flatten)]
    login: LoginArgs,
}

/// Makes or examines one header; writes nothing.
pub fn run(context: &Context, args: &TokenArgs) -> Result<Outcome, Failure> {
    let environment = environment(context, args)?;
    // Before the secrets: one of them may be meant to come from standard input, which serves once.
    let header = args.verify.as_deref().map(|given| header(context, given)).transpose()?;
    let at = args.at.as_deref().map(time).transpose()?.unwrap_or(context.now);
    let key_args = KeyArgs { key_passphrase_file: None, secrets: args.secrets.clone() };
    let secrets = Secrets::new(context, &key_args, None);
    let secrets = match environment {
        Some(environment) => secrets.of(&args.mailbox, environment),
        None => secrets,
    };
    let login = secrets.login(&args.mailbox, &args.login)?;
    Ok(match header {
        None => made(context, &args.mailbox, environment, &login),
        Some(header) => {
            let examination = token::examine(&header, &args.mailbox, &login, at);
            examined(&args.mailbox, environment, &examination)
        }
    })
}

/// The environment whose secrets these are. A mailbox that is not known here may have them all the same.
fn environment(context: &Context, args: &TokenArgs) -> Result<Option<Environment>, Failure> {
    if args.env.is_some() {
        return Ok(args.env);
    }
    match context.store.find(&args.mailbox, None) {
        Ok((_, record)) => Ok(Some(record.environment)),
        Err(StoreError::NoSuchMailbox { .. }) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// The header to be examined. The line end of a file or a pipe is none of its own.
fn header(context: &Context, given: &str) -> Result<String, Failure> {
    let too_long = || InputError::Usage(format!("the header has more than {HEADER_MAX} bytes"));
    if given != "-" {
        return if given.len() as u64 > HEADER_MAX { Err(too_long().into()) } else { Ok(given.to_owned()) };
    }
    context.stdin_used.replace(true);
    let bytes = files::read_stdin(HEADER_MAX).map_err(|error| match error {
        StoreError::TooLarge { .. } => Failure::from(too_long()),
        other => other.into(),
    })?;
    let text =
        String::from_utf8(bytes).map_err(|_| InputError::Usage("the header is not UTF-8 text".into()))?;
    let line = text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(line.to_owned())
}

fn time(given: &str) -> Result<OffsetDateTime, Failure> {
    OffsetDateTime::parse(given, &Rfc3339).map_err(|_| {
        InputError::Usage(format!("--at {given} is no time such as 2026-06-01T12:00:00Z")).into()
    })
}

fn made(context: &Context, mailbox: &MailboxId, environment: Option<Environment>, login: &Login) -> Outcome {
    let header = token::header(mailbox, login, &uuid::Uuid::new_v4().to_string(), 0, context.now);
    // The server goes by the timestamp, which is to the minute.
    let timestamp = Token::parse(&header).map_or(context.now, |token| token.timestamp);
    let expires = rfc3339(timestamp + TOLERANCE);
    context.screen.note(&format!(
        "It serves for one request, until {expires}. Whoever has it can make that request: do not keep it."
    ));
    let json = known(json!({
        "mailbox": mailbox.as_str(),
        "environment": environment.map(Environment::as_str),
        "authorization": header,
        "expires_at": expires,
    }));
    Outcome::done(json, header)
}

fn examined(mailbox: &MailboxId, environment: Option<Environment>, examination: &Examination) -> Outcome {
    let Examination { fields, faults, .. } = examination;
    let passes = examination.passes();
    let json = known(json!({
        "mailbox": mailbox.as_str(),
        "environment": environment.map(Environment::as_str),
        "verdict": if passes { "pass" } else { "fail" },
        "findings": faults.iter().map(finding).collect::<Vec<_>>(),
        "fields": known(json!({
            "mailbox": fields.mailbox,
            "nonce": fields.nonce,
            "nonce_count": fields.nonce_count,
            "timestamp": fields.timestamp,
            "hash": fields.hash.as_deref().map(beginning),
        })),
    }));
    let exit = if passes { exit::DONE } else { exit::ATTENTION };
    Outcome { exit, json, text: text(mailbox, examination) }
}

/// Enough of a hash to know it again; the whole would make the header good for a request.
fn beginning(hash: &str) -> String {
    const SHOWN: usize = 8;
    let shown: String = hash.chars().take(SHOWN).collect();
    if shown.len() < hash.len() { format!("{shown}…") } else { shown }
}

fn finding(fault: &Fault) -> Value {
    json!({
        "code": fault.code(),
        "severity": fault.severity().as_str(),
        "message": fault.to_string(),
        "remedy": token_remedy(fault),
    })
}

fn text(mailbox: &MailboxId, examination: &Examination) -> String {
    let mut lines = Vec::new();
    for fault in &examination.faults {
        lines.push(format!(
            "{}: {} ({})",
            fault.severity().as_str(),
            clean(&fault.to_string()),
            fault.code()
        ));
        lines.push(format!("      {}", clean(&token_remedy(fault))));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(if examination.passes() {
        format!(
            "MESH takes this header for {mailbox}, once, if these are its mailbox password and shared key."
        )
    } else {
        format!("MESH refuses this header for {mailbox}.")
    });
    lines.join("\n")
}
