//! The rehearsal: a CA and a MESH of our own, so that the whole journey can be tried on one machine.
//!
//! No printing and no clock: `now` and the clock are arguments, and the disk is the store's. The server shares the token and the
//! wire types with the MESH client and nothing else, so that one cannot hide the other's mistakes.

mod answers;
mod authorization;
mod body;
mod ca;
mod config;
mod config_file;
mod download;
mod faults;
mod handlers;
mod inbox;
mod journey;
mod lookup;
mod mailboxes;
mod message;
mod messages;
mod outbox;
mod places;
mod profile;
mod records;
mod serve;
mod server;
mod spool;
#[cfg(test)]
mod tests;
mod tls;
mod tracking;

use ca::{CaError, CaPem, RehearsalCa};
use config::Clock;
pub use config::{RehearsalConfig, RehearsalMailbox};
pub use faults::{FaultRule, Faults};
pub use journey::{Journey, PASSPHRASE, Step, issue, walk};
pub use serve::{Served, Serving, serve};
use server::RehearsalMesh;
