//! Opens MESH for a command: credentials, secrets, TLS settings, retries that are said, and the clock.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::target::{self, Reached, TargetArgs};
use crate::mailbox::Environment;
use crate::mesh::{Client, Error, Retries, Service, Target};
use crate::ui::{About, Failure, Progress, Screen};

/// How far the clock may be off before it is said.
const CLOCK_MAX: time::Duration = time::Duration::minutes(2);

/// MESH, as one command talks to it.
pub struct Connection<C> {
    /// The calls: a [`Client`], or a [`Service`] for those that belong to no mailbox.
    pub calls: C,
    /// The environment.
    pub environment: Environment,
    /// What is seen meanwhile.
    pub progress: Progress,
    /// What its errors are about.
    pub about: About,
    screen: Screen,
}

/// For the calls of a mailbox. Asks for secrets that are not given.
pub fn client(context: &Context, args: &TargetArgs) -> Result<Connection<Client>, Failure> {
    let mailbox = args.named()?;
    let Connection { calls, environment, progress, about, screen } = service(context, args)?;
    let login = args.secrets(context).of(mailbox, environment).login(mailbox, &args.login)?;
    Ok(Connection { calls: Client::new(calls, mailbox.clone(), login), environment, progress, about, screen })
}

/// For the calls that belong to no mailbox.
pub fn service(context: &Context, args: &TargetArgs) -> Result<Connection<Service>, Failure> {
    let Reached { environment, service } = target::reach(context, args)?;
    context.screen.on_interrupt(None);
    let progress = context.screen.progress();
    let told = progress.clone();
    let notice = move |error: &Error, wait: Duration| told.note(&notice(error, wait));
    let retries = Retries { notice: Some(Arc::new(notice)), ..context.retries() };
    let calls = service.with_retries(retries);
    let mailbox = args.mailbox.as_ref().map(ToString::to_string);
    let about = About { mailbox, target: args.words(), message: None, local_id: None };
    Ok(Connection { calls, environment, progress, about, screen: context.screen })
}

/// Why it is tried again, and when.
fn notice(error: &Error, wait: Duration) -> String {
    let why = match error {
        Error::Refused(refusal) => format!("MESH answers {}", refusal.status),
        other => format!("MESH does not answer: {other}"),
    };
    format!("{why}; trying again in {} s", wait.as_secs_f64().ceil())
}

/// What belongs to a service.
pub trait Calls {
    /// The service.
    fn service(&self) -> &Service;
}

impl Calls for Service {
    fn service(&self) -> &Service {
        self
    }
}

impl Calls for Client {
    fn service(&self) -> &Service {
        self.service()
    }
}

impl<C: Calls> Connection<C> {
    /// Does something that may take a while, and says afterwards if the clock is off. What fails is told
    /// with what it was about.
    pub fn run<T>(&self, what: &str, work: impl FnOnce(&C) -> Result<T, Error>) -> Result<T, Failure> {
        self.work(what, work).map_err(|error| self.failed(error))
    }

    /// The same for what has errors of its own.
    pub fn work<T, E>(&self, what: &str, work: impl FnOnce(&C) -> Result<T, E>) -> Result<T, E> {
        self.progress.begin(what, None);
        let result = work(&self.calls);
        self.progress.end();
        if let Some(said) = self.calls.service().clock_offset().and_then(clock) {
            self.screen.warning(&said);
        }
        result
    }

    /// An error with what it was about.
    pub fn failed(&self, error: Error) -> Failure {
        Failure::Call { error, about: Box::new(self.about.clone()) }
    }

    /// The same, about a message.
    pub fn failed_with(&self, message: &str, error: Error) -> Failure {
        let about = About { message: Some(message.into()), ..self.about.clone() };
        Failure::Call { error, about: Box::new(about) }
    }

    /// Where it is.
    pub fn url(&self) -> &Target {
        self.calls.service().target()
    }
}

/// What is said of a clock that is off.
fn clock(ahead: time::Duration) -> Option<String> {
    if ahead.abs() <= CLOCK_MAX {
        return None;
    }
    let minutes = ahead.abs().whole_minutes();
    let amount = match (minutes / 60, minutes % 60) {
        (0 | 1, _) => format!("{minutes} minutes"),
        (hours, 0) => format!("{hours} hours"),
        (hours, rest) => format!("{hours} hours {rest} minutes"),
    };
    let way = if ahead.is_positive() { "behind" } else { "ahead of" };
    Some(format!(
        "the clock of this machine is {amount} {way} that of MESH, which refuses tokens more than 2 hours off: set it, best by NTP"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_is_told_in_both_directions_and_not_for_a_minute() {
        assert_eq!(clock(time::Duration::minutes(2)), None);
        assert_eq!(clock(time::Duration::minutes(-2)), None);
        let said = |minutes| clock(time::Duration::minutes(minutes)).unwrap();
        assert!(said(14).contains("14 minutes behind"), "{}", said(14));
        assert!(said(-185).contains("3 hours 5 minutes ahead of"), "{}", said(-185));
    }

    #[test]
    fn notice_names_status_and_whole_seconds() {
        let error = Error::Unexpected { what: "a page".into() };
        assert_eq!(
            notice(&error, Duration::from_millis(3_200)),
            "MESH does not answer: unexpected answer: a page; trying again in 4 s"
        );
    }
}
