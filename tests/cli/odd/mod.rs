//! Damaged and odd inputs, one row each: what `inspect` calls them, what it notes, how it exits, and what
//! `import` makes of them. Where `import` refuses, not one byte under the home changes.

mod binary;
mod damage;
mod text;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::Value;

use crate::support::{
    Authority, Mailbox, Output, PASSPHRASE, Program, changes, openssl, path_arg, tool, tree,
};

/// One odd input.
struct Row {
    name: &'static str,
    input: Input,
    /// The kind of the file.
    kind: &'static str,
    /// The objects in it, by their type or, where that is `other`, by their name; joined by " + ".
    objects: &'static str,
    /// The codes of the notes, joined by spaces, the same after each other once.
    notes: &'static str,
    /// How `inspect` exits.
    exit: i32,
    /// What `import` does: "imported", or the code of its error.
    import: &'static str,
}

enum Input {
    Bytes(Vec<u8>),
    /// A path of its own, such as a folder.
    Path(PathBuf),
}

impl From<Vec<u8>> for Input {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        Self::Bytes(text.into())
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self::Bytes(text.into())
    }
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

/// What the rows are made of: a mailbox that waits for its certificate, and that certificate.
struct Good {
    mailbox: Mailbox,
    /// The certificate in PEM, its lines ended by line feeds.
    pem: String,
    /// The sub CA of the tests in PEM.
    sub: String,
    /// The certificate in DER.
    der: Vec<u8>,
}

impl Good {
    fn new() -> Self {
        let mailbox = Mailbox::requested();
        let certificate = mailbox.certificate();
        let read = |path: &Path| fs::read_to_string(path).expect("a certificate in PEM");
        let der = mailbox.file("good.der");
        openssl(&format!("x509 -in {} -outform DER -out {}", path_arg(&certificate), path_arg(&der)));
        let (pem, sub) = (read(&certificate), read(&Authority::ours().sub()));
        Self { pem, sub, der: fs::read(der).expect("openssl wrote it"), mailbox }
    }

    /// The base64 of the certificate in one line.
    fn base64(&self) -> String {
        self.pem.lines().filter(|line| !line.starts_with('-')).collect()
    }

    /// Runs openssl, which writes to `OUT`; returns what it wrote. `LEAF` is the certificate, `SUB` the sub
    /// CA, and any other name a file beside the home.
    fn openssl(&self, line: &str) -> Vec<u8> {
        let out = self.mailbox.file("openssl.out");
        let words = line.split_whitespace().map(|word| match word {
            "OUT" => path_arg(&out),
            "LEAF" => path_arg(&self.mailbox.file("reply.pem")),
            "SUB" => path_arg(&Authority::ours().sub()),
            "PASS" => format!("pass:{PASSPHRASE}"),
            _ if self.mailbox.file(word).is_file() => path_arg(&self.mailbox.file(word)),
            _ => word.to_owned(),
        });
        tool("openssl", words.collect::<Vec<_>>());
        fs::read(out).expect("openssl wrote it")
    }

    /// Keeps bytes beside the home under a name for [`Self::openssl`].
    fn keep(&self, name: &str, bytes: Vec<u8>) {
        self.mailbox.file_with(name, bytes);
    }
}

/// Runs every row and reports all that differ at once.
fn run(good: &Good, rows: Vec<Row>) {
    let differing = Mutex::new(Vec::new());
    let next = Mutex::new(rows.iter().enumerate());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().expect("no row panics").next();
                    let Some((number, row)) = taken else { return };
                    let found = meet(good, number, row);
                    let expected = [row.kind, row.objects, row.notes, &row.exit.to_string(), row.import]
                        .map(str::to_owned);
                    if found != expected {
                        let shown = format!("{}\n  expected {expected:?}\n  found    {found:?}", row.name);
                        differing.lock().expect("no row panics").push(shown);
                    }
                }
            });
        }
    });
    let differing = differing.into_inner().expect("no row panics");
    assert!(differing.is_empty(), "{} of {} rows\n{}", differing.len(), rows.len(), differing.join("\n"));
}

/// What the program makes of one row: kind, objects, notes, exit code of `inspect`, outcome of `import`.
fn meet(good: &Good, number: usize, row: &Row) -> [String; 5] {
    let folder = good.mailbox.file(&format!("row-{number}-{}", row.exit));
    fs::create_dir_all(&folder).expect("a folder for the row");
    let home = folder.join("home");
    tool("cp", ["-a".as_ref(), good.mailbox.home().as_os_str(), home.as_os_str()]);
    let file = match &row.input {
        Input::Bytes(bytes) => {
            let file = folder.join("input");
            fs::write(&file, bytes).expect("a test can write beside its home");
            file
        }
        Input::Path(path) => path.clone(),
    };
    let program = || {
        let program = Program::new().home(&home).env("MESH_KEY_PASSPHRASE", PASSPHRASE);
        program.args(["--json", "--no-input"])
    };
    let before = tree(&home);
    let inspected = program().arg("inspect").arg(&file).run();
    let answer = inspected.json();
    let exit = inspected.code().map_or("a signal".to_owned(), |code| code.to_string());
    assert_eq!(tree(&home), before, "{}: inspect writes\n{}", row.name, inspected.shown());
    let imported = good.mailbox.import_with(program(), [&file]).run();
    let import = outcome(&imported);
    let changed = changes(&before, &tree(&home));
    assert_eq!(import == "imported", !changed.is_empty(), "{}: {changed:?}\n{}", row.name, imported.shown());
    fs::remove_dir_all(&folder).expect("a folder can be removed");
    let notes = answer["files"][0]["notes"].as_array().into_iter().flatten();
    let mut notes: Vec<_> = notes.map(|note| note["code"].as_str().unwrap_or("?")).collect();
    notes.dedup();
    let object = |object: &Value| if object["name"].is_string() { "name" } else { "type" };
    let objects = answer["files"][0]["objects"].as_array().into_iter().flatten();
    let objects: Vec<_> = objects.map(|one| one[object(one)].as_str().unwrap_or("?")).collect();
    let objects = match &objects[..] {
        [first, _, _, _, .., last] => format!("{first} + … {} more … + {last}", objects.len() - 2),
        _ => objects.join(" + "),
    };
    let kind = answer["files"][0]["kind"].as_str().unwrap_or("none");
    [kind.to_owned(), without_sizes(&objects), notes.join(" "), exit, import]
}

/// Numbers of three and more digits as N: serial numbers and signatures make certificates a byte longer or
/// shorter.
fn without_sizes(text: &str) -> String {
    let mut shown = String::new();
    for part in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = part.trim_end_matches(|c: char| !c.is_ascii_digit());
        shown += if digits.len() >= 3 { "N" } else { digits };
        shown += &part[digits.len()..];
    }
    shown
}

fn outcome(imported: &Output) -> String {
    match imported.code() {
        Some(0) => "imported".into(),
        Some(1) => imported.json()["error"]["code"].as_str().unwrap_or("no code").to_owned(),
        other => format!("exit {other:?}"),
    }
}

#[test]
fn damaged_and_odd_text_is_named_and_repaired_or_refused() {
    let good = Good::new();
    let rows = text::rows(&good);
    assert!(rows.len() >= 60, "{} rows", rows.len());
    run(&good, rows);
}

#[test]
fn binary_files_are_named_and_imported_or_refused() {
    let good = Good::new();
    let rows = binary::rows(&good);
    run(&good, rows);
}
