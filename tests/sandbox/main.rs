//! The official mesh-sandbox over mutual TLS: what our commands say of good and bad credentials there, and
//! whether the official Python client can use what we export.

#[path = "../support/mod.rs"]
mod support;

mod adaptors;
mod address;
mod by_hand;
mod causes;
mod check;
mod python_client;
mod server;
