//! `backup` and `restore`: what goes in comes out, whole or not at all, with our program and with others'.
#![cfg(unix)]

mod age;
mod back;
mod forth;
mod killed;
mod scene;
#[path = "../support/mod.rs"]
mod support;
