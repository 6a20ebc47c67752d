//! Holds the rooms of the crate to their order: every `crate::` path, every import and every macro call
//! under `src/` is read, and whatever leans the wrong way is reported with its file.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "architecture/paths.rs"]
mod paths;

use paths::{Named, Names};

/// The rooms from the ground up. Those on one line do not use each other.
const ORDER: &[&[&str]] = &[
    &["mailbox"],
    &["secret"],
    &["pki"],
    &["desk", "expiry", "mesh", "store", "keyring"],
    &["check", "inspection"],
    &["onboarding"],
    &["handover"],
    &["ui", "rehearsal"],
    &["commands"],
    &["cli"],
    &["main"],
];

/// Bytes and values in, bytes and values out: no file, network, clock, environment or printing.
const PURE: &[&str] = &[
    "src/mailbox",
    "src/secret",
    "src/pki",
    "src/desk",
    "src/expiry",
    "src/inspection",
    "src/mesh/token",
    "src/mesh/wire",
];

const PRINT_MACROS: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

const FS_WRITERS: &[&str] = &[
    "write",
    "create_dir",
    "create_dir_all",
    "remove_file",
    "remove_dir",
    "remove_dir_all",
    "rename",
    "copy",
    "hard_link",
    "soft_link",
    "symlink",
    "symlink_file",
    "symlink_dir",
    "set_permissions",
    "DirBuilder",
];

/// What a module is called when nobody knows what it is.
const NAMELESS: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc", "shared"];

/// The longest a source file may be, tests apart.
const LINES: usize = 400;

#[test]
fn every_room_keeps_to_its_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    assert!(files.len() > 10, "only {} source files were found", files.len());
    let found: Vec<_> = files
        .iter()
        .flat_map(|file| {
            let source = fs::read_to_string(file).expect("a source file is readable");
            let name = file.strip_prefix(root).expect("the file lies in the package");
            violations(&name.to_string_lossy().replace('\\', "/"), &source)
        })
        .collect();
    assert!(found.is_empty(), "{} violations\n{}", found.len(), found.join("\n"));
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).expect("src/ is readable").map(|e| e.expect("an entry").path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            rust_files(&entry, files);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            files.push(entry);
        }
    }
}

/// Everything in one file that breaks a rule, a line each.
fn violations(file: &str, source: &str) -> Vec<String> {
    let module = module_of(file);
    let room = if file == "src/main.rs" { "main" } else { module.first().map_or("lib", String::as_str) };
    let all_test = module.last().is_some_and(|m| m == "tests" || m.ends_with("_tests"));
    let names = paths::names(&module, source, all_test);
    let mut found = Vec::new();
    if room != "lib" && rank(room).is_none() {
        found.push(format!("'{room}' is not a room of the house"));
    }
    for path in &names.paths {
        found.extend(leaning(file, room, path));
        if !path.in_test {
            found.extend(impurity(file, path).or_else(|| writing(file, path)).or_else(|| asking(file, path)));
            if !in_folder(file, "src/ui") && matches!(path.segments[0].as_str(), "anstream" | "dialoguer") {
                found.push(format!("only ui prints and prompts, this names {}", shown(path)));
            }
        }
    }
    found.extend(printing(file, &names));
    found.extend(nameless(&module, &names));
    let lines = if all_test { 0 } else { lines_without_tests(source) };
    if lines > LINES {
        found.push(format!("{lines} lines without tests, more than {LINES}: it asks to become two files"));
    }
    found.sort();
    found.dedup();
    found.into_iter().map(|violation| format!("{file}: {violation}")).collect()
}

/// `src/desk/draft.rs` is the module `desk::draft`; `main.rs` and `lib.rs` are crate roots.
fn module_of(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let inner = inner.trim_end_matches("/mod");
    if matches!(inner, "lib" | "main") { Vec::new() } else { inner.split('/').map(str::to_owned).collect() }
}

fn rank(room: &str) -> Option<usize> {
    ORDER.iter().position(|level| level.contains(&room))
}

fn in_folder(file: &str, folder: &str) -> bool {
    file == format!("{folder}.rs") || file.starts_with(&format!("{folder}/"))
}

fn shown(path: &Named) -> String {
    path.segments.join("::")
}

