//! The rehearsal: a CA and a MESH of our own, so that the whole journey can be tried on one machine.
//!
//! No disk, no printing, no clock: `now` and the clock are arguments.

mod ca;
mod profile;

pub use ca::{CaError, CaPem, RehearsalCa};
