//! The program `mesh-onboard`.
fn main() {}
