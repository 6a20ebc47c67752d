//! A renewal against the rehearsal MESH: nobody who sends notices the switch, and what MESH refuses never goes into
//! use.

#[path = "../support/mod.rs"]
mod support;

mod handed_over;
mod journey;
mod killed;
mod refused;
mod senders;
mod switch;
