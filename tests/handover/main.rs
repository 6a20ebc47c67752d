//! What `export` writes, loaded by its consumer's own runtime: a handshake with mutual TLS at the rehearsal MESH from
//! nothing but the exported files.

#[path = "../support/mod.rs"]
mod support;

mod aws;
mod curl;
mod docker;
mod dotenv;
mod github;
mod kept;
mod kubernetes;
mod mesh_client;
mod recorder;
mod dotnet;
mod java;
mod javascript;
mod mesh_client;
mod nel_mesh;
mod stage;
mod vaults;
mod yaml;
