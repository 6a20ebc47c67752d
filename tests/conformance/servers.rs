//! Both servers, in front of which the same three clients stand.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use mesh_onboard::mesh::{Identity, TlsSettings};
use mesh_onboard::pki::{Certificate, PrivateKey};
use mesh_onboard::secret::Passphrase;
use mesh_onboard::serve_rehearsal_mesh;

use crate::mesh::{Mesh, Reports, Settings, clock};
use crate::sandbox::Sandbox;
use crate::support::{Authority, Mailbox, PASSPHRASE};

/// The official sandbox, and what belongs to it.
pub struct Ground {
    sandbox: Sandbox,
}

impl Ground {
    pub fn prepare() -> Self {
        Self { sandbox: Sandbox::start() }
    }

    pub fn sandbox(&self) -> Mesh {
        let settings = self.settings(&[self.sandbox.server_ca()]);
        Mesh::new(&self.sandbox.url, settings, Reports::ByRequest, Arc::default(), ())
    }

    /// The rehearsal MESH with the same CA for clients. Its clock can be moved.
    pub fn rehearsal(&self) -> Mesh {
        let home = self.sandbox.mailbox.home();
        let settings = self.settings(&[home.join("rehearsal-ca/root.pem")]);
        let start = move |reports| {
            let ahead = Arc::default();
            let server = serve_rehearsal_mesh(&home, clock(&ahead)).expect("it serves");
            Mesh::new(&server.url(), settings.clone(), reports, ahead, server)
        };
        let later = start.clone();
        start(Reports::ByExpiry(Box::new(move || later(Reports::ByRequest))))
    }

    fn settings(&self, roots: &[impl AsRef<Path>]) -> Settings {
        let roots: Vec<_> = roots.iter().flat_map(|root| certificates(root.as_ref())).collect();
        let mailbox = &self.sandbox.mailbox;
        let issued = || Identity {
            certificates: [&mailbox.file("reply.pem"), &mailbox.home().join("rehearsal-ca/sub.pem")]
                .into_iter()
                .flat_map(|file| certificates(file))
                .collect(),
            key: key(&mailbox.credential(1).join("key.pem")),
        };
        let foreign = Authority::foreign();
        let reply = foreign.leaf(&mailbox.csr(), Mailbox::COMMON_NAME).valid_now();
        let reply = reply.sign(&mailbox.file("foreign.pem"));
        let foreign = Identity {
            certificates: [reply, foreign.sub()].iter().flat_map(|file| certificates(file)).collect(),
            key: key(&mailbox.credential(1).join("key.pem")),
        };
        let settings = |identity| TlsSettings::new(&roots, identity, None).expect("settings");
        Settings {
            known: settings(Some(issued())),
            stranger: settings(Some(foreign)),
            nobody: settings(None),
        }
    }
}

fn certificates(file: &Path) -> Vec<Certificate> {
    let text = fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let found = pem::parse_many(text).expect("PEM");
    found.iter().map(|pem| Certificate::from_der(pem.contents()).expect("a certificate")).collect()
}

fn key(file: &Path) -> PrivateKey {
    let passphrase = Passphrase::new(PASSPHRASE);
    PrivateKey::parse(&fs::read(file).expect("a key"), Some(&passphrase)).expect("the passphrase opens it")
}
