//! The rehearsal MESH alone, for applications that bring clients of their own: with credentials for each of
//! its mailboxes.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use time::OffsetDateTime;

use super::journey::{AuthorityError, authority};
use super::{CaError, Clock, RehearsalCa, RehearsalConfig, RehearsalMesh};
use crate::mailbox::{CommonName, MailboxId, NameError, OdsCode};
use crate::pki::sniff;
use crate::pki::{CertificateRequest, KeyError, KeySize, PrivateKey, RequestError};
use crate::secret::{MailboxPassword, SharedKey};
use crate::store::{FILE_LIMIT, REHEARSAL_CA, Store, StoreError, files};

/// Below a folder that is kept: what the rehearsal MESH leaves there.
const FOLDER: &str = "rehearsal-mesh";
const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "key.pem";

/// A rehearsal MESH that listens, and what clients need of it. Dropping it stops it, and takes away what was
/// not to be kept.
#[derive(Debug)]
pub struct Serving {
    /// The server.
    pub mesh: RehearsalMesh,
    /// Root and sub CA, which signed the server's certificate and those of the clients.
    pub ca: PathBuf,
    /// The shared key.
    pub shared_key: SharedKey,
    /// The mailboxes, as the configuration lists them.
    pub mailboxes: Vec<Served>,
    /// Dropped last: the server has files there.
    _temporary: Option<files::TemporaryFolder>,
}

/// A mailbox of the rehearsal MESH with credentials for it.
#[derive(Debug)]
pub struct Served {
    /// Its ID.
    pub mailbox: MailboxId,
    /// Its owner.
    pub ods: OdsCode,
    /// Its password.
    pub password: MailboxPassword,
    /// Leaf and sub CA, PEM.
    pub certificate: PathBuf,
    /// The key without encryption, PEM.
    pub key: PathBuf,
}

/// Why it does not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Its CA.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The CA would not sign.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A request could not be made.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// No name can be made of a mailbox ID and an ODS code.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Credentials of an earlier run do not serve any more.
    #[error("{} holds credentials that are over or of another CA; move the folder away, and new ones are made", folder.display())]
    Stale {
        /// Where they are.
        folder: PathBuf,
    },
    /// Its port, its TLS, or its messages.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Serves until dropped, with the rehearsal CA of the home.
///
/// Credentials and large messages lie in a private temporary folder, or in `keep` with everything else that
/// the server knows, so that the next one goes on there.
pub fn serve(
    store: &Store,
    mut config: RehearsalConfig,
    keep: Option<&Path>,
    clock: Clock,
) -> Result<Serving, ServeError> {
    let now = clock();
    let ca = authority(store, now)?;
    let temporary = if keep.is_none() { Some(files::temporary_home()?) } else { None };
    let folder = match (keep, &temporary) {
        (Some(keep), _) => keep.join(FOLDER),
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => unreachable!("made above"),
    };
    if keep.is_some() && config.state.is_none() {
        config.state = Some(folder.join("state"));
    }
    let mailboxes = credentials(&config, &ca, &folder.join("credentials"), now)?;
    let shared_key = SharedKey::new(config.shared_key.expose());
    Ok(Serving {
        mesh: RehearsalMesh::start(config, &ca, clock)?,
        ca: store.home().join(REHEARSAL_CA).join("ca-bundle.pem"),
        shared_key,
        mailboxes,
        _temporary: temporary,
    })
}

/// Credentials for every mailbox, made side by side.
fn credentials(
    config: &RehearsalConfig,
    ca: &RehearsalCa,
    folder: &Path,
    now: OffsetDateTime,
) -> Result<Vec<Served>, ServeError> {
    files::create_folder(folder)?;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let left = Mutex::new(config.mailboxes.iter());
    let next = || left.lock().expect("nothing panics under this lock").next();
    let made: Result<Vec<()>, ServeError> = thread::scope(|scope| {
        let work = || {
            while let Some(mailbox) = next() {
                let folder = folder.join(mailbox.mailbox.as_str());
                credential(&mailbox.mailbox, &mailbox.ods, ca, &folder, now)?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it does not panic")).collect()
    });
    made?;
    let served = |mailbox: &super::RehearsalMailbox| {
        let folder = folder.join(mailbox.mailbox.as_str());
        Served {
            mailbox: mailbox.mailbox.clone(),
            ods: mailbox.ods.clone(),
            password: MailboxPassword::new(mailbox.password.expose()),
            certificate: folder.join(CERTIFICATE),
            key: folder.join(KEY),
        }
    };
    Ok(config.mailboxes.iter().map(served).collect())
}

/// Key and certificate of one mailbox, unless they are there.
fn credential(
    mailbox: &MailboxId,
    ods: &OdsCode,
    ca: &RehearsalCa,
    folder: &Path,
    now: OffsetDateTime,
) -> Result<(), ServeError> {
    if folder.exists() {
        let serves = still_serves(folder, ca, now)?;
        return if serves { Ok(()) } else { Err(ServeError::Stale { folder: folder.to_owned() }) };
    }
    let key = PrivateKey::generate(KeySize::Rsa2048)?;
    let request = CertificateRequest::create(&key, &CommonName::for_mailbox(mailbox, ods)?)?;
    let chain = format!("{}{}", ca.issue(&request, now)?.pem(), ca.sub_ca().pem());
    let key = key.pkcs8_pem()?;
    let files = [(CERTIFICATE, chain.as_bytes()), (KEY, key.expose())];
    Ok(files::write_new_folder(folder, &files)?)
}

/// Whether credentials of an earlier run are whole, of this CA and valid now.
fn still_serves(folder: &Path, ca: &RehearsalCa, now: OffsetDateTime) -> Result<bool, ServeError> {
    let chain = sniff::certificates(&files::read_bounded(&folder.join(CERTIFICATE), FILE_LIMIT)?);
    let key = PrivateKey::parse(&files::read_bounded(&folder.join(KEY), FILE_LIMIT)?, None)?;
    let leaf = chain.ok().and_then(|chain| chain.into_iter().next());
    Ok(leaf.is_some_and(|leaf| {
        leaf.is_signed_by(ca.sub_ca())
            && (leaf.not_before()..leaf.not_after()).contains(&now)
            && leaf.key_fingerprint() == key.fingerprint()
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::macros::datetime;

    use super::*;

    fn served(home: &Path, keep: &Path, now: OffsetDateTime) -> Result<Serving, ServeError> {
        serve(&Store::at(home), RehearsalConfig::default(), Some(keep), Arc::new(move || now))
    }

    #[test]
    fn kept_credentials_serve_again_until_they_are_over_or_the_ca_is_another() {
        let now = datetime!(2026-06-01 12:00 UTC);
        let folder = files::temporary_home().unwrap();
        let (home, keep) = (folder.path().join("home"), folder.path().join("keep"));
        let key = |serving: Serving| files::read_bounded(&serving.mailboxes[0].key, FILE_LIMIT).unwrap();
        let first = key(served(&home, &keep, now).unwrap());
        assert_eq!(key(served(&home, &keep, now).unwrap()), first);
        let over = served(&home, &keep, now + time::Duration::days(4 * 365)).unwrap_err();
        assert!(matches!(over, ServeError::Stale { .. }), "{over}");
        let other = served(&folder.path().join("another home"), &keep, now).unwrap_err();
        assert!(matches!(other, ServeError::Stale { .. }), "{other}");
    }
}
