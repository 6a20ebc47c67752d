use std::path::PathBuf;

use time::OffsetDateTime;

use super::Warning;
use crate::desk::{Attachment, DeskError, Existing, Letter, REQUEST_TEMPLATE, Reason};
use crate::mailbox::{CommonName, Environment, MailboxId, OdsCode};
use crate::pki::{self, CertificateRequest, Fingerprint, KeyError, KeySize, PrivateKey};
use crate::secret::{Passphrase, WeakPassphrase};
use crate::store::{
    Contact, CredentialRecord, CredentialState, Folder, MailboxRecord, PassphraseHolder, Store, StoreError,
    Writer,
};

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The first credential of a mailbox, or one in place of those that are archived.
    New,
    /// One beside the credential in use, to follow it.
    Renewal,
}

/// What to ask for.
#[derive(Debug, Clone)]
pub struct Order {
    /// What for.
    pub purpose: Purpose,
    /// The mailbox.
    pub mailbox: MailboxId,
    /// Its owner.
    pub ods: OdsCode,
    /// Where it lives.
    pub environment: Environment,
    /// The name of the certificate.
    pub common_name: CommonName,
    /// Size of the key.
    pub key_size: KeySize,
    /// Who asks, as far as it differs from the last time and from the settings.
    pub contact: Contact,
    /// Why.
    pub reason: Reason,
    /// The desk's own reference.
    pub ticket: Option<String>,
    /// The certificate that is to be replaced.
    pub existing: Option<Existing>,
    /// What goes along with the email.
    pub attachments: Vec<Attachment>,
    /// Where the email goes, if not to the usual desk.
    pub to: Option<String>,
    /// Whether to set aside what is on its way already.
    pub again: bool,
    /// A program and its arguments, recorded for whenever another credential is put in use.
    pub deploy_hook: Option<Vec<String>>,
    /// Who will know the passphrase.
    pub passphrase_held_by: PassphraseHolder,
    /// Who takes the lock, in words.
    pub holder: String,
}

/// What was made.
#[derive(Debug)]
pub struct Requested {
    /// The number of the credential.
    pub credential: u32,
    /// The folder of the credential: key.pem, request.csr, request.eml, request.txt.
    pub folder: PathBuf,
    /// SHA-256 over the SubjectPublicKeyInfo DER.
    pub key_sha256: Fingerprint,
    /// Where the email goes.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Fields that the draft marks as missing.
    pub missing: Vec<&'static str>,
    /// The request that was set aside, by number.
    pub archived: Option<u32>,
    /// The credential that was ready and was set aside, by number.
    pub ready_archived: Option<u32>,
    /// Credential folders of killed runs, kept.
    pub orphans: Vec<PathBuf>,
    /// What to know.
    pub warnings: Vec<Warning>,
}

