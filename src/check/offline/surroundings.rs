//! Where a private key lies: in a working copy of git, or in a folder that something carries elsewhere.

use std::path::{Component, Path, PathBuf};

use ignore::gitignore::GitignoreBuilder;

use super::quoted;
use crate::check::report::{Cause, Finding, ProbeId};
use crate::store::files;

pub(super) static IN_GIT_WORK_TREE: Cause = Cause {
    probe: ProbeId::Files,
    code: "in_git_work_tree",
    meaning: "The private key lies in a working copy of git, and nothing tells git to leave it alone. One careless commit publishes it to everyone with the repository, for good.",
};

pub(super) static IN_SYNCED_FOLDER: Cause = Cause {
    probe: ProbeId::Files,
    code: "in_synced_folder",
    meaning: "The private key lies in a folder that is copied to a cloud service and to other machines. Whoever reaches one of these has the key.",
};

/// The largest index of git that is looked through.
const INDEX_LIMIT: u64 = 64 * 1024 * 1024;

/// What is to be said of the place of a private key.
pub(super) fn judge(key: &Path) -> Vec<Finding> {
    // A link lies where it leads.
    let Ok(path) = std::fs::canonicalize(key) else { return Vec::new() };
    let away = "move it to a private folder that stays on this machine";
    let mut found = Vec::new();
    if let Some(tree) = work_tree(&path) {
        let place = format!("{} is in the work tree {}", path.display(), tree.display());
        if tracked(&tree, &path) {
            let out = format!("git -C {} rm --cached {}", quoted(&tree), quoted(&path));
            found.push(Finding::warning(
                &IN_GIT_WORK_TREE,
                format!("{place}, and git tracks it"),
                format!(
                    "{away}, and take it out of git ({out}); if it was ever committed, its history keeps it: ask the service desk for a certificate with a new key"
                ),
            ));
        } else if !is_ignored(&tree, &path) {
            found.push(Finding::warning(
                &IN_GIT_WORK_TREE,
                format!("{place}, and no .gitignore there covers it"),
                format!("{away}, or name it in a .gitignore"),
            ));
        }
    }
    found.extend(synced_by(&path).map(|(service, folder)| {
        let evidence = format!("{} is in {}, which {service} copies", path.display(), folder.display());
        let remedy = format!("{away}; the copies stay in {service} until they are deleted there, too");
        Finding::warning(&IN_SYNCED_FOLDER, evidence, remedy)
    }));
    found
}

