//! "Send chunked message" and "Get Message chunk".

use std::io::Read;

use mesh_onboard::mesh::{ChunkRange, Client, Encoding, Error, InboxQuery, Outgoing};

use crate::mesh::Mesh;
use crate::raw::Request;
use crate::row::{Differences, Row, Seen, Stuck, refusal, row};

const SEND: &str = "Send chunked message";
const GET: &str = "Get Message chunk";

fn range(index: u32, total: u32) -> ChunkRange {
    ChunkRange { index, total }
}

/// Chunks of different lengths, none of which looks like another.
fn contents() -> [Vec<u8>; 3] {
    [(0u32, 70_000u32), (90_000, 100_001), (200_000, 200_007)]
        .map(|(from, to)| (from..to).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect())
}

fn message(gzip: bool) -> Outgoing<'static> {
    Outgoing { to: "X26ABC2", workflow: "TEST_WORKFLOW", chunks: 3, gzip, ..Outgoing::default() }
}

/// Sends the first of three chunks and gives the message's ID.
fn begin(mesh: &Mesh) -> Result<String, Stuck> {
    Ok(sender(mesh).send(&message(false), &b"one".as_slice())?.value.message_id)
}

fn sender(mesh: &Mesh) -> &Client {
    mesh.client("X26ABC1")
}

fn send(mesh: &Mesh, id: &str, index: u32, total: u32) -> Seen {
    refusal(sender(mesh).send_chunk(id, range(index, total), false, &b"more".as_slice()))
}

/// Sends three chunks and compares what arrives with what was sent.
fn round(mesh: &Mesh, gzip: bool) -> Seen {
    let contents = contents();
    let packed = contents.clone().map(|content| if gzip { super::gzip(&content) } else { content });
    let id = sender(mesh).send(&message(gzip), &packed[0].as_slice())?.value.message_id;
    sender(mesh).send_chunk(&id, range(2, 3), gzip, &packed[1].as_slice())?;
    sender(mesh).send_chunk(&id, range(3, 3), gzip, &packed[2].as_slice())?;
    let mut differences = Differences::default();
    let receiver = mesh.client("X26ABC2");
    for (index, content) in (1..).zip(&contents) {
        // The client has 206 for all but the last, with the range that belongs to it.
        let chunk = if index == 1 { receiver.message(&id)? } else { receiver.chunk(&id, index)? }.value;
        differences.expect("the range", chunk.head.range, range(index, 3));
        if gzip {
            differences.expect("the encoding", chunk.head.encoding, Encoding::Gzip);
        }
        let mut received = Vec::new();
        chunk.into_reader().read_to_end(&mut received).map_err(Error::from_read)?;
        differences.expect(&format!("chunk {index}"), received == *content, true);
    }
    differences.or("whole")
}

/// A chunk by hand, whose headers may be wrong.
fn by_hand(mesh: &Mesh, id: &str, index: u32) -> Request {
    let request = Request::new("POST", format!("/messageexchange/X26ABC1/outbox/{id}/{index}"));
    request.header("authorization", mesh.token("X26ABC1").header()).body("more")
}

pub fn rows() -> Vec<Row> {
    let mut rows = delivery();
    rows.extend(order());
    rows.extend(ranges());
    rows.extend(downloads());
    rows
}

