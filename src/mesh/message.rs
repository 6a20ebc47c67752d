use std::fmt;

use super::Error;
use super::wire::headers;

/// The largest body of one request, in bytes (MESH API specification, "Messages larger than 100MB").
pub const MESSAGE_MAX: u64 = 100 * 1000 * 1000;

/// A message to send.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// The recipient's mailbox; for some workflows, details by which MESH finds it.
    pub to: &'a str,
    /// The workflow ID, which says what kind of message it is.
    pub workflow: &'a str,
    /// A name for the file.
    pub filename: Option<&'a str>,
    /// The sender's own identifier.
    pub local_id: Option<&'a str>,
    /// A subject line.
    pub subject: Option<&'a str>,
    /// The message itself.
    pub body: &'a [u8],
}

/// Whether a message was sent by somebody, or by MESH about a message of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageType {
    /// From another mailbox.
    Data,
    /// From MESH, about a message that was not delivered. Its body is empty.
    Report,
}

/// A message received. The texts come from its sender and may hold any characters; a filename is no safe
/// path.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The identifier that MESH gave it.
    pub id: String,
    /// The sender's mailbox.
    pub from: Option<String>,
    /// The workflow ID.
    pub workflow: Option<String>,
    /// The name of the file, as the sender gave it.
    pub filename: Option<String>,
    /// The subject line.
    pub subject: Option<String>,
    /// The sender's own identifier.
    pub local_id: Option<String>,
    /// Message or report.
    pub message_type: MessageType,
    /// The message itself.
    pub body: Vec<u8>,
}

impl<'a> Outgoing<'a> {
    /// Every header of this message, with the lengths of the specification.
    pub(super) fn headers(&self) -> Result<Vec<(&'static str, &'a str)>, Error> {
        if self.body.len() as u64 > MESSAGE_MAX {
            return Err(Error::Invalid {
                what: "message",
                rule: format!("it has {} bytes; one request holds {MESSAGE_MAX}", self.body.len()),
            });
        }
        let mut found = vec![
            (headers::TO, required("recipient", self.to, 100)?),
            (headers::WORKFLOW_ID, required("workflow ID", self.workflow, 300)?),
        ];
        let optional = [
            (headers::FILE_NAME, "file name", self.filename, 300),
            (headers::LOCAL_ID, "local identifier", self.local_id, 300),
            (headers::SUBJECT, "subject", self.subject, 500),
        ];
        for (header, what, value, max) in optional {
            if let Some(value) = value.filter(|v| !v.is_empty()) {
                found.push((header, header_value(what, value, max)?));
            }
        }
        Ok(found)
    }
}

fn required<'a>(what: &'static str, value: &'a str, max: usize) -> Result<&'a str, Error> {
    if value.is_empty() {
        return Err(Error::Invalid { what, rule: "it is empty".into() });
    }
    header_value(what, value, max)
}

/// A value that a header carries unchanged: visible ASCII with spaces between.
fn header_value<'a>(what: &'static str, value: &'a str, max: usize) -> Result<&'a str, Error> {
    let refuse = |rule: String| Err(Error::Invalid { what, rule });
    if let Some(bad) = value.chars().find(|c| !matches!(c, ' '..='~')) {
        return refuse(format!("it holds {bad:?}; a header carries visible ASCII characters only"));
    }
    if value.trim().len() != value.len() {
        return refuse("it begins or ends with a space, which a header loses".into());
    }
    if value.len() > max {
        return refuse(format!("it has {} characters; MESH takes {max}", value.len()));
    }
    Ok(value)
}

/// Refuses what could not be an identifier that MESH gave, and would lead to another path.
pub(super) fn check_message_id(id: &str) -> Result<(), Error> {
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if id.is_empty() || !id.bytes().all(safe) {
        return Err(Error::Invalid {
            what: "message ID",
            rule: format!("{id:?} is not made of letters, digits, '_' and '-'"),
        });
    }
    Ok(())
}

impl fmt::Debug for Outgoing<'_> {
    /// The body may be about a patient: only its length is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("to", &self.to)
            .field("workflow", &self.workflow)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Incoming {
    /// The body may be about a patient: only its length is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("id", &self.id)
            .field("from", &self.from)
            .field("workflow", &self.workflow)
            .field("message_type", &self.message_type)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<'a>() -> Outgoing<'a> {
        Outgoing {
            to: "X26ABC2",
            workflow: "TEST_WORKFLOW",
            filename: None,
            local_id: None,
            subject: None,
            body: b"MARK",
        }
    }

    #[test]
    fn empty_options_send_no_header() {
        let message = Outgoing { subject: Some(""), filename: Some("a b.csv"), ..message() };
        assert_eq!(
            message.headers().unwrap(),
            [
                (headers::TO, "X26ABC2"),
                (headers::WORKFLOW_ID, "TEST_WORKFLOW"),
                (headers::FILE_NAME, "a b.csv")
            ]
        );
    }

    #[test]
    fn values_that_a_header_cannot_carry_are_refused_by_name() {
        let long = "x".repeat(501);
        for (subject, rule) in
            [("caf\u{e9}", "'é'"), ("a\r\nmex-to: X", "'\\r'"), (" a", "space"), (&long, "501")]
        {
            let error = Outgoing { subject: Some(subject), ..message() }.headers().unwrap_err();
            assert!(error.to_string().starts_with("the subject cannot be sent: "), "{error}");
            assert!(error.to_string().contains(rule), "{error}");
        }
        let error = Outgoing { to: "", ..message() }.headers().unwrap_err();
        assert_eq!(error.to_string(), "the recipient cannot be sent: it is empty");
    }

    #[test]
    fn message_ids_cannot_leave_their_path() {
        check_message_id("20200529155357895317_3573F8").unwrap();
        for bad in ["", "..", "a/b", "a?b", "a%2Fb", "a b", "é"] {
            assert!(check_message_id(bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn debug_never_shows_a_body() {
        let incoming = Incoming {
            id: "1".into(),
            from: None,
            workflow: None,
            filename: None,
            subject: None,
            local_id: None,
            message_type: MessageType::Data,
            body: b"MARK".to_vec(),
        };
        let shown = format!("{:?} {incoming:?}", message());
        assert!(!shown.contains("MARK") && !shown.contains("77"), "{shown}");
    }
}
