use std::io;
use std::path::PathBuf;

use crate::handover::HandoverError;
use crate::mailbox::NameError;
use crate::mesh::transfer::{ReceiveError, SendError};
use crate::onboarding::{
    AdoptError, BackupError, ImportError, PairError, PassphraseError, RequestError, RestoreError, SentError,
    SwitchError,
};
use crate::pki::{KeyError, PfxError};
use crate::store::StoreError;

/// Why a command has no result: the error of the room where it arose.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// A name was not accepted.
    #[error(transparent)]
    Name(#[from] NameError),
    /// What was given, or could not be asked for.
    #[error(transparent)]
    Input(#[from] InputError),
    /// `request`.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// `import`.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Files that hold no pair of key and certificate.
    #[error(transparent)]
    Pair(#[from] PairError),
    /// `adopt`.
    #[error(transparent)]
    Adopt(#[from] AdoptError),
    /// `sent`.
    #[error(transparent)]
    Sent(#[from] SentError),
    /// `activate` and `rollback`.
    #[error(transparent)]
    Switch(#[from] SwitchError),
    /// `export`.
    #[error(transparent)]
    Handover(#[from] HandoverError),
    /// What only the mailbox can do whose credential it is.
    #[error("{error}")]
    Shares {
        /// [`StoreError::SharesCredential`].
        error: StoreError,
        /// The command that does it there.
        verb: &'static str,
    },
    /// The home.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The passphrase of a key.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// `backup`.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// `restore`.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The keyring of the operating system, where nothing stands in for it.
    #[error(transparent)]
    Keyring(#[from] crate::keyring::KeyringError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A PFX file.
    #[error(transparent)]
    Pfx(#[from] PfxError),
    /// A URL.
    #[error(transparent)]
    Url(#[from] crate::mesh::UrlError),
    /// Credentials that cannot be used.
    #[error(transparent)]
    Material(#[from] crate::check::MaterialError),
    /// Trust and identity that do not fit together.
    #[error(transparent)]
    Settings(#[from] crate::mesh::SettingsError),
    /// A call to MESH.
    #[error("{error}")]
    Call {
        /// What went wrong.
        error: crate::mesh::Error,
        /// With what.
        about: Box<About>,
    },
    /// A message that was not sent, or not whole.
    #[error("{error}")]
    Sending {
        /// What went wrong.
        error: SendError,
        /// With what.
        about: Box<About>,
        /// The command that goes on, if it can go on.
        resume: Option<String>,
    },
    /// A message that was not received.
    #[error("{error}")]
    Receiving {
        /// What went wrong.
        error: ReceiveError,
        /// With what.
        about: Box<About>,
    },
    /// A message that cannot be taken up again.
    #[error(transparent)]
    Resume(#[from] ResumeError),
}

/// Why a message cannot be taken up again; nothing was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// Nothing is known of it.
    #[error("nothing is known here of a message {message_id} that {mailbox} sent in part")]
    Unknown {
        /// The message.
        message_id: String,
        /// The sender.
        mailbox: String,
        /// Those that are known.
        known: Vec<String>,
    },
    /// It was begun with other words.
    #[error("message {message_id} was begun with another {what}")]
    Differs {
        /// The message.
        message_id: String,
        /// What is different.
        what: &'static str,
        /// As it was begun.
        begun: String,
    },
    /// The file is another one by now.
    #[error("{} has changed since its first part was sent: {what}", path.display())]
    FileChanged {
        /// The file.
        path: PathBuf,
        /// What is different.
        what: String,
    },
}

/// What a call to MESH was about, for the commands that are suggested when it fails.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The mailbox, if one was named.
    pub mailbox: Option<String>,
    /// What follows the verb in a command that goes to the same place with the same credentials.
    pub target: String,
    /// The message, if the call was about one.
    pub message: Option<String>,
    /// The sender's own identifier of it.
    pub local_id: Option<String>,
}

/// Something about what was given, or could not be asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The command line itself.
    #[error("{0}")]
    Usage(String),
    /// No mailbox is known where all are to be checked.
    #[error("there is no mailbox to check in {}", home.display())]
    NothingToCheck {
        /// The home.
        home: PathBuf,
    },
    /// Nothing was handed over that could be made again or looked at.
    #[error("nothing was handed over yet")]
    NothingHandedOver,
    /// A template of the user's own.
    #[error("the template {name} cannot be used: {detail}")]
    Template {
        /// Its name below `<home>/templates`.
        name: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// A secret is needed and asking is forbidden.
    #[error("{what} is needed, and asking is not possible here")]
    SecretNeeded {
        /// What, in words.
        what: &'static str,
        /// Its file flag.
        flag: &'static str,
        /// Its environment variable, if it has one.
        variable: Option<&'static str>,
    },
    /// A yes is needed and asking is forbidden.
    #[error("{what}: that needs a yes, and asking is not possible here")]
    YesNeeded {
        /// What, in words.
        what: String,
        /// The flag that says so.
        flag: &'static str,
    },
    /// A passphrase that is too weak for a backup.
    #[error("that passphrase cannot protect a backup")]
    BackupPassphrase(crate::secret::WeakPassphrase),
    /// A secret was asked for, and the answer was empty.
    #[error("no {what} was given")]
    NotAnswered {
        /// What, in words.
        what: &'static str,
    },
    /// A secret was given and is empty.
    #[error("{what} is empty in {source_name}")]
    SecretEmpty {
        /// What, in words.
        what: &'static str,
        /// Where it came from.
        source_name: String,
    },
    /// A file of secrets that is not there. What was given is not repeated: it may be the secret itself.
    #[error("there is no such file as {flag} names")]
    SecretFileMissing {
        /// Its flag.
        flag: &'static str,
    },
    /// A `--secrets` file that others can read.
    #[error("{} can be read by others on this machine", path.display())]
    SecretsFileOpen {
        /// The file.
        path: PathBuf,
    },
    /// A `--secrets` file with a line that is no NAME=value.
    #[error("line {line} of {} is not NAME=value with a name known here", path.display())]
    SecretsFileLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The secret command failed.
    #[error("the secret_command of settings.toml failed: {detail}")]
    SecretCommand {
        /// How.
        detail: String,
    },
    /// A secret that is not text.
    #[error("{what} in {source_name} is not UTF-8 text")]
    SecretNotText {
        /// What, in words.
        what: &'static str,
        /// Where it came from.
        source_name: String,
    },
    /// No place for the home folder.
    #[error("this account has no folder for application data")]
    NoHome,
    /// No credential is known whose passphrase could be meant.
    #[error("{mailbox} has no credential{}", number.map(|n| format!(" {n}")).unwrap_or_default())]
    NoCredential {
        /// The mailbox.
        mailbox: String,
        /// The credential's number, if one was named.
        number: Option<u32>,
    },
    /// The mailbox has nothing to check.
    #[error("{mailbox} has no certificate yet")]
    NoCertificate {
        /// The mailbox.
        mailbox: String,
    },
    /// The mailbox's key is not here.
    #[error(
        "the key of {mailbox} is kept elsewhere: credential {credential} was adopted by its certificate alone"
    )]
    KeyElsewhere {
        /// The mailbox.
        mailbox: String,
        /// The credential's number.
        credential: u32,
    },
    /// Neither a URL nor an environment that has one.
    #[error("the {environment} environment has no address of its own")]
    UrlNeeded {
        /// The environment.
        environment: &'static str,
    },
    /// `--insecure` for another environment than the sandbox.
    #[error("--insecure works only with --env sandbox")]
    SandboxOnly,
    /// `--insecure` for a server of the NHS.
    #[error("--insecure never works under nhs.uk, and the host is {host}")]
    InsecureNhs {
        /// The host of the URL.
        host: String,
    },
    /// A proxy's address that is none. What was given is not repeated: it may hold a password.
    #[error("{from} cannot be used: {error}")]
    ProxyUrl {
        /// The flag or variable.
        from: &'static str,
        /// Why.
        error: crate::mesh::ProxyUrlError,
    },
    /// `--proxy` with a user name or password.
    #[error("--proxy holds an '@': a user name or password has no place on a command line")]
    ProxyLogin,
    /// A file holds no certificate.
    #[error("there is no certificate in {}", path.display())]
    NotACertificate {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: String,
    },
    /// A key without encryption was asked for once and not twice.
    #[error("--plaintext-key leaves the private key on the disk without encryption")]
    PlaintextKey,
    /// The user ended it.
    #[error("cancelled")]
    Cancelled,
    /// The user of the wizard wants to go one step back. Nothing was done.
    #[error("one step back")]
    Back,
    /// The terminal did not answer.
    #[error("the terminal did not answer: {0}")]
    Terminal(io::Error),
    /// A rehearsal step failed.
    #[error("the rehearsal could not run: {0}")]
    Rehearsal(String),
}
