//! The email to the service desk: a draft that a mail program opens, and the same as text to paste.
//!
//! No secret is ever in it: what it is made from holds none.

mod draft;
mod letter;
pub mod reply;

pub use draft::check_address;
pub use letter::{Attachment, Existing, Letter, REQUEST_TEMPLATE, Reason, Service};

/// Why the email could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The template is at fault; only an overriding one can be.
    #[error("the template request.txt cannot be rendered: {0}")]
    Template(String),
    /// A line break or another control character, which would end a line of the email.
    #[error("the {field} holds a control character")]
    ControlCharacter {
        /// Which field.
        field: &'static str,
    },
    /// Not an email address.
    #[error("'{given}' is not an email address")]
    Address {
        /// What was given.
        given: String,
    },
    /// The message could not be built.
    #[error("the email could not be built: {0}")]
    Message(String),
}
