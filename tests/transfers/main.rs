//! Transfers that meet faults, against the rehearsal MESH with its fault switches, by the program itself.
//!
//! The other end of the client's rules is held to the same switches in `src/rehearsal/tests`.

#[path = "../support/mod.rs"]
mod support;

mod cuts;
mod drill;
mod full_disk;
mod retries;
