//! The wizard as a person at a terminal meets it: questions, answers, and what is on the disk afterwards.

#[path = "../support/mod.rs"]
mod support;

mod adopting;
mod back;
mod certificate;
mod documented;
mod first_visit;
mod handing_over;
mod interrupted;
mod invalid;
mod keeping;
mod looks;
mod opening;
mod pictures;
mod returning;
mod several;
mod visit;
mod waiting;
