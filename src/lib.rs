//! From an NHS MESH mailbox ID to TLS credentials that are proved to work.
//!
//! The program `mesh-onboard` is this library with the feature `cli` (on by default). Without it the
//! crate is a small library for a service to embed: names ([`mailbox`]), secrets in memory ([`secret`]),
//! keys, CSRs, certificates, chains and PFX files ([`pki`]), and a MESH client ([`mesh`]).
//!
//! The rooms lean in one direction only; `tests/architecture.rs` holds the order.

pub mod mailbox;
pub mod mesh;
pub mod pki;
pub mod secret;

#[cfg(feature = "cli")]
mod check;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
mod commands;
#[cfg(feature = "cli")]
mod desk;
#[cfg(feature = "cli")]
mod expiry;
#[cfg(feature = "cli")]
mod handover;
#[cfg(feature = "cli")]
mod inspection;
#[cfg(feature = "cli")]
mod keyring;
#[cfg(feature = "cli")]
mod onboarding;
#[cfg(feature = "rehearsal")]
mod rehearsal;
#[cfg(feature = "cli")]
mod store;
#[cfg(feature = "cli")]
mod ui;

/// Reads what the desk sent, for the fuzz targets and their corpus. No part of the library.
#[cfg(feature = "test-hooks")]
#[doc(hidden)]
pub use desk::reply::read as read_reply;

/// What `check` can find, for the fault laboratory. No part of the library.
#[cfg(feature = "test-hooks")]
#[doc(hidden)]
pub use check::{Cause, ProbeId, causes};