/// Why nothing was requested. Nothing was written, but for [`RequestError::Store`] in mid-way, which
/// leaves a key without a record: kept, and named by the next run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A request waits for its certificate already.
    #[error("a request for {mailbox} is outstanding")]
    Outstanding {
        /// The mailbox.
        mailbox: MailboxId,
        /// The credential's number.
        credential: u32,
        /// Since when.
        requested_at: OffsetDateTime,
    },
    /// A credential is in use.
    #[error("{mailbox} has a credential in use")]
    AlreadyInUse {
        /// The mailbox.
        mailbox: MailboxId,
        /// The credential's number.
        credential: u32,
        /// Until when it works.
        not_after: Option<OffsetDateTime>,
    },
    /// A renewal, and nothing to renew.
    #[error("{mailbox} has no credential in use that could be renewed")]
    NoCredential {
        /// The mailbox.
        mailbox: MailboxId,
        /// Where it lives.
        environment: Environment,
        /// The credential that waits for its certificate.
        requested: Option<u32>,
    },
    /// A renewal, and its outcome is here already.
    #[error("the next credential of {mailbox} is here already")]
    Ready {
        /// The mailbox.
        mailbox: MailboxId,
        /// The credential's number.
        credential: u32,
    },
    /// The passphrase is too weak for a new key.
    #[error("this passphrase cannot protect a new key")]
    Passphrase(#[from] WeakPassphrase),
    /// The key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The request could not be made.
    #[error(transparent)]
    Csr(#[from] pki::RequestError),
    /// The email could not be made.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The disk refused, or another run is at work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a new credential: encrypted key, request and the email to the desk.
///
/// The key is on disk and synced before its request exists anywhere; `mailbox.toml` names the credential
/// last. Next: send the email, then [`super::import`].
pub fn request(
    store: &Store,
    mut order: Order,
    passphrase: &Passphrase,
    now: OffsetDateTime,
) -> Result<Requested, RequestError> {
    passphrase.check_for_new_key()?;
    let folder = store.folder(order.environment, &order.mailbox);
    // Looked at before the lock too, so that a refusal leaves no trace.
    let record = folder.load()?;
    permitted(order.purpose, &order.mailbox, order.again, record.as_ref())?;
    let settings = store.settings()?;
    let known = record.map(|r| r.contact).unwrap_or_default().or(&settings.contact);
    order.contact = order.contact.or(&known);
    let template = store.template("request.txt")?;
    let template = template.as_deref().unwrap_or(REQUEST_TEMPLATE);
    let to = order.to.as_deref().or(settings.desk_address(order.environment));
    let to = to.unwrap_or(order.environment.desk_address()).to_owned();
    let mut letter = letter(&order, to, now);
    letter.eml(template)?;

    // The key is made while the disk makes its folder: neither waits for the other.
    let (made, prepared) = std::thread::scope(|scope| {
        let made = scope.spawn(|| PrivateKey::generate_encrypted(order.key_size, passphrase));
        let prepared = prepare(&folder, &order);
        (made.join().expect("making a key does not panic"), prepared)
    });
    let Prepared { writer, record, number, orphans } = prepared?;
    let (key, key_pem) = made?;
    writer.keep_key(number, &key_pem)?;
    let csr = CertificateRequest::create(&key, &order.common_name)?;
    letter.csr = csr.pem();
    writer.keep_request(number, &letter.csr, &letter.eml(template)?, &letter.text(template)?)?;
    let [archived, ready_archived] = commit(&writer, record, &order, number, key.fingerprint(), now)?;

    Ok(Requested {
        credential: number,
        folder: folder.credential(number),
        key_sha256: key.fingerprint(),
        subject: letter.subject(),
        missing: letter.missing(),
        to: letter.to,
        archived,
        ready_archived,
        orphans,
        warnings: warnings(&order),
    })
}

/// The lock, and an empty folder for the credential.
struct Prepared {
    writer: Writer,
    record: Option<MailboxRecord>,
    number: u32,
    orphans: Vec<PathBuf>,
}

fn prepare(folder: &Folder, order: &Order) -> Result<Prepared, RequestError> {
    let writer = folder.lock(&order.holder)?;
    let record = folder.load()?;
    permitted(order.purpose, &order.mailbox, order.again, record.as_ref())?;
    let orphans = folder.orphans(record.as_ref())?.into_iter().map(|(_, path)| path).collect();
    let number = writer.new_credential(record.as_ref())?;
    Ok(Prepared { writer, record, number, orphans })
}

/// Whether a request may be made now. For callers that have to ask for a passphrase first; [`request`]
/// looks again.
pub fn may_request(
    store: &Store,
    environment: Environment,
    mailbox: &MailboxId,
    again: bool,
) -> Result<(), RequestError> {
    permitted(Purpose::New, mailbox, again, store.folder(environment, mailbox).load()?.as_ref())
}

/// Whether an order has a place in `record`; the same before the lock and under it.
pub(super) fn permitted(
    purpose: Purpose,
    mailbox: &MailboxId,
    again: bool,
    record: Option<&MailboxRecord>,
) -> Result<(), RequestError> {
    let Some(record) = record else { return Ok(()) };
    record.must_not_share()?;
    match (purpose, record.current()) {
        (Purpose::New, Some(current)) => {
            return Err(RequestError::AlreadyInUse {
                mailbox: mailbox.clone(),
                credential: current.number,
                not_after: current.certificate.as_ref().map(|c| c.not_after),
            });
        }
        (Purpose::Renewal, None) => {
            return Err(RequestError::NoCredential {
                mailbox: mailbox.clone(),
                environment: record.environment,
                requested: record.requested().map(|c| c.number),
            });
        }
        _ => {}
    }
    if again {
        return Ok(());
    }
    if let Some(outstanding) = record.requested() {
        return Err(RequestError::Outstanding {
            mailbox: mailbox.clone(),
            credential: outstanding.number,
            requested_at: outstanding.requested_at,
        });
    }
    match record.in_state(CredentialState::Ready) {
        Some(ready) => Err(RequestError::Ready { mailbox: mailbox.clone(), credential: ready.number }),
        None => Ok(()),
    }
}

/// Names the new credential in the record. Returns what was set aside: the request, the ready one.
fn commit(
    writer: &Writer,
    record: Option<MailboxRecord>,
    order: &Order,
    number: u32,
    key_sha256: Fingerprint,
    now: OffsetDateTime,
) -> Result<[Option<u32>; 2], StoreError> {
    let mut record = record
        .unwrap_or_else(|| MailboxRecord::new(order.mailbox.clone(), order.ods.clone(), order.environment));
    if order.reason == Reason::Compromised {
        record.report_compromised(now);
    }
    let archived = [CredentialState::Requested, CredentialState::Ready].map(|state| record.set_aside(state));
    record.ods = order.ods.clone();
    record.contact = order.contact.clone();
    if let Some(hook) = &order.deploy_hook {
        record.deploy_hook.clone_from(hook);
    }
    record.credentials.push(CredentialRecord {
        ticket: order.ticket.clone(),
        passphrase: order.passphrase_held_by.clone(),
        ..CredentialRecord::requested(number, order.common_name.clone(), key_sha256, now)
    });
    writer.commit(&record)?;
    Ok(archived)
}

fn letter(order: &Order, to: String, now: OffsetDateTime) -> Letter {
    let contact = order.contact.clone();
    Letter {
        to,
        name: contact.name,
        email: contact.email,
        phone: contact.phone,
        organisation: contact.organisation,
        application: contact.application,
        mailbox: order.mailbox.clone(),
        ods: order.ods.clone(),
        environment: order.environment,
        common_name: order.common_name.clone(),
        reason: order.reason.clone(),
        ticket: order.ticket.clone(),
        existing: order.existing.clone(),
        csr: String::new(),
        attachments: order.attachments.clone(),
        date: now,
    }
}

fn warnings(order: &Order) -> Vec<Warning> {
    let mut warnings = Vec::from_iter(Warning::ods_mismatch(&order.mailbox, &order.ods));
    if order.common_name.mesh_parts().is_none() {
        warnings.push(Warning::new(
            "name_not_mesh",
            format!(
                "{} is not of the form <mailbox>.<ods>.api.mesh-client.nhs.uk; the desk may send it back",
                order.common_name
            ),
        ));
    }
    if order.environment.needs_conformance_certificate() && order.attachments.is_empty() {
        warnings.push(Warning::new(
            "conformance_certificate_missing",
            "live asks for the technical conformance certificate: it comes from digital onboarding once your supplier-pack tests are accepted; add it with --attach FILE --again, or to the draft by hand",
        ));
    }
    warnings
}
