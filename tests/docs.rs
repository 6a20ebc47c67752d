//! The documentation, executed: examples of the help, commands of README and guides, links, codes.

#[path = "docs/codes.rs"]
mod codes;
#[path = "docs/examples.rs"]
mod examples;
#[path = "docs/handovers.rs"]
mod handovers;
#[path = "docs/links.rs"]
mod links;
#[path = "docs/markdown.rs"]
mod markdown;
#[path = "docs/scratch.rs"]
mod scratch;
#[path = "docs/scripts.rs"]
mod scripts;

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file of the repository.
fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
