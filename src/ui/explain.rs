//! Every error as what, because, hint and exit code. Remedies live here alone.

mod adopt;
mod handover;
mod mesh;
mod network;
mod order;
mod secret;
mod switch;
mod token;
mod transfer;

use secret::key;
pub use token::token_remedy;

use std::io;

use serde_json::{Value, json};
use time::{OffsetDateTime, UtcOffset};

use super::{Failure, InputError, exit};
use crate::check::MaterialError;
use crate::expiry::day;
use crate::mesh::UrlError;
use crate::onboarding::{ImportError, PassphraseError, RequestError, SentError};
use crate::pki::chain::ChainError;
use crate::pki::{BundleError, Certificate, PfxError, anchors};
use crate::store::StoreError;

/// An error as people and scripts see it.
#[derive(Debug, PartialEq, Eq)]
pub struct Explained {
    /// Stable snake_case.
    pub code: &'static str,
    /// The exit code.
    pub exit: u8,
    /// What happened.
    pub message: String,
    /// The evidence.
    pub because: Vec<String>,
    /// A command that helps.
    pub hint: Option<String>,
}

impl Explained {
    fn new(code: &'static str, error: &impl std::fmt::Display) -> Self {
        Self { code, exit: exit::FAILED, message: error.to_string(), because: Vec::new(), hint: None }
    }

    fn exit(mut self, exit: u8) -> Self {
        self.exit = exit;
        self
    }

    fn because(mut self, because: impl Into<String>) -> Self {
        self.because.push(because.into());
        self
    }

    fn because_each(mut self, items: impl Iterator<Item = String>) -> Self {
        self.because.extend(capped(items));
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// `{"error":{…}}`.
    pub fn json(&self) -> Value {
        json!({"error": {
            "code": self.code,
            "message": self.message,
            "because": self.because,
            "hint": self.hint,
        }})
    }
}

/// What opens a keystore.
const OPEN_IT: &str = "give its password with --pfx-password-file FILE";

/// What a new passphrase should be.
const BETTER: &str = "choose at least 12 printable ASCII characters; four or more random words do well";

/// How much of a list is shown.
const SHOWN: usize = 6;

/// The first of a list, and how many more there are.
fn capped(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = items.collect();
    let more = all.len().saturating_sub(SHOWN);
    if more > 0 {
        all.truncate(SHOWN);
        all.push(format!("and {more} more"));
    }
    all
}

impl From<&Failure> for Explained {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Name(e) => Self::new("usage", e).exit(exit::USAGE),
            Failure::Input(e) => input(e),
            Failure::Request(RequestError::Store(e @ StoreError::SharesCredential { .. })) => {
                shared(e, "request")
            }
            Failure::Request(e) => order::request(e),
            Failure::Switch(e) => switch::switch(e),
            Failure::Handover(e) => handover::handover(e),
            Failure::Shares { error, verb } => shared(error, verb),
            Failure::Import(ImportError::Store(e @ StoreError::SharesCredential { .. })) => {
                shared(e, "import")
            }
            Failure::Import(e) => import(e),
            Failure::Pair(e) => adopt::pair(e),
            Failure::Adopt(e) => adopt::adopt(e),
            Failure::Sent(SentError::Store(e @ StoreError::SharesCredential { .. })) => shared(e, "sent"),
            Failure::Sent(SentError::Store(e)) | Failure::Store(e) => store(e),
            Failure::Sent(e @ SentError::NoRequest { mailbox }) => {
                Self::new("no_request", e).hint(format!("see where it stands: mesh-onboard status {mailbox}"))
            }
            Failure::Keyring(e) => secret::keyring(e),
            Failure::Passphrase(PassphraseError::Key(e)) | Failure::Key(e) => key(e),
            Failure::Passphrase(PassphraseError::Store(e)) => store(e),
            Failure::Backup(e) => secret::backup(e),
            Failure::Restore(e) => secret::restore(e),
            Failure::Pfx(PfxError::Key(e)) => key(e),
            Failure::Pfx(e @ PfxError::PasswordOrDamage) => Self::new("passphrase_wrong", e).hint(OPEN_IT),
            Failure::Pfx(e) => Self::new("not_a_pfx", e),
            Failure::Url(e @ UrlError::Insecure { .. }) => Self::new("usage", e)
                .exit(exit::USAGE)
                .because("http:// works only with --env sandbox, and never under nhs.uk")
                .hint("give the address as https://HOST[:PORT]"),
            Failure::Url(e) => Self::new("usage", e)
                .exit(exit::USAGE)
                .hint("give the address as https://HOST[:PORT], with or without /messageexchange"),
            Failure::Material(MaterialError::Key(e)) => key(e),
            Failure::Material(e @ MaterialError::PfxPassword(_)) => {
                Self::new("passphrase_wrong", e).hint(OPEN_IT)
            }
            Failure::Material(e @ MaterialError::NoCertificate { .. }) => Self::new("not_a_certificate", e),
            Failure::Material(e) => Self::new("io", e).hint("check the path, and who may read it"),
            Failure::Settings(e) => {
                Self::new("trust", e).hint("name the root of the server's certificate with --ca FILE")
            }
            Failure::Call { error, about } => mesh::call(error, about),
            Failure::Sending { error, about, resume } => transfer::send(error, about, resume.as_deref()),
            Failure::Receiving { error, about } => transfer::receive(error, about),
            Failure::Resume(e) => transfer::resume(e),
        }
    }
}

