mod matching;
mod verdict;

use time::OffsetDateTime;

use self::matching::{adopt_orphans, matching};
pub(super) use self::matching::{certificates, merit};
pub(super) use self::verdict::{deadlines, explain_chain, warnings};
use super::completion::{Attempts, Completed, first_proved};
use super::fetch::Fetcher;
use super::ground::Ground;
use super::{Warning, plaintext_key};
use crate::mailbox::{CommonName, Environment, MailboxId};
use crate::pki::chain::{Chain, ChainError};
use crate::pki::{
    BundleChoices, BundleError, BundleOptions, Bundles, Certificate, Fingerprint, KeyError, PrivateKey,
};
use crate::secret::{Passphrase, SecretBytes};
use crate::store::{
    CertificateRecord, CredentialRecord, CredentialState, FILE_LIMIT, Folder, KeptBundles, MailboxRecord,
    Store, StoreError, files,
};

/// A file with the name under which the user knows it.
#[derive(Debug)]
pub struct DeliveredFile {
    /// Its path as given.
    pub name: String,
    /// What is in it, a private key perhaps.
    pub bytes: SecretBytes,
}

/// What came back from the desk.
#[derive(Debug, Default)]
pub struct Delivery {
    /// The certificate, and any CA certificates beside it.
    pub files: Vec<DeliveredFile>,
    /// What may open a protected file among them.
    pub passwords: Vec<Passphrase>,
    /// Files given with `--ca`: the self-signed certificates in them are trusted as issuers.
    pub authorities: Vec<DeliveredFile>,
    /// A program and its arguments, recorded with a credential that is left ready: it runs when that one is put in use.
    pub deploy_hook: Option<Vec<String>>,
    /// Whether, and how far, a missing issuer may be fetched from where the certificate says.
    pub fetcher: Option<Fetcher>,
}

/// What was imported.
#[derive(Debug)]
pub struct Imported {
    /// The credential that the certificate belongs to.
    pub credential: u32,
    /// Its state now: current where no other is in use, else ready; archived where it was in use before.
    pub state: CredentialState,
    /// The credential that stays in use.
    pub in_use: Option<u32>,
    /// The mailbox as it stands now; as it stood where nothing was written.
    pub record: MailboxRecord,
    /// The proved chain.
    pub chain: Chain,
    /// The bundles on disk; `None` on a dry run.
    pub bundles: Option<KeptBundles>,
    /// What to know.
    pub warnings: Vec<Warning>,
}

