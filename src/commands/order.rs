//! What `request` and `renew` have in common: who asks, with what, and what is made.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::Context;
use super::secrets::{KeyArgs, Secrets};
use crate::desk::{Attachment, Existing, Reason};
use crate::mailbox::{CommonName, Environment, MailboxId, OdsCode};
use crate::onboarding::{self, Order, Purpose, Requested};
use crate::pki::KeySize;
use crate::store::{Contact, files};
use crate::ui::{Failure, passphrase_sentence};

/// Arguments of every request to the desk.
#[derive(Debug, Args)]
pub struct OrderArgs {
    /// Your name, for the email
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Your email address, for the answer
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Your telephone number
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// Your organisation
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// The application that will use the mailbox
    #[arg(long, value_name = "NAME")]
    application: Option<String>,
    /// Reference of the desk, such as CS1234567
    #[arg(long, value_name = "REF")]
    ticket: Option<String>,
    /// File to attach to the email; live asks for the conformance certificate
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// Where the email goes, if not to the usual desk
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// Size of the RSA key: 2048, 3072 or 4096
    #[arg(long, value_name = "BITS", default_value = "2048")]
    key_size: KeySize,
    /// Replace a request that is outstanding; nothing is deleted
    #[arg(long)]
    pub again: bool,
    #[command(flatten)]
    secrets: KeyArgs,
}

/// What is asked for, as the command has it.
pub(super) struct Wanted {
    /// The command, for the lock.
    pub command: &'static str,
    pub purpose: Purpose,
    pub mailbox: MailboxId,
    pub environment: Environment,
    pub ods: OdsCode,
    pub common_name: CommonName,
    pub reason: Reason,
    pub existing: Option<Existing>,
    pub deploy_hook: Option<Vec<String>>,
}

/// What was made.
pub(super) struct Placed {
    pub requested: Requested,
    pub mailbox: MailboxId,
    pub environment: Environment,
    common_name: CommonName,
    /// Where the passphrase is.
    held: &'static str,
}

impl OrderArgs {
    /// Makes key, request and email. Whether that may be done is known: here somebody is asked for a passphrase.
    pub(super) fn place(self, context: &Context, wanted: Wanted) -> Result<Placed, Failure> {
        // Everything that can be refused is, before anybody is asked.
        let attachments = attachments(context, &self.attach)?;
        // A passphrase that was made and kept for nothing is worse than a late refusal.
        files::check_room(context.store.folder(wanted.environment, &wanted.mailbox).path())?;
        let secrets = Secrets::new(context, &self.secrets, None).of(&wanted.mailbox, wanted.environment);
        let (passphrase, passphrase_held_by) = secrets.new_key_passphrase()?;
        let held = passphrase_sentence(&passphrase_held_by);
        let (mailbox, environment) = (wanted.mailbox.clone(), wanted.environment);
        let common_name = wanted.common_name.clone();
        let order = Order {
            purpose: wanted.purpose,
            contact: Contact {
                name: self.name,
                email: self.email,
                phone: self.phone,
                organisation: self.organisation,
                application: self.application,
            },
            reason: wanted.reason,
            ticket: self.ticket,
            existing: wanted.existing,
            attachments,
            to: self.to,
            key_size: self.key_size,
            again: self.again,
            deploy_hook: wanted.deploy_hook,
            passphrase_held_by,
            holder: context.holder(wanted.command),
            mailbox: wanted.mailbox,
            ods: wanted.ods,
            environment,
            common_name: wanted.common_name,
        };
        let requested = onboarding::request(&context.store, order, &passphrase, context.now)?;
        Ok(Placed { requested, mailbox, environment, common_name, held })
    }
}

fn attachments(context: &Context, paths: &[PathBuf]) -> Result<Vec<Attachment>, Failure> {
    let base = |name: &str| {
        Path::new(name).file_name().map_or(name.to_owned(), |n| n.to_string_lossy().into_owned())
    };
    let files = context.deliver(paths)?;
    Ok(files
        .into_iter()
        .map(|f| Attachment { name: base(&f.name), bytes: f.bytes.expose().to_vec() })
        .collect())
}

impl Placed {
    /// Says what to know on standard error.
    pub fn warn(&self, context: &Context) {
        for orphan in &self.requested.orphans {
            context.screen.note(&format!(
                "note: {} is left from a run that was interrupted; it is kept, and an answer to it can be imported",
                orphan.display()
            ));
        }
        for warning in &self.requested.warnings {
            context.screen.warning(&warning.message);
        }
    }

    fn file(&self, name: &str) -> String {
        self.requested.folder.join(name).display().to_string()
    }

    /// What to do with the email.
    pub fn next(&self, context: &Context) -> String {
        let sent = context.line("sent", &self.mailbox, self.environment, "");
        format!("open {}, complete it and send it; then: {sent}", self.file("request.eml"))
    }

    /// For scripts.
    pub fn json(&self, context: &Context) -> Value {
        let requested = &self.requested;
        json!({
            "mailbox": self.mailbox.as_str(),
            "environment": self.environment.as_str(),
            "common_name": self.common_name.as_str(),
            "credential": requested.credential,
            "files": {
                "key": self.file("key.pem"),
                "csr": self.file("request.csr"),
                "email": self.file("request.eml"),
                "email_text": self.file("request.txt"),
            },
            "key_sha256": requested.key_sha256.to_string(),
            "desk": {"to": requested.to, "subject": requested.subject},
            "next": self.next(context),
        })
    }

    /// For people; `what` it is for, and `more` lines about that.
    pub fn text(&self, context: &Context, what: &str, more: &[String]) -> String {
        let requested = &self.requested;
        let mut text = format!(
            "Made credential {} of {} ({}){what}\n\n  Common name  {}\n  Key          {}\n  CSR          {}\n  Email        {}\n  as text      {}\n\nThe email goes to {}.\n",
            requested.credential,
            self.mailbox,
            self.environment,
            self.common_name,
            self.file("key.pem"),
            self.file("request.csr"),
            self.file("request.eml"),
            self.file("request.txt"),
            requested.to,
        );
        if !requested.missing.is_empty() {
            text.push_str(&format!(
                "Still to fill in, marked in the draft: {}.\n",
                requested.missing.join(", ")
            ));
        }
        if let Some(archived) = requested.archived {
            text.push_str(&format!(
                "The request of credential {archived} was set aside; an answer to it can still be imported.\n"
            ));
        }
        if let Some(ready) = requested.ready_archived {
            text.push_str(&format!(
                "Credential {ready}, which was ready, was set aside; its certificate can be imported again.\n"
            ));
        }
        for line in more {
            text.push_str(&format!("{line}\n"));
        }
        text.push_str(&format!(
            "Note that {}.\n{}\n\nNext: {}",
            self.held,
            context.backup_advice(),
            self.next(context)
        ));
        text
    }
}
