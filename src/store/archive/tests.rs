use time::macros::datetime;

use super::*;
use crate::mailbox::Environment;
use crate::secret::Passphrase;

fn label(passphrase: &str) -> Label {
    let held = HeldPassphrase {
        environment: Environment::Live,
        mailbox: "X26ABC1".parse().unwrap(),
        credential: 2,
        passphrase: Passphrase::new(passphrase),
    };
    Label { made_at: datetime!(2026-06-01 12:00 UTC), passphrases: vec![held] }
}

fn archive(entries: impl FnOnce(&mut Builder<Vec<u8>>)) -> Vec<u8> {
    let mut builder = ArchiveWriter::begin(Vec::new(), &label("x")).unwrap().0;
    entries(&mut builder);
    builder.into_inner().unwrap()
}

/// A header with a path that the crate would not write.
fn entry(builder: &mut Builder<Vec<u8>>, path: &str, kind: EntryType, size: u64) {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o4777);
    if kind == EntryType::Symlink || kind == EntryType::Link {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_cksum();
    builder.append(&header, io::repeat(b'x').take(size)).unwrap();
}

#[test]
fn what_went_in_comes_out() {
    let text = "quote \" backslash \\ tab \t bell \u{7} end \u{7f} £ 'x' ${x}";
    let mut writer = ArchiveWriter::begin(Vec::new(), &label(text)).unwrap();
    let long = format!("live/X26ABC1/credentials/0001/bundles-01/{}.pem", "x".repeat(200));
    for path in ["settings.toml", &long] {
        let bytes = Zeroizing::new(path.as_bytes().to_vec());
        writer.add(&ArchiveFile { path: path.to_owned(), bytes }).unwrap();
    }
    let read = ArchiveReader::read(&writer.finish().unwrap()[..]).unwrap();
    let [held] = &read.label.passphrases[..] else { panic!("one passphrase") };
    assert_eq!((held.passphrase.expose(), held.credential), (text, 2));
    assert_eq!(read.label.made_at, datetime!(2026-06-01 12:00 UTC));
    let paths: Vec<_> = read.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["settings.toml", &long]);
    assert!(read.files.iter().all(|file| *file.bytes == file.path.as_bytes()));
}

#[test]
fn what_no_backup_holds_is_refused() {
    for (path, kind) in [
        ("/etc/cron.d/x", EntryType::Regular),
        ("mesh-onboard/../x", EntryType::Regular),
        ("mesh-onboard/live/X26ABC1/../../../x", EntryType::Regular),
        ("other/settings.toml", EntryType::Regular),
        ("settings.toml", EntryType::Regular),
        ("mesh-onboard/live/X26ABC1/.lock", EntryType::Regular),
        ("mesh-onboard/settings.toml", EntryType::Symlink),
        ("mesh-onboard/settings.toml", EntryType::Link),
        ("mesh-onboard/settings.toml", EntryType::Fifo),
        ("mesh-onboard/settings.toml", EntryType::Char),
    ] {
        let bytes = archive(|builder| entry(builder, path, kind, 0));
        let found = ArchiveReader::read(&bytes[..]).map(|_| ()).unwrap_err();
        assert!(matches!(found, ArchiveError::Entry { .. }), "{path} {kind:?}: {found}");
    }
}

#[test]
fn same_file_twice_is_refused_whatever_its_capitals() {
    for second in ["settings.toml", "templates/A.txt"] {
        let bytes = archive(|builder| {
            for path in ["settings.toml", "templates/a.txt", second] {
                entry(builder, &format!("mesh-onboard/{path}"), EntryType::Regular, 1);
            }
        });
        assert!(matches!(ArchiveReader::read(&bytes[..]), Err(ArchiveError::Entry { what: "twice", .. })));
    }
}

#[test]
fn file_larger_than_any_of_ours_is_refused_before_it_is_read() {
    let bytes = archive(|builder| {
        entry(builder, "mesh-onboard/settings.toml", EntryType::Regular, FILE_LIMIT + 1);
    });
    assert!(matches!(ArchiveReader::read(&bytes[..]), Err(ArchiveError::TooMuch)));
}

#[test]
fn archive_without_our_label_or_with_a_newer_one_is_refused() {
    let empty = Builder::new(Vec::new()).into_inner().unwrap();
    assert!(matches!(ArchiveReader::read(&empty[..]), Err(ArchiveError::Foreign)));
    let labelled = |text: &str| {
        let mut builder = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_entry_type(EntryType::Regular);
        builder.append_data(&mut header, "mesh-onboard/backup.toml", text.as_bytes()).unwrap();
        builder.into_inner().unwrap()
    };
    for (text, newer) in
        [("format = 2\nother = 1\n", true), ("passphrase = 'MARK'\n", false), ("MARK", false)]
    {
        let found = ArchiveReader::read(&labelled(text)[..]).map(|_| ()).unwrap_err();
        assert_eq!(matches!(found, ArchiveError::NewerFormat(2)), newer, "{text}: {found}");
        assert!(!format!("{found:?}").contains("MARK"), "{found:?}");
    }
}

#[test]
fn archive_that_is_cut_off_is_refused() {
    let bytes = archive(|builder| entry(builder, "mesh-onboard/settings.toml", EntryType::Regular, 2000));
    for end in [bytes.len() - 1024 - 600, 700, 100] {
        assert!(ArchiveReader::read(&bytes[..end]).is_err(), "cut at {end}");
    }
}
