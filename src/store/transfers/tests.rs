use std::fs;
use std::io::{Read, Write};

use super::*;
use crate::mailbox::Environment;
use crate::store::{PartFile, Store};

fn transfers(home: &Path) -> Transfers {
    Transfers::of(&Store::at(home).folder(Environment::Sandbox, &"X26ABC1".parse().unwrap()))
}

fn source(home: &Path) -> (PathBuf, SourceFile) {
    let path = home.join("source");
    fs::write(&path, b"content").unwrap();
    (path.clone(), SourceFile::of(&path, &File::open(&path).unwrap()).unwrap())
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn journal_is_private_and_comes_back_as_it_was_written() {
    let home = tempfile::tempdir().unwrap();
    let transfers = transfers(home.path());
    let (_, file) = source(home.path());
    assert_eq!(transfers.message_ids().unwrap(), [""; 0]);
    assert_eq!(transfers.load::<u32>("2026_A").unwrap(), None);
    for state in [1, 2] {
        let journal = SendJournal::new("2026_A", "X26ABC2", "W", file.clone(), state);
        transfers.save(&journal).unwrap();
        assert_eq!(transfers.load::<u32>("2026_A").unwrap(), Some(journal));
    }
    assert_eq!(transfers.message_ids().unwrap(), ["2026_A"]);
    let folder = home.path().join("sandbox/X26ABC1/transfers");
    let names: Vec<_> = files::list(&folder).unwrap().iter().map(|p| files::name_of(p)).collect();
    assert_eq!(names, ["send-2026_A.toml"], "nothing temporary stays");
    #[cfg(unix)]
    assert_eq!((mode(&folder), mode(&folder.join("send-2026_A.toml"))), (0o700, 0o600));
    transfers.remove("2026_A").unwrap();
    transfers.remove("2026_A").unwrap();
    assert_eq!(transfers.message_ids().unwrap(), [""; 0]);
}

#[test]
fn folder_of_journals_alone_is_no_mailbox() {
    let home = tempfile::tempdir().unwrap();
    let (_, file) = source(home.path());
    transfers(home.path()).save(&SendJournal::new("A", "B", "W", file, 0)).unwrap();
    let store = Store::at(home.path());
    let mailbox = "X26ABC1".parse().unwrap();
    assert!(store.folder(Environment::Sandbox, &mailbox).load().unwrap().is_none());
    assert!(matches!(store.find(&mailbox, None), Err(StoreError::NoSuchMailbox { .. })));
}

#[test]
fn identifiers_that_lead_elsewhere_are_refused() {
    let home = tempfile::tempdir().unwrap();
    for bad in ["", "..", "../x", "a/b", "a\\b", "a.b"] {
        assert!(transfers(home.path()).load::<u32>(bad).is_err(), "{bad:?}");
        assert!(PartFile::<u32>::open(home.path(), bad).is_err(), "{bad:?}");
    }
}

#[test]
fn file_that_was_changed_replaced_or_touched_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let (path, before) = source(home.path());
    let now = || SourceFile::of(&path, &File::open(&path).unwrap()).unwrap();
    assert_eq!(before.difference(&now()), None);
    // The times of some disks are coarse.
    std::thread::sleep(std::time::Duration::from_millis(20));
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, b"CONTENT").unwrap();
    assert_eq!(before.difference(&now()).as_deref(), Some("it was modified"));
    // Its old time given back, as some programs do.
    File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
    #[cfg(unix)]
    assert_eq!(before.difference(&now()).as_deref(), Some("its content or its properties were changed"));
    fs::write(home.path().join("other"), b"content").unwrap();
    fs::rename(home.path().join("other"), &path).unwrap();
    #[cfg(unix)]
    assert!(before.difference(&now()).unwrap().contains("another file"));
    fs::write(&path, b"longer content").unwrap();
    assert!(before.difference(&now()).unwrap().contains("it had 7 bytes and has 14"));
}

#[test]
fn journal_of_a_newer_version_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let transfers = transfers(home.path());
    fs::create_dir_all(&transfers.folder).unwrap();
    fs::write(transfers.folder.join("send-A.toml"), "format = 9\nelse = 1\n").unwrap();
    assert!(matches!(transfers.load::<u32>("A"), Err(StoreError::NewerFormat { found: 9, .. })));
    fs::write(transfers.folder.join("send-A.toml"), "format = 1\n").unwrap();
    assert!(matches!(transfers.load::<u32>("A"), Err(StoreError::Malformed { .. })));
}

fn part(home: &Path) -> PartFile<u32> {
    PartFile::open(home, "M1").unwrap()
}

