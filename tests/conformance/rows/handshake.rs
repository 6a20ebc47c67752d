//! "Validate a mailbox (Handshake)".

use crate::raw::Request;
use crate::row::{Row, refusal, row};

const SECTION: &str = "Validate a mailbox (Handshake)";
const HEADERS: [&str; 3] = ["mex-clientversion", "mex-osname", "mex-osversion"];

fn request(method: &'static str) -> Request {
    let request = Request::new(method, "/messageexchange/X26ABC1");
    HEADERS.into_iter().fold(request, |request, name| request.header(name, "1"))
}

pub fn rows() -> Vec<Row> {
    vec![
        row("a mailbox is validated", SECTION, "taken", |mesh| refusal(mesh.client("X26ABC1").handshake())),
        row("the answer of version 2 is empty", SECTION, "200 with 0 bytes", |mesh| {
            let answer = mesh.send("X26ABC1", request("POST"))?;
            Ok(format!("{} with {} bytes", answer.status, answer.body.len()))
        }),
        row("GET, as the specification's example has it, does the same", SECTION, "200", |mesh| {
            Ok(mesh.send("X26ABC1", request("GET"))?.seen())
        }),
        row(
            "each of the three headers about the client is asked for",
            SECTION,
            "400 mex-clientversion, 400 mex-osname, 400 mex-osversion",
            |mesh| {
                let mut seen = Vec::new();
                for name in HEADERS {
                    let request = request("POST").without(name);
                    seen.push(mesh.send("X26ABC1", request)?.seen_as_validation());
                }
                Ok(seen.join(", "))
            },
        ),
    ]
}
