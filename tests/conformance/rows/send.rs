//! "Send message", in one request.

use std::io::Read;

use mesh_onboard::mesh::{Encoding, Error, Outgoing};

use crate::mesh::Mesh;
use crate::raw::{Answer, Request};
use crate::row::{Differences, Row, Stuck, refusal, row};

const SECTION: &str = "Send message";
const CODES: &str = "Error codes";

const MESSAGE: Outgoing<'static> = Outgoing {
    to: "X26ABC2",
    workflow: "TEST_WORKFLOW",
    filename: None,
    local_id: None,
    subject: None,
    content_type: None,
    chunks: 1,
    gzip: false,
};

/// A good request by hand, as the official Python client makes it.
fn request() -> Request {
    Request::new("POST", "/messageexchange/X26ABC1/outbox")
        .header("content-type", "application/octet-stream")
        .header("mex-to", "X26ABC2")
        .header("mex-workflowid", "TEST_WORKFLOW")
        .body("by hand")
}

fn send(mesh: &Mesh, request: Request) -> Result<Answer, Stuck> {
    mesh.send("X26ABC1", request)
}

/// What a mailbox receives, byte for byte, and how it was encoded.
fn receive(mesh: &Mesh, mailbox: &str, id: &str) -> Result<(Encoding, Vec<u8>), Stuck> {
    let message = mesh.client(mailbox).message(id)?.value;
    let encoding = message.head.encoding;
    let mut body = Vec::new();
    message.into_reader().read_to_end(&mut body).map_err(Error::from_read)?;
    Ok((encoding, body))
}

pub fn rows() -> Vec<Row> {
    let mut rows = delivery();
    rows.extend(headers());
    rows.extend(bodies());
    rows
}

fn delivery() -> Vec<Row> {
    vec![
        row("a message to another mailbox arrives byte for byte", SECTION, "whole", |mesh| {
            let body: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
            let id = mesh.client("X26ABC1").send(&MESSAGE, &body.as_slice())?.value.message_id;
            Differences::default().expect("it", receive(mesh, "X26ABC2", &id)?.1 == body, true).or("whole")
        }),
        row("a message to the mailbox itself arrives", SECTION, "whole", |mesh| {
            let message = Outgoing { to: "X26ABC1", workflow: "TEST_WORKFLOW2", ..MESSAGE };
            let id = mesh.client("X26ABC1").send(&message, &b"to me".as_slice())?.value.message_id;
            let mut differences = Differences::default();
            differences.expect("the body", receive(mesh, "X26ABC1", &id)?.1, b"to me".to_vec()).or("whole")
        }),
        row("the recipient may be written in lower case", SECTION, "X26ABC2", |mesh| {
            let sent = send(mesh, request().header("mex-to", "x26abc2"))?.json()?;
            let id = sent["message_id"].as_str().ok_or_else(|| Stuck(sent.to_string()))?;
            Ok(mesh.client("X26ABC2").head(id)?.value.to.unwrap_or_default())
        }),
        row("in version 1 the ID is called messageID", "API Versioning", "202 messageID", |mesh| {
            let answer = send(mesh, request().header("accept", "application/json"))?;
            let json = answer.json()?;
            let names: Vec<_> = json.as_object().into_iter().flat_map(|o| o.keys().cloned()).collect();
            Ok(format!("{} {}", answer.status, names.join(" ")))
        }),
        row("in version 1 a refusal has fields of its own", "API Versioning", "417 SEND 12", |mesh| {
            let answer =
                send(mesh, request().header("accept", "application/json").header("mex-to", "NOBODY"))?;
            let json = answer.json()?;
            let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
            Ok(format!("{} {} {}", answer.status, text("errorEvent"), text("errorCode")))
        }),
    ]
}

