//! The fault laboratory of `check`: real servers, real credentials, and one thing wrong with them at a time. Each row
//! says which probe has to name it, with which code, and how the program ends.

mod healthy;
mod inside;
mod lacking;
mod offline;
mod row;
#[path = "../support/mod.rs"]
mod support;
mod way;

use std::collections::BTreeSet;

use row::{Row, assert_all};

#[test]
fn each_fault_of_files_key_and_certificate_is_named() {
    assert_all(offline::ROWS);
}

#[test]
fn each_fault_on_the_way_to_mesh_is_named() {
    assert_all(way::ROWS);
}

#[test]
fn each_fault_inside_mesh_is_named() {
    assert_all(inside::ROWS);
}

#[test]
fn each_secret_that_is_missing_is_named() {
    assert_all(lacking::ROWS);
}

fn rows() -> impl Iterator<Item = &'static Row> {
    [offline::ROWS, way::ROWS, inside::ROWS, lacking::ROWS].into_iter().flatten()
}

fn known() -> BTreeSet<(&'static str, &'static str)> {
    mesh_onboard::causes().map(|cause| (cause.probe.as_str(), cause.code)).collect()
}

#[test]
fn each_cause_that_check_knows_has_a_row() {
    let known = known();
    let shown: BTreeSet<_> = rows().map(Row::names).collect();
    let without: Vec<_> = known.difference(&shown).collect();
    let unknown: Vec<_> = shown.difference(&known).collect();
    assert!(without.is_empty() && unknown.is_empty(), "without a row: {without:?}; unknown: {unknown:?}");
}

#[test]
fn each_cause_is_documented_with_its_exit_codes() {
    let document = include_str!("../../docs/errors.md");
    let (_, table) = document.split_once("\n## Probes\n").expect("the section");
    let table = table.split("\n## ").next().unwrap_or_default();
    let mut documented = BTreeSet::new();
    let mut exits = BTreeSet::new();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        documented.insert((cells[1], cells[2]));
        exits.extend(cells[3].split(", ").map(|exit| (cells[1], cells[2], exit.to_owned())));
    }
    let known = known();
    let (lacking, stale): (Vec<_>, Vec<_>) =
        (known.difference(&documented).collect(), documented.difference(&known).collect());
    assert!(
        lacking.is_empty() && stale.is_empty(),
        "docs/errors.md lacks {lacking:?}; nothing has {stale:?}"
    );
    let shown: BTreeSet<_> = rows()
        .map(|row| {
            let (probe, code) = row.names();
            (probe, code, row.exit().to_string())
        })
        .collect();
    let undocumented: Vec<_> = shown.difference(&exits).collect();
    let unseen: Vec<_> = exits.difference(&shown).collect();
    assert!(
        undocumented.is_empty() && unseen.is_empty(),
        "docs/errors.md lacks {undocumented:?}; no row has {unseen:?}"
    );
}
