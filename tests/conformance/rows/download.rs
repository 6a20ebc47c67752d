//! "Get Message", "Head Message" and "Acknowledge message".

use std::io::Read;

use mesh_onboard::mesh::{ChunkRange, Encoding, Error, Head, MessageType, Outgoing};

use crate::mesh::Mesh;
use crate::raw::Request;
use crate::row::{Differences, Row, Stuck, refusal, row};

const GET: &str = "Get Message";
const HEAD: &str = "Head Message";
const ACKNOWLEDGE: &str = "Acknowledge message";
const BODY: &[u8] = b"Hello, X26ABC2.\r\n\0\xff";

const MESSAGE: Outgoing<'static> = Outgoing {
    to: "X26ABC2",
    workflow: "TEST_WORKFLOW",
    filename: Some("results 1.csv"),
    local_id: Some("our/ref 7"),
    subject: Some("Results, all of them"),
    content_type: Some("text/csv"),
    chunks: 1,
    gzip: false,
};

fn send(mesh: &Mesh) -> Result<String, Stuck> {
    Ok(mesh.client("X26ABC1").send(&MESSAGE, &BODY)?.value.message_id)
}

fn inbox(id: &str) -> String {
    format!("/messageexchange/X26ABC2/inbox/{id}")
}

/// What the headers of [`MESSAGE`] have to say.
fn compare(head: &Head, id: &str) -> Differences {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut differences = Differences::default();
    differences
        .expect("the ID", head.id.as_str(), id)
        .expect("mex-from", text(&head.from), "X26ABC1")
        .expect("mex-to", text(&head.to), "X26ABC2")
        .expect("mex-workflowid", text(&head.workflow), "TEST_WORKFLOW")
        .expect("mex-filename", text(&head.filename), "results 1.csv")
        .expect("mex-localid", text(&head.local_id), "our/ref 7")
        .expect("mex-subject", text(&head.subject), "Results, all of them")
        .expect("mex-messagetype", head.message_type, MessageType::Data)
        .expect("mex-chunk-range", head.range, ChunkRange::WHOLE)
        .expect("mex-statuscode", text(&head.status_code), "00")
        .expect("mex-statusevent", text(&head.status_event), "TRANSFER")
        .expect("mex-linkedmsgid", head.linked_message_id.clone(), None);
    differences
}

pub fn rows() -> Vec<Row> {
    let mut rows = reading();
    rows.extend(heading());
    rows.extend(acknowledging());
    rows
}

fn reading() -> Vec<Row> {
    vec![
        row("headers and body come as they were sent", GET, "whole", |mesh| {
            let id = send(mesh)?;
            let message = mesh.client("X26ABC2").message(&id)?.value;
            let mut differences = compare(&message.head, &id);
            let mut body = Vec::new();
            message.into_reader().read_to_end(&mut body).map_err(Error::from_read)?;
            differences.expect("the body", body, BODY.to_vec()).or("whole")
        }),
        row("who takes no compression gets none, with its length", GET, "19 bytes", |mesh| {
            let id = send(mesh)?;
            let answer = mesh.send("X26ABC2", Request::new("GET", inbox(&id)))?;
            let mut differences = Differences::default();
            differences.expect("content-encoding", answer.header("content-encoding"), None);
            differences.expect("content-length", answer.header("content-length"), Some("19"));
            differences.expect("the body", answer.body, BODY.to_vec()).or("19 bytes")
        }),
        row("the media type of the sender is that of the download", GET, "text/csv", |mesh| {
            let id = send(mesh)?;
            let answer = mesh.send("X26ABC2", Request::new("GET", inbox(&id)))?;
            Ok(answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().into())
        }),
        row("a checksum is passed on as it is", "Send message", "b10a8db164e0754105b7a99be72e3fe5", |mesh| {
            let request = Request::new("POST", "/messageexchange/X26ABC1/outbox")
                .header("mex-to", "X26ABC2")
                .header("mex-workflowid", "TEST_WORKFLOW")
                .header("mex-content-checksum", "b10a8db164e0754105b7a99be72e3fe5");
            let sent = mesh.send("X26ABC1", request.body("Hello World"))?.json()?;
            let id = sent["message_id"].as_str().ok_or_else(|| Stuck(sent.to_string()))?;
            Ok(mesh.client("X26ABC2").head(id)?.value.checksum.unwrap_or_default())
        }),
        row("a file without a name is called after its message", GET, "ID.dat", |mesh| {
            let message = Outgoing { filename: None, ..MESSAGE };
            let id = mesh.client("X26ABC1").send(&message, &BODY)?.value.message_id;
            let name = mesh.client("X26ABC2").head(&id)?.value.filename.unwrap_or_default();
            Ok(name.replace(&id, "ID"))
        }),
        row("a message can be read again until it is acknowledged", GET, "whole twice", |mesh| {
            let id = send(mesh)?;
            let mut differences = Differences::default();
            for _ in 0..2 {
                let answer = mesh.send("X26ABC2", Request::new("GET", inbox(&id)))?;
                differences.expect("the body", answer.body, BODY.to_vec());
            }
            differences.or("whole twice")
        }),
        row("a message that does not exist is not found", GET, "404 20", |mesh| {
            refusal(mesh.client("X26ABC2").message("20200529155357895317_3573F8"))
        }),
        row("a message for somebody else is forbidden", GET, "403", |mesh| {
            let id = send(mesh)?;
            refusal(mesh.client("X26ABC3").message(&id))
        }),
        row("its sender cannot read it either", GET, "403", |mesh| {
            let id = send(mesh)?;
            refusal(mesh.client("X26ABC1").message(&id))
        }),
    ]
}