/// Rooms lean downwards only. Holds for tests too: a test that needs a higher room belongs to that one.
fn leaning(file: &str, room: &str, path: &Named) -> Option<String> {
    let [first, target, inner @ ..] = &path.segments[..] else { return None };
    if first != "crate" || room == "lib" || target == room {
        return None;
    }
    if target == "*" {
        return Some("imports the whole crate, which hides who uses whom".into());
    }
    let above = rank(target)?;
    let wrong = format!("{room} must not use {target}, this names {}", shown(path));
    if above >= rank(room)? {
        return Some(wrong);
    }
    if target == "rehearsal" && !in_folder(file, "src/commands/rehearse") {
        return Some(format!("only commands/rehearse.rs uses rehearsal, this names {}", shown(path)));
    }
    // The server may not share the client's mistakes; the journey is a client.
    let of_mesh = inner.first().map(String::as_str);
    if target == "mesh"
        && room == "rehearsal"
        && !file.starts_with("src/rehearsal/journey")
        && !matches!(of_mesh, Some("token" | "wire"))
    {
        return Some(format!("rehearsal uses of mesh only token and wire, this names {}", shown(path)));
    }
    None
}

fn is_pure(file: &str) -> bool {
    PURE.iter().any(|room| in_folder(file, room))
}

fn impurity(file: &str, path: &Named) -> Option<String> {
    let segments: Vec<_> = path.segments.iter().map(String::as_str).collect();
    let impure = matches!(&segments[..], ["std", "fs" | "net" | "env" | "process", ..])
        || segments.contains(&"SystemTime")
        || matches!(segments.last(), Some(&("now_utc" | "now_local")));
    (is_pure(file) && impure)
        .then(|| format!("this room is pure: values in, values out; this names {}", shown(path)))
}

/// Only store/files.rs writes.
fn writing(file: &str, path: &Named) -> Option<String> {
    let segments: Vec<_> = path.segments.iter().map(String::as_str).collect();
    let from_fs = segments.iter().position(|s| *s == "fs").is_some_and(|at| {
        segments.get(at + 1).is_some_and(|s| FS_WRITERS.contains(s) || *s == "OpenOptions")
    });
    let from_file = segments
        .windows(2)
        .any(|pair| matches!(pair, ["File", "create" | "create_new" | "options"] | ["OpenOptions", "new"]));
    (!in_folder(file, "src/store/files") && (from_fs || from_file || segments[0] == "tempfile"))
        .then(|| format!("only store/files.rs writes to disk, this names {}", shown(path)))
}

/// Only commands/context.rs reads the clock and the environment; the rehearsal, being a service of its
/// own, has its own clock.
fn asking(file: &str, path: &Named) -> Option<String> {
    let segments: Vec<_> = path.segments.iter().map(String::as_str).collect();
    let asks = segments.windows(2).any(|pair| {
        matches!(pair, ["SystemTime", "now"] | ["env", "var" | "var_os" | "vars" | "vars_os"])
            || matches!(pair, ["OffsetDateTime" | "UtcDateTime", "now_utc" | "now_local" | "now"])
    });
    (asks && file != "src/commands/context.rs" && !in_folder(file, "src/rehearsal"))
        .then(|| format!("only commands/context.rs reads clock and environment, this names {}", shown(path)))
}

fn printing(file: &str, names: &Names) -> Option<String> {
    let printed =
        names.macros.iter().find(|call| !call.in_test && PRINT_MACROS.contains(&call.name.as_str()))?;
    (!in_folder(file, "src/ui")).then(|| format!("only ui prints and prompts, this calls {}!", printed.name))
}

fn nameless(module: &[String], names: &Names) -> Option<String> {
    let name = module.iter().chain(&names.modules).find(|m| NAMELESS.contains(&m.as_str()))?;
    Some(format!("a module '{name}' says nothing about what is in it"))
}

/// Lines outside top-level `#[cfg(test)]` items, which rustfmt begins and ends in the first column.
fn lines_without_tests(source: &str) -> usize {
    let mut lines = source.lines();
    let mut count = 0;
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            let end = |l: &&str| *l == "}" || (l.ends_with(';') && !l.starts_with(' '));
            lines.by_ref().find(end);
        } else {
            count += 1;
        }
    }
    count
}

