//! What other people's programs make of our files, and we of theirs.

#[path = "../support/mod.rs"]
mod support;

mod readers;
