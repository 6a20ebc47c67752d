//! The rehearsal MESH from outside: real TLS, HTTP written by hand, nothing of our MESH client.

mod calls;
mod chunks;
mod client;
mod cuts;
mod door;
mod entry;
mod expiry;
mod faults;
mod kept;
mod limits;
mod lookups;
mod stopping;

use std::sync::{Arc, LazyLock};

use time::OffsetDateTime;
use time::macros::datetime;

use self::client::{Client, Credential};
use super::*;

const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

static CA: LazyLock<RehearsalCa> =
    LazyLock::new(|| RehearsalCa::create(NOW - time::Duration::days(1500)).unwrap());
static CREDENTIAL: LazyLock<Credential> = LazyLock::new(|| Credential::issued(&CA, NOW));

fn mesh() -> RehearsalMesh {
    RehearsalMesh::start(RehearsalConfig::default(), &CA, Arc::new(|| NOW)).unwrap()
}

fn client(mesh: &RehearsalMesh) -> Client<'_> {
    Client::new(mesh, Some(&CREDENTIAL))
}