/// The folder of the working copy that a file is in: the nearest above it with a `.git`, which is a file where it is a
/// submodule or a second work tree.
fn work_tree(file: &Path) -> Option<PathBuf> {
    file.ancestors().skip(1).find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// Whether the index of a work tree names the file: what is tracked is not ignored, whatever `.gitignore` says.
fn tracked(tree: &Path, file: &Path) -> bool {
    let Some(git) = git_folder(tree) else { return false };
    let (Some(index), Ok(name)) = (read(&git.join("index")), file.strip_prefix(tree)) else {
        return false;
    };
    // Entries of the versions 2 and 3 hold the whole path, after its length in two bytes and before a NUL
    // (gitformat-index). Version 4, which nobody has by default, shortens it, and is not read.
    let Some(name) = name.to_str().map(|name| name.replace('\\', "/")) else { return false };
    let Ok(length) = u16::try_from(name.len()) else { return false };
    let entry = [&length.to_be_bytes()[..], name.as_bytes(), &[0]].concat();
    index.windows(entry.len()).any(|bytes| bytes == entry)
}

/// A file of git's. Whatever lies there in its place, such as a pipe, might never end.
fn read(path: &Path) -> Option<Vec<u8>> {
    path.is_file().then(|| files::read_bounded(path, INDEX_LIMIT).ok())?
}

/// Where git keeps what belongs to a work tree.
fn git_folder(tree: &Path) -> Option<PathBuf> {
    let git = tree.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = String::from_utf8(read(&git)?).ok()?;
    Some(tree.join(text.strip_prefix("gitdir:")?.trim()))
}

/// Whether git leaves a file alone by `.gitignore` or `.git/info/exclude`. A user's own `core.excludesFile` does not
/// count: it is not on the next machine.
fn is_ignored(tree: &Path, file: &Path) -> bool {
    let below = |path: &&Path| path.starts_with(tree) && *path != tree;
    let mut way: Vec<&Path> = file.ancestors().take_while(below).collect();
    way.reverse();
    // From the top: nothing below a folder that is left out can be taken in again.
    way.iter().any(|path| ignored_itself(tree, path, *path != file))
}

/// Whether the rules that hold for this very path leave it out: the nearest that speak of it decide.
fn ignored_itself(tree: &Path, path: &Path, is_folder: bool) -> bool {
    let folders = path.ancestors().skip(1).take_while(|folder| folder.starts_with(tree));
    let local = folders.map(|folder| (folder, folder.join(".gitignore")));
    // Other work trees of a repository share this one; theirs is found by git alone.
    let exclude = git_folder(tree).map(|git| (tree, git.join("info/exclude")));
    for (root, rules) in local.chain(exclude) {
        let mut builder = GitignoreBuilder::new(root);
        if !rules.is_file() {
            continue;
        }
        // Like git, it leaves out the lines that are no patterns.
        drop(builder.add(&rules));
        let Ok(rules) = builder.build() else { continue };
        let verdict = rules.matched(path, is_folder);
        if !verdict.is_none() {
            return verdict.is_ignore();
        }
    }
    false
}

/// Files that these programs leave in the folder that they carry elsewhere.
const MARKS: [(&str, &str); 5] = [
    (".dropbox.cache", "Dropbox"),
    (".tmp.drivedownload", "Google Drive"),
    (".tmp.driveupload", "Google Drive"),
    (".nextcloudsync.log", "Nextcloud"),
    (".owncloudsync.log", "ownCloud"),
];

/// Who carries a file elsewhere, and the folder that it carries.
fn synced_by(file: &Path) -> Option<(&'static str, PathBuf)> {
    file.ancestors().skip(1).find_map(|folder| {
        let mark = MARKS.iter().find(|(mark, _)| folder.join(mark).exists());
        let service = mark.map(|(_, service)| *service).or_else(|| service_of(folder))?;
        Some((service, folder.to_owned()))
    })
}

/// The service whose folder bears this name, as its program makes it: on Windows and Linux in the user's folder, on
/// macOS below `Library`.
fn service_of(folder: &Path) -> Option<&'static str> {
    let name = folder.file_name()?.to_str()?;
    let above = |levels: usize| -> Option<&str> {
        match folder.components().rev().nth(levels)? {
            Component::Normal(name) => name.to_str(),
            _ => None,
        }
    };
    // Such as "OneDrive - Example Trust", "Dropbox (Example Trust)", "OneDrive-ExampleTrust".
    let begins = |service: &str| {
        name.strip_prefix(service).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '-', '(']))
    };
    let named = [
        ("OneDrive", "OneDrive"),
        ("Dropbox", "Dropbox"),
        ("Google Drive", "Google Drive"),
        ("GoogleDrive", "Google Drive"),
        ("iCloudDrive", "iCloud Drive"),
        ("iCloud Drive", "iCloud Drive"),
        ("Nextcloud", "Nextcloud"),
        ("ownCloud", "ownCloud"),
        ("Box Sync", "Box"),
    ];
    if let Some((_, service)) = named.iter().find(|(name, _)| begins(name)) {
        return Some(service);
    }
    let below_home = || matches!(above(2), Some("Users" | "home"));
    match (name, above(1)) {
        ("Mobile Documents", Some("Library")) => Some("iCloud Drive"),
        (_, Some("CloudStorage")) if begins("Box") => Some("Box"),
        (_, Some("CloudStorage")) if above(2) == Some("Library") => Some("a cloud service"),
        // So common a word is believed only where the program makes its folder.
        ("Box", _) if below_home() => Some("Box"),
        // The folder of a drive letter that streams.
        ("My Drive", _) => Some("Google Drive"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_of_each_service_are_known_by_name() {
        for (folder, service) in [
            ("/home/a/OneDrive/keys", "OneDrive"),
            ("/Users/a/OneDrive - Example Trust/keys", "OneDrive"),
            ("/Users/a/Library/CloudStorage/OneDrive-ExampleTrust/keys", "OneDrive"),
            ("/home/a/Dropbox (Example Trust)", "Dropbox"),
            ("/Users/a/Library/CloudStorage/GoogleDrive-a@example.org/My Drive/keys", "Google Drive"),
            ("/Users/a/Library/Mobile Documents/com~apple~CloudDocs/keys", "iCloud Drive"),
            ("/Users/a/iCloudDrive", "iCloud Drive"),
            ("/home/a/Nextcloud/deep/down", "Nextcloud"),
            ("/home/a/ownCloud", "ownCloud"),
            ("/home/a/Box/keys", "Box"),
            ("/Users/a/Library/CloudStorage/Box-Box/keys", "Box"),
            ("/Users/a/Library/CloudStorage/Another/keys", "a cloud service"),
        ] {
            let found = synced_by(&Path::new(folder).join("key.pem"));
            assert_eq!(found.map(|(service, _)| service), Some(service), "{folder}");
        }
        for folder in ["/home/a/keys", "/srv/nextcloud/keys", "/srv/Box/keys", "/opt/Dropboxes", "/OneDriver"]
        {
            assert_eq!(synced_by(&Path::new(folder).join("key.pem")), None, "{folder}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn pipes_in_place_of_files_of_git_hold_nothing_up() {
        let tree = tempfile::tempdir().expect("a folder");
        let (tree, key) = (tree.path(), tree.path().join("key.pem"));
        let pipe = |path: PathBuf| {
            let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo");
            assert!(made.success());
        };
        fs::create_dir_all(tree.join(".git/info")).expect("a folder");
        for name in [".git/index", ".git/info/exclude", ".gitignore"] {
            pipe(tree.join(name));
        }
        let judged = || (tracked(tree, &key), is_ignored(tree, &key));
        assert_eq!(judged(), (false, false));
        fs::rename(tree.join(".git"), tree.join("elsewhere")).expect("renamed");
        fs::write(tree.join(".git"), "gitdir: elsewhere\n").expect("a file");
        assert_eq!(judged(), (false, false));
        fs::remove_file(tree.join(".git")).expect("removed");
        pipe(tree.join(".git"));
        assert_eq!(judged(), (false, false));
    }

    #[test]
    fn what_git_leaves_alone_is_in_no_danger() {
        let tree = tempfile::tempdir().expect("a folder");
        let tree = fs::canonicalize(tree.path()).map(|path| (path, tree)).expect("it is there");
        let (tree, _kept) = (&tree.0, &tree.1);
        for folder in [".git/info", "secrets", "app/keys", "app/open"] {
            fs::create_dir_all(tree.join(folder)).expect("a folder");
        }
        let rules = [
            (".gitignore", "/secrets/\n*.key\n!good.key\n# comment\n"),
            ("app/.gitignore", "keys/*\n!keys/shown.pem\n"),
            ("secrets/.gitignore", "!taken-in.pem\n"),
            (".git/info/exclude", "excluded.pem\n"),
        ];
        for (file, text) in rules {
            fs::write(tree.join(file), text).expect("a file");
        }
        for (file, ignored) in [
            ("secrets/key.pem", true),
            // git does not look below a folder that is left out.
            ("secrets/taken-in.pem", true),
            ("a.key", true),
            ("app/open/a.key", true),
            ("app/open/good.key", false),
            ("app/open/key.pem", false),
            ("app/keys/key.pem", true),
            ("app/keys/shown.pem", false),
            ("app/excluded.pem", true),
            ("key.pem", false),
        ] {
            let file = tree.join(file);
            assert_eq!(work_tree(&file).as_deref(), Some(&**tree));
            assert_eq!(is_ignored(tree, &file), ignored, "{}", file.display());
        }
    }
}
