//! mesh-client for Python, by the script and the settings that are handed over.

use crate::stage::{alone, handed_over, printed, stage};
use crate::support::venv_python;

#[test]
fn mesh_client_connects_with_nothing_but_its_handover() {
    let mesh = stage();
    let folder = handed_over(&mesh, "mesh-client", &[]);
    let mut shell = alone("sh", &folder);
    shell.args(["-c", "set -a; . ./mesh.env; set +a; exec \"$0\" connect.py"]).arg(venv_python());
    assert_eq!(printed(shell), "MESH has answered\n");
}