#[test]
fn part_is_continued_where_its_journal_says() {
    let home = tempfile::tempdir().unwrap();
    let mut first = part(home.path());
    assert_eq!(first.state(), None);
    first.file().write_all(b"one chunk").unwrap();
    first.keep(9, 1).unwrap();
    first.file().write_all(b"half of ano").unwrap();
    #[cfg(unix)]
    assert_eq!((mode(first.path()), mode(&home.path().join(".M1.part.toml"))), (0o600, 0o600));
    // Killed here.
    drop(first);
    let mut second = part(home.path());
    assert_eq!(second.state(), Some(&1));
    let mut text = String::new();
    second.reader().unwrap().read_to_string(&mut text).unwrap();
    assert!(text.starts_with("one chunk"));
    second.file().set_len(9).unwrap();
    std::io::Seek::seek(second.file(), io::SeekFrom::Start(9)).unwrap();
    second.file().write_all(b" and another").unwrap();
    let target = home.path().join("target");
    fs::write(&target, b"of somebody else").unwrap();
    let error = second.finish(&target).unwrap_err();
    assert!(matches!(error, StoreError::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists));
    assert_eq!(fs::read(&target).unwrap(), b"of somebody else");
    second.finish(&home.path().join("other")).unwrap();
    assert_eq!(fs::read(home.path().join("other")).unwrap(), b"one chunk and another");
    let names: Vec<_> = files::list(home.path()).unwrap().iter().map(|p| files::name_of(p)).collect();
    assert_eq!(names, ["other", "target"]);
}

#[test]
fn part_is_left_only_if_it_can_be_continued() {
    let home = tempfile::tempdir().unwrap();
    let mut none = part(home.path());
    none.file().write_all(b"half a chunk").unwrap();
    assert_eq!(none.leave().unwrap(), None);
    assert!(files::list(home.path()).unwrap().is_empty());
    let mut some = part(home.path());
    some.file().write_all(b"one chunk and a half").unwrap();
    some.keep(9, 1).unwrap();
    let path = some.leave().unwrap().unwrap();
    assert_eq!(fs::read(path).unwrap(), b"one chunk");
    assert_eq!(part(home.path()).state(), Some(&1));
}

#[test]
fn part_is_received_by_one_run_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let _first = part(home.path());
    assert!(matches!(PartFile::<u32>::open(home.path(), "M1"), Err(StoreError::Locked { .. })));
}

#[test]
fn file_that_got_its_own_name_meanwhile_is_no_part_any_more() {
    let home = tempfile::tempdir().unwrap();
    let (path, target) = (home.path().join(".M1.part"), home.path().join("kept"));
    let mut first = part(home.path());
    first.file().write_all(b"all of it").unwrap();
    // Another run has opened it, and waits for the lock.
    let (late, _) = crate::store::files::part(&path).unwrap().unwrap();
    first.finish(&target).unwrap();
    assert!(!crate::store::files::is_at(&late, &path).unwrap(), "it may not be begun anew");
    drop(first);
    drop(late);
    drop(part(home.path()));
    assert_eq!(fs::read(&target).unwrap(), b"all of it");
}

#[test]
fn part_that_another_run_took_away_is_given_no_name() {
    let home = tempfile::tempdir().unwrap();
    let mut first = part(home.path());
    first.file().write_all(b"all of it").unwrap();
    fs::remove_file(home.path().join(".M1.part")).unwrap();
    fs::write(home.path().join(".M1.part"), b"").unwrap();
    let target = home.path().join("kept");
    assert!(matches!(first.finish(&target), Err(StoreError::Locked { .. })));
    assert!(!target.exists(), "it would be empty, and acknowledged");
}

#[test]
fn journal_without_its_part_or_longer_than_it_is_not_believed() {
    let home = tempfile::tempdir().unwrap();
    let mut first = part(home.path());
    first.file().write_all(b"one chunk").unwrap();
    first.keep(9, 1).unwrap();
    first.file().set_len(8).unwrap();
    drop(first);
    let mut second = part(home.path());
    assert_eq!((second.state().copied(), second.file().metadata().unwrap().len()), (None, 0));
    second.file().write_all(b"one chunk").unwrap();
    second.keep(9, 2).unwrap();
    let path = second.path().to_owned();
    drop(second);
    fs::remove_file(path).unwrap();
    assert_eq!(part(home.path()).state(), None);
}

#[cfg(unix)]
#[test]
fn part_that_others_could_have_written_is_not_continued() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let home = tempfile::tempdir().unwrap();
    let mut first = part(home.path());
    first.file().write_all(b"one chunk").unwrap();
    first.keep(9, 1).unwrap();
    let path = first.path().to_owned();
    drop(first);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(part(home.path()).state(), None);
    // A link to a file that must not be written to.
    let victim = home.path().join("victim");
    fs::write(&victim, b"precious").unwrap();
    fs::remove_file(&path).unwrap();
    symlink(&victim, &path).unwrap();
    part(home.path()).file().write_all(b"data").unwrap();
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
}
