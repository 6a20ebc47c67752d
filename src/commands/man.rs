use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use serde_json::json;

use super::Example;
use crate::store::files;
use crate::ui::{Failure, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "Into a folder of your own", line: "mesh-onboard man --to man1" },
    Example { does: "Where man finds them", line: "mesh-onboard man --to ~/.local/share/man/man1" },
];

/// Every page begins so, and nothing else that lies in such a folder does.
const TITLE: &str = ".TH mesh-onboard";

/// Write a manual page for each command
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Folder for the pages, made if it is missing; pages of another version are replaced
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Writes a page for `program` and each of its commands.
pub fn run(args: &ManArgs, program: Command) -> Result<Outcome, Failure> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    files::create_folder(&args.to)?;
    let mut written = Vec::new();
    keep(&args.to, &program, &mut written)?;
    let folder = std::path::absolute(&args.to).unwrap_or_else(|_| args.to.clone());
    let paths: Vec<String> = written.iter().map(|name| folder.join(name).display().to_string()).collect();
    let first = shell_words::quote(&paths[0]).into_owned();
    let text = format!("Wrote {} pages to {}\n\nNext: man {first}", paths.len(), folder.display());
    Ok(Outcome::done(json!({"files": paths}), text))
}

/// The page of a command and of those below it.
fn keep(folder: &Path, command: &Command, written: &mut Vec<String>) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let file = format!("{name}.1");
    files::write_ours(&folder.join(&file), &page(command), is_page)?;
    written.push(file);
    command.get_subcommands().try_for_each(|below| keep(folder, below, written))
}

fn is_page(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).lines().any(|line| line.starts_with(TITLE))
}

/// One page, man(7). Examples and exit codes keep their lines.
fn page(command: &Command) -> Vec<u8> {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    // In the order in which the help has it, and with what each option takes.
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    let man = Man::new(command.clone().override_usage(usage))
        .source(format!("mesh-onboard {}", env!("CARGO_PKG_VERSION")))
        .manual("mesh-onboard");
    let mut page = Vec::new();
    let rendered = man
        .render_title(&mut page)
        .and_then(|()| man.render_name_section(&mut page))
        .and_then(|()| man.render_synopsis_section(&mut page))
        .and_then(|()| man.render_description_section(&mut page))
        .and_then(|()| man.render_options_section(&mut page))
        .and_then(|()| match command.has_subcommands() {
            true => man.render_subcommands_section(&mut page),
            false => Ok(()),
        })
        .and_then(|()| sections(&after).to_writer(&mut page));
    rendered.expect("writing to memory does not fail");
    page
}

/// The headed blocks that end a help, as they stand there.
fn sections(after_help: &str) -> Roff {
    let mut roff = Roff::new();
    for line in after_help.lines() {
        match line.strip_suffix(':').filter(|_| !line.starts_with(' ')) {
            Some(heading) => {
                roff.control("fi", []).control("SH", [heading]).control("nf", []);
            }
            None => {
                roff.text([roman(line)]);
            }
        }
    }
    roff.control("fi", []);
    roff
}