fn heading() -> Vec<Row> {
    vec![
        row("HEAD gives the headers of the message", HEAD, "the same headers", |mesh| {
            let id = send(mesh)?;
            let head = mesh.client("X26ABC2").head(&id)?.value;
            compare(&head, &id).or("the same headers")
        }),
        row("HEAD of a compressed message says so", HEAD, "Gzip", |mesh| {
            let body = super::gzip(BODY);
            let message = Outgoing { gzip: true, ..MESSAGE };
            let id = mesh.client("X26ABC1").send(&message, &body.as_slice())?.value.message_id;
            let encoding: Encoding = mesh.client("X26ABC2").head(&id)?.value.encoding;
            Ok(format!("{encoding:?}"))
        }),
        row("HEAD of a message that does not exist is not found", HEAD, "404", |mesh| {
            refusal(mesh.client("X26ABC2").head("20200529155357895317_3573F8"))
        }),
        row("HEAD of a message for somebody else is not found", HEAD, "404", |mesh| {
            let id = send(mesh)?;
            refusal(mesh.client("X26ABC3").head(&id))
        }),
    ]
}

fn acknowledging() -> Vec<Row> {
    vec![
        row("an acknowledged message cannot be downloaded again", ACKNOWLEDGE, "taken, then 410", |mesh| {
            let id = send(mesh)?;
            let client = mesh.client("X26ABC2");
            let taken = refusal(client.acknowledge(&id))?;
            Ok(format!("{taken}, then {}", gone(refusal(client.message(&id))?)))
        })
        .but_sandbox("taken, then taken", "it gives acknowledged messages out as long as it runs"),
        row("to acknowledge twice does no harm", ACKNOWLEDGE, "taken, taken", |mesh| {
            let id = send(mesh)?;
            let acknowledge = || refusal(mesh.client("X26ABC2").acknowledge(&id));
            Ok(format!("{}, {}", acknowledge()?, acknowledge()?))
        }),
        row("nobody acknowledges for somebody else", ACKNOWLEDGE, "403, and it waits", |mesh| {
            let id = send(mesh)?;
            let refused = refusal(mesh.client("X26ABC3").acknowledge(&id))?;
            let waits = mesh.client("X26ABC2").count()?.value.count == 1;
            Ok(format!("{refused}, {}", if waits { "and it waits" } else { "but it is gone" }))
        }),
        row("what does not exist cannot be acknowledged", ACKNOWLEDGE, "404 20", |mesh| {
            refusal(mesh.client("X26ABC2").acknowledge("20200529155357895317_3573F8"))
        }),
        row("in version 1 the answer names the message", "API Versioning", "messageId", |mesh| {
            let id = send(mesh)?;
            let request = Request::new("PUT", inbox(&id) + "/status/acknowledged");
            let answer = mesh.send("X26ABC2", request.header("accept", "application/vnd.mesh.v1+json"))?;
            let expected = serde_json::json!({ "messageId": id });
            Differences::default().expect("the answer", answer.json()?, expected).or("messageId")
        }),
    ]
}

/// The status alone: what the code of a message that is gone should be, nothing says.
fn gone(seen: String) -> String {
    seen.split(' ').next().unwrap_or_default().to_owned()
}
