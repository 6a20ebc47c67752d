use std::fmt;

use crate::secret::SecretBytes;

/// The command line that does what the answers say. No secret is ever in it.
#[derive(Debug, Default)]
pub struct Line {
    /// The words after the name of the program.
    pub words: Vec<String>,
    /// What `-` among them means.
    pub pasted: Option<SecretBytes>,
}

impl Line {
    /// The line of a command.
    pub fn new(command: &str) -> Self {
        Self::default().word(command)
    }

    /// With one word more.
    pub fn word(mut self, word: impl fmt::Display) -> Self {
        self.words.push(word.to_string());
        self
    }

    /// With a flag and its value, if there is one.
    pub fn option(self, flag: &str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.word(flag).word(value),
            None => self,
        }
    }
}

impl fmt::Display for Line {
    /// As it can be pasted into a shell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mesh-onboard {}", shell_words::join(&self.words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_can_be_pasted_into_a_shell() {
        let line = Line::new("request")
            .word("X26ABC1")
            .option("--name", Some("A. O'Neil"))
            .option("--phone", None::<&str>);
        let shown = line.to_string();
        assert_eq!(shell_words::split(&shown).unwrap()[1..], line.words);
        assert!(shown.starts_with("mesh-onboard request X26ABC1 --name "), "{shown}");
    }
}
