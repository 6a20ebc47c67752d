//! The certificate that the desk sent: a file, or its text.

use super::Wizard;
use super::form::{Turn, fill, keep};
use super::survey::Subject;
use crate::secret::SecretBytes;
use crate::ui::{Failure, Reply};

/// What was given.
#[derive(Default)]
struct Answers {
    given: Option<String>,
}

/// Asks for it and imports it.
pub fn ask(wizard: &Wizard<'_>, subject: &Subject) -> Result<Turn, Failure> {
    let given = |answers: &mut Answers| {
        let words = "Drag the file here, type its path, or paste the certificate";
        let more = |text: &str| text.contains("-----BEGIN ") && !text.contains("-----END ");
        Ok(keep(&mut answers.given, wizard.screen().ask_lines(words, more)?))
    };
    let import = |answers: &mut Answers| {
        let mut line = subject.line("import", &subject.owner);
        match answers.given.clone().unwrap_or_default() {
            pasted if pasted.contains("-----BEGIN ") => {
                line = line.word("-");
                line.pasted = Some(SecretBytes::new(pasted.into_bytes()));
            }
            path => line = line.word(path),
        }
        match wizard.screen().ask_yes("Go ahead", Some(true))? {
            Reply::Answer(true) => wizard.carry_out(line),
            Reply::Answer(false) | Reply::Back => Ok(Turn::Back),
        }
    };
    fill(&mut Answers::default(), &[&given, &import])
}
