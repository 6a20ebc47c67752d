//! The journey, free of screens: commands and wizard both call these.

mod adopt;
mod backup;
mod bundle;
mod completion;
mod fetch;
mod ground;
mod import;
mod overview;
mod pair;
mod passphrase;
mod renew;
mod request;
mod restore;
mod sent;
mod standing;
mod switch;
mod trust;
mod urgency;
mod watch;

pub use adopt::{AdoptError, Adopted, Adoption, Share, admit, adopt_certificate, known_certificates, share};
pub use backup::{
    BackedUp, BackupError, BackupOrder, InKeyring, backup, gather, in_keyring, must_hold_anything,
};
pub use bundle::{Bundled, prove_pair};
pub use fetch::Fetcher;
pub use import::{DeliveredFile, Delivery, Examined, ImportError, Imported, examine};
pub use overview::{Overview, Whereabouts, overview, side_by_side};
pub use pair::{CertificateFiles, KeyFile, Pair, PairError};
pub use passphrase::{PassphraseError, opener, record_holder};
pub use renew::{Renewal, renewal};
pub use request::{Order, Purpose, RequestError, Requested, may_request, request};
pub use restore::{KeptPassphrase, Restoration, RestoreError, UnitState};
pub use sent::{NotedSent, SentError, note_sent};
pub use standing::{Standing, Successor, standing};
pub use switch::{SwitchError, Switched, activate, may_roll_back, note_stays_ready, put_in_use, rollback};
pub use trust::{known_roots, server_roots, trusted_roots};
pub use urgency::{Need, Urgency, need};
pub use watch::{WatchedFolder, watch};

use crate::mailbox::{MailboxId, OdsCode};
use crate::pki::sniff::Note;
use crate::pki::{BundleRole, PrivateKey};
use crate::store::KeptBundles;

/// Something to know that does not stop the journey. `code` is stable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable snake_case.
    pub code: &'static str,
    /// In words.
    pub message: String,
    /// Whether it is only of how a file was written, with nothing to do about it.
    pub is_note: bool,
}

impl Warning {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), is_note: false }
    }

    /// What was seen in a file while it was read.
    fn noted(file: &str, note: &Note) -> Self {
        Self { code: note.code, message: format!("{file}: {}", note.message), is_note: true }
    }

    /// Nearly every mailbox ID begins with the code of its owner.
    pub fn ods_mismatch(mailbox: &MailboxId, ods: &OdsCode) -> Option<Warning> {
        let message = format!(
            "mailbox {mailbox} does not begin with ODS code {ods}: check both, because a wrong name costs days"
        );
        (!mailbox.belongs_to(ods)).then(|| Warning::new("ods_mismatch", message))
    }
}

/// MESH asks for keys that are not too short; what others made may be.
fn weak_key(key: &PrivateKey) -> Option<Warning> {
    let message = format!("the key has {} bits, and MESH asks for at least 2048: renew it", key.bits());
    (key.bits() < 2048).then(|| Warning::new("weak_key", message))
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
