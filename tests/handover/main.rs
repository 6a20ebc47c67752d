//! What `export` writes, loaded by its consumer's own runtime: a handshake with mutual TLS at the rehearsal MESH from
//! nothing but the exported files.

#[path = "../support/mod.rs"]
mod support;

mod aws;
mod azure;
mod curl;
mod docker;
mod dotenv;
mod dotnet;
mod github;
mod java;
mod javascript;
mod kept;
mod killed;
mod kubernetes;
mod mavis;
mod mesh_client;
mod nel_mesh;
mod nhais;
mod pem;
mod quoting;
mod recorder;
mod renalware;
mod scripts;
mod stage;
mod stand_in;
mod vault;
mod yaml;
