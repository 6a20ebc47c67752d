//! Certificates that were made elsewhere, found in folders that are watched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;
use zeroize::Zeroizing;

use super::overview::side_by_side;
use crate::desk::reply;
use crate::pki::Certificate;
use crate::pki::sniff::{Content, Contents};
use crate::store::{FILE_LIMIT, StoreError, files};

/// How deep below a watched folder files are looked for.
const DEPTH: usize = 8;

/// How many files of one watched folder are looked at.
const FILES: usize = 20_000;

/// The certificate of a client or a server, in a file that is watched.
#[derive(Debug, Clone)]
pub struct WatchedCertificate {
    /// Its file.
    pub path: PathBuf,
    /// What is in it.
    pub certificate: Certificate,
}

/// What lies in a watched folder.
#[derive(Debug)]
pub struct WatchedFolder {
    /// The folder, as it was named.
    pub path: PathBuf,
    /// Its certificates in the order of their paths, but for those of CAs.
    pub certificates: Vec<WatchedCertificate>,
    /// How many files hold something else, or certificates of CAs alone.
    pub left_out: usize,
    /// Files that a password protects so that nothing is seen of their certificates.
    pub locked: Vec<PathBuf>,
    /// What could not be read, and why.
    pub unread: Vec<(PathBuf, String)>,
    /// Whether the folder itself could be read.
    pub is_readable: bool,
}

enum Found {
    /// Those of clients and servers, and what else of the file is damaged.
    Certificates(Vec<Certificate>, Option<String>),
    Other,
    Locked,
    Unread(String),
}

/// Looks through a folder and those below it, to a depth, or at one file. Links that lead out of it are not followed.
pub fn watch(path: &Path) -> WatchedFolder {
    let mut folder = WatchedFolder {
        path: path.to_owned(),
        certificates: Vec::new(),
        left_out: 0,
        locked: Vec::new(),
        unread: Vec::new(),
        is_readable: true,
    };
    let paths = folder.files();
    for (path, found) in paths.iter().zip(side_by_side(&paths, |path| look(path))) {
        match found {
            Found::Certificates(found, damage) => {
                let of_file = |certificate| WatchedCertificate { path: path.clone(), certificate };
                folder.certificates.extend(found.into_iter().map(of_file));
                folder.unread.extend(damage.map(|why| (path.clone(), why)));
            }
            Found::Other => folder.left_out += 1,
            Found::Locked => folder.locked.push(path.clone()),
            Found::Unread(why) => folder.unread.push((path.clone(), why)),
        }
    }
    folder
}

impl WatchedFolder {
    /// The files in it, each once, by the shortest of its names: what Kubernetes mounts are links to a folder beside
    /// them, whose name changes.
    fn files(&mut self) -> Vec<PathBuf> {
        let root = match self.path.canonicalize() {
            Ok(root) => root,
            Err(error) => {
                self.is_readable = false;
                self.unread.push((self.path.clone(), error.to_string()));
                return Vec::new();
            }
        };
        let mut named: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        // The folder itself may be a link; what is shown begins as it was named.
        let start = if self.path.is_dir() { self.path.join("") } else { self.path.clone() };
        for entry in WalkDir::new(start).max_depth(DEPTH).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(&self.path).to_owned();
                    let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                    self.is_readable &= path != self.path;
                    self.unread.push((path, why));
                    continue;
                }
            };
            if entry.file_type().is_dir() {
                continue;
            }
            let path = entry.into_path();
            // A pipe or a socket would be waited for; a link may lead nowhere, or elsewhere.
            let Some(real) = path.canonicalize().ok().filter(|r| r.starts_with(&root) && r.is_file()) else {
                self.left_out += 1;
                continue;
            };
            let name = named.entry(real).or_insert_with(|| path.clone());
            let length = |path: &Path| path.components().count();
            if length(&path) < length(name) {
                *name = path;
            }
            if named.len() > FILES {
                let why = format!("it holds more than {FILES} files; the others were not looked at");
                self.unread.push((self.path.clone(), why));
                break;
            }
        }
        let mut paths: Vec<_> = named.into_values().collect();
        paths.sort();
        paths
    }
}

fn look(path: &Path) -> Found {
    let bytes = match files::read_bounded(path, FILE_LIMIT) {
        // Some of them are keys.
        Ok(bytes) => Zeroizing::new(bytes),
        Err(StoreError::Io { source, .. }) => return Found::Unread(source.to_string()),
        Err(StoreError::TooLarge { .. }) => return Found::Other,
        Err(error) => return Found::Unread(error.to_string()),
    };
    let contents = reply::read(&bytes, &[]);
    let damage = contents.objects.iter().find_map(|object| match &object.content {
        Content::Damaged(name) if !name.contains("private key") => Some(format!("it holds {name}")),
        _ => None,
    });
    let mut leaves: Vec<Certificate> = Vec::new();
    for certificate in contents.certificates().filter(|certificate| !certificate.is_ca()) {
        if !leaves.contains(certificate) {
            leaves.push(certificate.clone());
        }
    }
    match damage {
        damage if !leaves.is_empty() => Found::Certificates(leaves, damage),
        Some(damage) => Found::Unread(damage),
        None if contents.certificates().next().is_none() && hides_certificates(&contents) => Found::Locked,
        None => Found::Other,
    }
}

/// Whether a password protects more than private keys.
fn hides_certificates(contents: &Contents) -> bool {
    contents.protection.iter().any(|protection| !protection.opened && protection.part != "private key")
}
