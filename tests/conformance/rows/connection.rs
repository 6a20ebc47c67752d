//! What happens before the first call.

use mesh_onboard::mesh::TlsSettings;
use mesh_onboard::mesh::transport::TransportError;

use crate::mesh::Mesh;
use crate::raw::{Line, Request};
use crate::row::{Row, Seen, Stuck, row};

const CERTIFICATE: &str = "Get a TLS certificate";
const NO_ALERTS: &str = "uvicorn closes the connection instead of saying why";

pub fn rows() -> Vec<Row> {
    vec![
        row(
            "who shows no certificate is told so by an alert",
            "RFC 8446, 4.4.2.4",
            "alert certificate_required",
            |mesh| greeting(mesh, &mesh.settings.nobody),
        )
        .but_sandbox("closed", NO_ALERTS),
        row(
            "the certificate of a CA that nobody trusts is refused by an alert",
            "RFC 8446, 6.2",
            "alert unknown_ca",
            |mesh| greeting(mesh, &mesh.settings.stranger),
        )
        .but_sandbox("closed", NO_ALERTS),
        row("a certificate lets every mailbox of its owner in", CERTIFICATE, "200 200 200", |mesh| {
            // Issued to X26ABC1, which is not told apart: one certificate often serves several mailboxes.
            let mut seen = Vec::new();
            for mailbox in crate::mesh::MAILBOXES {
                let path = format!("/messageexchange/{mailbox}/inbox");
                seen.push(mesh.send(mailbox, Request::new("GET", path))?.seen());
            }
            Ok(seen.join(" "))
        }),
        row("a connection serves one request after the other", "RFC 9112, 9.3", "200 403 200", |mesh| {
            let mut line = mesh.line()?;
            let inbox = Request::new("GET", "/messageexchange/X26ABC1/inbox");
            let good = || inbox.clone().header("authorization", mesh.token("X26ABC1").header());
            let answers = [line.send(&good())?, line.send(&inbox)?, line.send(&good())?];
            Ok(answers.map(|answer| answer.status.to_string()).join(" "))
        }),
        row("every answer carries the server's time", "RFC 9110, 6.6.1", "within a minute of ours", |mesh| {
            let inbox = mesh.client("X26ABC1").count()?;
            let date = inbox.date.ok_or_else(|| Stuck("there is no date".into()))?;
            let off = (date - mesh.now()).abs();
            Ok(if off.whole_seconds() <= 60 {
                "within a minute of ours".into()
            } else {
                format!("{off} off")
            })
        }),
        row("a path that is none is not found", "Errors", "404", |mesh| {
            Ok(mesh.send("X26ABC1", Request::new("GET", "/messageexchange/X26ABC1/nothing/here"))?.seen())
        }),
    ]
}

/// What comes of a request after a TLS handshake with these settings.
fn greeting(mesh: &Mesh, settings: &TlsSettings) -> Seen {
    let request = Request::new("GET", "/messageexchange/X26ABC1/inbox");
    let request = request.header("authorization", mesh.token("X26ABC1").header());
    let error = match Line::open(&mesh.target, settings) {
        Ok(line) => line.ask(&request),
        Err(error) => Err(error),
    };
    Ok(match error {
        Ok(()) => "let in".into(),
        Err(TransportError::Alert { name, .. }) => format!("alert {name}"),
        Err(TransportError::ClosedWithoutAlert { .. } | TransportError::Reset { .. }) => "closed".into(),
        Err(error) => return Err(error.into()),
    })
}
