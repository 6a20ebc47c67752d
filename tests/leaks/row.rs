use std::collections::BTreeSet;

use super::allowed::{ALLOWED, Allowed};
use super::rows;
use super::scene::Scene;
use super::search::Search;
use crate::support::Program;

/// One run of the program.
pub struct Row {
    /// The command, and what is special.
    pub name: String,
    /// How it ends: a row that does not do what it says finds nothing.
    pub exit: i32,
    /// What is said in any mode; empty for nothing in particular.
    pub says: &'static str,
    pub program: Box<dyn Fn(&Scene) -> Program>,
}

pub fn row(
    name: impl Into<String>,
    exit: i32,
    says: &'static str,
    program: impl Fn(&Scene) -> Program + 'static,
) -> Row {
    Row { name: name.into(), exit, says, program: Box::new(program) }
}

/// In which words the program answers. `-v` says all that is said without it, and more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For people.
    Text,
    /// For scripts: on standard output and into a file by turns.
    Json,
}

impl Mode {
    fn apply(self, program: Program, number: usize) -> Program {
        let program = program.args(["-v", "--no-input"]);
        match self {
            Self::Text => program,
            Self::Json if number.is_multiple_of(2) => program.arg("--json"),
            Self::Json => program.args(["--json", "--output"]).arg(output_file(number)),
        }
    }
}

fn output_file(number: usize) -> String {
    format!("output-{number}")
}

/// Collects what was found where it does not belong.
#[derive(Default)]
pub struct Findings {
    /// What was searched for what: which needles, which file, which bytes.
    searched: BTreeSet<(usize, usize, String, String)>,
    used: BTreeSet<usize>,
    /// Where and what; a file keeps its leak, which is told once.
    known: BTreeSet<(String, String)>,
    pub leaks: Vec<String>,
}

impl Findings {
    /// Looks for leaks in one place.
    pub fn look(&mut self, search: &Search, row: &str, place: &str, bytes: &[u8]) {
        for leak in search.within(bytes) {
            let covers = |(_, allowed): &(usize, &Allowed)| allowed.covers(row, place, &leak);
            match ALLOWED.iter().enumerate().find(covers) {
                Some((index, _)) => drop(self.used.insert(index)),
                None if place.contains('/') && !self.known.insert((place.into(), leak.clone())) => {}
                None => self.leaks.push(format!("{row}: {place} holds {leak}")),
            }
        }
    }

    /// Looks at everything that one run has written.
    pub fn look_at_all(&mut self, scene: &Scene, row: &str, stdout: &str, stderr: &str, output: &str) {
        let (search, tokens) = (scene.search(), scene.token_search());
        let files = scene.written();
        for (which, search) in [Some(&*search), tokens.as_ref()].into_iter().enumerate() {
            let Some(search) = search else { continue };
            self.look(search, row, "output", stdout.as_bytes());
            self.look(search, row, "standard error", stderr.as_bytes());
            for (name, content) in &files {
                // The result is judged as such, by the row that wrote it.
                let place = match name.strip_prefix("work/output-") {
                    Some(_) if *name == format!("work/{output}") => "output",
                    Some(_) => continue,
                    None => name,
                };
                // What has not changed since before a token was made does not hold it.
                let size = if which == 0 { search.size() } else { 0 };
                if self.searched.insert((which, size, name.clone(), content.clone())) {
                    let bytes = std::fs::read(scene.path(name)).expect("what was there is there");
                    self.look(search, row, place, &bytes);
                }
            }
        }
    }
}

/// Runs all rows in one mode, in a scene of their own, and asserts that nothing leaks.
pub fn run_all(mode: Mode) {
    let scene = Scene::new();
    let (mut findings, mut wrong) = (Findings::default(), Vec::new());
    for (number, row) in rows::all().iter().enumerate() {
        let output = mode.apply((row.program)(&scene), number).run();
        let file = output_file(number);
        let written = std::fs::read_to_string(scene.path(&format!("work/{file}"))).unwrap_or_default();
        let said = format!("{}{written}", output.shown());
        if output.code() != Some(row.exit) || !said.contains(row.says) {
            wrong.push(format!("{}: not {} '{}'\n{said}", row.name, row.exit, row.says));
        }
        findings.look_at_all(&scene, &row.name, &output.stdout, &output.stderr, &file);
    }
    let search = scene.search();
    let (stdout, stderr) = scene.end();
    findings.look(&search, "rehearse --serve", "output", stdout.as_bytes());
    findings.look(&search, "rehearse --serve", "standard error", stderr.as_bytes());
    let leaks = findings.leaks.join("\n");
    let unused: Vec<_> =
        ALLOWED.iter().enumerate().filter(|(index, _)| !findings.used.contains(index)).collect();
    let unused: Vec<_> = unused.into_iter().map(|(_, allowed)| format!("{allowed:?}")).collect();
    assert!(
        wrong.is_empty() && leaks.is_empty() && unused.is_empty(),
        "{} rows do not do what they say:\n\n{}\n\nleaks:\n{leaks}\n\nallowed and never there: {unused:?}",
        wrong.len(),
        wrong.join("\n\n"),
    );
}
