//! What is asked of MESH and changes little: inbox, ack, track, lookup, validate.

use serde_json::json;

use crate::keys;
use crate::support::{Mesh, PASSPHRASE, Program, closed_port};

#[test]
fn inbox_lists_one_id_a_line_and_says_what_to_do_next() {
    let mesh = Mesh::start();
    let empty = mesh.says("inbox", "X26ABC2").run().expect(0);
    assert_eq!((empty.stdout.as_str(), empty.stderr.as_str()), ("", "The inbox of X26ABC2 is empty.\n"));
    let ids = [mesh.sent(b"one", &[]), mesh.sent(b"two", &[])];
    let two = mesh.says("inbox", "X26ABC2").run().expect(0);
    assert_eq!(two.stdout, format!("{}\n{}\n", ids[0], ids[1]));
    let url = mesh.url();
    assert_eq!(
        two.stderr,
        format!("2 messages wait. Next: mesh-onboard receive X26ABC2 --url {url} --all --to DIR\n")
    );
    let answer = mesh.answers("inbox", "X26ABC2").run().expect(0);
    assert_eq!(answer.json(), json!({"messages": ids, "count": 2}));
}
