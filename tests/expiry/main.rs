//! What `status` tells other programs: Prometheus, calendars, and what runs it every day.

#[path = "../support/mod.rs"]
mod support;

mod calendar;
mod prometheus;
mod recipes;
mod rules;
mod scene;