fn delivery() -> Vec<Row> {
    vec![
        row("three chunks arrive byte for byte", SEND, "whole", |mesh| round(mesh, false)),
        row("three compressed chunks arrive and unpack to the same", SEND, "whole", |mesh| round(mesh, true)),
        row("until its last chunk a message is in no inbox", SEND, "none, none, one", |mesh| {
            let id = begin(mesh)?;
            let listed = || {
                let inbox = mesh.client("X26ABC2").inbox(&InboxQuery::default())?.value;
                let count = mesh.client("X26ABC2").count()?.value.count;
                Ok::<_, Stuck>(if inbox.messages == [id.clone()] && count == 1 {
                    "one".into()
                } else if inbox.messages.is_empty() && count == 0 {
                    "none".into()
                } else {
                    format!("{inbox:?} {count}")
                })
            };
            let first = listed()?;
            send(mesh, &id, 2, 3)?;
            let second = listed()?;
            send(mesh, &id, 3, 3)?;
            Ok(format!("{first}, {second}, {}", listed()?))
        }),
        row("until its last chunk nobody can read it", SEND, "refused", |mesh| {
            let id = begin(mesh)?;
            // Whether it is said to be gone or not to exist, nothing tells.
            let seen = refusal(mesh.client("X26ABC2").message(&id))?;
            Ok(if seen.starts_with("410") || seen.starts_with("404") { "refused".into() } else { seen })
        }),
        row("a message of one chunk of one is whole at once", SEND, "1:1", |mesh| {
            let request = Request::new("POST", "/messageexchange/X26ABC1/outbox")
                .header("mex-to", "X26ABC2")
                .header("mex-workflowid", "TEST_WORKFLOW")
                .header("mex-chunk-range", "1:1");
            let sent = mesh.send("X26ABC1", request.body("all of it"))?.json()?;
            let id = sent["message_id"].as_str().ok_or_else(|| Stuck(sent.to_string()))?;
            Ok(mesh.client("X26ABC2").message(id)?.value.head.range.to_string())
        }),
    ]
}

fn order() -> Vec<Row> {
    vec![
        row("a chunk that was accepted can be sent again, unchanged", SEND, "taken taken taken", |mesh| {
            let id = begin(mesh)?;
            let seen = [send(mesh, &id, 2, 3)?, send(mesh, &id, 2, 3)?, send(mesh, &id, 3, 3)?];
            Ok(seen.join(" "))
        }),
        row("a chunk out of order is refused", SEND, "417 InvalidHeaderChunks", |mesh| {
            let id = begin(mesh)?;
            send(mesh, &id, 3, 3)
        })
        .but_sandbox("taken", "it takes chunks in any order, and the last one ends the message"),
        row("after the last chunk none is taken", SEND, "423", |mesh| {
            let id = begin(mesh)?;
            send(mesh, &id, 2, 3)?;
            send(mesh, &id, 3, 3)?;
            send(mesh, &id, 3, 3)
        }),
        row("a message that was never in chunks takes none", SEND, "423", |mesh| {
            let whole = Outgoing { chunks: 1, ..message(false) };
            let id = sender(mesh).send(&whole, &b"all".as_slice())?.value.message_id;
            send(mesh, &id, 2, 2)
        }),
        row("a chunk for a message of somebody else is forbidden", SEND, "403", |mesh| {
            let id = begin(mesh)?;
            refusal(mesh.client("X26ABC2").send_chunk(&id, range(2, 3), false, &b"more".as_slice()))
        }),
        row("a chunk for a message that does not exist is not found", SEND, "404", |mesh| {
            let seen = send(mesh, "20200529155357895317_3573F8", 2, 3)?;
            Ok(seen.split(' ').next().unwrap_or_default().into())
        }),
    ]
}