fn input(error: &InputError) -> Explained {
    let usage = |code| Explained::new(code, error).exit(exit::USAGE);
    match error {
        InputError::Usage(_) => usage("usage").hint("see how it is used: mesh-onboard --help"),
        InputError::NothingToCheck { .. } => Explained::new("nothing_to_check", error)
            .because("a wrong --home or --env looks the same")
            .hint("see what is here: mesh-onboard status"),
        InputError::NothingHandedOver => Explained::new("not_handed_over", error)
            .because("a wrong --home or --env looks the same")
            .hint("see for whom it can be done: mesh-onboard export --list"),
        InputError::Template { name, .. } => Explained::new("template", error)
            .hint(format!("mend <home>/templates/{name}, or take it away: there is a built-in one")),
        InputError::SecretNeeded { .. }
        | InputError::YesNeeded { .. }
        | InputError::BackupPassphrase(_)
        | InputError::SecretEmpty { .. }
        | InputError::SecretNotText { .. }
        | InputError::SecretFileMissing { .. }
        | InputError::SecretsFileOpen { .. }
        | InputError::SecretsFileLine { .. }
        | InputError::SecretCommand { .. } => secret::input(error),
        InputError::NoCredential { mailbox, .. } => Explained::new("no_credential", error)
            .hint(format!("see where it stands: mesh-onboard status {mailbox}")),
        InputError::NotAnswered { .. } => usage("input_needed"),
        InputError::NoHome => usage("usage").hint("name a folder: mesh-onboard --home DIR status"),
        InputError::NoCertificate { mailbox } => Explained::new("no_certificate", error)
            .hint(format!("import it when it arrives: mesh-onboard import {mailbox} FILE")),
        InputError::KeyElsewhere { mailbox, .. } => Explained::new("key_elsewhere", error).hint(format!(
            "name the files: mesh-onboard check {mailbox} --cert FILE --key FILE; or take the key in: mesh-onboard adopt {mailbox} --key FILE"
        )),
        InputError::UrlNeeded { .. } => usage("usage").hint("give its address with --url URL"),
        InputError::SandboxOnly | InputError::InsecureNhs { .. } => {
            usage("usage").hint("trust the server's certificate, or its root, with --ca FILE")
        }
        InputError::ProxyUrl { .. } => usage("usage").hint(
            "give it as http://HOST:PORT, in the environment also as http://USER:PASSWORD@HOST:PORT with percent-encoding; for none, unset the variable or name the host in NO_PROXY",
        ),
        InputError::ProxyLogin => usage("usage")
            .because("others on this machine can see command lines, and shells remember them")
            .hint("give it in the environment: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT"),
        InputError::NotACertificate { found, .. } => {
            Explained::new("not_a_certificate", error).because(format!("it holds {found}"))
        }
        InputError::PlaintextKey => usage("usage")
            .because("whoever can read key-plain.pem, or a backup of it, can act as the mailbox")
            .hint("if that is meant, add --i-understand"),
        // Back is heard by the wizard, and shown nowhere.
        InputError::Cancelled | InputError::Back => Explained::new("cancelled", error).exit(exit::CANCELLED),
        InputError::Terminal(_) => usage("input_needed"),
        InputError::Rehearsal(_) => Explained::new("rehearsal_failed", error),
    }
}

