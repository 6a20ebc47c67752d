//! The files of a credential of ours.

use std::path::PathBuf;

use super::Context;
use super::target::TargetArgs;
use crate::check::{ImportedBundles, Source};
use crate::pki::BundleRole;
use crate::store::{CredentialRecord, Folder, MailboxRecord};
use crate::ui::{Failure, InputError};

/// A credential that the mailbox uses; it may be another mailbox's.
pub struct Stored {
    /// Whose it is.
    pub folder: Folder,
    /// What is known about it.
    pub record: MailboxRecord,
    /// What is known about the credential itself.
    pub credential: CredentialRecord,
    bundles: PathBuf,
    key: PathBuf,
}

impl Stored {
    /// The credential of the mailbox that was named.
    pub fn find(context: &Context, args: &TargetArgs) -> Result<Self, Failure> {
        let mailbox = args.mailbox.as_ref().ok_or_else(|| {
            InputError::Usage(
                "name a mailbox, or credentials with --pfx FILE or --cert FILE --key FILE".into(),
            )
        })?;
        let (folder, record) = context.find(mailbox, args.address.env)?;
        // Mailbox ID, password and token stay this one's.
        let (folder, record) = context.store.credentials_of(folder, record)?;
        let no_certificate = || InputError::NoCertificate { mailbox: mailbox.to_string() };
        let credential = match args.credential {
            Some(number) => record
                .credential(number)
                .ok_or_else(|| InputError::Usage(format!("{mailbox} has no credential {number}")))?,
            None => record.foremost().ok_or_else(no_certificate)?,
        };
        let credential = credential.clone();
        if credential.key_elsewhere {
            return Err(InputError::KeyElsewhere {
                mailbox: record.mailbox.to_string(),
                credential: credential.number,
            }
            .into());
        }
        let bundles = &credential.certificate.as_ref().ok_or_else(no_certificate)?.bundles;
        let path = folder.credential(credential.number);
        let (bundles, key) = (path.join(bundles), path.join("key.pem"));
        Ok(Self { folder, record, credential, bundles, key })
    }

    /// Certificate and key.
    pub fn source(&self) -> Source {
        Source::Pair { certificate: self.bundle(BundleRole::Fullchain), key: self.key.clone() }
    }

    /// Its bundles with what is recorded of them.
    pub fn imported(&self) -> Option<ImportedBundles> {
        Some(ImportedBundles {
            folder: self.bundles.clone(),
            stem: self.record.mailbox.to_string(),
            certificate: self.credential.certificate.clone()?,
        })
    }

    /// A file of its bundles.
    pub fn bundle(&self, role: BundleRole) -> PathBuf {
        self.bundles.join(role.file_name(self.record.mailbox.as_str()))
    }
}
