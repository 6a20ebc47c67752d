use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment as Templates, context};
use time::OffsetDateTime;

use super::DeskError;
use crate::mailbox::{CommonName, Environment, MailboxId, OdsCode};

/// The built-in text of the email; `templates/request.txt` in the home folder overrides it.
pub const REQUEST_TEMPLATE: &str = include_str!("../../templates/request.txt");

/// Why a certificate is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A new mailbox.
    New,
    /// The certificate is about to expire.
    Renewal,
    /// The certificate has expired.
    Expired,
    /// The key may be in other hands.
    Compromised,
    /// In the user's own words.
    Other(String),
}

impl Reason {
    /// Reads `new`, `renewal`, `expired`, `compromised`, or takes the text as it is.
    pub fn from_text(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "new" => Self::New,
            "renewal" => Self::Renewal,
            "expired" => Self::Expired,
            "compromised" => Self::Compromised,
            _ => Self::Other(text.into()),
        }
    }

    fn sentence(&self) -> &str {
        match self {
            Self::New => "new mailbox",
            Self::Renewal => "the certificate in use is about to expire",
            Self::Expired => "the certificate has expired",
            Self::Compromised => "the private key of the certificate in use may be compromised",
            Self::Other(text) => text,
        }
    }
}

/// A file that goes along.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Its name in the email.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The certificate that is to be replaced.
#[derive(Debug, Clone)]
pub struct Existing {
    /// Its common name.
    pub common_name: String,
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// Until when it is valid.
    pub not_after: OffsetDateTime,
    /// What its end means for the service, where there is little time left.
    pub service: Option<Service>,
}

/// What the end of a certificate means for the service that uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// It goes on until then, and no longer.
    StopsOn(OffsetDateTime),
    /// It does not work any more.
    StoppedOn(OffsetDateTime),
}

impl Service {
    /// For the desk, which has many such emails to put into an order.
    fn sentence(self) -> String {
        match self {
            Self::StopsOn(at) => format!(
                "Please treat this as urgent: without a new certificate the service stops on {}.",
                at.date()
            ),
            Self::StoppedOn(at) => format!(
                "Please treat this as urgent: the service has stopped on {}, when the certificate expired.",
                at.date()
            ),
        }
    }
}

/// Everything that the email says.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Where it goes.
    pub to: String,
    /// Full name of who asks.
    pub name: Option<String>,
    /// Their email address.
    pub email: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
    /// Their organisation.
    pub organisation: Option<String>,
    /// The application that will use the mailbox.
    pub application: Option<String>,
    /// The mailbox.
    pub mailbox: MailboxId,
    /// Its owner.
    pub ods: OdsCode,
    /// Its environment.
    pub environment: Environment,
    /// The name asked for.
    pub common_name: CommonName,
    /// Why.
    pub reason: Reason,
    /// The desk's own reference.
    pub ticket: Option<String>,
    /// What is to be replaced.
    pub existing: Option<Existing>,
    /// The request in PEM.
    pub csr: String,
    /// What else goes along.
    pub attachments: Vec<Attachment>,
    /// When the draft was made.
    pub date: OffsetDateTime,
}

impl Letter {
    /// "MESH client certificate request: X26ABC1 (integration)".
    pub fn subject(&self) -> String {
        let ticket = self.ticket.as_ref().map(|t| format!(" [{t}]")).unwrap_or_default();
        format!("MESH client certificate request: {} ({}){ticket}", self.mailbox, self.environment)
    }

    /// The name of the attached request.
    pub fn csr_name(&self) -> String {
        format!("{}.csr", self.mailbox)
    }

    /// What the desk asks for and was not given; each is marked in the draft.
    pub fn missing(&self) -> Vec<&'static str> {
        let fields = [
            ("name", &self.name),
            ("email", &self.email),
            ("organisation", &self.organisation),
            ("application", &self.application),
        ];
        fields.into_iter().filter(|(_, value)| value.is_none()).map(|(field, _)| field).collect()
    }

    /// Fields become lines of the email, so none may hold a line break.
    fn check_fields(&self) -> Result<(), DeskError> {
        let fields = [
            ("address", Some(&self.to)),
            ("name", self.name.as_ref()),
            ("email address", self.email.as_ref()),
            ("telephone number", self.phone.as_ref()),
            ("organisation", self.organisation.as_ref()),
            ("application", self.application.as_ref()),
            ("ticket", self.ticket.as_ref()),
        ];
        let names = self.attachments.iter().map(|a| ("name of an attachment", a.name.as_str()));
        fields
            .into_iter()
            .filter_map(|(field, text)| Some((field, text?.as_str())))
            .chain([("reason", self.reason.sentence())])
            .chain(names)
            .find(|(_, text)| text.chars().any(char::is_control))
            .map_or(Ok(()), |(field, _)| Err(DeskError::ControlCharacter { field }))
    }

    /// The body, from `template`.
    pub fn body(&self, template: &str) -> Result<String, DeskError> {
        self.check_fields()?;
        let marked = |value: &Option<String>, what: &str| {
            value.clone().unwrap_or_else(|| format!("[PLEASE FILL IN: {what}]"))
        };
        let mut templates = Templates::new();
        templates.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()
                .expect("the default delimiters differ"),
        );
        templates.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        let failed = |e: minijinja::Error| DeskError::Template(e.to_string());
        templates.add_template("request.txt", template).map_err(failed)?;
        let rendered = templates.get_template("request.txt").and_then(|template| {
            template.render(context! {
                name => marked(&self.name, "your name"),
                email => marked(&self.email, "your email address"),
                phone => self.phone.as_deref(),
                organisation => marked(&self.organisation, "your organisation"),
                application => marked(&self.application, "the application that uses the mailbox"),
                mailbox => self.mailbox.as_str(),
                ods => self.ods.as_str(),
                environment => self.environment.as_str(),
                common_name => self.common_name.as_str(),
                reason => self.reason.sentence(),
                ticket => self.ticket.as_deref(),
                existing => self.existing.as_ref().map(|e| context! {
                    common_name => e.common_name.as_str(),
                    serial => e.serial.as_str(),
                    not_after => e.not_after.date().to_string(),
                }),
                service => self.existing.as_ref().and_then(|e| e.service).map(Service::sentence),
                attachments => std::iter::once(self.csr_name())
                    .chain(self.attachments.iter().map(|a| a.name.clone()))
                    .collect::<Vec<_>>(),
            })
        });
        rendered.map_err(failed)
    }

    /// The whole email as text to paste, with the request at its end.
    pub fn text(&self, template: &str) -> Result<String, DeskError> {
        Ok(format!(
            "To: {}\nSubject: {}\n\n{}\n\n{}:\n{}",
            self.to,
            self.subject(),
            self.body(template)?.trim_end(),
            self.csr_name(),
            self.csr
        ))
    }
}