/// Why nothing was imported. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// No certificate in a file.
    #[error("there is no certificate in {}", files.iter().map(|(f, _)| f.as_str()).collect::<Vec<_>>().join(", "))]
    NotACertificate {
        /// Each file and what it holds instead.
        files: Vec<(String, String)>,
        /// Whether a password may be all that is missing.
        locked: bool,
    },
    /// Certificates of CAs, and none of a client.
    #[error("there are only CA certificates here: the client certificate itself is missing")]
    OnlyAuthorities {
        /// Their subjects.
        subjects: Vec<String>,
    },
    /// The certificate fits no key of the mailbox.
    #[error("this certificate does not belong to any key of {mailbox}")]
    KeyMismatch {
        /// The mailbox.
        mailbox: MailboxId,
        /// The certificate's name and key.
        found: (String, Fingerprint),
        /// The keys of the mailbox.
        keys: Vec<(u32, Fingerprint)>,
    },
    /// The certificate fits a credential whose key is kept elsewhere.
    #[error(
        "the key of this certificate is not here: credential {credential} of {mailbox} is kept elsewhere"
    )]
    KeyElsewhere {
        /// The mailbox.
        mailbox: MailboxId,
        /// The credential's number.
        credential: u32,
    },
    /// Another name than was asked for.
    #[error("this certificate has another name than was asked for")]
    NameMismatch {
        /// What was asked for.
        expected: CommonName,
        /// What it says.
        found: String,
    },
    /// The chain cannot be proved.
    #[error("{0}")]
    Chain(ChainError),
    /// An issuer is nowhere to be found.
    #[error("{chain}")]
    ChainIncomplete {
        /// [`ChainError::Incomplete`].
        chain: ChainError,
        /// What was tried to complete it.
        attempts: Attempts,
    },
    /// The chain ends at the root of another NHS environment.
    #[error("this certificate was issued for another environment than {expected}")]
    WrongEnvironment {
        /// Where the mailbox lives.
        expected: Environment,
        /// Whose root it ends at.
        root: String,
    },
    /// Issued by the first generation of NHS CAs.
    #[error("this certificate was issued by the retired first-generation (G1) authority of the NHS")]
    RetiredAuthority {
        /// Its root.
        root: String,
    },
    /// The key cannot be opened.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The bundles could not be made.
    #[error(transparent)]
    Bundles(#[from] BundleError),
    /// The disk refused, or another run is at work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A certificate that was proved to belong. Nothing is written yet and no key was opened, so that nobody
/// is asked for a passphrase in vain. Next: [`Examined::carry_out`].
#[derive(Debug)]
pub struct Examined {
    folder: Folder,
    record: MailboxRecord,
    credential: u32,
    chain: Chain,
    /// Self-signed certificates of `--ca`, to be recorded.
    authorities: Vec<Certificate>,
    deploy_hook: Option<Vec<String>>,
    warnings: Vec<Warning>,
    now: OffsetDateTime,
}

impl Examined {
    /// The credential that the certificate belongs to.
    pub fn credential(&self) -> &CredentialRecord {
        self.record.credential(self.credential).expect("examined against this record")
    }

    /// The certificate.
    pub fn leaf(&self) -> &Certificate {
        &self.chain.leaf
    }

    /// Opens the key and makes the bundles; writes them unless this is a dry run. The first credential of
    /// a mailbox becomes current; with another one in use it is ready, and [`super::put_in_use`] is for when it
    /// is proved. `pfx_password` protects every
    /// PKCS#12 file among the bundles.
    pub fn carry_out(
        self,
        passphrase: &Passphrase,
        pfx_password: &Passphrase,
        choices: &BundleChoices,
        dry_run: bool,
        holder: &str,
    ) -> Result<Imported, ImportError> {
        let key_path = self.folder.credential(self.credential).join("key.pem");
        let key = PrivateKey::parse(&files::read_bounded(&key_path, FILE_LIMIT)?, Some(passphrase))?;
        let options = BundleOptions { password: pfx_password, stem: self.record.mailbox.as_str(), choices };
        let bundles = Bundles::build(&self.chain, &key, &options)?;
        let (kept, record) = if dry_run {
            (None, self.record)
        } else {
            let (kept, record) = self.write(&bundles, holder)?;
            (Some(kept), record)
        };
        let (state, in_use) = state_after(&record, self.credential);
        let mut warnings = self.warnings;
        warnings.extend(kept.as_ref().and_then(plaintext_key));
        let (credential, chain) = (self.credential, self.chain);
        Ok(Imported { credential, state, in_use, record, chain, bundles: kept, warnings })
    }

    /// Whether another credential is in use, so that this one is to be proved before it takes its place.
    pub fn is_to_be_proved(&self) -> bool {
        state_after(&self.record, self.credential).0 == CredentialState::Ready
    }
}

/// The state of a credential once its certificate is there, and which other one is in use.
fn state_after(record: &MailboxRecord, number: u32) -> (CredentialState, Option<u32>) {
    let gave_way = record.credential(number).is_some_and(|c| c.in_use_until.is_some());
    match record.current() {
        // Whoever imports an old answer once more does not mean to go back to it.
        Some(current) if current.number != number && gave_way => {
            (CredentialState::Archived, Some(current.number))
        }
        Some(current) if current.number != number => (CredentialState::Ready, Some(current.number)),
        _ => (CredentialState::Current, None),
    }
}

impl Examined {
    /// Under the lock: bundles first, then the record that names them.
    fn write(&self, bundles: &Bundles, holder: &str) -> Result<(KeptBundles, MailboxRecord), StoreError> {
        let writer = self.folder.lock(holder)?;
        // Read again: another run may have changed it since. Credentials are only ever added.
        let mut record = self.folder.load()?.unwrap_or_else(|| self.record.clone());
        record.must_not_share()?;
        let (state, _) = state_after(&record, self.credential);
        let kept = writer.keep_bundles(self.credential, bundles)?;
        let name = files::name_of(&kept.folder);
        if record.credential(self.credential).is_none() {
            record.credentials.push(self.credential().clone());
        }
        if state == CredentialState::Ready {
            record.set_aside(CredentialState::Ready);
            // It may be another run, days later, that puts it in use.
            if let Some(hook) = &self.deploy_hook {
                record.deploy_hook.clone_from(hook);
            }
        }
        for credential in record.credentials.iter_mut().filter(|c| c.number == self.credential) {
            if state == CredentialState::Current && credential.state != state {
                (credential.in_use_from, credential.in_use_until) = (Some(self.now), None);
            }
            credential.state = state;
            credential.certificate = Some(CertificateRecord::of(&self.chain.leaf, name.clone(), self.now));
        }
        record.trust(&self.authorities);
        writer.commit(&record)?;
        Ok((kept, record))
    }
}

/// Proves that a certificate belongs to one of the mailbox's keys, bears the name that was asked for, and
/// chains to a root that is trusted for the mailbox.
pub fn examine(
    store: &Store,
    folder: Folder,
    mut record: MailboxRecord,
    delivery: &Delivery,
    now: OffsetDateTime,
) -> Result<Examined, ImportError> {
    record.must_not_share()?;
    let (delivered, mut notes) = certificates(&delivery.files, &delivery.passwords)?;
    let mut ground = Ground::of(store, Some(record.environment), Some(&record), &delivery.authorities)?;
    notes.append(&mut ground.notes);
    adopt_orphans(&folder, &mut record, now)?;
    let candidates = matching(&record, &delivered, now)?;
    let (credential, Completed { chain, fetched }) =
        first_proved(&candidates, delivery.fetcher.as_ref(), |(leaf, credential), fetcher| {
            Ok::<_, ImportError>((*credential, ground.prove(leaf, &delivered, fetcher, now)?))
        })?;
    let mut warnings = warnings(&chain, record.mailbox.as_str(), record.environment, now);
    warnings.extend(fetched);
    warnings.extend(notes);
    if let Some(before) = credential.certificate.as_ref().filter(|c| c.not_after > chain.leaf.not_after()) {
        warnings.push(Warning::new(
            "older_certificate",
            format!("the certificate imported before works longer, until {}", before.not_after.date()),
        ));
    }
    let authorities = ground.authorities;
    let (credential, deploy_hook) = (credential.number, delivery.deploy_hook.clone());
    Ok(Examined { folder, credential, chain, authorities, deploy_hook, warnings, now, record })
}

#[cfg(test)]
mod tests;
