use std::path::PathBuf;
use std::sync::Arc;

use time::OffsetDateTime;

use super::faults::Faults;
use crate::mailbox::{MailboxId, OdsCode};
use crate::secret::{MailboxPassword, SharedKey};

/// What the server asks for the time.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// The workflow with which every mailbox may send to itself, as a round trip does.
const ROUND_TRIP: &str = "TEST_WORKFLOW2";

/// Who and what the rehearsal MESH knows.
#[derive(Debug)]
pub struct RehearsalConfig {
    /// The port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// The shared key of this environment.
    pub shared_key: SharedKey,
    /// The mailboxes, each once.
    pub mailboxes: Vec<RehearsalMailbox>,
    /// Who may send what to whom.
    pub workflows: Vec<Workflow>,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// The folder that keeps messages; without one they go with the server.
    pub state: Option<PathBuf>,
    /// How much is kept.
    pub limits: Limits,
}

/// How much the rehearsal MESH keeps. What is more is refused with 507.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many messages are remembered; those that ended make room.
    pub messages: usize,
    /// How many bytes the messages that wait may have together, those on their way counted in.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { messages: 100_000, bytes: 20 << 30 }
    }
}

/// A mailbox of the rehearsal MESH.
#[derive(Debug)]
pub struct RehearsalMailbox {
    /// Its ID.
    pub mailbox: MailboxId,
    /// Its owner.
    pub ods: OdsCode,
    /// Its password.
    pub password: MailboxPassword,
    /// What lookups call it; may be empty.
    pub name: String,
}

/// A workflow and the mailboxes registered for it.
#[derive(Debug)]
pub struct Workflow {
    /// The workflow ID.
    pub id: String,
    /// Who may send with it.
    pub senders: Vec<MailboxId>,
    /// Who may receive with it.
    pub receivers: Vec<MailboxId>,
}

impl Default for RehearsalConfig {
    /// The mailboxes, passwords and workflows of the official sandbox, with the shared key `TestKey`.
    fn default() -> Self {
        let mailbox = |id: &str, ods: &str, name: &str| RehearsalMailbox {
            mailbox: id.parse().expect("a mailbox ID"),
            ods: ods.parse().expect("an ODS code"),
            password: MailboxPassword::new("password"),
            name: name.into(),
        };
        let ids = |ids: &[&str]| ids.iter().map(|id| id.parse().expect("a mailbox ID")).collect();
        let workflow = |id: &str, senders: &[&str], receivers: &[&str]| Workflow {
            id: id.into(),
            senders: ids(senders),
            receivers: ids(receivers),
        };
        Self {
            port: 0,
            shared_key: SharedKey::new("TestKey"),
            mailboxes: vec![
                mailbox("X26ABC1", "X26", "TESTMB1"),
                mailbox("X26ABC2", "X26", "TESTMB2"),
                mailbox("X26ABC3", "X27", "TESTMB3"),
            ],
            workflows: vec![
                workflow("TEST_WORKFLOW", &["X26ABC1"], &["X26ABC2"]),
                workflow("TEST_WORKFLOW_ACK", &["X26ABC2"], &["X26ABC1", "X26ABC3"]),
                workflow(ROUND_TRIP, &["X26ABC1"], &["X26ABC1", "X26ABC2", "X26ABC3"]),
            ],
            faults: Faults::default(),
            state: None,
            limits: Limits::default(),
        }
    }
}

impl RehearsalConfig {
    /// Adds a mailbox, or gives one that is there already a new owner and password, and registers it for
    /// a round trip.
    pub fn add_mailbox(&mut self, added: RehearsalMailbox) {
        if !self.workflows.iter().any(|w| w.id == ROUND_TRIP) {
            self.workflows.push(Workflow { id: ROUND_TRIP.into(), senders: vec![], receivers: vec![] });
        }
        for workflow in self.workflows.iter_mut().filter(|w| w.id == ROUND_TRIP) {
            for registered in [&mut workflow.senders, &mut workflow.receivers] {
                if !registered.contains(&added.mailbox) {
                    registered.push(added.mailbox.clone());
                }
            }
        }
        self.mailboxes.retain(|m| m.mailbox != added.mailbox);
        self.mailboxes.push(added);
    }
}
