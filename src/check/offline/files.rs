//! Whether the files can be read, by whom else, and whether they are still what they were.

use super::{Expectation, gravest, imported, quoted, surroundings};
use crate::check::material::{FileProblem, FileState, Material};
use crate::check::report::{Cause, Finding, ProbeId};
use crate::store::files;

pub(super) static MISSING: Cause = Cause {
    probe: ProbeId::Files,
    code: "missing",
    meaning: "A file of the credentials is not where it should be, so nothing can be proved with it.",
};

pub(super) static UNREADABLE: Cause = Cause {
    probe: ProbeId::Files,
    code: "unreadable",
    meaning: "A file of the credentials is there and cannot be read. The application that uses it may meet the same.",
};

pub(super) static OPEN_PERMISSIONS: Cause = Cause {
    probe: ProbeId::Files,
    code: "open_permissions",
    meaning: "Other accounts of this machine can read a file that holds the private key. Whoever has key and passphrase can act as the mailbox; some programs refuse such a key.",
};

pub(super) fn probe(material: &Material, expectation: &Expectation) -> Finding {
    if let Some(finding) = unread(&material.files) {
        return finding;
    }
    let secret = material.files.iter().filter(|file| file.secret).map(|file| file.path.clone());
    let mut secret: Vec<_> = secret.collect();
    secret.extend(expectation.imported.iter().flat_map(|imported| imported.secret_files()));
    secret.dedup();
    let mut found: Vec<Finding> = Vec::new();
    let open = secret.iter().filter_map(|path| Some((path, files::open_permissions(path).ok()??)));
    let open: Vec<_> = open.collect();
    if !open.is_empty() {
        let told = open.iter().map(|(path, mode)| {
            format!("{} has mode {mode:04o}, so others than its owner have access", path.display())
        });
        let paths = open.iter().map(|(path, _)| quoted(path)).collect::<Vec<_>>().join(" ");
        found.push(Finding::warning(
            &OPEN_PERMISSIONS,
            told.collect::<Vec<_>>().join("; "),
            format!("make it private: chmod 600 {paths}"),
        ));
    }
    // All secret files of one credential lie together.
    if let Some(key) = material.files.iter().find(|file| file.secret) {
        found.extend(surroundings::judge(&key.path));
    }
    found.extend(expectation.imported.as_ref().and_then(imported::judge));
    gravest(found).unwrap_or_else(|| {
        let names: Vec<_> = material.files.iter().map(|f| f.path.display().to_string()).collect();
        Finding::pass(ProbeId::Files, names.join(", "))
    })
}

/// What of the files was not read.
fn unread(files: &[FileState]) -> Option<Finding> {
    let missing: Vec<_> =
        files.iter().filter(|file| matches!(file.problem, Some(FileProblem::Missing))).collect();
    let unreadable: Vec<_> = files
        .iter()
        .filter_map(|file| match &file.problem {
            Some(FileProblem::Unreadable(why)) => Some((file, why)),
            _ => None,
        })
        .collect();
    if let Some(first) = missing.first() {
        let names: Vec<_> = missing.iter().map(|file| file.path.display().to_string()).collect();
        let folder = first.path.parent().filter(|folder| folder.is_dir());
        let look = folder.map(|folder| format!("; what is there: ls -la {}", quoted(folder)));
        return Some(Finding::failure(
            &MISSING,
            format!("there is no {}", names.join(", no ")),
            format!("check the path, or take it back from a backup{}", look.unwrap_or_default()),
        ));
    }
    let (first, _) = unreadable.first()?;
    let told: Vec<_> =
        unreadable.iter().map(|(file, why)| format!("{}: {why}", file.path.display())).collect();
    Some(Finding::failure(
        &UNREADABLE,
        told.join("; "),
        format!("see what it is and who may read it: ls -ld {}", quoted(&first.path)),
    ))
}
