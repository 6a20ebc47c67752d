//! What `export` writes, loaded by its consumer's own runtime: a handshake with mutual TLS at the rehearsal MESH from
//! nothing but the exported files.

#[path = "../support/mod.rs"]
mod support;

mod aws;
mod azure;
mod mesh_client;
mod stage;
mod stand_in;
mod vault;
