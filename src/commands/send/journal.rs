//! How far a message was sent: on the disk after each chunk, and on the screen.

use std::cell::Cell;
use std::io;

use super::{Input, SendArgs};
use crate::commands::Context;
use crate::commands::connection::Connection;
use crate::mesh::transfer::{self, SendError, SendState, SendWatch, SentMessage};
use crate::mesh::{Client, Outgoing};
use crate::store::{SendJournal, SourceFile, Transfers};
use crate::ui::{About, Failure, Progress, ResumeError};

/// Watches one message.
pub struct Watch<'a> {
    transfers: &'a Transfers,
    to: String,
    workflow: String,
    /// Nothing for what can be read once.
    file: Option<SourceFile>,
    about: About,
    progress: Progress,
    context: &'a Context,
    /// Whether this command goes on already.
    resumes: bool,
    /// The message, once MESH took its first chunk.
    message_id: Option<String>,
    /// Whether the first chunk is on its way.
    under_way: Cell<bool>,
}

impl<'a> Watch<'a> {
    /// Watches a message that is not sent yet.
    pub fn new(
        context: &'a Context,
        mesh: &Connection<Client>,
        transfers: &'a Transfers,
        message: &Outgoing<'_>,
        file: Option<SourceFile>,
    ) -> Self {
        Self {
            transfers,
            to: message.to.into(),
            workflow: message.workflow.into(),
            file,
            about: mesh.about.clone(),
            progress: mesh.progress.clone(),
            context,
            resumes: false,
            message_id: None,
            under_way: Cell::new(false),
        }
    }

    /// What became of it, with the command that goes on.
    pub fn end(self, result: Result<SentMessage, SendError>) -> Result<SentMessage, Failure> {
        match result {
            Ok(sent) => {
                // The message is on its way, whatever becomes of its journal.
                if self.message_id.is_some()
                    && let Err(error) = self.transfers.remove(&sent.message_id)
                {
                    self.context.screen.note(&format!("warning: the journal of the message stays: {error}"));
                }
                Ok(sent)
            }
            Err(error) => {
                let resume = self.resume_line();
                let about = About { message: self.message_id, ..self.about };
                Err(Failure::Sending { error, about: Box::new(about), resume })
            }
        }
    }

    fn resume_line(&self) -> Option<String> {
        self.file.as_ref()?;
        let id = self.message_id.as_ref()?;
        let more = ["--resume", id];
        Some(self.context.again(if self.resumes { &[] } else { &more }))
    }
}

impl SendWatch for Watch<'_> {
    fn accepted(&mut self, state: &SendState) -> io::Result<()> {
        self.message_id = Some(state.message_id.clone());
        if state.is_complete() {
            self.context
                .screen
                .on_interrupt(Some(format!("MESH has the whole message: {}", state.message_id)));
            return Ok(());
        }
        if let Some(file) = &self.file {
            let (id, file) = (&state.message_id, file.clone());
            self.transfers.save(&SendJournal::new(id, &self.to, &self.workflow, file, state.clone()))?;
        }
        self.context.screen.on_interrupt(Some(match self.resume_line() {
            Some(line) => format!("go on: {line}"),
            None => format!("nobody receives message {}: it is not whole", state.message_id),
        }));
        Ok(())
    }

    fn progress(&self, bytes: u64, of: u64) {
        if self.message_id.is_none() && !self.under_way.replace(true) {
            let find_out = match &self.about.local_id {
                Some(id) => {
                    format!("mesh-onboard track {} --local-id {}", self.about.target, shell_words::quote(id))
                }
                None => "ask the recipient".into(),
            };
            self.context.screen.on_interrupt(Some(format!(
                "MESH may have the message or not; before you send it again, find out: {find_out}"
            )));
        }
        self.progress.at(bytes, Some(of));
    }
}

/// Goes on with a message that broke off.
pub fn resume(
    context: &Context,
    mesh: &Connection<Client>,
    transfers: &Transfers,
    id: &str,
    args: &SendArgs,
    input: Input,
) -> Result<SentMessage, Failure> {
    let Some(journal) = transfers.load::<SendState>(id)? else {
        let (message_id, mailbox) = (id.to_owned(), mesh.calls.mailbox().to_string());
        return Err(ResumeError::Unknown { message_id, mailbox, known: transfers.message_ids()? }.into());
    };
    let bytes = |size: u64| format!("{size} bytes");
    for (what, given, begun) in [
        ("recipient", args.to.clone(), journal.to.clone()),
        ("workflow ID", args.workflow.clone(), journal.workflow.clone()),
        ("chunk size", args.chunk_size.map(bytes), bytes(journal.state.plan.chunk_size)),
    ] {
        if given.is_some_and(|given| given != begun) {
            return Err(ResumeError::Differs { message_id: id.into(), what, begun }.into());
        }
    }
    let Input::File(source, identity) = input else {
        let what = "it is no file that can be read again".into();
        return Err(ResumeError::FileChanged { path: args.file.clone(), what }.into());
    };
    if let Some(what) = journal.file.difference(&identity) {
        return Err(ResumeError::FileChanged { path: args.file.clone(), what }.into());
    }
    let message = Outgoing { to: &journal.to, workflow: &journal.workflow, ..Outgoing::default() };
    let mut watch = Watch::new(context, mesh, transfers, &message, Some(identity));
    watch.resumes = true;
    watch.message_id = Some(id.into());
    context.screen.on_interrupt(watch.resume_line().map(|line| format!("go on: {line}")));
    mesh.work(&format!("Sending the rest of {}", args.file.display()), |client| {
        let result = transfer::resume(client, journal.state, &source, &mut watch);
        watch.end(result)
    })
}
