//! "Asynchronous error reporting" and "Message expiration".

use std::io::Read;

use mesh_onboard::mesh::{Error, MessageType, Outgoing};

use crate::row::{Differences, Row, row};

const SECTION: &str = "Asynchronous error reporting";

const MESSAGE: Outgoing<'static> = Outgoing {
    to: "X26ABC2",
    workflow: "TEST_WORKFLOW",
    filename: None,
    local_id: Some("our ref"),
    subject: Some("Results"),
    content_type: None,
    chunks: 1,
    gzip: false,
};

pub fn rows() -> Vec<Row> {
    vec![
        row("a report says what became of which message", SECTION, "code 14, linked, empty", |mesh| {
            mesh.undelivered(&MESSAGE, |mesh, id, report| {
                let message = mesh.client("X26ABC1").message(report)?.value;
                let head = message.head.clone();
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                let mut body = Vec::new();
                message.into_reader().read_to_end(&mut body).map_err(Error::from_read)?;
                Differences::default()
                    .expect("mex-messagetype", head.message_type, MessageType::Report)
                    .expect("mex-linkedmsgid", text(&head.linked_message_id), id)
                    .expect("mex-statuscode", text(&head.status_code), "14")
                    .expect("mex-statusevent", text(&head.status_event), "SEND")
                    .expect(
                        "mex-statusdescription",
                        text(&head.status_description).contains("not collected"),
                        true,
                    )
                    .expect("mex-statustimestamp", text(&head.status_timestamp).len(), 14)
                    .expect("mex-workflowid", text(&head.workflow), "TEST_WORKFLOW")
                    .expect("mex-localid", text(&head.local_id), "our ref")
                    .expect("the subject", text(&head.subject).contains("Results"), true)
                    .expect("the body", body, Vec::<u8>::new())
                    .or("code 14, linked, empty")
            })
        }),
        row("HEAD tells a report from a message", SECTION, "Report", |mesh| {
            mesh.undelivered(&MESSAGE, |mesh, _, report| {
                Ok(format!("{:?}", mesh.client("X26ABC1").head(report)?.value.message_type))
            })
        }),
        row("mex-to of a report is who should have collected the message", SECTION, "X26ABC2", |mesh| {
            mesh.undelivered(&MESSAGE, |mesh, _, report| {
                Ok(mesh.client("X26ABC1").head(report)?.value.to.unwrap_or_default())
            })
        })
        .but_sandbox("X26ABC1", "it names who gets the report"),
        row("a report is acknowledged like a message", SECTION, "0 left", |mesh| {
            mesh.undelivered(&MESSAGE, |mesh, _, report| {
                let client = mesh.client("X26ABC1");
                client.acknowledge(report)?;
                Ok(format!("{} left", client.count()?.value.count))
            })
        }),
        row("after five days a message is in the inbox no more", "Message expiration", "0 left", |mesh| {
            mesh.undelivered(&MESSAGE, |mesh, _, _| {
                Ok(format!("{} left", mesh.client("X26ABC2").count()?.value.count))
            })
        })
        .but_sandbox("1 left", "its reports are made by request, and what they are about stays as it is"),
    ]
}
