//! From an NHS MESH mailbox ID to TLS credentials that are proved to work.
pub mod mailbox;
pub mod mesh;
pub mod pki;
pub mod secret;
