//! What must be in hand, and which way of connecting it is for.

use super::super::Wizard;
use super::super::form::Turn;
use crate::ui::{Failure, Reply};

const IN_HAND: &str = "
A new mailbox. What you need, and where it comes from:

  Mailbox ID    with its password: from the mailbox request form
  ODS code      of the organisation that owns it: yours, or one that is yours to test with
  Workflows     the groups or IDs that it sends and receives: from whoever runs them
  Shared key    of the environment: from its service desk
  Onboarding    for the MESH API: accepted
  Conformance   for live: the technical conformance certificate, as a file

Today only mailbox ID and ODS code have to be there; password and shared key are asked for when the credentials are checked.

MESH can be reached in three ways, and each wants something else. Which one is it?

";

const WAYS: [&str; 3] = [
    "The MESH API, over the internet or HSCN: an application sends and receives",
    "The MESH client: software of NHS England moves files between folders and MESH",
    "The MESH web interface (UI): people send and receive files in a browser",
];

const CLIENT: &str = "
The MESH client loads a keystore, and its certificate is not that of the API: a request from here would be sent back, and days are lost.

  Path to Live  integration and the other test environments: NHS England publishes a keystore for each, ready to use, with its password; see 'Connect to a Path to Live environment' on digital.nhs.uk
  Live          you make keystore and password yourself; the installation guide of the MESH client says how, and under which name

If the desk has told you that this mailbox takes a certificate for the API, go on. Its import can also make a keystore as the MESH client loads it (import --keystore).
";

const WEB: &str = "
The web interface needs no certificate, so there is nothing to make here. It needs a MESH UI account for the mailbox, and to log in a smartcard over HSCN, or two-factor authentication over the internet. See 'MESH user interface' on digital.nhs.uk.
";

/// Says what is needed, and sees that nobody asks for a certificate that the way does not use.
pub fn ask(wizard: &Wizard<'_>) -> Result<Turn, Failure> {
    let screen = wizard.screen();
    screen.tell(IN_HAND);
    let other = match screen.choose("Which way", &WAYS, 0)? {
        Reply::Back => return Ok(Turn::Back),
        Reply::Answer(0) => return Ok(Turn::On),
        Reply::Answer(1) => CLIENT,
        Reply::Answer(_) => WEB,
    };
    screen.tell(other);
    Ok(match screen.ask_yes("Ask for a certificate for the API all the same", Some(false))? {
        Reply::Answer(true) => Turn::On,
        Reply::Answer(false) | Reply::Back => Turn::Back,
    })
}
