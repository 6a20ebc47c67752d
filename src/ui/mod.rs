//! The only code that prints or prompts.

mod ask;
mod explain;
mod failure;
mod interrupt;
mod look;
mod menu;
mod next;
mod paste;
mod progress;
mod prompt;
mod prose;
mod screen;
mod stop;
mod table;

pub use ask::{BACK, Reply};
pub use explain::{Explained, token_remedy};
pub use failure::{About, Failure, InputError, ResumeError};
pub use look::{Look, Mark};
pub use menu::Entry;
pub use next::{next_step, passphrase_sentence, with_home};
pub use progress::Progress;
pub use screen::{Color, Outcome, Screen};
pub use stop::stops;
pub use table::{listing, table};

/// Text from a certificate, a server or a file, with control characters escaped.
pub fn clean(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        // Bidirectional overrides can make a name read as another one.
        if c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Exit codes, the same for every command.
pub mod exit {
    /// Done.
    pub const DONE: u8 = 0;
    /// Failed.
    pub const FAILED: u8 = 1;
    /// Wrong usage, or an answer was needed and asking is forbidden.
    pub const USAGE: u8 = 2;
    /// Something needs attention: it expires soon, or a probe failed.
    pub const ATTENTION: u8 = 3;
    /// MESH could not be reached.
    pub const UNREACHABLE: u8 = 4;
    /// Cancelled.
    pub const CANCELLED: u8 = 130;
}

#[cfg(test)]
mod tests {
    #[test]
    fn control_characters_and_direction_overrides_are_escaped() {
        assert_eq!(super::clean("CN=a\u{1b}[31m\nb\u{202e}c"), "CN=a\\u{1b}[31m\\nb\\u{202e}c");
        assert_eq!(super::clean("O=Zoë & Söhne"), "O=Zoë & Söhne");
    }
}
