use super::{AdoptError, Adoption, others_with};
use crate::mailbox::{Authority, CommonName, Environment, MailboxId, NameError, OdsCode};
use crate::onboarding::ground::Ground;
use crate::onboarding::trust::completing;
use crate::onboarding::{ImportError, Warning};
use crate::pki::{Certificate, anchors};
use crate::store::{Folder, MailboxRecord, Store, StoreError};

/// Whose a certificate is, and where.
#[derive(Debug)]
pub(super) struct Identity {
    pub folder: Folder,
    pub environment: Environment,
    pub ods: OdsCode,
    pub common_name: CommonName,
}

impl Identity {
    /// From what was said, from the certificate, and from what is known of the mailbox.
    pub fn of(
        store: &Store,
        adoption: &Adoption,
        leaf: &Certificate,
    ) -> Result<(Self, Vec<Warning>), AdoptError> {
        let mut warnings = Vec::new();
        let mailbox = &adoption.mailbox;
        let common_name = name(leaf).map_err(AdoptError::Name)?;
        let environment = match adoption.environment {
            Some(environment) => environment,
            None => {
                let (environment, assumed) = issued_for(store, mailbox, leaf)?;
                warnings.extend(assumed);
                environment
            }
        };
        let folder = store.folder(environment, mailbox);
        let known = folder.load()?.map(|record| record.ods);
        let named = common_name.mesh_parts();
        let ods = adoption.ods.clone().or(known).or(named.as_ref().map(|(_, ods)| ods.clone()));
        let ods = ods.ok_or_else(|| AdoptError::OdsUnknown { name: common_name.to_string() })?;
        warnings.extend(Warning::ods_mismatch(mailbox, &ods));
        match named {
            Some((label, _)) if !label.eq_ignore_ascii_case(mailbox.as_str()) => warnings.push(Warning::new(
                "names_another",
                format!("it is named {common_name}: that is usual where one certificate serves several mailboxes"),
            )),
            Some(_) => {}
            None => warnings.push(Warning::new(
                "name_not_mesh",
                format!("{common_name} is not of the form <mailbox>.<ods>.api.mesh-client.nhs.uk; a request for it again may come back"),
            )),
        }
        if let Some(other) = others_with(store, environment, leaf.key_fingerprint(), mailbox)? {
            warnings.push(Warning::new(
                "key_of_another_mailbox",
                format!("{other} has the same key: --share {other} would keep it once, and renew it once"),
            ));
        }
        Ok((Self { folder, environment, ods, common_name }, warnings))
    }

    /// What the chain is proved with, now that the environment is known.
    pub fn ground(
        &self,
        store: &Store,
        adoption: &Adoption,
        record: Option<&MailboxRecord>,
    ) -> Result<Ground, ImportError> {
        Ground::of(store, Some(self.environment), record, &adoption.authorities)
    }
}

/// Whether a certificate bears the name of the mailbox, and of no other one.
pub(super) fn is_named_for(leaf: &Certificate, mailbox: &MailboxId) -> bool {
    let label = name(leaf).ok().and_then(|name| Some(name.mesh_parts()?.0.to_string()));
    label.is_some_and(|label| label.eq_ignore_ascii_case(mailbox.as_str()))
}

fn name(leaf: &Certificate) -> Result<CommonName, NameError> {
    Ok(leaf.common_name().unwrap_or_default().parse::<CommonName>()?.as_asked_for())
}

/// The environment that the issuer tells. One that issues for several is taken for that in which the mailbox
/// is known, else for the first, and that is said.
fn issued_for(
    store: &Store,
    mailbox: &MailboxId,
    leaf: &Certificate,
) -> Result<(Environment, Option<Warning>), AdoptError> {
    let unknown = || AdoptError::EnvironmentUnknown {
        issuer: leaf.issuer().into(),
        false_name: anchors::namesake_of(leaf).is_some(),
    };
    let known = |environment: &Environment| -> Result<bool, StoreError> {
        Ok(store.folder(*environment, mailbox).load()?.is_some())
    };
    let Some(issuer) = anchors::issuer_of(leaf) else {
        // None of the built-in ones signed it, so what is left is the rehearsal's own.
        let rehearsal = completing(store, Environment::Rehearsal)?.iter().any(|ca| leaf.is_signed_by(ca));
        if rehearsal {
            return Ok((Environment::Rehearsal, None));
        }
        // A CA of the user's own, whose mailbox may be known by now.
        return match store.find(mailbox, None) {
            Ok((folder, _)) => Ok((folder.environment(), None)),
            Err(StoreError::NoSuchMailbox { .. }) => Err(unknown()),
            Err(error) => Err(error.into()),
        };
    };
    if issuer.authority == Authority::Live {
        return Ok((Environment::Live, None));
    }
    let mut here = Vec::new();
    for environment in issuer.environments {
        if known(environment)? {
            here.push(*environment);
        }
    }
    match (here.as_slice(), issuer.environments) {
        ([one], _) | ([], [one]) => Ok((*one, None)),
        (_, [first, ..]) => {
            let message = format!(
                "{} issues for {}: it is taken for {first}; if that is wrong, say --env ENV",
                leaf.issuer(),
                issuer.environments.iter().map(|e| e.as_str()).collect::<Vec<_>>().join(" and "),
            );
            Ok((*first, Some(Warning::new("environment_assumed", message))))
        }
        _ => Err(unknown()),
    }
}
