//! The page of `check --report`, opened in a real browser: what it fetches, what it says, how it reads. Screenshots stay
//! below the target folder, in `tmp/report`.

mod browser;
mod pages;
#[path = "../support/mod.rs"]
mod support;
