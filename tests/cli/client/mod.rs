//! The commands of the MESH client, against the rehearsal MESH.

mod asking;
mod receive;
mod send;
