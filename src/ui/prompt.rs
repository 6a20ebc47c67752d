use std::sync::Once;

use dialoguer::{Confirm, Password};
use zeroize::Zeroizing;

use super::{InputError, Screen};

impl Screen {
    /// Asks for a secret without echo.
    pub fn ask_secret(&self, question: &str) -> Result<Zeroizing<String>, InputError> {
        end_well_on_interrupt();
        Password::new()
            .with_prompt(question)
            .allow_empty_password(true)
            .report(false)
            .interact()
            .map(Zeroizing::new)
            .map_err(ask_failed)
    }

    /// Asks a yes-or-no question; the answer must be given.
    pub fn confirm(&self, question: &str) -> Result<bool, InputError> {
        end_well_on_interrupt();
        Confirm::new().with_prompt(question).interact().map_err(ask_failed)
    }

    /// Shows a generated passphrase once, on the terminal and nowhere else.
    pub fn show_generated(&self, passphrase: &crate::secret::Passphrase) {
        super::screen::print(&format!("\n    {}\n", passphrase.expose()));
    }
}

fn ask_failed(dialoguer::Error::IO(error): dialoguer::Error) -> InputError {
    if error.kind() == std::io::ErrorKind::Interrupted {
        InputError::Cancelled
    } else {
        InputError::Terminal(error)
    }
}

/// From the first question on, Ctrl-C gives the terminal its echo back, says so, and ends with 130. Writing
/// begins after the last question; cut short there, it is as if the process were killed, which loses nothing.
fn end_well_on_interrupt() {
    static ARMED: Once = Once::new();
    ARMED.call_once(|| {
        #[cfg(unix)]
        let before = rustix::termios::tcgetattr(std::io::stdin()).ok();
        // Without a handler the signal ends the program as ever.
        let _ = ctrlc::set_handler(move || {
            #[cfg(unix)]
            if let Some(before) = &before {
                let now = rustix::termios::OptionalActions::Now;
                let _ = rustix::termios::tcsetattr(std::io::stdin(), now, before);
            }
            // A question with yes or no hides the cursor.
            let _ = dialoguer::console::Term::stderr().show_cursor();
            super::screen::print("\ncancelled");
            std::process::exit(super::exit::CANCELLED.into());
        });
    });
}
