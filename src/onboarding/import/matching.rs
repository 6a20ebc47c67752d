//! Which certificate of a delivery belongs to which credential.

use std::cmp::Reverse;

use time::OffsetDateTime;

use super::{DeliveredFile, ImportError};
use crate::desk::reply;
use crate::onboarding::Warning;
use crate::pki::Certificate;
use crate::secret::Passphrase;
use crate::store::{CredentialRecord, CredentialState, Folder, MailboxRecord, StoreError};

/// Every certificate in the files, each once, and what was seen on the way. Each of `passwords` is tried on
/// what is protected.
pub(in crate::onboarding) fn certificates(
    files: &[DeliveredFile],
    passwords: &[Passphrase],
) -> Result<(Vec<Certificate>, Vec<Warning>), ImportError> {
    let (mut found, mut notes): (Vec<Certificate>, Vec<Warning>) = (Vec::new(), Vec::new());
    let (mut without, mut locked) = (Vec::new(), false);
    for file in files {
        let contents = reply::read(file.bytes.expose(), passwords);
        notes.extend(contents.notes.iter().map(|note| Warning::noted(&file.name, note)));
        if contents.certificates().next().is_none() {
            locked |= contents.is_locked();
            without.push((file.name.clone(), contents.describe()));
        }
        for certificate in contents.certificates() {
            if !found.contains(certificate) {
                found.push(certificate.clone());
            }
        }
    }
    if without.is_empty() {
        Ok((found, notes))
    } else {
        Err(ImportError::NotACertificate { files: without, locked })
    }
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
            state: CredentialState::Archived,
            ..CredentialRecord::requested(number, common_name, csr.key_fingerprint(), now)
        });
    }
    Ok(())
}

/// The certificates and credentials that share a key which is here, and bear the name that was asked for;
/// the most likely first.
pub(super) fn matching<'a>(
    record: &'a MailboxRecord,
    delivered: &'a [Certificate],
    now: OffsetDateTime,
) -> Result<Vec<(&'a Certificate, &'a CredentialRecord)>, ImportError> {
    let pairs = delivered.iter().filter_map(|certificate| {
        let key = certificate.key_fingerprint();
        Some((certificate, record.credentials.iter().find(|c| c.key_sha256 == key && !c.key_elsewhere)?))
    });
    let mut pairs: Vec<(&Certificate, &CredentialRecord)> = pairs.collect();
    // The desk may send old and new together.
    pairs.sort_by_cached_key(|(certificate, _)| Reverse(merit(certificate, now)));
    let Some(&(best, meant)) = pairs.first() else { return Err(fits_no_key(record, delivered)) };
    let name =
        |certificate: &Certificate| certificate.common_name().unwrap_or("no common name at all").to_owned();
    pairs.retain(|(certificate, credential)| {
        // What is known of another credential is no answer for this one.
        let recorded = credential.certificate.as_ref().is_some_and(|c| c.sha256 == certificate.fingerprint());
        let of_another = credential.number != meant.number && recorded;
        !of_another && credential.common_name.matches(&name(certificate))
    });
    if pairs.is_empty() {
        return Err(ImportError::NameMismatch { expected: meant.common_name.clone(), found: name(best) });
    }
    Ok(pairs)
}

fn fits_no_key(record: &MailboxRecord, delivered: &[Certificate]) -> ImportError {
    let elsewhere = |c: &&CredentialRecord| delivered.iter().any(|d| d.key_fingerprint() == c.key_sha256);
    if let Some(credential) = record.credentials.iter().find(elsewhere) {
        return ImportError::KeyElsewhere { mailbox: record.mailbox.clone(), credential: credential.number };
    }
    let Some(leaf) = delivered.iter().find(|c| !c.is_ca()) else {
        return ImportError::OnlyAuthorities {
            subjects: delivered.iter().map(|c| c.subject().to_owned()).collect(),
        };
    };
    ImportError::KeyMismatch {
        mailbox: record.mailbox.clone(),
        found: (leaf.subject().into(), leaf.key_fingerprint()),
        keys: record.credentials.iter().map(|c| (c.number, c.key_sha256)).collect(),
    }
}

/// Which of several certificates for one key is meant: the highest. The newest that is valid counts; a
/// self-signed one, as keytool puts beside every key, counts last. The fingerprint makes the choice the same
/// in any order.
pub(in crate::onboarding) fn merit(certificate: &Certificate, now: OffsetDateTime) -> impl Ord + use<> {
    let (from, until) = (certificate.not_before(), certificate.not_after());
    let valid = from <= now && now <= until;
    (!certificate.is_self_signed(), valid, from, until, *certificate.fingerprint().as_bytes())
}
