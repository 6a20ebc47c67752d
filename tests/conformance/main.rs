//! What the MESH API specification says, row by row, asked of the rehearsal MESH and of the official
//! mesh-sandbox by our own client over mutual TLS. Every difference between the two is explained beside
//! its row, and `docs/conformance.md` shows them.

#[path = "../support/mod.rs"]
mod support;

// Only its server is wanted here, not what our commands say of it.
#[path = "../sandbox/server.rs"]
#[allow(dead_code)]
mod sandbox;

mod mesh;
mod raw;
mod report;
mod row;
mod rows;
mod servers;

use std::collections::BTreeSet;
use std::thread;

use mesh::Mesh;
use row::Row;

#[test]
fn both_servers_do_as_specified_or_the_row_says_why_not() {
    let subjects = rows::all();
    let rows: Vec<&Row> = subjects.iter().flat_map(|subject| &subject.rows).collect();
    let mut names = BTreeSet::new();
    let twice: Vec<_> = rows.iter().map(|row| row.name).filter(|name| !names.insert(*name)).collect();
    assert!(twice.is_empty(), "two rows have the same name: {twice:?}");
    let run = |mesh: Mesh| rows.iter().map(|row| row.run(&mesh)).collect::<Vec<_>>();
    let (rehearsal, sandbox) = thread::scope(|scope| {
        let rehearsal = scope.spawn(|| run(servers::rehearsal()));
        let sandbox = scope.spawn(|| run(servers::sandbox()));
        (rehearsal.join().expect("no panic"), sandbox.join().expect("no panic"))
    });
    report::print(&rows, &rehearsal, &sandbox);
    let both = rehearsal.iter().zip(&sandbox);
    let wrong: Vec<_> = rows.iter().zip(both).flat_map(|(row, (r, s))| row.wrong(r, s)).collect();
    assert!(wrong.is_empty(), "{} faults in {} rows\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn documentation_shows_every_row() {
    report::check_documentation(&rows::all());
}
