//! Path validation: chains of every kind, each judged by `pki::chain::build` and by `openssl verify`, and
//! every difference between the two explained beside its row.

#[path = "../support/mod.rs"]
mod support;

mod judge;
mod mint;
mod properties;
mod row;
mod rows;

use std::collections::BTreeSet;
use std::thread;

use row::Row;

#[test]
fn every_chain_gets_the_verdict_beside_it_and_openssl_agrees_or_the_row_says_why() {
    let rows = rows::all();
    assert!(rows.len() >= 50, "only {} chains", rows.len());
    let names: BTreeSet<_> = rows.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), rows.len(), "two rows have the same name");
    // Most of the time is spent in starting openssl.
    let (one, other) = rows.split_at(rows.len() / 2);
    let wrong = |rows: &[Row]| rows.iter().flat_map(Row::wrong).collect::<Vec<_>>();
    let wrong = thread::scope(|scope| {
        let other = scope.spawn(|| wrong(other));
        [wrong(one), other.join().expect("no panic")].concat()
    });
    assert!(wrong.is_empty(), "{} of {} rows\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
