use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::check::RoundTrip;
use crate::commands::Context;
use crate::mailbox::{Authority, Environment, MailboxId, Network};
use crate::mesh::Target;
use crate::ui::InputError;

/// The workflow of the sandbox that a mailbox may send to itself with.
const SANDBOX_WORKFLOW: &str = "TEST_WORKFLOW2";

/// Arguments about a message to the mailbox itself.
#[derive(Debug, Args)]
pub(super) struct RoundTripArgs {
    /// Send a small message to the mailbox itself, receive, compare and acknowledge it
    #[arg(long)]
    round_trip: bool,
    /// Workflow ID of the round trip; needed but for sandbox and rehearsal
    #[arg(long, value_name = "ID", requires = "round_trip")]
    workflow: Option<String>,
    /// How long the message of the round trip may take to come back, such as 30s; a tenth of it is late, and never less than 5s
    #[arg(long, value_name = "DURATION", requires = "round_trip", default_value = "5m", value_parser = at_least_a_second)]
    wait: Duration,
    /// Yes, send the round trip's message on live
    #[arg(long, requires = "round_trip")]
    yes_on_live: bool,
}

/// No message comes back in no time.
fn at_least_a_second(text: &str) -> Result<Duration, String> {
    let wait = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if wait < Duration::from_secs(1) { Err("1s is the least".into()) } else { Ok(wait) }
}

impl RoundTripArgs {
    /// The workflow of the round trip, once it is allowed.
    pub(super) fn allowed(
        &self,
        mailbox: Option<&MailboxId>,
        environment: Environment,
        target: &Target,
    ) -> Result<Option<RoundTrip<'_>>, InputError> {
        if !self.round_trip {
            return Ok(None);
        }
        if mailbox.is_none() {
            return Err(InputError::Usage("--round-trip needs a mailbox: mesh-onboard check MAILBOX".into()));
        }
        // Where it goes counts, whatever the mailbox is said to be.
        let at_live = [Network::Internet, Network::Hscn]
            .into_iter()
            .filter_map(|network| Environment::Live.url(network)?.parse::<Target>().ok())
            .any(|live| live.host() == target.host());
        if (environment == Environment::Live || at_live) && !self.yes_on_live {
            return Err(InputError::Usage(
                "--round-trip sends a message, and this is live: add --yes-on-live if that is meant".into(),
            ));
        }
        let workflow = match (&self.workflow, environment.authority()) {
            (Some(workflow), _) => workflow,
            (None, Authority::Own | Authority::Rehearsal) if !target.host().ends_with(".nhs.uk") => {
                SANDBOX_WORKFLOW
            }
            (None, _) => {
                return Err(InputError::Usage(
                    "--round-trip needs --workflow ID: one that this mailbox may send to itself".into(),
                ));
            }
        };
        Ok(Some(RoundTrip { wait: self.wait, ..RoundTrip::new(workflow) }))
    }
}

/// The round trip, of which Ctrl-C says which message stays behind; `words` lead commands there.
pub(super) fn said_when_interrupted<'a>(
    context: &Context,
    trip: RoundTrip<'a>,
    words: String,
) -> RoundTrip<'a> {
    let screen = context.screen;
    screen.on_interrupt(None);
    let told = move |id: Option<&str>| {
        let hint =
            |id| format!("message {id} stays in the inbox; take it out: mesh-onboard ack {words} {id}");
        screen.on_interrupt(id.map(hint));
    };
    RoundTrip { told: Arc::new(told), ..trip }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_is_expected_in_no_time() {
        assert_eq!(at_least_a_second("1s"), Ok(Duration::from_secs(1)));
        assert_eq!(at_least_a_second("0s"), Err("1s is the least".to_owned()));
        assert!(at_least_a_second("soon").is_err());
    }
}
