//! The commands of the MESH client, against the rehearsal MESH.

mod asking;
mod curl;
mod receive;
mod send;
