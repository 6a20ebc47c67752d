//! `mailbox.toml`: what is known of a mailbox and its credentials. No secret stands in it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::{ExportRecord, StoreError, as_text, optional_text};
use crate::mailbox::{CommonName, Environment, MailboxId, OdsCode};
use crate::pki::{Certificate, Fingerprint};

/// The format written; a file with a higher one is refused.
pub const FORMAT: u32 = 1;

/// Everything that `mailbox.toml` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailboxRecord {
    /// Version of this format.
    pub format: u32,
    /// The mailbox.
    #[serde(with = "as_text")]
    pub mailbox: MailboxId,
    /// Its owner.
    #[serde(with = "as_text")]
    pub ods: OdsCode,
    /// Where it lives.
    #[serde(with = "as_text")]
    pub environment: Environment,
    /// Root certificates given with `--ca`, in PEM: trusted as issuers for this mailbox.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorities: Vec<String>,
    /// Another mailbox of the environment, whose credential this one uses; then it has none of its own but
    /// archived ones.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub shares: Option<MailboxId>,
    /// A program and its arguments, run whenever another credential was put in use here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deploy_hook: Vec<String>,
    /// Who asked, for the next email.
    #[serde(default)]
    pub contact: Contact,
    /// The credentials in the order of their numbers.
    #[serde(default, rename = "credential")]
    pub credentials: Vec<CredentialRecord>,
    /// What was handed over, and where it was put.
    #[serde(default, rename = "export", skip_serializing_if = "Vec::is_empty")]
    pub exports: Vec<ExportRecord>,
}

/// Who asks the service desk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// Full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The application that will use the mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
}

impl Contact {
    /// These details, with `fallback` where one is missing.
    pub fn or(self, fallback: &Self) -> Self {
        let pick = |own: Option<String>, other: &Option<String>| own.or_else(|| other.clone());
        Self {
            name: pick(self.name, &fallback.name),
            email: pick(self.email, &fallback.email),
            phone: pick(self.phone, &fallback.phone),
            organisation: pick(self.organisation, &fallback.organisation),
            application: pick(self.application, &fallback.application),
        }
    }
}

/// Where a credential stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialState {
    /// Waiting for the certificate.
    Requested,
    /// Imported, not in use.
    Ready,
    /// In use.
    Current,
    /// Replaced; kept for ever.
    Archived,
}

impl CredentialState {
    /// The name in JSON and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Ready => "ready",
            Self::Current => "current",
            Self::Archived => "archived",
        }
    }
}

/// Who knows the passphrase of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "held_by", rename_all = "lowercase")]
pub enum PassphraseHolder {
    /// The person who asked.
    You,
    /// The operating system's keyring, under this name.
    Keyring {
        /// The name of the entry.
        entry: String,
    },
}

/// One key with everything that grew around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRecord {
    /// 1, 2, 3; never used twice.
    pub number: u32,
    /// Where it stands.
    pub state: CredentialState,
    /// The common name that was asked for.
    #[serde(with = "as_text")]
    pub common_name: CommonName,
    /// SHA-256 over the SubjectPublicKeyInfo DER.
    #[serde(with = "as_text")]
    pub key_sha256: Fingerprint,
    /// When the request was made. Of a credential that was adopted, the same as [`Self::adopted_at`]: a
    /// version that knows of no adoption reads it all the same.
    #[serde(with = "rfc3339")]
    pub requested_at: OffsetDateTime,
    /// When it was taken in, if it was made elsewhere: then it has no request.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub adopted_at: Option<OffsetDateTime>,
    /// Whether the key is kept elsewhere: the credential was adopted by its certificate alone, and has no
    /// `key.pem` and no PFX.
    #[serde(default, skip_serializing_if = "is_false")]
    pub key_elsewhere: bool,
    /// When the email went out.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<OffsetDateTime>,
    /// The desk's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Since when it is in use here, or was when it last came into use. Older versions did not note it.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub in_use_from: Option<OffsetDateTime>,
    /// When it gave way to another one; of one that was in use.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub in_use_until: Option<OffsetDateTime>,
    /// When it was reported that the key may be in other hands. It may have to work on until another one follows it,
    /// and is not gone back to.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub compromised_at: Option<OffsetDateTime>,
    /// Why it was not put in use when it was imported, in words; of one that stays ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stays_ready: Option<String>,
    /// Where the passphrase is.
    pub passphrase: PassphraseHolder,
    /// The certificate, once it is imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateRecord>,
}

/// For fields that are written only where they say something.
fn is_false(value: &bool) -> bool {
    !value
}

/// An imported certificate and where its bundles are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRecord {
    /// The folder of the bundles, below the credential.
    pub bundles: String,
    /// When it was imported.
    #[serde(with = "rfc3339")]
    pub imported_at: OffsetDateTime,
    /// SHA-256 over the certificate.
    #[serde(with = "as_text")]
    pub sha256: Fingerprint,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Valid until.
    #[serde(with = "rfc3339")]
    pub not_after: OffsetDateTime,
    /// End of the private key usage period.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub key_usage_ends: Option<OffsetDateTime>,
}