fn import(error: &ImportError) -> Explained {
    match error {
        ImportError::NotACertificate { files, locked } => Explained::new("not_a_certificate", error)
            .because_each(files.iter().map(|(name, found)| format!("{name} holds {found}")))
.hint(if *locked { OPEN_IT } else { "give the file that the service desk sent" }),
        ImportError::OnlyAuthorities { subjects } => Explained::new("key_mismatch", error)
            .because_each(subjects.iter().map(|subject| format!("{subject} is the certificate of a CA")))
            .hint("give the client certificate that the service desk sent too; CA certificates are welcome beside it"),
        ImportError::KeyMismatch { mailbox, found: (subject, key), keys } => {
            let ours = keys.iter().map(|(number, key)| format!("credential {number} {}", key.short()));
            let ours = capped(ours).join(", ");
            Explained::new("key_mismatch", error)
                .because(format!("{subject} has key SHA-256 {}; keys here: {}", key.short(), ours))
                .hint(format!(
                    "see which mailbox it was asked for; ours stand in: mesh-onboard status {mailbox}"
                ))
        }
        ImportError::KeyElsewhere { mailbox, .. } => Explained::new("key_elsewhere", error)
            .hint(format!("take both in: mesh-onboard adopt {mailbox} --key FILE --cert FILE")),
        ImportError::NameMismatch { expected, found } => Explained::new("name_mismatch", error)
            .because(format!("asked for {expected}, received {found}"))
            .hint("reply to the desk with both names and ask for a new certificate from the same request"),
        ImportError::Chain(e) => chain(e),
        ImportError::ChainIncomplete { chain: e, attempts } => {
            let explained = attempts.failed.iter().fold(chain(e), |explained, (address, failure)| {
                explained.because(format!("{address}: {failure}"))
            });
            let hint = explained.hint.clone().unwrap_or_default();
            match &attempts.offered {
                Some(address) => explained
                    .hint(format!("fetch it from {address} by the same command with --fetch; or {hint}")),
                None => explained,
            }
        }
        ImportError::WrongEnvironment { root, .. } => Explained::new("wrong_environment", error)
            .because(format!("its chain ends at {root}"))
            .hint("ask the desk which environment it was issued for"),
        ImportError::RetiredAuthority { root } => Explained::new("chain_untrusted", error)
            .because(format!("its chain ends at {root}, which no longer issues certificates for MESH"))
            .hint("ask the desk for a certificate from the second-generation (G2) authority"),
        ImportError::Key(e) => key(e),
        ImportError::Bundles(e) => bundles(e),
        ImportError::Store(e) => store(e),
    }
}

fn bundles(error: &BundleError) -> Explained {
    match error {
        BundleError::Pfx(PfxError::Password(_)) => Explained::new("passphrase_weak", error)
            .exit(exit::USAGE)
            .hint("give another one for the PFX file with --pfx-password-file FILE"),
        BundleError::Pfx(PfxError::AliasTaken(_)) | BundleError::Alias(_) => Explained::new("usage", error)
            .exit(exit::USAGE)
            .hint("choose another name with --alias NAME; Java does not tell capitals apart in it"),
        _ => Explained::new("bundles_failed", error),
    }
}

fn chain(error: &ChainError) -> Explained {
    match error {
        ChainError::Incomplete { certificate, namesake } => namesake
            .iter()
            .fold(Explained::new("chain_incomplete", error), |explained, found| {
                explained.because(format!(
                    "the certificate {} bears the name {}, and its key did not make this signature",
                    found.short(),
                    certificate.issuer()
                ))
            })
            .because_each(false_name(certificate).into_iter())
            .hint("give the missing CA certificate too, beside the certificate; for a sandbox or a CA of your own, with --ca"),
        ChainError::Untrusted { root } => Explained::new("chain_untrusted", error)
            .because(format!("its fingerprint is {}", root.fingerprint()))
            .because_each(false_name(root).into_iter())
            .hint("for a sandbox or a CA of your own, trust its root with --ca ROOT-FILE"),
        ChainError::Expired { certificate } => Explained::new("expired", error)
            .because(format!("it expired on {}", day(certificate.not_after())))
            .hint(if certificate.is_ca() {
                "ask the desk for a certificate from the authority of today"
            } else {
                "ask the desk for a new certificate"
            }),
        ChainError::SelfSigned { .. } => Explained::new("chain_untrusted", error)
            .hint("send the CSR to the service desk; what comes back is signed by its authority"),
        ChainError::NotYetValid { certificate } => Explained::new("not_yet_valid", error)
            .because(format!("it begins on {}", moment(certificate.not_before())))
            .hint("check the clock of this machine, or wait until then"),
        ChainError::Invalid { .. } => Explained::new("chain_invalid", error)
            .hint("send the desk this message and ask for a certificate that MESH accepts"),
    }
}