fn headers() -> Vec<Row> {
    vec![
        row("without mex-from, as the Python client sends, it is taken", SECTION, "202", |mesh| {
            Ok(send(mesh, request())?.seen())
        }),
        row("mex-from of another mailbox is refused", CODES, "417 07", |mesh| {
            Ok(send(mesh, request().header("mex-from", "X26ABC3"))?.seen())
        })
        .but_sandbox("202", "it does not read mex-from"),
        row("a message type other than DATA is refused", CODES, "417 11", |mesh| {
            Ok(send(mesh, request().header("mex-messagetype", "REPORT"))?.seen())
        })
        .but_sandbox("202", "it does not read mex-messagetype"),
        row("a recipient that does not exist is refused", CODES, "417 12", |mesh| {
            refusal(mesh.client("X26ABC1").send(&Outgoing { to: "X26ZZZ9", ..MESSAGE }, &b"x".as_slice()))
        }),
        row("mex-to has to be there", SECTION, "400", |mesh| {
            Ok(send(mesh, request().without("mex-to"))?.status.to_string())
        }),
        row("an empty mex-to has a code of its own", CODES, "400 08", |mesh| {
            Ok(send(mesh, request().header("mex-to", ""))?.seen())
        }),
        row("mex-workflowid has to be there", SECTION, "400 mex-workflowid", |mesh| {
            Ok(send(mesh, request().without("mex-workflowid"))?.seen_as_validation())
        }),
        row(
            "a header longer than the specification lets it be is refused",
            SECTION,
            "400 mex-to, 400 mex-workflowid, 400 mex-subject, 400 mex-localid, 400 mex-filename, \
             400 mex-content-checksum",
            |mesh| {
                let mut seen = Vec::new();
                for (name, longest) in [
                    ("mex-to", 100),
                    ("mex-workflowid", 300),
                    ("mex-subject", 500),
                    ("mex-localid", 300),
                    ("mex-filename", 300),
                    ("mex-content-checksum", 100),
                ] {
                    let answer = send(mesh, request().header(name, "x".repeat(longest + 1)))?;
                    seen.push(answer.seen_as_validation());
                }
                Ok(seen.join(", "))
            },
        ),
        row("at its longest it is taken", SECTION, "202 202 202", |mesh| {
            let mut seen = Vec::new();
            for (name, longest) in [("mex-subject", 500), ("mex-localid", 300), ("mex-filename", 300)] {
                seen.push(send(mesh, request().header(name, "x".repeat(longest)))?.seen());
            }
            Ok(seen.join(" "))
        }),
        row("a control character is malformed", CODES, "400 06", |mesh| {
            Ok(send(mesh, request().header("mex-subject", "one\ttwo"))?.seen())
        }),
    ]
}

fn bodies() -> Vec<Row> {
    vec![
        row("a message without a body is refused", CODES, "417 02", |mesh| {
            refusal(mesh.client("X26ABC1").send(&MESSAGE, &b"".as_slice()))
        }),
        row("what was sent as gzip comes as gzip and unpacks to the same", SECTION, "gzip, whole", |mesh| {
            let body = b"the same line again\n".repeat(10_000);
            let packed = super::gzip(&body);
            let message = Outgoing { gzip: true, ..MESSAGE };
            let id = mesh.client("X26ABC1").send(&message, &packed.as_slice())?.value.message_id;
            let (encoding, received) = receive(mesh, "X26ABC2", &id)?;
            let mut differences = Differences::default();
            differences.expect("the encoding", encoding, Encoding::Gzip);
            differences.expect("it", received == body, true).or("gzip, whole")
        }),
        row("what was sent as gzip is unpacked for who takes no gzip", SECTION, "plain, whole", |mesh| {
            let body = b"the same line again\n".repeat(10_000);
            let sent =
                send(mesh, request().header("content-encoding", "gzip").body(super::gzip(&body)))?.json()?;
            let id = sent["message_id"].as_str().ok_or_else(|| Stuck(sent.to_string()))?;
            let path = format!("/messageexchange/X26ABC2/inbox/{id}");
            let answer = mesh.send("X26ABC2", Request::new("GET", path))?;
            let mut differences = Differences::default();
            differences.expect("content-encoding", answer.header("content-encoding"), None);
            differences.expect("it", answer.body == body, true).or("plain, whole")
        }),
        row("another encoding than gzip is refused", SECTION, "422 UnsupportedContentEncoding", |mesh| {
            Ok(send(mesh, request().header("content-encoding", "br"))?.seen())
        }),
        row("a request of more than 100 MB is refused", "Outbox workflow", "413", |mesh| {
            let request = request().header("authorization", mesh.token("X26ABC1").header());
            // 100 MiB, so that it is too much however MB is meant.
            Ok(mesh.line()?.push(&request, 100 * 1024 * 1024 + 1)?.seen())
        })
        .but_sandbox("202", "it takes what its memory holds"),
    ]
}
