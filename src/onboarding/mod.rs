//! The journey, free of screens: commands and wizard both call these.

mod import;
mod request;
mod sent;
mod standing;
mod trust;

pub use import::{DeliveredFile, Delivery, ImportError, Imported, examine};
pub use request::{Order, RequestError, Requested, may_request, request};
pub use sent::{SentError, note_sent};
pub use standing::{Standing, standing};
pub use trust::{server_roots, trusted_roots};

use crate::pki::BundleRole;
use crate::store::KeptBundles;

/// Something to know that does not stop the journey. `code` is stable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable snake_case.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

impl Warning {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// What lies there when a key was kept without encryption.
pub fn plaintext_key(bundles: &KeptBundles) -> Option<Warning> {
    let path = bundles.file(BundleRole::PlaintextKey)?;
    Some(Warning::new(
        "plaintext_key",
        format!(
            "{} is the private key without encryption: whoever reads it, or a backup of it, can act as this mailbox; put it where it belongs and remove it here",
            path.display()
        ),
    ))
}
