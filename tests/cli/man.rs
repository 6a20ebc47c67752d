//! Manual pages, read by groff, and completions, run by the shells themselves.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::Mailbox;

/// Runs a tool; what it wrote to standard output. Anything on standard error is a failure.
fn output(program: &str, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
    let output = Command::new(program).args(args).output();
    let output =
        output.unwrap_or_else(|e| panic!("{program}: {e}; install it with: apt-get install {program}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{program}: {} {errors}", output.status);
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn commands(mailbox: &Mailbox) -> Vec<String> {
    let help = mailbox.person().arg("--help").run().expect(0).stdout;
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = list.take_while(|line| !line.is_empty()).filter_map(|line| {
        let name = line.strip_prefix("  ")?.split_whitespace().next()?;
        line[2..].starts_with(name).then(|| name.to_owned())
    });
    names.collect()
}

#[test]
fn every_command_has_a_page_that_groff_reads_without_warning() {
    let mailbox = Mailbox::none();
    let folder = mailbox.file("man1");
    mailbox.person().args(["man", "--to"]).arg(&folder).run().expect(0);
    let commands = commands(&mailbox);
    assert!(commands.len() > 15, "{commands:?}");
    for name in commands {
        let page = folder.join(format!("mesh-onboard-{name}.1"));
        let path = page.as_os_str();
        assert_eq!(output("groff", [OsStr::new("-man"), OsStr::new("-ww"), OsStr::new("-z"), path]), "");
        let shown = output("groff", [OsStr::new("-man"), OsStr::new("-Tascii"), OsStr::new("-P-cbou"), path]);
        for part in ["SYNOPSIS", "EXAMPLES", "EXIT CODES", &format!("mesh-onboard {name}")] {
            assert!(shown.contains(part), "{name} lacks {part}: {shown}");
        }
    }
}

#[test]
fn pages_of_another_version_are_replaced_and_nothing_else_is() {
    let mailbox = Mailbox::none();
    let folder = mailbox.file("man1");
    let write = || mailbox.program().args(["man", "--to"]).arg(&folder);
    let written = write().run().expect(0).json();
    let page = Path::new(written["files"][0].as_str().expect("a path")).to_owned();
    let fresh = fs::read(&page).unwrap();
    fs::write(&page, ".TH mesh-onboard 1 \"\" \"mesh-onboard 0.0.1\"\n").unwrap();
    write().run().expect(0);
    assert_eq!(fs::read(&page).unwrap(), fresh);
    fs::write(&page, "notes of mine\n").unwrap();
    write().run().expect_error(1, "io");
    assert_eq!(fs::read_to_string(&page).unwrap(), "notes of mine\n");
}

/// A script that is loaded by the shell, which is then asked to complete `mesh-onboard re`.
fn completes(shell: &str, script: &str, args: &[&str]) {
    let mailbox = Mailbox::none();
    let file = mailbox.file("completions");
    let made = mailbox.person().args(["completions", shell]).run().expect(0).stdout;
    fs::write(&file, made).unwrap();
    let script = script.replace("FILE", file.to_str().expect("UTF-8"));
    let offered = output(shell, args.iter().copied().chain(["-c", &script]));
    let words: Vec<&str> = offered.split_whitespace().collect();
    for command in ["request", "receive", "rehearse"] {
        assert!(words.contains(&command), "{shell} does not offer {command}: {offered}");
    }
    assert!(!words.contains(&"import"), "{shell} offers what does not begin so: {offered}");
}

#[test]
fn bash_completes_commands() {
    let script = "source FILE; COMP_WORDS=(mesh-onboard re); COMP_CWORD=1; \
                  complete=$(complete -p mesh-onboard | sed 's/.* -F \\([^ ]*\\) .*/\\1/'); \
                  \"$complete\" mesh-onboard re mesh-onboard; echo \"${COMPREPLY[@]}\"";
    completes("bash", script, &["--norc"]);
}

#[test]
fn fish_completes_commands() {
    completes("fish", "source FILE; complete -C 'mesh-onboard re'", &["--no-config"]);
}

#[test]
fn zsh_completes_commands() {
    // What the function would offer, without a line editor.
    let script = "_arguments() { return 1 }; _describe() { print -l ${(P)4} }; _default() { }; \
                  compdef() { }; source FILE; _mesh-onboard_commands commands \
                  | sed 's/:.*//' | grep '^re'";
    completes("zsh", script, &["-f"]);
}
