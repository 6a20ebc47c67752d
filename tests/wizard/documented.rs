//! What README shows of the wizard is what it says.

use std::fs;
use std::path::Path;

use crate::support::{Mailbox, PASSPHRASE};
use crate::visit::{MENU, Visit};

#[test]
fn readme_shows_the_wizard_as_it_is() {
    let mailbox = Mailbox::none();
    let talk = [
        (MENU, ""),
        ("Which way", ""),
        ("Mailbox ID", "x26abc1"),
        ("Environment [", ""),
        ("ODS code", ""),
        ("Your name", "A. Engineer"),
        ("Your email address", "a.engineer"),
        ("Your email address", "a.engineer@example.nhs.uk"),
        ("Your telephone number", ""),
        ("Your organisation", ""),
        ("Application", ""),
        ("Reference", ""),
        ("Go ahead", ""),
        ("Passphrase for the new key", PASSPHRASE),
        ("The same again", PASSPHRASE),
    ];
    let screen = Visit::of(&mailbox).through(&talk);
    let screen = screen.replace(mailbox.home().to_str().unwrap(), "~/.local/share/mesh-onboard");
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, section) = readme.split_once("## Start here\n").expect("a section");
    let (_, block) = section.split_once("```console\n$ mesh-onboard\n").expect("what is seen");
    let (block, _) = block.split_once("```").expect("its end");
    let mut seen = screen.lines().map(str::trim_end);
    for line in block.lines().filter(|line| *line != "…" && !line.is_empty()) {
        assert!(seen.any(|shown| shown == line), "not seen, or not in this order:\n{line}\n---\n{screen}");
    }
}
