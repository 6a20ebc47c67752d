//! Taking in credentials that were made elsewhere: with their key, by the certificate alone, or by sharing
//! those of another mailbox.

mod identity;
mod place;
mod share;
mod unproved;

use std::path::PathBuf;

use time::OffsetDateTime;

use self::identity::{Identity, is_named_for};
use self::place::Place;
pub use self::share::{Share, share};
use self::unproved::unproved;
use super::completion::{Completed, first_proved};
use super::fetch::Fetcher;
use super::import::{self, DeliveredFile, ImportError};
use super::pair::{CertificateFiles, Pair, PairError, only_certificate};
use super::{Warning, plaintext_key, weak_key};
use crate::mailbox::{CommonName, Environment, MailboxId, NameError, OdsCode};
use crate::pki::chain::Chain;
use crate::pki::{BundleChoices, BundleError, BundleOptions, Bundles, Certificate, Fingerprint, PrivateKey};
use crate::secret::{Passphrase, WeakPassphrase};
use crate::store::{
    CertificateRecord, CredentialRecord, CredentialState, Folder, KeptBundles, MailboxRecord,
    PassphraseHolder, Store, StoreError, files,
};

/// Into which mailbox credentials are taken, and what is said about them.
#[derive(Debug)]
pub struct Adoption {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// Where it lives; otherwise the certificate's issuer says it.
    pub environment: Option<Environment>,
    /// Its owner; otherwise the certificate's name says it.
    pub ods: Option<OdsCode>,
    /// Files given with `--ca`: the self-signed certificates in them are trusted as issuers.
    pub authorities: Vec<DeliveredFile>,
    /// Whether, and how far, a missing issuer may be fetched from where the certificate says.
    pub fetcher: Option<Fetcher>,
    /// Who takes the lock, in words.
    pub holder: String,
}

/// What was taken in.
#[derive(Debug)]
pub struct Adopted {
    /// Where the mailbox lives.
    pub environment: Environment,
    /// Its owner.
    pub ods: OdsCode,
    /// The name of the certificate, as a request would ask for it.
    pub common_name: CommonName,
    /// The number of the credential.
    pub credential: u32,
    /// Its state.
    pub state: CredentialState,
    /// The certificate.
    pub leaf: Certificate,
    /// Its chain, if that could be proved. With a key it always is.
    pub chain: Option<Chain>,
    /// Our own encrypted copy of the key; `None` if the key is kept elsewhere.
    pub key: Option<PathBuf>,
    /// The bundles on disk.
    pub bundles: KeptBundles,
    /// What to know.
    pub warnings: Vec<Warning>,
}

