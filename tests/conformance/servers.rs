//! Both servers, in front of which the same three clients stand.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use mesh_onboard::mesh::{Identity, TlsSettings};
use mesh_onboard::pki::{Certificate, PrivateKey};
use mesh_onboard::secret::Passphrase;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::mesh::{Mesh, Reports, Settings, clock};
use crate::sandbox::Sandbox;
use crate::support::{Authority, Mailbox, PASSPHRASE, Program, Rehearsal, path_arg, scratch};

/// The official sandbox.
pub fn sandbox() -> Mesh {
    let sandbox = Sandbox::start();
    let mailbox = &sandbox.mailbox;
    let mut chain = certificates(&mailbox.file("reply.pem"));
    chain.extend(certificates(&mailbox.home().join("rehearsal-ca/sub.pem")));
    let ours = (chain, mailbox.credential(1).join("key.pem"));
    let settings = settings(&sandbox.server_ca(), &ours.0, &ours.1, Duration::ZERO);
    let url = sandbox.url.clone();
    Mesh::new(&url, settings, Reports::ByRequest, Duration::ZERO, sandbox)
}

/// The rehearsal MESH as `rehearse --serve` runs it, with the credentials that it makes.
pub fn rehearsal() -> Mesh {
    let folder = Arc::new(scratch());
    let server = Rehearsal::start(program(folder.path()).real_clock(), &[]);
    let (of_later, ahead) = (Arc::clone(&folder), Mutex::new(Duration::ZERO));
    let start = move |more| {
        let mut ahead = ahead.lock().expect("no panic");
        *ahead += more;
        later(of_later.path(), *ahead)
    };
    served(server, Reports::ByExpiry(Box::new(start)), Duration::ZERO, folder)
}

/// A rehearsal MESH whose clock stands still, so much ahead, with what an earlier one kept in `folder`.
fn later(folder: &Path, ahead: Duration) -> Mesh {
    let now = (OffsetDateTime::now_utc() + ahead).format(&Rfc3339).expect("a date can be written");
    let keep = path_arg(&folder.join("keep"));
    let server = Rehearsal::start(program(folder).now(&now), &["--keep", &keep]);
    served(server, Reports::ByRequest, ahead, ())
}

fn program(folder: &Path) -> Program {
    Program::new().home(&folder.join("home"))
}

fn served(server: Rehearsal, reports: Reports, ahead: Duration, folder: impl Send + Sync + 'static) -> Mesh {
    let chain = certificates(&server.file("X26ABC1", "certificate"));
    let settings = settings(&server.ca(), &chain, &server.file("X26ABC1", "key"), ahead);
    let url = server.url();
    Mesh::new(&url, settings, reports, ahead, (server, folder))
}

fn settings(ca: &Path, chain: &[Certificate], key: &Path, ahead: Duration) -> Settings {
    let roots = certificates(ca);
    let settings =
        |identity| TlsSettings::new(&roots, identity, Some(clock(ahead))).expect("they belong together");
    Settings {
        known: settings(Some(Identity { certificates: chain.to_vec(), key: private_key(key) })),
        stranger: settings(Some(stranger())),
        nobody: settings(None),
    }
}

/// Somebody with a certificate of a CA that no server here trusts.
fn stranger() -> Identity {
    let (folder, authority) = (scratch(), Authority::foreign());
    let stem = folder.path().join("stranger");
    let leaf = authority.leaf(&stem, Mailbox::COMMON_NAME).with_new_key(&stem).valid_now();
    let mut chain = certificates(&leaf.sign(&stem.with_extension("pem")));
    chain.extend(certificates(&authority.sub()));
    Identity { certificates: chain, key: private_key(&stem.with_extension("key")) }
}

fn certificates(file: &Path) -> Vec<Certificate> {
    let text = fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let found = pem::parse_many(text).expect("PEM");
    found.iter().map(|pem| Certificate::from_der(pem.contents()).expect("a certificate")).collect()
}

fn private_key(file: &Path) -> PrivateKey {
    let bytes = fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    PrivateKey::parse(&bytes, Some(&Passphrase::new(PASSPHRASE))).expect("the passphrase opens it")
}
