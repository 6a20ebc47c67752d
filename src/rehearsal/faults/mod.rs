//! Fault switches: what goes wrong on purpose, so that clients can be tested and drilled.
//!
//! Rules ([`FaultRule`]) are read from text. [`Faults`] counts what they do, a [`Line`] lets it befall one
//! connection. A server without rules does nothing of this.

mod armed;
mod cut_body;
mod exchange;
mod frames;
mod line;
mod parse;
mod rule;
mod spoiled_body;
#[cfg(test)]
mod tests;
mod words;

pub use armed::Faults;
pub use line::{Line, Lines};
pub use rule::FaultRule;
