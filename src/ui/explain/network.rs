//! The way to MESH.

use super::{Explained, exit};
use crate::mesh::TransportError;

/// A connection that failed; `check` finds the cause where nothing else does.
pub(super) fn transport(error: &TransportError, check: &str) -> Explained {
    let hint = match error {
        TransportError::ProxyUnreachable { .. } => {
            "check host and port of the proxy; to do without, unset HTTPS_PROXY or name the server in NO_PROXY"
        }
        TransportError::ProxyLogin { .. } => {
            "give user and password in the environment, percent-encoded: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT; only Basic is spoken"
        }
        TransportError::ProxyRefused { .. } => {
            "ask the network team to let this machine through; to do without the proxy, name the server in NO_PROXY"
        }
        TransportError::ProxyNotHttp { .. } => "check host and port of the proxy",
        _ => return Explained::new("network", error).exit(exit::UNREACHABLE).hint(check),
    };
    Explained::new("proxy", error).exit(exit::UNREACHABLE).hint(hint)
}
