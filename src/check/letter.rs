//! A letter to the network team: what to let through, and why it cannot be inspected.

use minijinja::{Environment as Templates, context};
use time::OffsetDateTime;

use super::way::place;
use super::{Finding, Report, Status};
use crate::mailbox::{Environment, MailboxId, Network};
use crate::mesh::Target;

/// The text, with places for what is particular.
const TEMPLATE: &str = include_str!("../../templates/bypass.txt");

/// The longest line of what was seen.
const LINE: usize = 74;

/// What the letter is about.
#[derive(Debug)]
pub struct BypassLetter<'a> {
    /// Where the check went, and by which proxy.
    pub target: &'a Target,
    /// Which environment that is.
    pub environment: Environment,
    /// Whose mailbox is waited for.
    pub mailbox: Option<&'a MailboxId>,
    /// What follows `mesh-onboard check` to make the same check again.
    pub words: &'a str,
    /// When the check was made.
    pub now: OffsetDateTime,
}

impl BypassLetter<'_> {
    /// Plain text, with what `report` found on the way as evidence.
    pub fn text(&self, report: &Report) -> String {
        let rendered = Templates::new().render_str(
            TEMPLATE,
            context! {
                mailbox => self.mailbox.map(MailboxId::as_str),
                environment => self.own_environment().as_str(),
                words => self.words,
                places => self.places(),
                proxy => self.target.proxy().map(ToString::to_string),
                date => self.now.date().to_string(),
                seen => report.first_failure().filter(|f| is_on_the_way(f)).map(|f| lines(&f.evidence)),
            },
        );
        rendered.expect("the template is built in, and a test renders it") + "\n"
    }

    /// That of the address, whatever the credentials are taken for.
    fn own_environment(&self) -> Environment {
        self.target.environment().unwrap_or(self.environment)
    }

    /// Hosts and ports: that of the check, then the others of the environment.
    fn places(&self) -> Vec<String> {
        let mut places = vec![place(self.target)];
        for network in [Network::Internet, Network::Hscn] {
            let own = self.own_environment().url(network).and_then(|url| url.parse::<Target>().ok());
            places.extend(
                own.as_ref().filter(|own| own.is_nhs()).map(place).filter(|own| !places.contains(own)),
            );
        }
        places
    }
}

/// Whether a network team can do something about it.
fn is_on_the_way(finding: &Finding) -> bool {
    use super::report::ProbeId::{ClientCertificate, Connect, Dns, ServerTrust, Tls};
    finding.status == Status::Fail
        && [Dns, Connect, Tls, ServerTrust, ClientCertificate].contains(&finding.probe)
}

/// Text in lines that an email keeps as they are; a word that is longer has one of its own.
fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is always one");
        if last.is_empty() {
            last.push_str(word);
        } else if last.len() + 1 + word.len() <= LINE {
            last.extend([" ", word]);
        } else {
            lines.push(word.into());
        }
    }
    lines
}
