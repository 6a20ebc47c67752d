//! Examples as data: shown in the help, and run by the tests.

use std::fmt::Write;

/// One example of a command's help.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What it is for, in a few words.
    pub does: &'static str,
    /// The command line.
    pub line: &'static str,
}

/// EXAMPLES and EXIT CODES, which end the help of every command. `codes` adds to 0, 1 and 2.
pub fn after_help(examples: &[Example], codes: &[(u8, &str)]) -> String {
    let mut text = String::from("EXAMPLES:\n");
    for Example { does, line } in examples {
        writeln!(text, "  # {does}\n  {line}\n").expect("writing to a string");
    }
    text.push_str("EXIT CODES:\n  0  done\n  1  failed\n  2  wrong usage, or an answer was needed and could not be asked for\n");
    for (code, meaning) in codes {
        writeln!(text, "  {code}  {meaning}").expect("writing to a string");
    }
    text
}
