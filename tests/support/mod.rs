//! What the tests of the program share: running it, looking at its files, and a CA made with openssl.
//!
//! Each test binary uses its own part of this.
#![allow(dead_code, unused_imports)]

mod authority;
mod elsewhere;
mod http;
mod keyring;
mod kill;
mod mailbox;
#[cfg(all(unix, feature = "rehearsal"))]
mod mesh;
mod outlook;
mod program;
#[cfg(all(unix, feature = "rehearsal"))]
mod rehearsal;
mod relay;
mod tinyproxy;
mod tool;
mod tree;

pub use authority::{Authority, Leaf};
pub use elsewhere::{Elsewhere, authority_args};
pub use http::{Answer, WebServer, closed_port};
pub use keyring::{Account, Keyring};
pub use kill::{at_every_point, killed_at};
pub use mailbox::{Mailbox, PASSPHRASE};
#[cfg(all(unix, feature = "rehearsal"))]
pub use mesh::Mesh;
pub use outlook::OutlookMessage;
pub use program::{NOW, Output, Program, Talk, Terminal, terminal};
#[cfg(all(unix, feature = "rehearsal"))]
pub use rehearsal::{Rehearsal, folder_of};
pub use relay::{Relay, Then};
pub use tinyproxy::Tinyproxy;
pub use tool::{openssl, openssl_with, path_arg, python, refused, tool, venv_python};
pub use tree::{changes, copy_folder, tree};

/// An empty folder of this test's own, removed when dropped.
pub fn scratch() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("scratch-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder")
}

/// Fails where the program was built without the clock and the fault points that these tests turn.
pub fn needs_test_hooks() {
    if !cfg!(feature = "test-hooks") {
        panic!("these tests need the test hooks: cargo test --release --features test-hooks, or tests/run");
    }
}