/// Why nothing was taken in. Nothing was written, but for [`AdoptError::Store`] in mid-way, which leaves a
/// folder without a record: kept, and named by the next run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdoptError {
    /// The files hold no pair that can be used.
    #[error(transparent)]
    Pair(#[from] PairError),
    /// The certificate is refused, as `import` would refuse it.
    #[error(transparent)]
    Refused(#[from] ImportError),
    /// This key is a credential of the mailbox already.
    #[error("{mailbox} has this key already: credential {credential}")]
    AlreadyAdopted {
        /// The mailbox.
        mailbox: MailboxId,
        /// The credential's number.
        credential: u32,
        /// Whether its key is here.
        key_elsewhere: bool,
    },
    /// The mailbox shares with that one already.
    #[error("{mailbox} shares the credential of {other} already")]
    AlreadyShared {
        /// The mailbox.
        mailbox: MailboxId,
        /// The other one.
        other: MailboxId,
    },
    /// The mailbox has credentials that leave no place for more.
    #[error("{mailbox} has a credential in use, and another one on its way")]
    NoPlace {
        /// The mailbox.
        mailbox: MailboxId,
        /// The one in use.
        current: u32,
        /// The one that is requested or ready.
        next: u32,
    },
    /// A mailbox with credentials of its own cannot share.
    #[error("{mailbox} has credentials of its own")]
    HasItsOwn {
        /// The mailbox.
        mailbox: MailboxId,
        /// The foremost.
        credential: u32,
        /// Its state.
        state: CredentialState,
    },
    /// A mailbox whose credentials others share cannot share itself.
    #[error("the credentials of {mailbox} are shared by {}", sharers.iter().map(MailboxId::as_str).collect::<Vec<_>>().join(", "))]
    IsShared {
        /// The mailbox.
        mailbox: MailboxId,
        /// Who shares them.
        sharers: Vec<MailboxId>,
    },
    /// A mailbox with itself.
    #[error("{0} cannot share with itself")]
    WithItself(MailboxId),
    /// The other mailbox has nothing to share.
    #[error("{other} has no credential that could be shared")]
    NothingToShare {
        /// The other mailbox.
        other: MailboxId,
    },
    /// Nothing says where the mailbox lives.
    #[error("nothing says which environment this certificate is for")]
    EnvironmentUnknown {
        /// Who is said to have issued it.
        issuer: String,
        /// Whether that is the name of an NHS authority, which did not sign it.
        false_name: bool,
    },
    /// Nothing says whose the mailbox is.
    #[error("{name} names no ODS code")]
    OdsUnknown {
        /// The certificate's name.
        name: String,
    },
    /// The name of the certificate is none that a request could ask for.
    #[error("this certificate has no name that can be recorded: {0}")]
    Name(NameError),
    /// The passphrase is too weak for the copy of the key.
    #[error("this passphrase cannot protect a new key")]
    Passphrase(#[from] WeakPassphrase),
    /// The bundles could not be made.
    #[error(transparent)]
    Bundles(#[from] BundleError),
    /// The disk refused, or another run is at work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Certificates of this mailbox that are here without their key, so that the key alone completes one.
pub fn known_certificates(
    store: &Store,
    mailbox: &MailboxId,
    environment: Option<Environment>,
) -> Result<Vec<Certificate>, StoreError> {
    let mut found = Vec::new();
    let wanted = |folder: &Folder| {
        folder.mailbox() == mailbox
            && environment.is_none_or(|environment| environment == folder.environment())
    };
    for folder in store.folders()?.into_iter().filter(wanted) {
        let credentials = folder.load()?.map(|record| record.credentials).unwrap_or_default();
        for credential in credentials.iter().filter(|c| c.key_elsewhere) {
            found.extend(folder.certificates(credential)?);
        }
    }
    Ok(found)
}

/// Credentials that may be taken in. Nothing is written yet, and nobody was asked for a new passphrase.
/// Next: [`Admitted::take_in`].
#[derive(Debug)]
pub struct Admitted {
    identity: Identity,
    key: PrivateKey,
    chain: Chain,
    authorities: Vec<Certificate>,
    warnings: Vec<Warning>,
    holder: String,
    now: OffsetDateTime,
}

/// Proves that key and certificate belong together and chain to a root that is trusted for the mailbox's
/// environment, and that the mailbox has a place for them. Of several certificates for the key, those with
/// the name of the mailbox come first.
pub fn admit(
    store: &Store,
    adoption: Adoption,
    mut pair: Pair,
    now: OffsetDateTime,
) -> Result<Admitted, AdoptError> {
    pair.leaves.sort_by_key(|leaf| !is_named_for(leaf, &adoption.mailbox));
    let proved = |leaf: &Certificate, fetcher: Option<&Fetcher>| {
        let (identity, warnings) = Identity::of(store, &adoption, leaf)?;
        let record = identity.folder.load()?;
        let ground = identity.ground(store, &adoption, record.as_ref())?;
        let completed = ground.prove(leaf, &pair.given, fetcher, now)?;
        Ok::<_, AdoptError>((identity, record, ground, completed, warnings))
    };
    let (identity, record, ground, Completed { chain, fetched }, mut warnings) =
        first_proved(&pair.leaves, adoption.fetcher.as_ref(), proved)?;
    Place::find(record.as_ref(), &chain.leaf, true, now)?;
    let mailbox = adoption.mailbox.as_str();
    warnings.splice(0..0, import::warnings(&chain, mailbox, identity.environment, now));
    warnings.extend(fetched);
    warnings.extend(weak_key(&pair.key));
    let (holder, authorities) = (adoption.holder, ground.authorities);
    Ok(Admitted { identity, key: pair.key, chain, authorities, warnings, holder, now })
}

impl Admitted {
    /// Where the mailbox lives.
    pub fn environment(&self) -> Environment {
        self.identity.environment
    }

    /// Encrypts the key anew, makes the bundles and writes both; `mailbox.toml` names them last. With a
    /// credential in use the new one stays ready.
    pub fn take_in(
        self,
        passphrase: &Passphrase,
        held_by: PassphraseHolder,
        pfx_password: &Passphrase,
        choices: &BundleChoices,
    ) -> Result<Adopted, AdoptError> {
        passphrase.check_for_new_key()?;
        let stem = self.identity.folder.mailbox().as_str();
        let bundles =
            Bundles::build(&self.chain, &self.key, &BundleOptions { password: pfx_password, stem, choices })?;
        let taken = Taken {
            leaf: self.chain.leaf.clone(),
            chain: Some(self.chain),
            key_pem: Some(self.key.encrypted_pem(passphrase)),
            held_by,
            bundles,
            authorities: self.authorities,
        };
        taken.write(self.identity, self.warnings, &self.holder, self.now)
    }
}

/// Records what a certificate alone says: enough for `status` to warn, and for a renewal to take its name
/// from. Expired ones, those of the retired authority and those without a chain are welcome.
pub fn adopt_certificate(
    store: &Store,
    adoption: &Adoption,
    certificates: &CertificateFiles,
    now: OffsetDateTime,
) -> Result<Adopted, AdoptError> {
    let leaf = only_certificate(certificates)?;
    let (identity, mut warnings) = Identity::of(store, adoption, &leaf)?;
    let record = identity.folder.load()?;
    let ground = identity.ground(store, adoption, record.as_ref())?;
    Place::find(record.as_ref(), &leaf, false, now)?;
    let given: Vec<_> = certificates.certificates().cloned().collect();
    let mailbox = adoption.mailbox.as_str();
    let (chain, known) = match ground.prove(&leaf, &given, adoption.fetcher.as_ref(), now) {
        Ok(Completed { chain, fetched }) => {
            let mut known = import::warnings(&chain, mailbox, identity.environment, now);
            known.extend(fetched);
            (Some(chain), known)
        }
        Err(error) => {
            let mut known = import::deadlines(&leaf, mailbox, now);
            known.push(unproved(error, &leaf, now)?);
            (None, known)
        }
    };
    warnings.splice(0..0, known);
    warnings.push(Warning::new(
        "key_elsewhere",
        "its key stays where it is: only what the certificate says is known here, and no PFX can be made",
    ));
    let taken = Taken {
        bundles: Bundles::without_key(&leaf, chain.as_ref()),
        leaf,
        chain,
        key_pem: None,
        held_by: PassphraseHolder::You,
        authorities: ground.authorities,
    };
    taken.write(identity, warnings, &adoption.holder, now)
}

/// All that is written of one adoption.
struct Taken {
    leaf: Certificate,
    chain: Option<Chain>,
    /// The key, encrypted; `None` if it is kept elsewhere.
    key_pem: Option<String>,
    held_by: PassphraseHolder,
    bundles: Bundles,
    authorities: Vec<Certificate>,
}

impl Taken {
    /// Under the lock: key first, then bundles, then the record that names them.
    fn write(
        self,
        identity: Identity,
        mut warnings: Vec<Warning>,
        holder: &str,
        now: OffsetDateTime,
    ) -> Result<Adopted, AdoptError> {
        let Identity { folder, environment, ods, common_name } = identity;
        let writer = folder.lock(holder)?;
        // Read again: another run may have changed it since.
        let record = folder.load()?;
        let place = Place::find(record.as_ref(), &self.leaf, self.key_pem.is_some(), now)?;
        let number = writer.new_credential(record.as_ref())?;
        if let Some(pem) = &self.key_pem {
            writer.keep_key(number, pem)?;
        }
        let bundles = writer.keep_bundles(number, &self.bundles)?;
        let mut record =
            record.unwrap_or_else(|| MailboxRecord::new(folder.mailbox().clone(), ods.clone(), environment));
        record.ods = ods.clone();
        record.trust(&self.authorities);
        warnings.extend(place.warnings(&record));
        record.shares = None;
        for set_aside in record.credentials.iter_mut().filter(|c| Some(c.number) == place.takes_over) {
            set_aside.state = CredentialState::Archived;
        }
        record.credentials.push(CredentialRecord {
            state: place.state,
            adopted_at: Some(now),
            in_use_from: (place.state == CredentialState::Current).then_some(now),
            key_elsewhere: self.key_pem.is_none(),
            passphrase: self.held_by,
            certificate: Some(CertificateRecord::of(&self.leaf, files::name_of(&bundles.folder), now)),
            ..CredentialRecord::requested(number, common_name.clone(), self.leaf.key_fingerprint(), now)
        });
        writer.commit(&record)?;
        warnings.extend(plaintext_key(&bundles));
        Ok(Adopted {
            environment,
            ods,
            common_name,
            credential: number,
            state: place.state,
            leaf: self.leaf,
            chain: self.chain,
            key: self.key_pem.is_some().then(|| folder.credential(number).join("key.pem")),
            bundles,
            warnings,
        })
    }
}

/// The mailboxes of an environment that have this key, but for one.
fn others_with(
    store: &Store,
    environment: Environment,
    key: Fingerprint,
    but: &MailboxId,
) -> Result<Option<MailboxId>, StoreError> {
    for folder in
        store.folders()?.into_iter().filter(|f| f.environment() == environment && f.mailbox() != but)
    {
        if folder.load()?.is_some_and(|record| record.credentials.iter().any(|c| c.key_sha256 == key)) {
            return Ok(Some(folder.mailbox().clone()));
        }
    }
    Ok(None)
}