/// A time of a day, in UTC: on the day itself, the day says nothing.
fn moment(at: OffsetDateTime) -> String {
    let utc = at.to_offset(UtcOffset::UTC);
    format!("{} at {:02}:{:02} UTC", day(at), utc.hour(), utc.minute())
}

/// That a certificate claims an NHS authority as its issuer, which did not sign it.
fn false_name(certificate: &Certificate) -> Option<String> {
    anchors::namesake_of(certificate)?;
    Some(format!(
        "the issuer of {} bears the name of an NHS authority, and it is not signed by the key of that authority",
        certificate.subject()
    ))
}

/// What a mailbox cannot do that uses the credential of another one: `verb` says it for that one.
fn shared(error: &StoreError, verb: &str) -> Explained {
    let StoreError::SharesCredential { other, environment, .. } = error else { return store(error) };
    let line = match verb {
        "import" => format!("mesh-onboard import {other} FILE --env {environment}"),
        "request" => format!("mesh-onboard request {other} --ods CODE --env {environment}"),
        _ => format!("mesh-onboard {verb} {other} --env {environment}"),
    };
    Explained::new("shares_credential", error)
        .because(format!("what is done to the credential is done for {other}"))
        .hint(format!("do it there: {line}"))
}

fn store(error: &StoreError) -> Explained {
    match error {
        StoreError::Locked { path, holder } => {
            let holder = if holder.is_empty() { "another run of mesh-onboard" } else { holder };
            Explained::new("locked", error)
                .because(format!("{} is held by {holder}", path.display()))
                .hint("try again when it has finished")
        }
        StoreError::NoSuchMailbox { environment, home, .. } => {
            let place = environment.map(|e| format!(" for {e}")).unwrap_or_default();
            Explained::new("no_such_mailbox", error)
                .because(format!("nothing was requested{place} in {}", home.display()))
                .hint("see what is here: mesh-onboard status")
        }
        StoreError::NoHome { .. } => Explained::new("io", error)
            .because("without a home there is nothing to watch, and that is no good news")
            .hint("name the home with --home DIR or MESH_ONBOARD_HOME"),
        StoreError::Ambiguous { environments, .. } => {
            let names: Vec<_> = environments.iter().map(ToString::to_string).collect();
            Explained::new("ambiguous_mailbox", error)
                .exit(exit::USAGE)
                .because(format!("it is in {}", names.join(" and ")))
                .hint(format!("name one with --env, such as: --env {}", names[0]))
        }
        StoreError::Io { path, source } => {
            let explained = Explained::new("io", error);
            match source.kind() {
                io::ErrorKind::NotFound => explained.hint("check the path"),
                io::ErrorKind::PermissionDenied => explained.hint("check who may read and write there"),
                io::ErrorKind::NotADirectory => {
                    explained.hint("check the path: a file stands where a folder has to be")
                }
                io::ErrorKind::StorageFull => {
                    explained.hint("make room on the disk and try again; what was written before is kept")
                }
                io::ErrorKind::AlreadyExists => {
                    explained.hint(format!("choose another name than {}", path.display()))
                }
                _ => explained,
            }
        }
        StoreError::NewerFormat { .. } => {
            Explained::new("newer_format", error).hint("use the version of mesh-onboard that wrote it")
        }
        StoreError::SharesCredential { .. } => shared(error, "status"),
        StoreError::TooLarge { .. } => Explained::new("io", error)
            .hint("a certificate is a few kilobytes: check that it is the right file"),
        StoreError::Differs { .. } => Explained::new("bundles_failed", error)
            .because("the disk gave back other bytes than were written")
            .hint("check the disk and try again; nothing was changed"),
        StoreError::Unreadable { mailbox, environment, .. } => {
            Explained::new("record_unreadable", error).hint(adopt::again(mailbox, *environment))
        }
        StoreError::Malformed { .. } => Explained::new("io", error),
    }
}
