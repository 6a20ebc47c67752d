//! The chains, by what is particular about them.

mod algorithms;
mod authorities;
mod dates;
mod names;
mod paths;
mod usages;

use crate::mint::{Entity, ca, leaf};
use crate::row::Row;

pub fn all() -> Vec<Row> {
    [paths::rows(), dates::rows(), authorities::rows(), usages::rows(), names::rows(), algorithms::rows()]
        .into_iter()
        .flatten()
        .collect()
}

/// Root, sub CA and leaf as they should be.
struct Good {
    root: Entity,
    sub: Entity,
    leaf: Entity,
}

impl Good {
    fn new() -> Self {
        let root = ca("root").self_signed();
        let sub = ca("sub").by(&root);
        let leaf = leaf("leaf").by(&sub);
        Self { root, sub, leaf }
    }
}
