//! mesh-client for Python, by the script and the settings that are handed over.

use crate::stage::{alone, handed_over, printed, refusal, stage};
use crate::support::venv_python;

#[test]
fn mesh_client_connects_with_nothing_but_its_handover() {
    let mesh = stage();
    let folder = handed_over(&mesh, "mesh-client", &[]);
    let client = |more: &str| {
        let mut shell = alone("sh", &folder);
        let line = format!("set -a; . ./mesh.env; {more} set +a; exec \"$0\" connect.py");
        shell.args(["-c", &line]).arg(venv_python());
        shell
    };
    assert_eq!(printed(client("")), "MESH has answered\n");
    // Each variable counts. Without a shared key the client would take one of its own.
    assert!(refusal(client("unset MESH_CLIENT_SHARED_KEY;")).contains("MESH_CLIENT_SHARED_KEY"));
    assert!(refusal(client("MESH_CLIENT_SHARED_KEY=x;")).contains("403"));
    refusal(client("MESH_CA_BUNDLE=$MESH_CLIENT_CERT;"));
}
