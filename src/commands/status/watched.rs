//! Certificates that were made elsewhere.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::{Context, known, rfc3339};
use crate::expiry::{Deadlines, SOON};
use crate::onboarding::{WatchedFolder, watch};
use crate::pki::Certificate;

/// What the folders hold that were named.
pub struct Watched {
    /// The folders.
    pub folders: Vec<WatchedFolder>,
    rows: Vec<WatchedRow>,
}

/// One certificate.
pub struct WatchedRow {
    /// Its file, absolute.
    pub path: PathBuf,
    /// What is in it.
    pub certificate: Certificate,
    /// Its dates.
    pub deadlines: Deadlines,
}

impl WatchedRow {
    /// What it is called.
    pub fn name(&self) -> String {
        self.certificate.common_name().unwrap_or(self.certificate.subject()).to_owned()
    }
}

impl Watched {
    /// Looks through folders; says with `-v` what was left out.
    pub fn look(context: &Context, paths: &[PathBuf]) -> Self {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let mut paths: Vec<_> = paths.iter().map(absolute).collect();
        paths.sort();
        paths.dedup();
        let folders: Vec<_> = paths.iter().map(|path| watch(path)).collect();
        for folder in &folders {
            for (path, why) in &folder.unread {
                context.screen.warning(&format!("{} cannot be watched: {why}", path.display()));
            }
            for path in &folder.locked {
                let path = path.display();
                context.screen.note(&format!("note: {path} is not watched: a password protects all of it"));
            }
            context.screen.detail(&format!(
                "note: watching {} in {}; left out, without a certificate of a client or server: {}",
                folder.certificates.len(),
                folder.path.display(),
                folder.left_out
            ));
        }
        let rows = folders.iter().flat_map(|folder| &folder.certificates).map(|found| WatchedRow {
            path: found.path.clone(),
            deadlines: Deadlines::of(&found.certificate, context.now),
            certificate: found.certificate.clone(),
        });
        Self { rows: rows.collect(), folders }
    }

    /// The certificates in the order of their paths.
    pub fn rows(&self) -> impl Iterator<Item = &WatchedRow> {
        self.rows.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn is_complete(&self) -> bool {
        self.folders.iter().all(|folder| folder.unread.is_empty())
    }

    pub fn deadlines(&self) -> impl Iterator<Item = Deadlines> {
        self.rows.iter().map(|row| row.deadlines)
    }

    /// Names those that are near their end.
    pub fn warn(&self, context: &Context) {
        for row in self.rows.iter().filter(|row| row.deadlines.falls_within(SOON)) {
            let sentence = row.deadlines.expiry_sentence();
            context.screen.warning(&format!("certificate in {}: {sentence}", row.path.display()));
        }
    }

    pub fn json(&self) -> Value {
        let one = |row: &WatchedRow| {
            known(json!({
                "path": row.path.display().to_string(),
                "subject": row.certificate.subject(),
                "common_name": row.certificate.common_name(),
                "issuer": row.certificate.issuer(),
                "serial": row.certificate.serial(),
                "sha256": row.certificate.fingerprint().to_string(),
                "not_before": rfc3339(row.certificate.not_before()),
                "not_after": rfc3339(row.deadlines.not_after),
                "key_usage_ends": row.deadlines.key_usage_ends.map(rfc3339),
                "days_left": row.deadlines.days_left(),
            }))
        };
        self.rows.iter().map(one).collect()
    }
}
