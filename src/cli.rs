//! The command tree.
//!
//! Help texts: one line that begins with a verb and has no full stop; arguments as nouns; every command
//! ends with EXAMPLES, which the tests run, and EXIT CODES.

use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{self, Context, GlobalArgs, after_help};
use crate::mesh::token::SCHEME;
use crate::store::files;
use crate::ui::{Explained, Failure, InputError, Outcome, Screen, exit, with_home};

/// From an NHS MESH mailbox ID to TLS credentials that are proved to work
#[derive(Debug, Parser)]
#[command(name = "mesh-onboard", version, disable_help_subcommand = true, after_help = START)]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

const START: &str = "\
Without a command, on a terminal, it asks its way through: from a mailbox ID to
credentials that work, and later from an expiry date to their successors.

EXAMPLES:
  # The whole journey on this machine, without network
  mesh-onboard rehearse

  # Where every mailbox stands
  mesh-onboard status

EXIT CODES:
  0  done
  1  failed
  2  wrong usage, or an answer was needed and could not be asked for
  3  something needs attention: it expires soon, or a probe failed
  4  MESH could not be reached
";

/// The exit code that the commands of the MESH client have besides.
const UNREACHABLE: &[(u8, &str)] = &[(4, "MESH could not be reached")];

/// The exit code of the commands that run the deploy hook.
const HOOK_FAILED: &[(u8, &str)] = &[(3, "it is in use, and the deploy hook failed")];

