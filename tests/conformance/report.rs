//! The rows as tables: on the screen as they were seen, in the documentation as they have to be.

use std::fs;
use std::path::Path;

use crate::row::Row;
use crate::rows::Subject;

const DOCUMENT: &str = "docs/conformance.md";
const BEGIN: &str = "<!-- made by tests/conformance -->\n";

/// Prints what each server did.
pub fn print(rows: &[&Row], rehearsal: &[String], sandbox: &[String]) {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    for (row, (rehearsal, sandbox)) in rows.iter().zip(rehearsal.iter().zip(sandbox)) {
        println!("{:width$}  rehearsal: {rehearsal}", row.name);
        let why = row.sandbox.as_ref().map(|e| format!(" ({})", e.because)).unwrap_or_default();
        println!("{:width$}  sandbox:   {sandbox}{why}", "");
    }
    println!("{} rows", rows.len());
}

/// Compares the tables in the documentation with the rows. What they should be is left beside the tests.
pub fn check_documentation(subjects: &[Subject]) {
    let expected = tables(subjects);
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance.md");
    fs::write(&made, &expected).expect("a test can write below target");
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    let document = fs::read_to_string(document).expect("the document is there");
    let (_, found) = document.split_once(BEGIN).expect("the mark before the tables");
    assert!(
        found == expected,
        "the tables of {DOCUMENT} are not those of the rows: put what is in {} after the mark",
        made.display()
    );
}

fn tables(subjects: &[Subject]) -> String {
    let mut text = String::new();
    for subject in subjects {
        text += &format!("\n## {}\n\n", subject.title);
        text += "| what | specified in | the rehearsal MESH, as specified | the sandbox 1.0.137 |\n|---|---|---|---|\n";
        for row in &subject.rows {
            let sandbox = match &row.sandbox {
                None => "the same".to_owned(),
                Some(exemption) => format!("**{}**: {}", exemption.does, exemption.because),
            };
            text += &format!("| {} | {} | {} | {sandbox} |\n", row.name, row.section, row.specified);
        }
    }
    text
}
