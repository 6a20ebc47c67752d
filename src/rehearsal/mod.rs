//! The rehearsal: a CA and a MESH of our own, so that the whole journey can be tried on one machine.
//!
//! No disk, no printing, no clock: `now` and the clock are arguments. The server shares the token and the
//! wire types with the MESH client and nothing else, so that one cannot hide the other's mistakes.

mod answers;
mod authorization;
mod ca;
mod config;
mod handlers;
mod inbox;
mod mailboxes;
mod outbox;
mod profile;
mod server;
#[cfg(test)]
mod tests;
mod tls;

pub use ca::{CaError, CaPem, RehearsalCa};
pub use config::{Clock, RehearsalConfig, RehearsalMailbox, Workflow};
pub use server::RehearsalMesh;
