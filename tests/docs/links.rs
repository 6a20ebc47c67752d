use std::fs;
use std::path::{Path, PathBuf};

use crate::markdown::{anchors, links};
use crate::{read, repository};

/// README, changelog and everything below docs/.
fn documents() -> Vec<PathBuf> {
    let mut found = vec![repository("README.md"), repository("CHANGELOG.md")];
    let mut folders = vec![repository("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|e| e == "md") {
                found.push(entry);
            }
        }
    }
    found
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut dead = Vec::new();
    for document in documents() {
        let folder = document.parent().unwrap();
        for link in links(&read(&document)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { document.clone() } else { folder.join(path) };
            if !leads_to(&target, anchor) {
                dead.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

fn leads_to(target: &Path, anchor: &str) -> bool {
    target.exists() && (anchor.is_empty() || anchors(&read(target)).iter().any(|a| a == anchor))
}
