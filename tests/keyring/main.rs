//! The keyring for real: gnome-keyring on a session bus of each test's own, there, locked, forbidden, hanging or not there.
#![cfg(unix)]

mod backup;
mod fallback;
mod generated;
mod kept;
#[path = "../support/mod.rs"]
mod support;
