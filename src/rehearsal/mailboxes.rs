//! The mailboxes, the rules between them, and the messages in them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use time::OffsetDateTime;
use tokio::task::block_in_place;

use super::answers::Refusal;
use super::authorization::SpentTokens;
use super::config::{RehearsalConfig, Workflow};
use super::messages::Messages;
use super::records::Records;
use super::spool::Spool;
use crate::mailbox::{MailboxId, OdsCode};
use crate::mesh::token::Login;
use crate::secret::SharedKey;
use crate::store::StoreError;

/// Everything that the rehearsal MESH holds.
#[derive(Debug)]
pub struct Mailboxes {
    members: HashMap<String, Member>,
    workflows: Vec<Workflow>,
    messages: Mutex<Messages>,
    /// Where bodies lie.
    pub spool: Arc<Spool>,
    /// The tokens that were used.
    pub spent: Mutex<SpentTokens>,
}

/// A mailbox.
#[derive(Debug)]
pub struct Member {
    /// Its ID.
    pub id: MailboxId,
    /// Its owner.
    pub ods: OdsCode,
    /// What it is called; may be empty.
    pub name: String,
    /// What its tokens are made with.
    pub login: Login,
}

impl Mailboxes {
    /// The mailboxes of a configuration, with the messages of an earlier run where they are kept.
    pub fn new(config: RehearsalConfig) -> Result<Self, StoreError> {
        let key = config.shared_key;
        let member = |m: super::config::RehearsalMailbox| {
            let login = Login { password: m.password, shared_key: SharedKey::new(key.expose()) };
            (m.mailbox.as_str().to_owned(), Member { id: m.mailbox, ods: m.ods, name: m.name, login })
        };
        let limits = config.limits;
        let records = config.state.as_deref().map(Records::at).transpose()?;
        let spool = Spool::new(records.as_ref().map(Records::bodies), limits.bytes);
        let messages = match records {
            Some(records) => Messages::kept(limits.messages, records, &spool)?,
            None => Messages::new(limits.messages),
        };
        Ok(Self {
            members: config.mailboxes.into_iter().map(member).collect(),
            workflows: config.workflows,
            messages: Mutex::new(messages),
            spool: Arc::new(spool),
            spent: Mutex::default(),
        })
    }

    /// The mailbox of an ID in upper case.
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members.get(id)
    }

    /// The messages as they stand now. Never held while anything is waited for.
    pub fn messages(&self, now: OffsetDateTime) -> MutexGuard<'_, Messages> {
        let mut messages = self.messages.lock().expect("nothing panics under this lock");
        messages.catch_up(now);
        messages
    }

    /// Changes messages, which may wait for the disk.
    pub fn change<T>(&self, now: OffsetDateTime, change: impl FnOnce(&mut Messages) -> T) -> T {
        let change = || change(&mut self.messages(now));
        if self.spool.is_kept() { block_in_place(change) } else { change() }
    }

    /// Who receives messages of a workflow, as the configuration lists them; none where it has no such
    /// workflow.
    pub fn receivers(&self, workflow: &str) -> impl Iterator<Item = &Member> {
        let workflow = self.workflows.iter().find(|w| w.id == workflow);
        let receivers = workflow.into_iter().flat_map(|w| &w.receivers);
        receivers.filter_map(|id| self.member(id.as_str()))
    }

    /// Whether `sender` may send to `recipient` with a workflow.
    pub fn check_workflow(&self, sender: &Member, recipient: &Member, workflow: &str) -> Result<(), Refusal> {
        let unregistered = Refusal::send("17", "Workflow ID not registered for mailbox");
        let Some(workflow) = self.workflows.iter().find(|w| w.id == workflow) else {
            return Err(unregistered);
        };
        if !workflow.senders.contains(&sender.id) {
            return Err(Refusal::send("16", "Sender is not allowed to send messages of this type"));
        }
        if workflow.receivers.contains(&recipient.id) { Ok(()) } else { Err(unregistered) }
    }
}
