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

    /// The same without the leaf, which is its own root where a sandbox trusts it so.
    fn authorities(&self, role: BundleRole) -> Option<Vec<Certificate>> {
        let mut found = self.certificates(role)?;
        found.retain(|certificate| certificate.fingerprint() != self.certificate.sha256);
        Some(found)
    }

    /// What differs, in words.
    fn edits(&self) -> Vec<String> {
        let mut edits = Vec::new();
        let mut edit =
            |role: BundleRole, words: String| edits.push(format!("{} {words}", role.file_name(&self.stem)));
        let recorded = self.certificate.sha256;
        for role in [BundleRole::Certificate, BundleRole::Fullchain] {
            let Some(found) = self.certificates(role) else { continue };
            match found.first() {
                None => edit(role, "holds no certificate that can be read".into()),
                Some(leaf) if leaf.fingerprint() != recorded => edit(
                    role,
                    format!(
                        "begins with the certificate SHA-256 {}, imported was {recorded}",
                        leaf.fingerprint()
                    ),
                ),
                Some(_) if role == BundleRole::Certificate && found.len() > 1 => {
                    edit(role, "holds more than the certificate".into());
                }
                Some(_) => {}
            }
        }
        let authorities = |role| self.authorities(role);
        let (chain, fullchain) = (authorities(BundleRole::Chain), authorities(BundleRole::Fullchain));
        if let (Some(chain), Some(fullchain)) = (&chain, &fullchain)
            && chain != fullchain
        {
            edit(
                BundleRole::Chain,
                "and fullchain.pem do not hold the same CA certificates in the same order".into(),
            );
        }
        // The chain has one order, the bundle the other.
        if let (Some(chain), Some(bundle)) = (chain.or(fullchain), authorities(BundleRole::CaBundle))
            && !chain.iter().eq(bundle.iter().rev())
        {
            edit(BundleRole::CaBundle, "does not hold the CA certificates of the chain, root first".into());
        }
        if let (Some(pfx), Some(text)) = (self.read(BundleRole::Pfx), self.read(BundleRole::PfxBase64)) {
            let decoded = BASE64_STANDARD.decode(text.trim_ascii()).map(Zeroizing::new);
            if !decoded.is_ok_and(|decoded| *decoded == *pfx) {
                edit(BundleRole::PfxBase64, "is not the base64 of the PFX".into());
            }
        }
        edits
    }
}

/// What is to be said of the bundles.
pub(super) fn judge(imported: &ImportedBundles) -> Option<Finding> {
    let edits = imported.edits();
    (!edits.is_empty()).then(|| {
        let evidence = format!(
            "since the import of {}, in {}: {}",
            day(imported.certificate.imported_at),
            imported.folder.display(),
            edits.join("; ")
        );
        let remedy = format!(
            "take the file back from a backup, or make the bundles anew from key and certificate with mesh-onboard bundle; what is in them now: mesh-onboard inspect {}",
            quoted(&imported.folder)
        );
        Finding::warning(&EDITED_SINCE_IMPORT, evidence, remedy)
    })
}
