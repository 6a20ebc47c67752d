//! Other people's programs and ours: what they write we read, what we write they read.

#[path = "../support/mod.rs"]
mod support;

mod readers;
mod writers;