impl CredentialRecord {
    /// One that waits for its certificate, and of which no more is known than this.
    pub fn requested(
        number: u32,
        common_name: CommonName,
        key_sha256: Fingerprint,
        requested_at: OffsetDateTime,
    ) -> Self {
        Self {
            number,
            state: CredentialState::Requested,
            common_name,
            key_sha256,
            requested_at,
            adopted_at: None,
            key_elsewhere: false,
            sent_at: None,
            ticket: None,
            in_use_from: None,
            in_use_until: None,
            compromised_at: None,
            stays_ready: None,
            passphrase: PassphraseHolder::You,
            certificate: None,
        }
    }

    /// When its certificate was asked for; unknown of one that was adopted.
    pub fn asked_at(&self) -> Option<OffsetDateTime> {
        self.adopted_at.is_none().then_some(self.requested_at)
    }
}

impl CertificateRecord {
    /// What is kept of a certificate whose bundles lie in `bundles`.
    pub fn of(certificate: &Certificate, bundles: String, imported_at: OffsetDateTime) -> Self {
        Self {
            bundles,
            imported_at,
            sha256: certificate.fingerprint(),
            serial: certificate.serial().into(),
            not_after: certificate.not_after(),
            key_usage_ends: certificate.key_usage_ends(),
        }
    }
}

impl MailboxRecord {
    /// A mailbox without credentials.
    pub fn new(mailbox: MailboxId, ods: OdsCode, environment: Environment) -> Self {
        Self {
            format: FORMAT,
            mailbox,
            ods,
            environment,
            authorities: Vec::new(),
            shares: None,
            deploy_hook: Vec::new(),
            contact: Contact::default(),
            credentials: Vec::new(),
            exports: Vec::new(),
        }
    }

    /// Trusts self-signed certificates given with `--ca` as issuers for this mailbox, each recorded once.
    pub fn trust(&mut self, authorities: &[Certificate]) {
        for pem in authorities.iter().map(Certificate::pem) {
            if !self.authorities.contains(&pem) {
                self.authorities.push(pem);
            }
        }
    }

    /// Refuses what only a mailbox with credentials of its own can do.
    pub fn must_not_share(&self) -> Result<(), StoreError> {
        match &self.shares {
            Some(other) => Err(StoreError::SharesCredential {
                mailbox: self.mailbox.clone(),
                other: other.clone(),
                environment: self.environment,
            }),
            None => Ok(()),
        }
    }

    /// The credential in a state, the newest if there are several.
    pub fn in_state(&self, state: CredentialState) -> Option<&CredentialRecord> {
        self.credentials.iter().rev().find(|c| c.state == state)
    }

    /// The credential in use.
    pub fn current(&self) -> Option<&CredentialRecord> {
        self.in_state(CredentialState::Current)
    }

    /// The credential that waits for its certificate.
    pub fn requested(&self) -> Option<&CredentialRecord> {
        self.in_state(CredentialState::Requested)
    }

    /// The credential of a number.
    pub fn credential(&self, number: u32) -> Option<&CredentialRecord> {
        self.credentials.iter().find(|c| c.number == number)
    }

    /// The credential that is to follow the one in use: ready, else requested.
    pub fn successor(&self) -> Option<&CredentialRecord> {
        self.in_state(CredentialState::Ready).or_else(|| self.requested())
    }

    /// The credential that was in use before the one of today.
    pub fn previous(&self) -> Option<&CredentialRecord> {
        let archived = self.credentials.iter().filter(|c| c.state == CredentialState::Archived);
        archived.filter(|c| c.in_use_until.is_some()).max_by_key(|c| c.in_use_until)
    }

    /// Archives every credential in a state. Returns the number of the last of them.
    pub fn set_aside(&mut self, state: CredentialState) -> Option<u32> {
        let mut last = None;
        for credential in self.credentials.iter_mut().filter(|c| c.state == state) {
            credential.state = CredentialState::Archived;
            last = Some(credential.number);
        }
        last
    }

    /// Marks the credential in use as one whose key may be in other hands; the first report counts.
    pub fn report_compromised(&mut self, at: OffsetDateTime) {
        for credential in self.credentials.iter_mut().filter(|c| c.state == CredentialState::Current) {
            credential.compromised_at = credential.compromised_at.or(Some(at));
        }
    }

    /// Puts a credential in use and archives the one that was. Returns the number of that one.
    pub fn put_in_use(&mut self, number: u32, at: OffsetDateTime) -> Option<u32> {
        let mut before = None;
        for credential in &mut self.credentials {
            let is_current = credential.state == CredentialState::Current;
            if credential.number == number && !is_current {
                credential.state = CredentialState::Current;
                credential.stays_ready = None;
                (credential.in_use_from, credential.in_use_until) = (Some(at), None);
            } else if credential.number != number && is_current {
                credential.state = CredentialState::Archived;
                let imported_at = credential.certificate.as_ref().map(|c| c.imported_at);
                credential.in_use_from = credential.in_use_from.or(imported_at);
                credential.in_use_until = Some(at);
                before = Some(credential.number);
            }
        }
        before
    }

    /// The credential that one works with when none is named: in use, else ready, else requested.
    pub fn foremost(&self) -> Option<&CredentialRecord> {
        self.current().or_else(|| self.in_state(CredentialState::Ready)).or_else(|| self.requested())
    }
}
