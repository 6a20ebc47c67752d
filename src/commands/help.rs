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
        writeln!(text, "  # {does}\n  {}\n", folded(line)).expect("writing to a string");
    }
    text.push_str("EXIT CODES:\n  0  done\n  1  failed\n  2  wrong usage, or an answer was needed and could not be asked for\n");
    for (code, meaning) in codes {
        writeln!(text, "  {code}  {meaning}").expect("writing to a string");
    }
    text
}

/// A command line in pieces that fit an ordinary terminal and can still be pasted into a shell.
fn folded(line: &str) -> String {
    let (mut text, mut width) = (String::new(), 0);
    for (index, piece) in line.split(" --").enumerate() {
        let option = if index == 0 { piece.to_owned() } else { format!("--{piece}") };
        if index > 0 && width + option.len() > 74 {
            text.push_str(" \\\n      ");
            width = 4;
        } else if index > 0 {
            text.push(' ');
        }
        width += option.len() + 1;
        text.push_str(&option);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn long_examples_are_folded_between_options() {
        let long = format!("mesh-onboard request --name '{}' --email {}", "a".repeat(30), "b".repeat(40));
        let folded = folded(&long);
        assert!(folded.lines().all(|line| line.len() < 80), "{folded}");
        assert_eq!(folded.replace(" \\\n      ", " "), long);
    }
}
