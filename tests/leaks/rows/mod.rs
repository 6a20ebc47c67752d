//! The runs, in their order: each finds what those before it have made.

mod client;
mod echoed;
mod handed;
mod journey;
mod kept;
mod mistakes;
mod proxy;
mod renewal;

pub use mistakes::header;

use super::row::Row;
use super::scene::Scene;

/// Every row.
pub fn all() -> Vec<Row> {
    [
        journey::rows(),
        kept::rows(),
        client::rows(),
        echoed::rows(),
        proxy::rows(),
        mistakes::rows(),
        renewal::rows(),
        handed::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The words of every row.
pub fn used() -> Vec<Vec<String>> {
    let scene = Scene::new();
    let words =
        |row: &Row| shell_words::split(&(row.program)(&scene).command_line()).expect("our own quotes");
    all().iter().map(words).collect()
}
