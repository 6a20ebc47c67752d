//! The way to MESH by a real proxy, tinyproxy: found in the environment or named, with a login, refused,
//! left out.

#[path = "../support/mod.rs"]
mod support;

mod calls;
