//! The reference implementation of the format, `age`, and `tar` open what we write; we open what they write.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::scene::{PASSPHRASE, back_up, home, kept, run, run_in};
use crate::support::{Terminal, path_arg, terminal, tool};

/// Runs `age`, which reads passphrases from a terminal alone.
fn age(arguments: &[&str], questions: &[&str]) {
    let command: Vec<String> = ["age"].iter().chain(arguments).map(|word| (*word).to_owned()).collect();
    let found = std::process::Command::new("age").arg("--version").output();
    assert!(found.is_ok(), "age is missing; install it with: sudo apt-get install age");
    let answer = format!("{PASSPHRASE}\r");
    let talk: Vec<_> = questions.iter().map(|question| (*question, answer.as_str())).collect();
    let env = BTreeMap::from([("PATH".to_owned(), std::env::var("PATH").expect("a path"))]);
    let talk = terminal(&Terminal::default(), &command, &env, &talk);
    assert_eq!(talk.status, 0, "{}", talk.screen);
}

/// Takes a backup out without us, as its label says.
fn by_hand(file: &Path, to: &Path) {
    let tar = path_arg(&to.join("plain.tar"));
    fs::create_dir_all(to).unwrap();
    age(&["-d", "-o", &tar, &path_arg(file)], &["passphrase"]);
    tool("tar", ["-x", "-f", &tar, "-C", &path_arg(to)]);
}

/// Makes a backup of a folder without us.
fn packed(folder: &Path, file: &Path) {
    let tar = path_arg(&file.with_extension("tar"));
    tool("tar", ["-c", "-f", &tar, "-C", &path_arg(folder.parent().unwrap()), "mesh-onboard"]);
    age(&["-p", "-o", &path_arg(file), &tar], &["passphrase", "onfirm"]);
}

#[test]
fn age_and_tar_get_everything_back_without_us() {
    let mailbox = home();
    let to = mailbox.file("by-hand");
    // As the program that is shipped makes it: a guess costs what it costs with age itself.
    let file = mailbox.file("real.age");
    run(&mailbox, &["backup"]).arg(&file).without_env("MESH_ONBOARD_TEST_WORK_FACTOR").run().expect(0);
    let header = String::from_utf8_lossy(&fs::read(&file).unwrap()).lines().nth(1).unwrap().to_owned();
    assert!(header.starts_with("-> scrypt ") && header.ends_with(" 18"), "{header}");
    by_hand(&file, &to);
    let mut found = kept(&to.join("mesh-onboard"));
    let label = fs::read_to_string(to.join("mesh-onboard/backup.toml")).unwrap();
    assert!(label.contains("mesh-onboard restore FILE") && label.contains("\nformat = 1\n"), "{label}");
    found.remove("backup.toml");
    let files = |tree: BTreeMap<String, (u32, String)>| -> BTreeMap<String, (u32, String)> {
        // tar makes the folders with the modes of whoever runs it.
        tree.into_iter().filter(|(_, (_, what))| what != "folder").collect()
    };
    assert_eq!(files(found), files(kept(&mailbox.home())));
    // It is a home as it lies there.
    let status = run_in(&mailbox, &to.join("mesh-onboard"), &["status"]).run();
    assert!(status.stdout.contains("X26ABC2"), "{}", status.shown());
}

#[test]
fn what_age_encrypts_is_restored() {
    let mailbox = home();
    let folder = mailbox.file("by-hand/mesh-onboard");
    by_hand(&back_up(&mailbox), folder.parent().unwrap());
    let file = mailbox.file("theirs.age");
    packed(&folder, &file);
    let other = mailbox.file("other");
    run_in(&mailbox, &other, &["restore"]).arg(&file).run().expect(0);
    assert_eq!(kept(&other), kept(&mailbox.home()));
}

/// The same with a low work factor, which `age` itself does not offer.
fn packed_fast(folder: &Path, file: &Path) {
    let tar = path_arg(&file.with_extension("tar"));
    tool("tar", ["-c", "-f", &tar, "-C", &path_arg(folder.parent().unwrap()), "mesh-onboard"]);
    let mut recipient = age::scrypt::Recipient::new(age::secrecy::SecretString::from(PASSPHRASE));
    recipient.set_work_factor(10);
    let encryptor =
        age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).unwrap();
    let mut output = encryptor.wrap_output(fs::File::create(file).unwrap()).unwrap();
    output.write_all(&fs::read(tar).unwrap()).unwrap();
    output.finish().unwrap();
}

/// What is done to a home that was taken out.
type Change = fn(&Path);

#[test]
fn hostile_archives_write_nothing() {
    let mailbox = home();
    let unpacked = mailbox.file("by-hand/mesh-onboard");
    by_hand(&back_up(&mailbox), unpacked.parent().unwrap());
    let changes: [(&str, Change); 4] = [
        ("link", |folder| symlink("/etc/passwd", folder.join("templates/link.txt")).unwrap()),
        ("stranger", |folder| fs::write(folder.join(".bashrc"), "evil").unwrap()),
        ("elsewhere", |folder| fs::write(folder.join("live/X26ABC2/.lock"), "x").unwrap()),
        ("huge", |folder| {
            let huge = fs::File::create(folder.join("live/X26ABC2/huge.pem")).unwrap();
            huge.set_len(11 * 1024 * 1024).unwrap();
        }),
    ];
    for (name, change) in changes {
        let folder = mailbox.file(&format!("{name}/mesh-onboard"));
        fs::create_dir_all(folder.parent().unwrap()).unwrap();
        tool("cp", ["-r", &path_arg(&unpacked), &path_arg(&folder)]);
        change(&folder);
        let file = mailbox.file(&format!("{name}.age"));
        packed_fast(&folder, &file);
        let other = mailbox.file(&format!("{name}-home"));
        run_in(&mailbox, &other, &["restore"]).arg(&file).run().expect_error(1, "not_a_backup");
        assert!(!other.exists(), "{name}");
    }
}
