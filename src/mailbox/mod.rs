//! The names of MESH: mailbox ID, ODS code, environment, common name. Values only, validated when made.

mod common_name;
mod environment;
mod identifier;

pub use common_name::{CommonName, MESH_CLIENT_DOMAIN};
pub use environment::{Authority, Environment, Network};
pub use identifier::{MailboxId, OdsCode};

/// Why a name was not accepted. Carries what was given and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Not a mailbox ID.
    #[error("'{given}' is not a mailbox ID: 3 to 32 letters and digits, such as X26ABC1")]
    Mailbox {
        /// What was given.
        given: String,
    },
    /// Not an ODS code.
    #[error("'{given}' is not an ODS code: 3 to 10 letters and digits, such as X26")]
    Ods {
        /// What was given.
        given: String,
    },
    /// Not an environment.
    #[error(
        "'{given}' is not an environment: integration (int), live (prod), deployment (dep), development (dev), training (train), sandbox or rehearsal"
    )]
    Environment {
        /// What was given.
        given: String,
    },
    /// Not a network.
    #[error("'{given}' is not a network: internet or hscn")]
    Network {
        /// What was given.
        given: String,
    },
    /// Not a common name that a certificate can carry.
    #[error("'{given}' cannot be a common name: {rule}")]
    CommonName {
        /// What was given.
        given: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
}
