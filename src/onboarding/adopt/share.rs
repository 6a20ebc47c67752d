use super::AdoptError;
use crate::mailbox::{Environment, MailboxId, OdsCode};
use crate::onboarding::Warning;
use crate::store::{CredentialRecord, Folder, MailboxRecord, Store, StoreError};

/// Which mailbox is to use whose credential.
#[derive(Debug)]
pub struct Share {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The one whose credential it is to use; of the same environment.
    pub other: MailboxId,
    /// Where both live, if the other one lives in several environments.
    pub environment: Option<Environment>,
    /// Its owner; otherwise that of the other one.
    pub ods: Option<OdsCode>,
    /// Who takes the locks, in words.
    pub holder: String,
}

/// What is shared from now on.
#[derive(Debug)]
pub struct Shared {
    /// Where both live.
    pub environment: Environment,
    /// The owner of the mailbox.
    pub ods: OdsCode,
    /// The mailbox whose credential it is.
    pub other: MailboxId,
    /// That credential.
    pub credential: CredentialRecord,
    /// What to know.
    pub warnings: Vec<Warning>,
}

/// Lets a mailbox use the credential of another one. Nothing is copied: what is renewed there is renewed here.
///
/// A mailbox that shares is itself shared by none: naming one as the other means the one that it shares with.
pub fn share(store: &Store, share: Share) -> Result<Shared, AdoptError> {
    let Share { mailbox, other, environment, ods, holder } = share;
    if other == mailbox {
        return Err(AdoptError::WithItself(mailbox));
    }
    let (others, record) = store.find(&other, environment)?;
    let (owners, owner) = store.credentials_of(others, record)?;
    if owner.mailbox == mailbox {
        return Err(AdoptError::WithItself(mailbox));
    }
    let folder = store.folder(owner.environment, &mailbox);
    // Looked at before the locks too, so that a refusal leaves no trace.
    admissible(store, &folder, &owner)?;
    // Both, so that the other one cannot begin to share in the meantime. Nobody waits for a lock.
    let _owner_stays = owners.lock(&holder)?;
    let owner = owners.load()?.ok_or_else(|| AdoptError::NothingToShare { other: owner.mailbox.clone() })?;
    owner.must_not_share()?;
    let writer = folder.lock(&holder)?;
    let credential = admissible(store, &folder, &owner)?;
    let known = folder.load()?;
    let mut warnings = Vec::new();
    if owner.mailbox != other {
        warnings.push(Warning::new(
            "shared_already",
            format!(
                "{other} itself uses the credential of {}, and so does {mailbox} from now on",
                owner.mailbox
            ),
        ));
    }
    if let Some(former) = known.as_ref().and_then(|record| record.shares.as_ref()) {
        warnings.push(Warning::new(
            "shares_no_longer",
            format!("{mailbox} shared the credential of {former} until now"),
        ));
    }
    let known_ods = known.as_ref().map(|record| record.ods.clone());
    let ods = ods.or(known_ods).unwrap_or_else(|| owner.ods.clone());
    warnings.extend(Warning::ods_mismatch(&mailbox, &ods));
    let mut record =
        known.unwrap_or_else(|| MailboxRecord::new(mailbox.clone(), ods.clone(), owner.environment));
    record.ods = ods.clone();
    record.shares = Some(owner.mailbox.clone());
    writer.commit(&record)?;
    Ok(Shared { environment: owner.environment, ods, other: owner.mailbox, credential, warnings })
}

/// The credential that would be shared.
fn admissible(store: &Store, folder: &Folder, owner: &MailboxRecord) -> Result<CredentialRecord, AdoptError> {
    let mailbox = folder.mailbox();
    let credential = owner.foremost().cloned();
    let credential = credential.ok_or_else(|| AdoptError::NothingToShare { other: owner.mailbox.clone() })?;
    if let Some(record) = folder.load()? {
        if let Some(own) = record.foremost() {
            return Err(AdoptError::HasItsOwn {
                mailbox: mailbox.clone(),
                credential: own.number,
                state: own.state,
            });
        }
        if record.shares.as_ref() == Some(&owner.mailbox) {
            return Err(AdoptError::AlreadyShared { mailbox: mailbox.clone(), other: owner.mailbox.clone() });
        }
    }
    let sharers = shared_by(store, folder)?;
    if !sharers.is_empty() {
        return Err(AdoptError::IsShared { mailbox: mailbox.clone(), sharers });
    }
    Ok(credential)
}

fn shared_by(store: &Store, folder: &Folder) -> Result<Vec<MailboxId>, StoreError> {
    store.sharers(folder.environment(), folder.mailbox())
}
