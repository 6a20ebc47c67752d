//! "What is this file?"

use super::form::Turn;
use super::{Line, Wizard};
use crate::ui::{Failure, Reply};

/// Asks for files, and says what they are. Nothing is changed.
pub fn ask(wizard: &Wizard<'_>) -> Result<Turn, Failure> {
    wizard.screen().tell(
        "\nAny file: a certificate, a key, a keystore, a saved email, a zip. It is read, and nothing is changed.\n\n",
    );
    match wizard.ask_given("Drag files here, type a path, or paste a text")? {
        Reply::Back => Ok(Turn::Back),
        Reply::Answer(given) => wizard.carry_out(given.on(Line::new("inspect"))),
    }
}