#[derive(Debug, Subcommand)]
enum Command {
    #[command(after_help = after_help(commands::request::EXAMPLES, &[]))]
    Request(Box<commands::request::RequestArgs>),
    #[command(after_help = after_help(commands::sent::EXAMPLES, &[]))]
    Sent(commands::sent::SentArgs),
    #[command(after_help = after_help(commands::import::EXAMPLES, commands::import::CODES))]
    Import(Box<commands::import::ImportArgs>),
    #[command(after_help = after_help(commands::renew::EXAMPLES, &[]))]
    Renew(Box<commands::renew::RenewArgs>),
    #[command(after_help = after_help(commands::activate::EXAMPLES, HOOK_FAILED))]
    Activate(commands::activate::ActivateArgs),
    #[command(after_help = after_help(commands::rollback::EXAMPLES, HOOK_FAILED))]
    Rollback(commands::rollback::RollbackArgs),
    #[command(after_help = after_help(commands::history::EXAMPLES, &[]))]
    History(commands::history::HistoryArgs),
    #[command(after_help = after_help(commands::inspect::EXAMPLES, &[(3, "something in a file will not work with MESH")]))]
    Inspect(commands::inspect::InspectArgs),
    #[command(after_help = after_help(commands::adopt::EXAMPLES, &[]))]
    Adopt(Box<commands::adopt::AdoptArgs>),
    #[command(after_help = after_help(commands::bundle::EXAMPLES, &[]))]
    Bundle(Box<commands::bundle::BundleCommandArgs>),
    #[command(after_help = after_help(commands::export::EXAMPLES, &[(3, "what was handed over is not what is in use, or ends soon (--verify)")]))]
    Export(Box<commands::export::ExportArgs>),
    #[command(after_help = after_help(commands::check::EXAMPLES, &[(3, "a probe failed"), (4, "MESH could not be reached")]))]
    Check(Box<commands::check::CheckArgs>),
    #[command(visible_alias = "handshake", after_help = after_help(commands::validate::EXAMPLES, UNREACHABLE))]
    Validate(Box<commands::validate::ValidateArgs>),
    #[command(after_help = after_help(commands::inbox::EXAMPLES, UNREACHABLE))]
    Inbox(Box<commands::inbox::InboxArgs>),
    #[command(after_help = after_help(commands::receive::EXAMPLES, UNREACHABLE))]
    Receive(Box<commands::receive::ReceiveArgs>),
    #[command(after_help = after_help(commands::send::EXAMPLES, UNREACHABLE))]
    Send(Box<commands::send::SendArgs>),
    #[command(after_help = after_help(commands::ack::EXAMPLES, UNREACHABLE))]
    Ack(Box<commands::ack::AckArgs>),
    #[command(after_help = after_help(commands::track::EXAMPLES, UNREACHABLE))]
    Track(Box<commands::track::TrackArgs>),
    #[command(after_help = after_help(commands::lookup::EXAMPLES, UNREACHABLE))]
    Lookup(Box<commands::lookup::LookupArgs>),
    #[command(after_help = after_help(commands::token::EXAMPLES, &[(3, "MESH would refuse the header of --verify")]))]
    Token(commands::token::TokenArgs),
    #[command(after_help = after_help(commands::status::EXAMPLES, &[(3, "a certificate expires within --within")]))]
    Status(commands::status::StatusArgs),
    #[command(after_help = after_help(commands::secret::EXAMPLES, &[]))]
    Secret(commands::secret::SecretArgs),
    #[command(after_help = after_help(commands::backup::EXAMPLES, &[(3, "the record of a mailbox cannot be read")]))]
    Backup(commands::backup::BackupCommandArgs),
    #[command(after_help = after_help(commands::restore::EXAMPLES, &[(3, "something here differs from the backup and is left, or a record in it cannot be read")]))]
    Restore(commands::restore::RestoreArgs),
    #[cfg(feature = "rehearsal")]
    #[command(after_help = after_help(commands::rehearse::EXAMPLES, &[]))]
    Rehearse(commands::rehearse::RehearseArgs),
    #[command(after_help = after_help(commands::completions::EXAMPLES, &[]))]
    Completions(commands::completions::CompletionsArgs),
    #[command(after_help = after_help(commands::man::EXAMPLES, &[]))]
    Man(commands::man::ManArgs),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return unparsed(&error),
    };
    cli.global.color.choose();
    let screen = Screen::new(cli.global.json, cli.global.quiet, cli.global.verbose, cli.global.no_input);
    let (output, home) = (cli.global.output.clone(), cli.global.home.clone());
    // Before anything is changed: a result that cannot be written must not cost the change.
    let possible = output.as_deref().map_or(Ok(()), files::check_new);
    let outcome = possible.map_err(Failure::from).and_then(|()| run(cli));
    let failed = |failure: &Failure| {
        let mut explained = Explained::from(failure);
        explained.hint = explained.hint.map(|hint| with_home(&hint, home.as_deref()));
        screen.error(&explained);
        explained.exit
    };
    ExitCode::from(match (outcome, output) {
        (Err(failure), _) => failed(&failure),
        (Ok(outcome), _) if outcome.is_shown() => outcome.exit,
        (Ok(outcome), None) => screen.result(&outcome),
        (Ok(outcome), Some(path)) => match files::write_result(&path, &outcome.file_bytes(screen.json)) {
            Ok(()) => outcome.exit,
            // What was done is done: the result is not to be lost with the file.
            Err(error) => {
                screen.result(&outcome);
                failed(&error.into())
            }
        },
    })
}

fn run(cli: Cli) -> Result<Outcome, Failure> {
    let Some(command) = cli.command else { return run_bare(&cli.global) };
    // These need no home.
    match &command {
        Command::Completions(args) => return Ok(commands::completions::run(args, Cli::command())),
        Command::Man(args) => return commands::man::run(args, Cli::command()),
        _ => {}
    }
    carry_out(command, Context::read(&cli.global)?)
}

