use std::path::PathBuf;

use crate::mailbox::{Environment, MailboxId};
use crate::pki::chain::ChainError;
use crate::pki::{BundleError, CertificateError, KeyError};
use crate::store::StoreError;

/// Why there is no handover. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandoverError {
    /// No consumer of this name is known.
    #[error("'{given}' is no consumer known here")]
    UnknownConsumer {
        /// What was given.
        given: String,
        /// Those that are known.
        known: Vec<&'static str>,
    },
    /// The preset has no such setting.
    #[error("{consumer} has no setting '{given}'")]
    UnknownSetting {
        /// The consumer.
        consumer: &'static str,
        /// What was given.
        given: String,
        /// Those that it has.
        known: Vec<&'static str>,
    },
    /// A setting that cannot be used.
    #[error("the setting {name} cannot be '{given}': {why}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What was given.
        given: String,
        /// Why not.
        why: String,
    },
    /// A setting that the consumer cannot do without.
    #[error("{consumer} needs the setting {name}: {does}")]
    SettingNeeded {
        /// The consumer.
        consumer: &'static str,
        /// The setting.
        name: &'static str,
        /// What it is.
        does: &'static str,
    },
    /// A template of the user's own that cannot be used.
    #[error("the template {name} cannot be used: {detail}")]
    Template {
        /// Its name below `<home>/templates`.
        name: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A template of the user's own that stands in for nothing.
    #[error("the template {given} stands in for nothing of {consumer}")]
    StrayTemplate {
        /// The consumer.
        consumer: &'static str,
        /// Its name below `<home>/templates`.
        given: String,
        /// The names that count.
        known: Vec<String>,
    },
    /// Templates of the user's own that leave out one of a pair that is made anew each time.
    #[error("{consumer} would get {} alone", if *password { "a key's password" } else { "a key under a password" })]
    Alone {
        /// The consumer.
        consumer: &'static str,
        /// Whether it is the password that stands alone.
        password: bool,
    },
    /// A value that cannot stand in the file.
    #[error("the {item} cannot stand in {file}: {why}")]
    Value {
        /// The item, in words.
        item: String,
        /// The file.
        file: String,
        /// Why not, without the value.
        why: String,
    },
    /// More than the consumer takes.
    #[error("{what} has {bytes} bytes, and {by} takes {limit}")]
    TooLarge {
        /// What is too large.
        what: String,
        /// Its size.
        bytes: usize,
        /// What is taken.
        limit: usize,
        /// Who takes no more.
        by: &'static str,
    },
    /// A file that does not read back.
    #[error("{file} would not be what its reader expects: {detail}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        detail: String,
    },
    /// The chain of the certificate is not what it has to be.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// No certificate between leaf and root, where the consumer wants one.
    #[error("there is no sub CA between certificate and root, and {consumer} loads one")]
    NoSubCa {
        /// The consumer.
        consumer: &'static str,
    },
    /// No root among the certificates that were named for the consumer to believe.
    #[error("there is no root among the certificates that {consumer} is to believe")]
    NoRoot {
        /// The consumer.
        consumer: &'static str,
    },
    /// A sub CA was named for the consumer to believe, and not who signed it.
    #[error("{consumer} is to believe {subject}, which none of the other certificates has signed")]
    NoIssuer {
        /// The consumer.
        consumer: &'static str,
        /// The subject of the sub CA.
        subject: String,
    },
    /// The key does not belong to the certificate.
    #[error("the key is not that of the certificate")]
    KeyMismatch,
    /// The key could not be written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate that was kept cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// PFX or keystore could not be made.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Something else lies in the folder that is to be refreshed.
    #[error("{} holds something that was not handed over: {name}", folder.display())]
    NotOurs {
        /// The folder.
        folder: PathBuf,
        /// What lies there.
        name: String,
    },
    /// A file in the folder that is to be refreshed is not the one that was written.
    #[error("{} is not what was handed over", folder.join(name).display())]
    Changed {
        /// The folder.
        folder: PathBuf,
        /// The file below it.
        name: PathBuf,
    },
    /// The folder that is to be refreshed is a link now.
    #[error("{} is a link now, and was a folder when it was handed over", folder.display())]
    Linked {
        /// The folder.
        folder: PathBuf,
    },
    /// Two handovers are noted for one folder.
    #[error("{} is noted as handed over for {mailbox} ({environment}) to {consumer}, too", folder.display())]
    Contested {
        /// The folder.
        folder: PathBuf,
        /// The other mailbox, or the same.
        mailbox: MailboxId,
        /// Its environment.
        environment: Environment,
        /// The other's consumer.
        consumer: String,
    },
    /// What was noted of a handover cannot be used.
    #[error("the record of the handover to {consumer} in {} cannot be used: {detail}", folder.display())]
    Recorded {
        /// The consumer.
        consumer: String,
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// No handover was put there.
    #[error("nothing was handed over to {}", folder.display())]
    NotRecorded {
        /// The folder.
        folder: PathBuf,
    },
    /// The disk refused, or another run is at work.
    #[error(transparent)]
    Store(#[from] StoreError),
}
