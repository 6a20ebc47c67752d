use super::Error;
use super::wire::headers;

/// The largest body of one request, in bytes (MESH API specification, "Messages larger than 100MB").
pub const MESSAGE_MAX: u64 = 100 * 1000 * 1000;

/// What is said of a message that is sent; the message itself goes beside it.
///
/// ```
/// use mesh_onboard::mesh::Outgoing;
///
/// let message = Outgoing { to: "X26ABC2", workflow: "TEST_WORKFLOW", ..Outgoing::default() };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The media type of the message before it is compressed; `application/octet-stream` without.
    pub content_type: Option<&'a str>,
    /// How many chunks it travels in, 1 or more.
    pub chunks: u32,
    /// Whether each chunk is compressed with gzip.
    pub gzip: bool,
}

impl Default for Outgoing<'_> {
    /// To nobody, in one piece, not compressed.
    fn default() -> Self {
        Self {
            to: "",
            workflow: "",
            filename: None,
            local_id: None,
            subject: None,
            content_type: None,
            chunks: 1,
            gzip: false,
        }
    }
}

impl<'a> Outgoing<'a> {
    /// Every header of this message, with the lengths of the specification.
    pub(super) fn headers(&self) -> Result<Vec<(&'static str, &'a str)>, Error> {
        let mut found = vec![
            (headers::TO, required("recipient", self.to, 100)?),
            (headers::WORKFLOW_ID, required("workflow ID", self.workflow, 300)?),
        ];
        let optional = [
            (headers::FILE_NAME, "file name", self.filename, 300),
            (headers::LOCAL_ID, "local identifier", self.local_id, 300),
            (headers::SUBJECT, "subject", self.subject, 500),
        ];
        if let Some(media_type) = self.content_type {
            header_value("content type", media_type, 300)?;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Outgoing<'static> {
        Outgoing { to: "X26ABC2", workflow: "TEST_WORKFLOW", ..Outgoing::default() }
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
}