/// Without a command: the wizard, or where nobody can be asked, the help.
fn run_bare(global: &GlobalArgs) -> Result<Outcome, Failure> {
    if global.json {
        return Err(InputError::Usage("a command is needed".into()).into());
    }
    let context = Context::read(global)?;
    if !context.screen.may_ask {
        context.screen.help(&Cli::command().render_help());
        return Ok(Outcome { exit: exit::USAGE, json: serde_json::Value::Null, text: String::new() });
    }
    commands::wizard::run(&context.guided(&[], None), &|line| {
        let words = ["mesh-onboard"].into_iter().chain(line.words.iter().map(String::as_str));
        let cli = Cli::try_parse_from(words).map_err(|error| InputError::Usage(error.to_string()))?;
        let command = cli.command.ok_or_else(|| InputError::Usage("a command is needed".into()))?;
        carry_out(command, Context::read(global)?.guided(&line.words, line.pasted))
    })
}

fn carry_out(command: Command, context: Context) -> Result<Outcome, Failure> {
    match command {
        Command::Request(args) => commands::request::run(&context, *args),
        Command::Sent(args) => commands::sent::run(&context, args),
        Command::Import(args) => commands::import::run(&context, *args),
        Command::Renew(args) => commands::renew::run(&context, *args),
        Command::Activate(args) => commands::activate::run(&context, &args),
        Command::Rollback(args) => commands::rollback::run(&context, &args),
        Command::History(args) => commands::history::run(&context, &args),
        Command::Inspect(args) => commands::inspect::run(&context, &args),
        Command::Adopt(args) => commands::adopt::run(&context, *args),
        Command::Bundle(args) => commands::bundle::run(&context, &args),
        Command::Export(args) => commands::export::run(&context, &args),
        Command::Check(args) => commands::check::run(context, &args),
        Command::Validate(args) => commands::validate::run(&context, &args),
        Command::Inbox(args) => commands::inbox::run(&context, &args),
        Command::Receive(args) => commands::receive::run(&context, &args),
        Command::Send(args) => commands::send::run(&context, &args),
        Command::Ack(args) => commands::ack::run(&context, &args),
        Command::Track(args) => commands::track::run(&context, &args),
        Command::Lookup(args) => commands::lookup::run(&context, &args),
        Command::Token(args) => commands::token::run(&context, &args),
        Command::Status(args) => commands::status::run(&context, args),
        Command::Secret(args) => commands::secret::run(&context, args),
        Command::Backup(args) => commands::backup::run(&context, &args),
        Command::Restore(args) => commands::restore::run(&context, &args),
        #[cfg(feature = "rehearsal")]
        Command::Rehearse(args) => commands::rehearse::run(context, args),
        Command::Completions(args) => Ok(commands::completions::run(&args, Cli::command())),
        Command::Man(args) => commands::man::run(&args, Cli::command()),
    }
}

/// Help and version are results; wrong usage is an error, in JSON if the line asked for it.
fn unparsed(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().any(|argument| argument == "--json");
    if error.use_stderr() && wants_json {
        // clap's text up to its usage line; the flag that is missing stands on a line of its own.
        let text = without_tokens(error.to_string());
        let lines = text.lines().map(str::trim).take_while(|line| {
            !["Usage:", "tip:", "For more information"].iter().any(|end| line.starts_with(end))
        });
        let message = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        let message = message.trim_start_matches("error: ").to_owned();
        let explained = Explained::from(&Failure::Input(InputError::Usage(message)));
        Screen::new(true, false, false, true).error(&explained);
        return ExitCode::from(exit::USAGE);
    }
    let shown = error.render().ansi().to_string();
    match without_tokens(shown.clone()) {
        safe if safe != shown => Screen::new(false, false, false, true).help(&StyledStr::from(safe)),
        _ => drop(error.print()),
    }
    ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::DONE })
}

/// Without the Authorization headers of the command line, which somebody has put in a wrong place.
fn without_tokens(text: String) -> String {
    let words = std::env::args_os().filter_map(|word| word.into_string().ok());
    let headers = words.filter(|word| word.to_ascii_uppercase().contains(SCHEME.trim_end()));
    headers.fold(text, |text, header| text.replace(&header, "(hidden)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_tree_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples_and_exit_codes() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("EXAMPLES:") && help.contains("EXIT CODES:"), "{}", command.get_name());
        }
    }
}
