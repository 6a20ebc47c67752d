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

use row::assert_all;

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

#[test]
fn each_cause_that_check_knows_has_a_row() {
    let known: BTreeSet<_> = mesh_onboard::causes().map(|cause| (cause.probe.as_str(), cause.code)).collect();
    let shown: BTreeSet<_> = [offline::ROWS, way::ROWS, inside::ROWS, lacking::ROWS]
        .into_iter()
        .flatten()
        .map(|row| row.names())
        .collect();
    let without: Vec<_> = known.difference(&shown).collect();
    let unknown: Vec<_> = shown.difference(&known).collect();
    assert!(without.is_empty() && unknown.is_empty(), "without a row: {without:?}; unknown: {unknown:?}");
}
