use clap::{Args, Command};
use clap_complete::Shell;

use super::Example;
use crate::ui::Outcome;

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "For bash", line: "mesh-onboard completions bash" },
    Example { does: "Into a file", line: "mesh-onboard --output mesh-onboard.fish completions fish" },
];

/// Print a completion script for a shell
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// bash, zsh, fish, powershell or elvish
    shell: Shell,
}

/// Writes the script for `command`, the whole tree.
pub fn run(args: &CompletionsArgs, mut command: Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "mesh-onboard", &mut script);
    let script = String::from_utf8(script).expect("completion scripts are UTF-8");
    Outcome::done(serde_json::json!({"shell": args.shell.to_string(), "script": script}), script)
}