#[test]
fn planted_violations_are_reported() {
    let cases = [
        ("src/desk/draft.rs", "use crate::store::Home;", "desk must not use store"),
        ("src/pki/key.rs", "use crate::{mailbox::Ods, mesh::{token, wire as w}};", "pki must not use mesh"),
        ("src/mesh/client.rs", "fn f() { super::super::check::run() }", "mesh must not use check"),
        ("src/mesh/mod.rs", "mod tests { use super::super::ui; }", "mesh must not use ui"),
        ("src/mesh/mod.rs", "fn f() -> super::store::Home { todo!() }", "mesh must not use store"),
        ("src/check/mod.rs", "fn f() { g!(a, crate :: commands :: B); }", "check must not use commands"),
        ("src/check/mod.rs", "use crate as house; fn f() { house::ui::say() }", "check must not use ui"),
        ("src/store/mod.rs", "use crate::*;", "the whole crate"),
        ("src/commands/request.rs", "use crate::rehearsal::Ca;", "only commands/rehearse.rs"),
        ("src/rehearsal/server.rs", "use crate::mesh::Client;", "only token and wire"),
        ("src/main.rs", "use mesh_onboard::rehearsal;", "only commands/rehearse.rs"),
        ("src/pki/key.rs", "use std::{fmt, fs};", "this room is pure"),
        ("src/mesh/token.rs", "fn f() { OffsetDateTime::now_utc(); }", "this room is pure"),
        ("src/expiry/mod.rs", "fn f() { println!(\"\"); }", "only ui prints"),
        ("src/check/mod.rs", "fn f() { vec![g(|| eprintln!(\"a\"))]; }", "only ui prints"),
        ("src/cli.rs", "use dialoguer::Input;", "only ui prints"),
        ("src/store/mod.rs", "use std::fs as disk; fn f() { disk::write(1, 2); }", "only store/files.rs"),
        ("src/check/mod.rs", "use std::fs::File; fn f() { File::create(1); }", "only store/files.rs"),
        ("src/commands/rehearse.rs", "fn f() { tempfile::tempdir(); }", "only store/files.rs"),
        ("src/commands/status.rs", "fn f() { std::env::var(\"HOME\"); }", "only commands/context.rs"),
        ("src/desk/mod.rs", "mod util;", "says nothing"),
        ("src/store/common.rs", "", "says nothing"),
        ("src/attic/mod.rs", "", "not a room"),
    ];
    for (file, source, expected) in cases {
        let found = violations(file, source);
        assert!(found.iter().any(|v| v.contains(expected)), "{file}: {source}\nfound {found:?}");
    }
    let long = "fn f() {}\n".repeat(LINES + 1);
    assert!(violations("src/pki/key.rs", &long)[0].contains("401 lines"));
}

#[test]
fn what_is_allowed_is_not_reported() {
    let cases = [
        ("src/onboarding/request.rs", "use crate::{check, desk, store::Home}; use super::import;"),
        ("src/commands/rehearse.rs", "use crate::rehearsal::Ca;"),
        ("src/commands/rehearse/serving.rs", "use crate::rehearsal::Ca;"),
        ("src/rehearsal/server.rs", "use crate::mesh::{token::Token, wire};"),
        ("src/rehearsal/journey.rs", "use crate::mesh::Client;"),
        ("src/ui/terminal.rs", "use anstream::println; fn f() { println!(\"crate::main\"); }"),
        ("src/store/files.rs", "use std::fs::{self, File}; fn f() { fs::rename(File::create(1), 2); }"),
        ("src/store/files/spool.rs", "use std::fs; fn f() { fs::rename(1, 2); }"),
        (
            "src/store/home.rs",
            "use std::fs; fn f() { fs::read(1); } #[cfg(test)] mod tests { use tempfile::A; }",
        ),
        ("src/pki/pem.rs", "#[cfg(test)] mod tests { use super::*; use std::fs; fn f() { println!() } }"),
        ("src/store/lock.rs", "#[cfg(feature = \"test-hooks\")] fn f() { std::env::var(\"A\"); }"),
        ("src/cli.rs", "use crate::commands; pub(crate) struct A;"),
        ("src/main.rs", "fn main() { mesh_onboard::cli::run() }"),
    ];
    for (file, source) in cases {
        assert_eq!(violations(file, source), [""; 0], "{source}");
    }
    let tests = "#[cfg(test)]\nmod tests {\n".to_owned() + &"    fn f() {}\n".repeat(2 * LINES) + "}\n";
    assert_eq!(violations("src/pki/key.rs", &tests), [""; 0]);
}
