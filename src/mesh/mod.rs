//! A MESH client: the token, what travels, the connection, the calls.

pub mod token;
pub mod wire;
