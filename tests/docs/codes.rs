//! `docs/errors.md` against the source, by the letters of both: a code that one lacks fails. Those of probes are held to it
//! by the fault laboratory.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::{read, repository};

type Codes = BTreeSet<String>;

#[test]
fn every_error_code_is_documented_and_exists() {
    let rooms: String = rust_files("src/ui/explain").into_iter().map(read).collect();
    let source = read("src/ui/explain.rs") + &rooms;
    let mut codes = after(&source, "new(\"");
    codes.extend(after(&source, "usage(\""));
    assert_same(codes, documented("Errors", 0));
}

#[test]
fn words_for_what_mesh_says_are_those_of_the_program() {
    let source = read("src/mesh/codes.rs");
    let (_, words) = source.split_once("fn words(").expect("the words");
    let words = words.split("Self::Other").next().unwrap_or_default();
    let mut words: Vec<_> = words.split('"').skip(1).step_by(2).collect();
    let document = read("docs/errors.md");
    let (_, table) = document.split_once("## What MESH says").expect("the table");
    let rows = table.split("\n## ").next().unwrap_or_default().lines();
    let mut told: Vec<_> = rows
        .filter(|row| row.starts_with("| "))
        .skip(1)
        .map(|row| row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default())
        .collect();
    words.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, words);
}

#[test]
fn every_probe_of_the_documentation_exists() {
    let source = read("src/check/report.rs");
    let (_, names) = source.split_once("Self::Files => ").expect("the names of the probes");
    let names = names.split_once('}').expect("their end").0;
    let probes: Codes = names.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert_same(probes, documented("Probes", 0));
}

#[test]
fn every_warning_code_is_documented_and_exists() {
    let mut codes = Codes::new();
    for folder in ["src/onboarding", "src/onboarding/import", "src/onboarding/adopt"] {
        for entry in fs::read_dir(repository(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let source: String = read(path).split_whitespace().collect();
                codes.extend(after(&source, "Warning::new(\""));
            }
        }
    }
    assert_same(codes, documented("Warnings", 1));
}

#[test]
fn every_finding_of_inspect_is_documented_and_exists() {
    let mut codes = Codes::new();
    for path in rust_files("src/inspection/findings") {
        let source: String = read(path).split_whitespace().collect();
        for severity in ["info", "warn", "fail"] {
            codes.extend(after(&source, &format!("findings.{severity}(\"")));
        }
    }
    assert_same(codes, documented("Findings of `inspect`", 0));
}

#[test]
fn every_finding_of_token_is_documented_and_exists() {
    let source = read("src/mesh/token/fault.rs");
    let (_, codes) = source.split_once("pub fn code(").expect("the codes");
    let codes = codes.split("\n    }\n").next().unwrap_or_default();
    assert_same(after(codes, "=> \""), documented("Findings of `token --verify`", 0));
}

#[test]
fn every_note_on_a_file_is_documented_and_exists() {
    let mut codes = Codes::new();
    for folder in ["src/pki/sniff", "src/desk/reply", "src/commands/inspect"] {
        for path in rust_files(folder) {
            let source: String = read(path).split_whitespace().collect();
            codes.extend(after(&source, "Note::new(\""));
        }
    }
    // Their codes stand in tables of their own: `Name "code" "text",` and `Name => "code",`.
    for file in ["repair", "damage"] {
        let source = read(format!("src/pki/sniff/armour/{file}.rs"));
        let cells = source.lines().flat_map(str::split_whitespace);
        let quoted = cells.filter_map(|cell| cell.trim_end_matches(',').strip_prefix('"')?.strip_suffix('"'));
        codes.extend(quoted.filter(|text| is_code(text)).map(str::to_owned));
    }
    assert_same(codes, documented("Notes on files", 0));
}

/// Every source file below a folder but tests.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![repository(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "tests.rs") {
                found.push(path);
            }
        }
    }
    found
}

/// The codes that follow a phrase.
fn after(source: &str, phrase: &str) -> Codes {
    let ends = source.split(phrase).skip(1).filter_map(|rest| rest.split_once('"'));
    ends.map(|(code, _)| code.to_owned()).filter(|code| is_code(code)).collect()
}

fn is_code(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The words in backquotes in a column of the table of a section.
fn documented(section: &str, column: usize) -> Codes {
    let document = read("docs/errors.md");
    let (_, body) = document.split_once(&format!("## {section}\n")).expect("the section");
    let body = body.split("\n## ").next().unwrap_or_default();
    let cells = body.lines().filter(|line| line.starts_with("| `")).filter_map(|line| {
        let cell = line.split('|').nth(column + 1)?.trim();
        Some(cell.strip_prefix('`')?.strip_suffix('`')?.to_owned())
    });
    cells.collect()
}

#[track_caller]
fn assert_same(source: Codes, documented: Codes) {
    let missing: Vec<_> = source.difference(&documented).collect();
    let stale: Vec<_> = documented.difference(&source).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "docs/errors.md lacks {missing:?}; the source lacks {stale:?}"
    );
}
