//! A home with mailboxes that stand in every possible way, written by hand: the opening reads no other files.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// One credential as `mailbox.toml` has it.
pub struct Credential {
    pub state: &'static str,
    pub requested_at: &'static str,
    pub sent_at: Option<&'static str>,
    pub not_after: Option<&'static str>,
    pub key_usage_ends: Option<&'static str>,
    pub key_elsewhere: bool,
    /// When another one took its place.
    pub in_use_until: Option<&'static str>,
}

impl Credential {
    /// In use until then.
    pub fn current(not_after: &'static str) -> Self {
        Self {
            state: "current",
            requested_at: "2023-05-22T09:00:00Z",
            sent_at: Some("2023-05-22T10:00:00Z"),
            not_after: Some(not_after),
            key_usage_ends: None,
            key_elsewhere: false,
            in_use_until: None,
        }
    }

    /// In use until another one took its place.
    pub fn replaced(not_after: &'static str) -> Self {
        Self { state: "archived", in_use_until: Some("2026-01-01T00:00:00Z"), ..Self::current(not_after) }
    }

    /// Asked for then, and perhaps sent.
    pub fn requested(requested_at: &'static str, sent_at: Option<&'static str>) -> Self {
        Self { state: "requested", requested_at, sent_at, not_after: None, ..Self::current("") }
    }
}

/// Writes the record of a mailbox of X26.
pub fn mailbox(home: &Path, environment: &str, id: &str, shares: Option<&str>, credentials: &[Credential]) {
    let mut text =
        format!("format = 1\nmailbox = \"{id}\"\nods = \"X26\"\nenvironment = \"{environment}\"\n");
    if let Some(other) = shares {
        writeln!(text, "shares = \"{other}\"").unwrap();
    }
    text.push_str("\n[contact]\nname = \"A. Engineer\"\nemail = \"a.engineer@example.nhs.uk\"\norganisation = \"Example Trust\"\napplication = \"Example App\"\n");
    for (index, credential) in credentials.iter().enumerate() {
        let number = index + 1;
        write!(
            text,
            "\n[[credential]]\nnumber = {number}\nstate = \"{}\"\ncommon_name = \"{id}.X26.api.mesh-client.nhs.uk\"\nkey_sha256 = \"{number:064x}\"\nrequested_at = \"{}\"\n",
            credential.state, credential.requested_at
        )
        .unwrap();
        if credential.key_elsewhere {
            text.push_str("key_elsewhere = true\n");
        }
        if let Some(sent_at) = credential.sent_at {
            writeln!(text, "sent_at = \"{sent_at}\"").unwrap();
        }
        if let Some(until) = credential.in_use_until {
            writeln!(text, "in_use_until = \"{until}\"").unwrap();
        }
        text.push_str("\n[credential.passphrase]\nheld_by = \"you\"\n");
        if let Some(not_after) = credential.not_after {
            write!(
                text,
                "\n[credential.certificate]\nbundles = \"bundles-01\"\nimported_at = \"2023-06-01T09:00:00Z\"\nsha256 = \"{number:064x}\"\nserial = \"0{number}\"\nnot_after = \"{not_after}\"\n"
            )
            .unwrap();
            if let Some(ends) = credential.key_usage_ends {
                writeln!(text, "key_usage_ends = \"{ends}\"").unwrap();
            }
        }
    }
    let folder = home.join(environment).join(id);
    fs::create_dir_all(&folder).expect("a test can write its home");
    fs::write(folder.join("mailbox.toml"), text).expect("a test can write its home");
}

/// One mailbox for each way to stand, seen from noon of 1 June 2026.
pub fn every_kind(home: &Path) {
    let ready = |not_after| Credential { state: "ready", ..Credential::current(not_after) };
    let archived = || Credential { state: "archived", ..Credential::requested("2026-05-01T09:00:00Z", None) };
    let one = |environment, id, credential| mailbox(home, environment, id, None, &[credential]);
    one("live", "X26OVER", Credential::current("2026-05-30T12:00:00Z"));
    one("live", "X26SOON", Credential::current("2026-06-11T12:00:00Z"));
    let half = [Credential::current("2026-08-01T12:00:00Z"), ready("2029-06-01T12:00:00Z")];
    mailbox(home, "live", "X26READY", None, &half);
    one(
        "integration",
        "X26LATE",
        Credential::requested("2026-05-11T09:00:00Z", Some("2026-05-11T10:00:00Z")),
    );
    one("integration", "X26UNSENT", Credential::requested("2026-05-31T09:00:00Z", None));
    one("integration", "X26BARE", archived());
    one(
        "integration",
        "X26SENT",
        Credential::requested("2026-05-26T09:00:00Z", Some("2026-05-26T10:00:00Z")),
    );
    let way = [
        Credential::current("2026-08-01T12:00:00Z"),
        Credential::requested("2026-05-28T09:00:00Z", Some("2026-05-28T10:00:00Z")),
    ];
    mailbox(home, "deployment", "X26RENEWS", None, &way);
    let well = Credential {
        key_usage_ends: Some("2027-08-01T00:00:00Z"),
        ..Credential::current("2028-07-01T12:00:00Z")
    };
    one("integration", "X26WELL", well);
    mailbox(home, "integration", "X26SHARES", Some("X26WELL"), &[]);
    let away = Credential { key_elsewhere: true, ..Credential::current("2028-09-01T12:00:00Z") };
    one("integration", "X26AWAY", away);
}
