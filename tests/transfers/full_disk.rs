//! A disk that is really full: a file system of 4 MB in a mount namespace of its own.

use std::fs;
use std::process::Command;

use super::drill::{Drill, noise};

/// Runs a command of a shell with a small file system mounted at `$1`. As root or, where the kernel lets
/// everybody have namespaces, as anybody.
fn on_a_small_disk(
    at: &std::path::Path,
    script: &str,
    environment: &[(&str, &str)],
) -> (i32, String, String) {
    let script = format!("mount -t tmpfs -o size=4m none \"$1\" || exit 99\n{script}");
    let mut said = String::new();
    for how in [["--mount"].as_slice(), ["--user", "--map-root-user", "--mount"].as_slice()] {
        let mut command = Command::new("unshare");
        command.args(how).args(["sh", "-c", &script, "sh"]).arg(at).envs(environment.iter().copied());
        let output = command.output().expect("unshare (util-linux) starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match output.status.code() {
            // unshare itself, or the mount, was refused.
            Some(1) if text(&output.stderr).starts_with("unshare:") => said.push_str(&text(&output.stderr)),
            Some(99) => said.push_str(&text(&output.stderr)),
            code => return (code.unwrap_or(-1), text(&output.stdout), text(&output.stderr)),
        }
    }
    panic!("no file system can be mounted here, run the tests as root or allow user namespaces:\n{said}");
}

#[test]
fn full_disk_is_told_and_nothing_is_acknowledged_or_half_named() {
    let drill = Drill::with(&[]);
    let (file, disk) = (drill.file("message.bin"), drill.file("disk"));
    let content = noise(4, 10_000_000);
    fs::write(&file, &content).unwrap();
    fs::create_dir(&disk).unwrap();
    drill.send(&file).args(["--chunk-size", "1MB"]).run().expect(0);
    let program = drill.program("receive", "X26ABC2").args(["--all", "--ack", "--to"]).arg(&disk);
    let environment = program.clone().environment();
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| (name.to_str().unwrap(), value.to_str().unwrap())).collect();
    let line = program.command_line();
    let (code, stdout, stderr) =
        on_a_small_disk(&disk, &format!("{line}\nstatus=$?\nls \"$1\" >&2\nexit $status"), &environment);
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stdout.contains("cannot be written: No space left on device"), "{stdout}");
    assert!(stdout.contains("nothing was acknowledged"), "{stdout}");
    assert!(!stderr.contains("message.bin\n"), "half-named: {stderr}");
    assert_eq!(drill.inbox().len(), 1, "it was not acknowledged");

    // With space it arrives.
    drill
        .program("receive", "X26ABC2")
        .args(["--all", "--ack", "--to"])
        .arg(drill.file("in"))
        .run()
        .expect(0);
    assert!(fs::read(drill.file("in/message.bin")).unwrap() == content);
    assert!(drill.inbox().is_empty());
}
