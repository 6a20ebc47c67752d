use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment as Part, Mailbox, Message, MultiPart, SinglePart};

use super::{DeskError, Letter};

/// Stands in From while the sender is unknown; `.invalid` can never be delivered to (RFC 2606). Mail
/// programs put their own address there when the draft is sent.
const UNKNOWN_SENDER: &str = "please-fill-in@sender.invalid";

/// Makes Outlook and others open the message as a draft.
#[derive(Clone)]
struct Unsent;

impl Header for Unsent {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Unsent")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "1".into())
    }
}

impl Letter {
    /// The email as an unsent draft (RFC 5322 with MIME), the request attached.
    pub fn eml(&self, template: &str) -> Result<Vec<u8>, DeskError> {
        let built = |e: lettre::error::Error| DeskError::Message(e.to_string());
        let mut parts = MultiPart::mixed().singlepart(SinglePart::plain(self.body(template)?)).singlepart(
            Part::new(self.csr_name()).body(self.csr.clone(), content_type("application/pkcs10")),
        );
        for attachment in &self.attachments {
            let mime = mime_of(&attachment.name);
            parts = parts.singlepart(
                Part::new(attachment.name.clone()).body(attachment.bytes.clone(), content_type(mime)),
            );
        }
        let message = Message::builder()
            .date(self.date.into())
            .from(self.sender()?)
            .to(address(&self.to)?)
            .subject(self.subject())
            .header(Unsent)
            .multipart(parts)
            .map_err(built)?;
        Ok(message.formatted())
    }

    fn sender(&self) -> Result<Mailbox, DeskError> {
        let mut sender = address(self.email.as_deref().unwrap_or(UNKNOWN_SENDER))?;
        if sender.name.is_none() {
            sender.name = self.name.clone();
        }
        Ok(sender)
    }
}

/// Whether `given` is an email address, as the draft needs it.
pub fn check_address(given: &str) -> Result<(), DeskError> {
    address(given).map(drop)
}

fn address(given: &str) -> Result<Mailbox, DeskError> {
    given.parse().map_err(|_| DeskError::Address { given: given.into() })
}

fn content_type(mime: &str) -> ContentType {
    ContentType::parse(mime).expect("a known media type")
}

/// A media type by file name: enough for what is attached here.
fn mime_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("pdf") => "application/pdf",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::super::{Attachment, REQUEST_TEMPLATE, Reason};
    use super::*;

    fn letter() -> Letter {
        Letter {
            to: "itoc.supportdesk@nhs.net".into(),
            name: Some("Zoë Example".into()),
            email: None,
            phone: None,
            organisation: Some("Example Trust".into()),
            application: None,
            mailbox: "X26ABC1".parse().unwrap(),
            ods: "X26".parse().unwrap(),
            environment: crate::mailbox::Environment::Integration,
            common_name: "X26ABC1.X26.api.mesh-client.nhs.uk".parse().unwrap(),
            reason: Reason::New,
            ticket: Some("CS1234567".into()),
            existing: None,
            csr: "-----BEGIN CERTIFICATE REQUEST-----\n".into(),
            attachments: vec![Attachment { name: "conformance.pdf".into(), bytes: vec![0x25, 0x50, 0xff] }],
            date: datetime!(2026-11-20 9:00 UTC),
        }
    }

    #[test]
    fn draft_is_unsent_and_says_where_it_goes() {
        let eml = String::from_utf8(letter().eml(REQUEST_TEMPLATE).unwrap()).unwrap();
        for line in [
            "X-Unsent: 1\r\n",
            "To: itoc.supportdesk@nhs.net\r\n",
            "Date: Fri, 20 Nov 2026 09:00:00 +0000\r\n",
            "Subject: MESH client certificate request: X26ABC1 (integration)",
        ] {
            assert!(eml.contains(line), "{line} is not in\n{eml}");
        }
    }

    #[test]
    fn body_marks_what_is_missing() {
        let letter = letter();
        let body = letter.body(REQUEST_TEMPLATE).unwrap();
        assert!(body.contains("[PLEASE FILL IN: the application that uses the mailbox]"), "{body}");
        assert!(body.contains("Reference:     CS1234567"), "{body}");
        assert!(!body.contains("Existing certificate"), "{body}");
        assert_eq!(letter.missing(), ["email", "application"]);
    }

    #[test]
    fn template_that_asks_for_the_unknown_is_refused() {
        assert!(matches!(letter().body("{{ passphrase }}"), Err(DeskError::Template(_))));
        let mut wrong = letter();
        wrong.to = "not an address".into();
        assert!(matches!(wrong.eml(REQUEST_TEMPLATE), Err(DeskError::Address { .. })));
    }
}
