//! MESH, and the way to it.

use super::{Explained, exit};
use crate::mesh::{self, TransportError};

pub(super) fn mesh(error: &mesh::Error) -> Explained {
    match error {
        mesh::Error::Transport(transport) => match proxy(transport) {
            Some(explained) => explained,
            None => Explained::new("network", error),
        }
        .exit(exit::UNREACHABLE),
        _ => Explained::new("mesh", error),
    }
    .or_hint("find the cause, with the same arguments: mesh-onboard check MAILBOX")
}

/// What a proxy is to blame for.
fn proxy(error: &TransportError) -> Option<Explained> {
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
        _ => return None,
    };
    Some(Explained::new("proxy", error).hint(hint))
}
