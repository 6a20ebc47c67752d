//! What was answered, and the command line that it makes.

use std::path::PathBuf;

use super::super::{Line, Wizard};
use crate::commands::Context;
use crate::mailbox::{CommonName, Environment, MailboxId, OdsCode};
use crate::store::{Contact, MailboxRecord};
use crate::ui::Failure;

/// The answers as far as they go; those about the person begin with what is known.
#[derive(Default)]
pub struct Answers {
    pub mailbox: Option<MailboxId>,
    pub environment: Option<Environment>,
    pub ods: Option<OdsCode>,
    pub contact: Contact,
    pub ticket: Option<String>,
    pub attachments: Vec<PathBuf>,
    /// What the command takes where it is given nothing.
    pub fallback: Contact,
    /// Owners of the mailboxes that are known.
    pub owners: Vec<OdsCode>,
    /// Whether a request that waits is replaced.
    pub again: bool,
}

impl Answers {
    /// Begins with who asked last, for any mailbox, and with the settings.
    pub fn known(wizard: &Wizard<'_>) -> Result<Self, Failure> {
        let folders = wizard.context.store.folders()?;
        // What cannot be read was told at the beginning.
        let records: Vec<_> = folders.iter().filter_map(|folder| folder.load().ok().flatten()).collect();
        let asked = |record: &&MailboxRecord| record.credentials.iter().map(|c| c.requested_at).max();
        let last = records.iter().filter(|record| record.contact != Contact::default()).max_by_key(asked);
        let settings = wizard.context.settings.contact.clone();
        Ok(Self {
            contact: without_blanks(
                last.map(|record| record.contact.clone()).unwrap_or_default().or(&settings),
            ),
            fallback: settings,
            owners: records.into_iter().map(|record| record.ods).collect(),
            ..Self::default()
        })
    }

    /// Begins with what is recorded of a mailbox.
    pub fn of(wizard: &Wizard<'_>, record: &MailboxRecord) -> Self {
        let contact = record.contact.clone().or(&wizard.context.settings.contact);
        Self {
            mailbox: Some(record.mailbox.clone()),
            environment: Some(record.environment),
            ods: Some(record.ods.clone()),
            contact: without_blanks(contact.clone()),
            fallback: contact,
            ticket: record.requested().and_then(|credential| credential.ticket.clone()),
            again: true,
            ..Self::default()
        }
    }

    /// The mailbox, which is asked first.
    pub fn mailbox(&self) -> &MailboxId {
        self.mailbox.as_ref().expect("asked before")
    }

    /// The environment, which is asked second.
    pub fn environment(&self) -> Environment {
        self.environment.expect("asked before")
    }

    /// The name of the certificate, where mailbox and owner make one.
    pub fn common_name(&self) -> Result<CommonName, Failure> {
        Ok(CommonName::for_mailbox(self.mailbox(), self.ods.as_ref().expect("asked before"))?)
    }

    /// Where the email goes.
    pub fn desk<'a>(&self, context: &'a Context) -> &'a str {
        let environment = self.environment();
        context.settings.desk_address(environment).unwrap_or(environment.desk_address())
    }

    /// The command line that does what the answers say.
    pub fn line(&self) -> Line {
        let line = Line::new("request")
            .word(self.mailbox())
            .option("--ods", self.ods.as_ref())
            .option("--env", self.environment);
        // Left out on purpose, where the command would take the one that is known.
        let no_phone = self.fallback.phone.as_ref().map(|_| String::new());
        let phone = self.contact.phone.clone().or(no_phone);
        let line = self.details(line, &Contact { phone, ..self.contact.clone() });
        if self.again { line.word("--again") } else { line }
    }

    /// The same of a renewal, which goes by what is recorded.
    pub fn renewal(&self, line: Line) -> Line {
        let (contact, known) = (self.contact.clone(), &self.fallback);
        let new = |given: Option<String>, known: &Option<String>| if given == *known { None } else { given };
        let phone = match (&contact.phone, &known.phone) {
            (None, Some(_)) => Some(String::new()),
            _ => new(contact.phone.clone(), &known.phone),
        };
        let changed = Contact {
            name: new(contact.name, &known.name),
            email: new(contact.email, &known.email),
            phone,
            organisation: new(contact.organisation, &known.organisation),
            application: new(contact.application, &known.application),
        };
        let line = self.details(line, &changed);
        if self.again { line.word("--again") } else { line }
    }

    /// With what a desk is told.
    fn details(&self, line: Line, contact: &Contact) -> Line {
        if !self.environment().has_desk() {
            return line;
        }
        let line = line
            .option("--name", contact.name.as_ref())
            .option("--email", contact.email.as_ref())
            .option("--phone", contact.phone.as_ref())
            .option("--organisation", contact.organisation.as_ref())
            .option("--application", contact.application.as_ref())
            .option("--ticket", self.ticket.as_ref());
        match self.environment().needs_conformance_certificate() {
            true => {
                self.attachments.iter().fold(line, |line, path| line.option("--attach", Some(path.display())))
            }
            false => line,
        }
    }
}

/// An empty detail was left out on purpose, and is no default.
fn without_blanks(contact: Contact) -> Contact {
    let kept = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    Contact {
        name: kept(contact.name),
        email: kept(contact.email),
        phone: kept(contact.phone),
        organisation: kept(contact.organisation),
        application: kept(contact.application),
    }
}
