//! A MESH to be examined: where it is, whom it lets in, and what time it is there.

use std::any::Any;
use std::sync::Arc;

use mesh_onboard::mesh::token::Login;
use mesh_onboard::mesh::transport::Clock;
use mesh_onboard::mesh::{
    Client, InboxQuery, Outgoing, Retries, Service, Target, TlsSettings, TransportError,
};
use mesh_onboard::secret::{MailboxPassword, SharedKey};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::raw::{Answer, Line, Request, Token};
use crate::row::{Seen, Stuck};

/// The mailboxes that both servers have.
pub const MAILBOXES: [&str; 3] = ["X26ABC1", "X26ABC2", "X26ABC3"];

/// Who speaks in a TLS handshake.
#[derive(Clone)]
pub struct Settings {
    /// With a certificate of the CA that the server trusts.
    pub known: TlsSettings,
    /// With a certificate of another CA.
    pub stranger: TlsSettings,
    /// Without a certificate.
    pub nobody: TlsSettings,
}

/// How a message becomes a report.
pub enum Reports {
    /// By what the sandbox has for its testers.
    ByRequest,
    /// By five days: starts a server that goes on with what the last one left, so much later than that.
    ByExpiry(Box<dyn Fn(Duration) -> Mesh + Send + Sync>),
}

pub struct Mesh {
    pub target: Target,
    pub settings: Settings,
    pub reports: Reports,
    /// By how much its clock, and that of its clients, is ahead.
    ahead: Duration,
    /// What ends the server when it is dropped.
    _server: Box<dyn Any + Send + Sync>,
    clients: Vec<Client>,
}

impl Mesh {
    pub fn new(
        url: &str,
        settings: Settings,
        reports: Reports,
        ahead: Duration,
        server: impl Any + Send + Sync,
    ) -> Self {
        let target: Target = url.parse().expect("a URL");
        let mut mesh =
            Self { target, settings, reports, ahead, _server: Box::new(server), clients: Vec::new() };
        mesh.clients = MAILBOXES.iter().map(|id| mesh.client_with(id, "password", "TestKey")).collect();
        mesh
    }

    pub fn now(&self) -> OffsetDateTime {
        (clock(self.ahead))()
    }

    /// Our client for one of the [`MAILBOXES`].
    pub fn client(&self, mailbox: &str) -> &Client {
        let found = self.clients.iter().find(|client| client.mailbox().as_str() == mailbox);
        found.expect("one of the three mailboxes")
    }

    /// Our client with a login of its own. It asks once: what the server says is what counts.
    pub fn client_with(&self, mailbox: &str, password: &str, shared_key: &str) -> Client {
        let service = Service::new(self.target.clone(), &self.settings.known, clock(self.ahead));
        let login =
            Login { password: MailboxPassword::new(password), shared_key: SharedKey::new(shared_key) };
        Client::new(service.with_retries(Retries::none()), mailbox.parse().expect("an ID"), login)
    }

    /// A connection for requests by hand.
    pub fn line(&self) -> Result<Line, TransportError> {
        Line::open(&self.target, &self.settings.known)
    }

    /// A good token for a mailbox.
    pub fn token(&self, mailbox: &str) -> Token {
        Token::good(mailbox, self.now())
    }

    /// Sends a request by hand with a good token for the mailbox.
    pub fn send(&self, mailbox: &str, request: Request) -> Result<Answer, Stuck> {
        self.line()?.send(&request.header("authorization", self.token(mailbox).header()))
    }

    /// Acknowledges everything, so that no row sees what another left.
    pub fn empty_inboxes(&self) -> Result<(), Stuck> {
        for client in &self.clients {
            for id in client.inbox(&InboxQuery::default())?.value.messages {
                client.acknowledge(&id)?;
            }
        }
        Ok(())
    }

    /// Sends a message from X26ABC1 that nobody collects, until its report is there. The steps then get the
    /// server at which that is, and the IDs of message and report.
    pub fn undelivered(&self, message: &Outgoing<'_>, then: impl Fn(&Mesh, &str, &str) -> Seen) -> Seen {
        let send = |mesh: &Mesh| mesh.client("X26ABC1").send(message, &b"nobody reads this".as_slice());
        let later;
        let (mesh, id) = match &self.reports {
            Reports::ByExpiry(start) => {
                let id = {
                    let sooner = start(Duration::ZERO);
                    sooner.empty_inboxes()?;
                    send(&sooner)?.value.message_id
                };
                later = start(Duration::days(5) + Duration::minutes(1));
                (&later, id)
            }
            Reports::ByRequest => {
                let id = send(self)?.value.message_id;
                self.request_report(message, &id)?;
                (self, id)
            }
        };
        let inbox = mesh.client("X26ABC1").inbox(&InboxQuery::default())?.value.messages;
        let [report] = &inbox[..] else { return Err(Stuck(format!("no report, but {inbox:?}"))) };
        then(mesh, &id, report)
    }

    /// Puts a report into the inbox of X26ABC1, as the sandbox does when it is told to.
    fn request_report(&self, message: &Outgoing<'_>, id: &str) -> Result<(), Stuck> {
        let report = json!({
            "mailbox_id": "X26ABC1", "status": "undeliverable", "code": "14", "description": "",
            "workflow_id": message.workflow, "subject": message.subject,
            "local_id": message.local_id, "linked_message_id": id,
        });
        let request = Request::new("POST", "/messageexchange/admin/report");
        let request = request.header("content-type", "application/json").body(report.to_string());
        match self.line()?.send(&request)? {
            answer if answer.status == 200 => Ok(()),
            answer => Err(Stuck(format!("the sandbox made no report: {answer:?}"))),
        }
    }
}

/// The machine's clock, so much ahead.
pub fn clock(ahead: Duration) -> Clock {
    Arc::new(move || OffsetDateTime::now_utc() + ahead)
}