fn ranges() -> Vec<Row> {
    vec![
        row("a first chunk that is not the first is refused", SEND, "417 InvalidHeaderChunks", |mesh| {
            let request = Request::new("POST", "/messageexchange/X26ABC1/outbox")
                .header("mex-to", "X26ABC2")
                .header("mex-workflowid", "TEST_WORKFLOW")
                .header("mex-chunk-range", "2:3");
            Ok(mesh.send("X26ABC1", request.body("two"))?.seen())
        }),
        row("a chunk has to say which one it is", SEND, "417 InvalidHeaderChunks", |mesh| {
            let id = begin(mesh)?;
            Ok(mesh.line()?.send(&by_hand(mesh, &id, 2))?.seen())
        }),
        row("path and header have to name the same chunk", SEND, "417 InvalidHeaderChunks", |mesh| {
            let id = begin(mesh)?;
            let request = by_hand(mesh, &id, 2).header("mex-chunk-range", "3:3");
            Ok(mesh.line()?.send(&request)?.seen())
        }),
        row("as many chunks come as were announced", SEND, "417 InvalidHeaderChunks", |mesh| {
            let id = begin(mesh)?;
            send(mesh, &id, 2, 5)
        })
        .but_sandbox("taken", "it reads the total of the first chunk alone"),
        row("what is no range is refused", SEND, "417 417 417 417", |mesh| {
            let id = begin(mesh)?;
            let mut seen = Vec::new();
            for range in ["2", "two:three", "2:3:4", "2:1"] {
                let request = by_hand(mesh, &id, 2).header("mex-chunk-range", range);
                seen.push(mesh.line()?.send(&request)?.status.to_string());
            }
            Ok(seen.join(" "))
        }),
        row("the encoding stays that of the first chunk", SEND, "417", |mesh| {
            let id = begin(mesh)?;
            let body = super::gzip(b"more");
            refusal(sender(mesh).send_chunk(&id, range(2, 3), true, &body.as_slice()))
        }),
        row("a later chunk need not repeat the encoding of the first", SEND, "202", |mesh| {
            // The specification's own example names it with the first chunk alone.
            let first = super::gzip(b"one");
            let id = sender(mesh).send(&message(true), &first.as_slice())?.value.message_id;
            let request = by_hand(mesh, &id, 2).header("mex-chunk-range", "2:3").body(super::gzip(b"two"));
            Ok(mesh.line()?.send(&request)?.seen())
        })
        .but_sandbox("417", "it takes a missing header for a change of encoding"),
    ]
}

fn downloads() -> Vec<Row> {
    vec![
        row("all chunks but the last come with 206", GET, "206 206 200", |mesh| {
            let id = begin(mesh)?;
            send(mesh, &id, 2, 3)?;
            send(mesh, &id, 3, 3)?;
            let mut seen = Vec::new();
            for end in ["", "/2", "/3"] {
                let path = format!("/messageexchange/X26ABC2/inbox/{id}{end}");
                seen.push(mesh.send("X26ABC2", Request::new("GET", path))?.seen());
            }
            Ok(seen.join(" "))
        }),
        row("the first chunk can be asked for by its number", GET, "206 1:3", |mesh| {
            let id = begin(mesh)?;
            send(mesh, &id, 2, 3)?;
            send(mesh, &id, 3, 3)?;
            let path = format!("/messageexchange/X26ABC2/inbox/{id}/1");
            let answer = mesh.send("X26ABC2", Request::new("GET", path))?;
            Ok(format!("{} {}", answer.status, answer.header("mex-chunk-range").unwrap_or_default()))
        }),
        row("a chunk after the last does not exist", GET, "404", |mesh| {
            let id = begin(mesh)?;
            send(mesh, &id, 2, 3)?;
            send(mesh, &id, 3, 3)?;
            let path = format!("/messageexchange/X26ABC2/inbox/{id}/4");
            Ok(mesh.send("X26ABC2", Request::new("GET", path))?.status.to_string())
        }),
        row("chunks are counted from 1", GET, "400", |mesh| {
            let id = begin(mesh)?;
            send(mesh, &id, 2, 3)?;
            send(mesh, &id, 3, 3)?;
            let path = format!("/messageexchange/X26ABC2/inbox/{id}/0");
            Ok(mesh.send("X26ABC2", Request::new("GET", path))?.status.to_string())
        }),
        row("HEAD of a message in chunks tells how many there are", "Head Message", "1:3", |mesh| {
            let id = begin(mesh)?;
            send(mesh, &id, 2, 3)?;
            send(mesh, &id, 3, 3)?;
            Ok(mesh.client("X26ABC2").head(&id)?.value.range.to_string())
        }),
    ]
}
