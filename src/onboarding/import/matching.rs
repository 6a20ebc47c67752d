//! Which certificate of a delivery belongs to which credential.

use time::OffsetDateTime;

use super::{DeliveredFile, ImportError};
use crate::desk::reply;
use crate::pki::Certificate;
use crate::store::{CredentialRecord, CredentialState, Folder, MailboxRecord, PassphraseHolder, StoreError};

/// Every certificate in the files, each once.
pub(in crate::onboarding) fn certificates(files: &[DeliveredFile]) -> Result<Vec<Certificate>, ImportError> {
    let mut found: Vec<Certificate> = Vec::new();
    let mut without = Vec::new();
    for file in files {
        match reply::certificates(&file.bytes) {
            Ok(certificates) => {
                for certificate in certificates {
                    if !found.contains(&certificate) {
                        found.push(certificate);
                    }
                }
            }
            Err(instead) => without.push((file.name.clone(), instead)),
        }
    }
    if without.is_empty() { Ok(found) } else { Err(ImportError::NotACertificate { files: without }) }
}

/// A run that was interrupted after its request was written leaves a credential that no record names; its
/// email may have gone out all the same, so an answer to it is welcome.
pub(super) fn adopt_orphans(
    folder: &Folder,
    record: &mut MailboxRecord,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    for (number, _) in folder.orphans(Some(record))? {
        let Ok(csr) = folder.request(number) else { continue };
        let Some(Ok(common_name)) = csr.common_name().map(str::parse) else { continue };
        record.credentials.push(CredentialRecord {
            number,
            state: CredentialState::Archived,
            common_name,
            key_sha256: csr.key_fingerprint(),
            requested_at: now,
            adopted_at: None,
            key_elsewhere: false,
            sent_at: None,
            ticket: None,
            passphrase: PassphraseHolder::You,
            certificate: None,
        });
    }
    Ok(())
}

/// The certificate and the credential that share a key which is here.
pub(super) fn matching<'a>(
    record: &'a MailboxRecord,
    delivered: &'a [Certificate],
    now: OffsetDateTime,
) -> Result<(&'a Certificate, &'a CredentialRecord), ImportError> {
    let pairs = delivered.iter().filter_map(|certificate| {
        let key = certificate.key_fingerprint();
        Some((certificate, record.credentials.iter().find(|c| c.key_sha256 == key && !c.key_elsewhere)?))
    });
    // The desk may send old and new together: the newest that is valid counts.
    let valid = |c: &Certificate| c.not_before() <= now && now <= c.not_after();
    pairs.max_by_key(|(certificate, _)| (valid(certificate), certificate.not_before())).ok_or_else(|| {
        let elsewhere = |c: &&CredentialRecord| delivered.iter().any(|d| d.key_fingerprint() == c.key_sha256);
        if let Some(credential) = record.credentials.iter().find(elsewhere) {
            return ImportError::KeyElsewhere {
                mailbox: record.mailbox.clone(),
                credential: credential.number,
            };
        }
        let leaf = delivered.iter().find(|c| !c.is_ca()).unwrap_or(&delivered[0]);
        ImportError::KeyMismatch {
            mailbox: record.mailbox.clone(),
            found: (leaf.subject().into(), leaf.key_fingerprint()),
            keys: record.credentials.iter().map(|c| (c.number, c.key_sha256)).collect(),
        }
    })
}
