use std::time::Duration;

use dialoguer::console::Term;
use dialoguer::{Confirm, Password};
use zeroize::Zeroizing;

use super::ask::{BACK, Reply};
use super::interrupt::end_well_on_interrupt;
use super::{InputError, Screen};

impl Screen {
    /// Asks for a secret without echo.
    pub fn ask_secret(&self, question: &str) -> Result<Zeroizing<String>, InputError> {
        end_well_on_interrupt();
        let asked = match self.moves_cursor {
            true => Password::new().with_prompt(question).allow_empty_password(true).report(false).interact(),
            // Nothing can be wiped off such a terminal: the question stays.
            false => {
                super::screen::print_on(&format!("{question}: "));
                Term::stderr().read_secure_line().map_err(dialoguer::Error::IO)
            }
        };
        let asked = asked.map(Zeroizing::new).map_err(ask_failed)?;
        if self.guided && asked.trim() == BACK { Err(InputError::Back) } else { Ok(asked) }
    }

    /// Asks a yes-or-no question; the answer must be given.
    pub fn confirm(&self, question: &str) -> Result<bool, InputError> {
        if self.guided {
            return match self.ask_yes(question, None)? {
                Reply::Answer(yes) => Ok(yes),
                Reply::Back => Err(InputError::Back),
            };
        }
        end_well_on_interrupt();
        Confirm::new().with_prompt(question).interact().map_err(ask_failed)
    }

    /// Asks a yes-or-no question to which an empty answer gives `default`.
    pub fn confirm_or(&self, question: &str, default: bool) -> Result<bool, InputError> {
        end_well_on_interrupt();
        Confirm::new().with_prompt(question).default(default).interact().map_err(ask_failed)
    }

    /// Asks until the answer is yes.
    pub fn confirm_kept(&self, question: &str) -> Result<(), InputError> {
        while !self.confirm(question)? {}
        Ok(())
    }

    /// Shows a generated passphrase once, on the terminal and nowhere else.
    pub fn show_generated(&self, passphrase: &crate::secret::Passphrase) {
        super::screen::print(&format!("\n    {}\n", passphrase.expose()));
    }
}

pub(super) fn ask_failed(dialoguer::Error::IO(error): dialoguer::Error) -> InputError {
    if error.kind() == std::io::ErrorKind::Interrupted {
        // What hears Ctrl-C speaks and ends the run; it needs a moment.
        std::thread::sleep(Duration::from_secs(1));
        InputError::Cancelled
    } else {
        InputError::Terminal(error)
    }
}
