//! What lies below a folder, to compare before and after.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use mesh_onboard::pki::Fingerprint;

/// Every file and folder below `root`: its mode and the SHA-256 of its bytes.
pub fn tree(root: &Path) -> BTreeMap<String, (u32, String)> {
    let mut found = BTreeMap::new();
    if root.exists() {
        walk(root, root, &mut found);
    }
    found
}

fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, (u32, String)>) {
    for entry in fs::read_dir(folder).expect("a folder is readable") {
        let path = entry.expect("an entry").path();
        let metadata = path.symlink_metadata().expect("metadata is readable");
        let content = if metadata.is_dir() {
            walk(root, &path, found);
            "folder".to_owned()
        } else {
            Fingerprint::of(&fs::read(&path).expect("a file is readable")).to_string()
        };
        let name = path.strip_prefix(root).expect("the entry lies below").to_string_lossy().into_owned();
        found.insert(name, (metadata.permissions().mode() & 0o7777, content));
    }
}

/// Names that differ between two trees.
pub fn changes(
    before: &BTreeMap<String, (u32, String)>,
    after: &BTreeMap<String, (u32, String)>,
) -> Vec<String> {
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    let mut names: Vec<_> = before.keys().chain(after.keys()).filter(differs).cloned().collect();
    names.sort();
    names.dedup();
    names
}

/// Copies a folder with all that is in it, modes included.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
}
