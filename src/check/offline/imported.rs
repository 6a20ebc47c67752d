//! Whether the bundles of a stored credential are still what import made: compared with `mailbox.toml` and with each
//! other, for which no passphrase is needed.

use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::quoted;
use crate::check::report::{Cause, Finding, ProbeId};
use crate::expiry::day;
use crate::pki::{BundleRole, Certificate, sniff};
use crate::store::{CertificateRecord, FILE_LIMIT, files};

pub(super) static EDITED_SINCE_IMPORT: Cause = Cause {
    probe: ProbeId::Files,
    code: "edited_since_import",
    meaning: "A file that import made holds something else now. What an application loads from it is no longer what was proved to fit together.",
};

/// Bundles that may hold the private key.
const SECRET: [BundleRole; 4] =
    [BundleRole::Pfx, BundleRole::PfxBase64, BundleRole::Keystore, BundleRole::PlaintextKey];

/// The bundles of a stored credential, and what is recorded of them.
#[derive(Debug, Clone)]
pub struct ImportedBundles {
    /// The folder that they lie in.
    pub folder: PathBuf,
    /// What PFX and keystore are called, without an extension: the mailbox ID.
    pub stem: String,
    /// What `mailbox.toml` says of the certificate.
    pub certificate: CertificateRecord,
}

impl ImportedBundles {
    fn path(&self, role: BundleRole) -> PathBuf {
        self.folder.join(role.file_name(&self.stem))
    }

    /// Those bundles that are there and may hold the private key.
    pub(super) fn secret_files(&self) -> impl Iterator<Item = PathBuf> {
        SECRET.into_iter().map(|role| self.path(role)).filter(|path| path.exists())
    }

    /// The bytes of a bundle. One that was taken away is no edit: applications have their own copies.
    fn read(&self, role: BundleRole) -> Option<Zeroizing<Vec<u8>>> {
        files::read_bounded(&self.path(role), FILE_LIMIT).ok().map(Zeroizing::new)
    }

    /// The certificates in a bundle that is there; none where they cannot be read any more.
    fn certificates(&self, role: BundleRole) -> Option<Vec<Certificate>> {
        Some(sniff::certificates(&self.read(role)?).unwrap_or_default())
    }

    /// What differs, in words.
    fn edits(&self) -> Vec<String> {
        let mut edits = Vec::new();
        let mut edit = |role, words: String| edits.push(format!("{} {words}", self.path(role).display()));
        let recorded = self.certificate.sha256;
        for role in [BundleRole::Certificate, BundleRole::Fullchain] {
            let Some(found) = self.certificates(role) else { continue };
            match found.first() {
                None => edit(role, "holds no certificate that can be read".into()),
                Some(leaf) if leaf.fingerprint() != recorded => edit(
                    role,
                    format!("begins with the certificate SHA-256 {}, imported was {recorded}", leaf.fingerprint()),
                ),
                Some(_) if role == BundleRole::Certificate && found.len() > 1 => {
                    edit(role, "holds more than the certificate".into());
                }
                Some(_) => {}
            }
        }
        let chain = self.certificates(BundleRole::Chain);
        let fullchain = self.certificates(BundleRole::Fullchain);
        if let (Some(chain), Some(fullchain)) = (&chain, &fullchain)
            && fullchain.get(1..).is_some_and(|authorities| authorities != chain)
        {
            edit(BundleRole::Chain, "and fullchain.pem beside it hold other CA certificates".into());
        }
        // The chain has an order, the bundle the other.
        if let (Some(chain), Some(bundle)) = (chain.or(fullchain), self.certificates(BundleRole::CaBundle))
            && !chain.iter().filter(|c| c.fingerprint() != recorded).eq(bundle.iter().rev())
        {
            edit(BundleRole::CaBundle, "and the chain beside it hold other CA certificates".into());
        }
        if let (Some(pfx), Some(text)) = (self.read(BundleRole::Pfx), self.read(BundleRole::PfxBase64)) {
            let decoded = BASE64_STANDARD.decode(text.trim_ascii()).map(Zeroizing::new);
            if !decoded.is_ok_and(|decoded| *decoded == *pfx) {
                edit(BundleRole::PfxBase64, "is not the base64 of the PFX beside it".into());
            }
        }
        edits
    }
}

/// What is to be said of the bundles.
pub(super) fn judge(imported: &ImportedBundles) -> Option<Finding> {
    let edits = imported.edits();
    (!edits.is_empty()).then(|| {
        let evidence = format!("since the import of {}: {}", day(imported.certificate.imported_at), edits.join("; "));
        let remedy = format!(
            "take the file back from a backup, or make the bundles anew from key and certificate with mesh-onboard bundle; what is in them now: mesh-onboard inspect {}",
            quoted(&imported.folder)
        );
        Finding::warning(&EDITED_SINCE_IMPORT, evidence, remedy)
    })
}
