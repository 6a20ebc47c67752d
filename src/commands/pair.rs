//! Reads a key and certificate that were made elsewhere, and asks for what opens them.

use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::Context;
use super::fetch_args::FetchArgs;
use super::secrets::{FileSecrets, Secrets};
use crate::mailbox::Environment;
use crate::onboarding::{CertificateFiles, KeyFile, Pair};
use crate::pki::Certificate;
use crate::pki::sniff::Note;
use crate::store::{FILE_LIMIT, files};
use crate::ui::Failure;

/// Arguments of the commands that take a key and certificate from elsewhere.
#[derive(Debug, Args)]
pub struct PairArgs {
    /// File with the certificate, if it is not in the keystore; CA certificates are welcome, in any order
    #[arg(long, value_name = "FILE")]
    pub cert: Vec<PathBuf>,
    /// Which key of a keystore, by its alias
    #[arg(long, value_name = "NAME", requires = "key")]
    pub alias_in: Option<String>,
    /// Which environment; otherwise the CA that issued the certificate says it
    #[arg(long, value_name = "ENV")]
    pub env: Option<Environment>,
    /// Trust the self-signed certificates in FILE as issuers; others in it complete the chain
    #[arg(long, value_name = "FILE")]
    pub ca: Vec<PathBuf>,
    #[command(flatten)]
    pub fetch: FetchArgs,
}

/// Files as far as they could be opened.
pub struct Opened {
    key_file: KeyFile,
    certificates: CertificateFiles,
    pfx_password_opens: bool,
    /// What was given to open them, and for the copy.
    pub secrets: FileSecrets,
}

impl Opened {
    /// Reads the files; asks for a password where one is needed and none given opens them.
    pub fn read(context: &Context, args: &PairArgs, key: &Path, secrets: &Secrets) -> Result<Self, Failure> {
        let mut given = secrets.for_files()?;
        let bytes = Zeroizing::new(files::read_bounded(key, FILE_LIMIT)?);
        let read = |given: &FileSecrets| KeyFile::read(key.display().to_string(), &bytes, given.passwords());
        let mut key_file = read(&given);
        if key_file.is_locked() && (context.screen.may_ask || given.passwords().is_empty()) {
            secrets.ask_to_open(&mut given, key_file.name(), key_file.is_keystore())?;
            key_file = read(&given);
        }
        let certificates = certificate_files(context, &args.cert, secrets, &mut given)?;
        let pfx_password_opens = match given.without_pfx() {
            // Whatever is given with such a keystore may be meant for it: it opens by itself.
            Some(_) if opens_by_itself(key_file.notes()) || opens_by_itself(certificates.notes()) => true,
            Some(others) => {
                KeyFile::read(key_file.name(), &bytes, &others).is_locked()
                    || CertificateFiles::read(&context.deliver(&args.cert)?, &others).locked().is_some()
            }
            None => false,
        };
        Ok(Self { key_file, certificates, pfx_password_opens, secrets: given })
    }

    /// Whether the PFX password that was given goes with one of the files, so that it is an old one.
    pub fn pfx_password_opens(&self) -> bool {
        self.pfx_password_opens
    }

    /// Which password opened the key, by its place among those given.
    pub fn opened_by(&self) -> Option<usize> {
        self.key_file.opened_by()
    }

    /// The key and its certificate; `known` need not be given again.
    pub fn pair(
        self,
        context: &Context,
        args: &PairArgs,
        known: &[Certificate],
    ) -> Result<(Pair, FileSecrets), Failure> {
        let alias = args.alias_in.as_deref();
        let name = self.key_file.name();
        let notes: Vec<_> =
            self.key_file.notes().iter().map(|note| format!("note: {name}: {}", note.message)).collect();
        let pair = Pair::choose(self.key_file, &self.certificates, alias, known, context.now)?;
        notes.iter().for_each(|note| context.screen.note(note));
        Ok((pair, self.secrets))
    }
}

/// Whether a keystore opened with a password that everybody knows.
fn opens_by_itself<'a>(notes: impl IntoIterator<Item = &'a Note>) -> bool {
    notes.into_iter().any(|note| matches!(note.code, "published_password" | "empty_password"))
}

/// Files given for their certificates. What is in them may be protected, and may be a key besides.
pub fn certificate_files(
    context: &Context,
    paths: &[PathBuf],
    secrets: &Secrets,
    given: &mut FileSecrets,
) -> Result<CertificateFiles, Failure> {
    let delivered = context.deliver(paths)?;
    let mut found = CertificateFiles::read(&delivered, given.passwords());
    while let Some(name) = found.locked().map(str::to_owned) {
        let before = given.passwords().len();
        if !context.screen.may_ask && before > 0 {
            break;
        }
        secrets.ask_to_open(given, &name, true)?;
        found = CertificateFiles::read(&delivered, given.passwords());
        if found.locked() == Some(&name) {
            break;
        }
    }
    for note in found.notes() {
        context.screen.note(&format!("note: {}", note.message));
    }
    Ok(found)
}
