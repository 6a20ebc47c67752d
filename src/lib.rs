//! From an NHS MESH mailbox ID to TLS credentials that are proved to work.
pub mod mailbox;
pub mod mesh;
pub mod pki;
// Until the command that uses it exists.
#[allow(dead_code, unused_imports)]
#[cfg(feature = "rehearsal")]
mod rehearsal;
pub mod secret;
