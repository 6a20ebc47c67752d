//! "MESH Authorization header".

use mesh_onboard::mesh::Error;
use time::Duration;

use crate::mesh::Mesh;
use crate::raw::{Request, Token};
use crate::row::{Row, Seen, Stuck, refusal, row};

const SECTION: &str = "MESH Authorization header";
const NOT_LOOKED_AT: &str = "it makes the hash with whatever stands there and compares nothing else";

/// What comes of an inbox call with this header.
fn inbox(mesh: &Mesh, authorization: &str) -> Seen {
    let request =
        Request::new("GET", "/messageexchange/X26ABC1/inbox").header("authorization", authorization);
    Ok(mesh.line()?.send(&request)?.seen())
}

fn inbox_at(mesh: &Mesh, off: Duration) -> Seen {
    let token = mesh.token("X26ABC1");
    inbox(mesh, &Token { at: token.at + off, ..token }.header())
}

pub fn rows() -> Vec<Row> {
    let mut rows = secrets();
    rows.extend(shape());
    rows.extend(freshness());
    rows
}

fn secrets() -> Vec<Row> {
    vec![
        row("a token made by hand as the specification writes it is taken", SECTION, "200", |mesh| {
            inbox(mesh, &mesh.token("X26ABC1").header())
        }),
        row("a wrong password is refused", SECTION, "403", |mesh| {
            refusal(mesh.client_with("X26ABC1", "wrong", "TestKey").handshake())
        }),
        row("a wrong shared key is refused", SECTION, "403", |mesh| {
            refusal(mesh.client_with("X26ABC1", "password", "wrong").handshake())
        }),
        row("nobody is told which of the two was wrong", SECTION, "the same words", |mesh| {
            let words = |password, key| match mesh.client_with("X26ABC1", password, key).handshake() {
                Err(Error::Refused(refusal)) => Ok(refusal.text),
                other => Err(Stuck(format!("{other:?}"))),
            };
            let (one, other) = (words("wrong", "TestKey")?, words("password", "wrong")?);
            Ok(if one == other { "the same words".into() } else { format!("{one} | {other}") })
        }),
        row("a mailbox that does not exist is refused", SECTION, "403 EPL-151", |mesh| {
            refusal(mesh.client_with("X26ZZZ9", "password", "TestKey").handshake())
        }),
        row("the token of one mailbox is not taken for another", SECTION, "403", |mesh| {
            inbox(mesh, &mesh.token("X26ABC2").header())
        }),
    ]
}

fn shape() -> Vec<Row> {
    vec![
        row("no Authorization header is refused", SECTION, "403", |mesh| {
            let request = Request::new("GET", "/messageexchange/X26ABC1/inbox");
            Ok(mesh.line()?.send(&request)?.seen())
        }),
        row("the prefix NHSMESH has to be there", SECTION, "403", |mesh| {
            inbox(mesh, &Token { prefix: "", ..mesh.token("X26ABC1") }.header())
        })
        .but_sandbox("200", "it takes the prefix off where there is one, and misses it nowhere"),
        row("the space after the prefix has to be there", SECTION, "403", |mesh| {
            inbox(mesh, &Token { prefix: "NHSMESH", ..mesh.token("X26ABC1") }.header())
        }),
        row("another scheme is refused", SECTION, "403", |mesh| {
            inbox(mesh, &Token { prefix: "Bearer ", ..mesh.token("X26ABC1") }.header())
        }),
        row("the mailbox has to be in upper case", SECTION, "403", |mesh| {
            inbox(mesh, &mesh.token("x26abc1").header())
        }),
        row("in upper case it is taken, however the path is written", SECTION, "200", |mesh| {
            let request = Request::new("GET", "/messageexchange/x26abc1/inbox");
            Ok(mesh.send("X26ABC1", request)?.seen())
        }),
        row("fields in another order are refused", SECTION, "403", |mesh| {
            let good = mesh.token("X26ABC1").header();
            let fields: Vec<_> = good.split(':').collect();
            inbox(mesh, &[fields[0], fields[1], fields[3], fields[2], fields[4]].join(":"))
        }),
        row("four fields are refused", SECTION, "403", |mesh| {
            let good = mesh.token("X26ABC1").header();
            inbox(mesh, good.rsplit_once(':').expect("five fields").0)
        }),
    ]
}

fn freshness() -> Vec<Row> {
    vec![
        row("a timestamp 1 hour 55 minutes old is taken", SECTION, "200", |mesh| {
            inbox_at(mesh, Duration::minutes(-115))
        }),
        row("a timestamp 1 hour 55 minutes ahead is taken", SECTION, "200", |mesh| {
            inbox_at(mesh, Duration::minutes(115))
        }),
        row("a timestamp more than two hours old is refused", SECTION, "403", |mesh| {
            inbox_at(mesh, Duration::minutes(-125))
        })
        .but_sandbox("200", NOT_LOOKED_AT),
        row("a timestamp more than two hours ahead is refused", SECTION, "403", |mesh| {
            inbox_at(mesh, Duration::minutes(125))
        })
        .but_sandbox("200", NOT_LOOKED_AT),
        row("a token is taken once", SECTION, "200, then 403", |mesh| {
            let token = mesh.token("X26ABC1").header();
            Ok(format!("{}, then {}", inbox(mesh, &token)?, inbox(mesh, &token)?))
        })
        .but_sandbox("200, then 200", "it remembers no token"),
        row("a nonce serves again with another count", SECTION, "200 200 200", |mesh| {
            let token = mesh.token("X26ABC1");
            let again = |count| inbox(mesh, &Token { count, ..token.clone() }.header());
            Ok([again(0)?, again(1)?, again(2)?].join(" "))
        }),
        row("a token that was refused for its path is good for its own", SECTION, "403, then 200", |mesh| {
            let token = mesh.token("X26ABC1").header();
            let elsewhere = Request::new("GET", "/messageexchange/X26ABC2/inbox");
            let refused = mesh.line()?.send(&elsewhere.header("authorization", &token))?.seen();
            Ok(format!("{refused}, then {}", inbox(mesh, &token)?))
        }),
    ]
}
