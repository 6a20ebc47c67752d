//! A login that MESH refuses. It answers a wrong password and a wrong shared key alike, so what it does not tell is
//! found out: by trying what people mix up, then by comparing with what else is known here.

use crate::check::report::{Cause, Finding, ProbeId};
use crate::mailbox::{Authority, Environment, MailboxId};
use crate::mesh::token::{Login, SANDBOX_KEYS};
use crate::mesh::{Cause as Why, Client, Error, Refusal};
use crate::secret::{MailboxPassword, SharedKey};

const fn cause(code: &'static str, meaning: &'static str) -> Cause {
    Cause { probe: ProbeId::Authorization, code, meaning }
}

pub(super) static LOGIN_REFUSED: Cause = cause(
    "login_refused",
    "The mailbox password or the shared key is wrong. MESH cannot tell which: it sees one hash made of both, and gives the same answer for either.",
);
pub(super) static SECRETS_SWAPPED: Cause = cause(
    "secrets_swapped",
    "The mailbox password stands where the shared key belongs, and the shared key where the password belongs.",
);
pub(super) static SECRET_HAS_SPACES: Cause = cause(
    "secret_has_spaces",
    "White space or quotes around a secret are nearly always an accident, so they are left out when it is read. Here they belong to it.",
);
pub(super) static SANDBOX_SHARED_KEY: Cause = cause(
    "sandbox_shared_key",
    "Sandboxes and rehearsals have one of two published shared keys, TestKey in the container and Banana in the package, and this one has another than was given.",
);
pub(super) static SECRETS_EQUAL: Cause = cause(
    "secrets_equal",
    "Password and shared key are the same text here. They are issued separately, so one of them was pasted in both places.",
);
pub(super) static SECRET_OF_OTHER_ENVIRONMENT: Cause = cause(
    "secret_of_other_environment",
    "Each environment has a shared key of its own, and a mailbox a password of its own in each. One of them comes from another environment.",
);

/// What else is known of the secrets of a login; asked for only when MESH refuses it.
#[derive(Debug)]
pub struct OtherSecrets {
    /// The environment that the login is for.
    pub environment: Environment,
    /// The password with the white space or quotes that were taken off.
    pub password_as_it_was: Option<MailboxPassword>,
    /// The shared key with the white space or quotes that were taken off.
    pub shared_key_as_it_was: Option<SharedKey>,
    /// What the keyring holds for the mailbox, in this environment and others.
    pub kept: Vec<Kept>,
}

/// What the keyring holds for a mailbox in one environment.
#[derive(Debug)]
pub struct Kept {
    /// The environment.
    pub environment: Environment,
    /// The password of the mailbox there.
    pub password: Option<MailboxPassword>,
    /// The shared key there.
    pub shared_key: Option<SharedKey>,
}

/// Looks up [`OtherSecrets`].
pub type Lookup<'a> = Box<dyn FnOnce() -> OtherSecrets + Send + 'a>;

/// Other secrets to try, and what it means if MESH takes them.
struct Trial {
    cause: &'static Cause,
    /// What is other about them, as the end of a sentence.
    what: String,
    login: Login,
    remedy: String,
}

/// Finds out what it can about a login that was refused. No finding holds a secret or a part of one.
pub(super) fn refused(
    client: &Client,
    mailbox: &MailboxId,
    refusal: &Refusal,
    lookup: Option<Lookup<'_>>,
) -> Finding {
    let others = lookup.map(|lookup| lookup());
    let mut tried = Vec::new();
    let mut stopped = String::new();
    for trial in trials(client.login(), others.as_ref()) {
        match client.handshake_with(&trial.login) {
            Ok(_) => {
                let evidence = format!(
                    "{refusal}; but MESH validates {mailbox} with {} ({} with other secrets)",
                    trial.what,
                    times(tried.len() + 1)
                );
                return Finding::failure(trial.cause, evidence, trial.remedy);
            }
            Err(Error::Refused(again)) if again.cause() == Why::Login => tried.push(trial.what),
            // It does not go on as it began; more attempts would do harm and prove nothing.
            Err(error) => {
                stopped =
                    format!("; with {} it answers otherwise, so nothing more was tried: {error}", trial.what);
                break;
            }
        }
    }
    let attempts = match tried.as_slice() {
        [] => String::new(),
        tried => format!("; tried as well, and refused: with {}", tried.join("; with ")),
    };
    let evidence = format!("{refusal}{attempts}{stopped}");
    compared(client.login(), mailbox, others.as_ref(), &evidence)
        .unwrap_or_else(|| unknown(mailbox, others.as_ref(), evidence))
}

/// What people mix up, the likeliest first; few, because each is one more refused login at MESH.
fn trials(given: &Login, others: Option<&OtherSecrets>) -> Vec<Trial> {
    let (password, shared_key) = (given.password.expose(), given.shared_key.expose());
    let mut found = Vec::new();
    let mut add = |cause, what: &str, password: &str, shared_key: &str, remedy: String| {
        let login =
            Login { password: MailboxPassword::new(password), shared_key: SharedKey::new(shared_key) };
        found.push(Trial { cause, what: what.to_owned(), login, remedy });
    };
    if let Some(others) = others {
        let password_was = others.password_as_it_was.as_ref().map(MailboxPassword::expose);
        let key_was = others.shared_key_as_it_was.as_ref().map(SharedKey::expose);
        let keep = |which: &str| {
            format!(
                "put {which} in a pair of double quotes, with what surrounds it inside: only the outer quotes are taken off; and see that the application does not lose it either"
            )
        };
        let was = "as it was before white space or quotes around it were left out";
        if let Some(password_was) = password_was {
            let what = format!("the password {was}");
            add(&SECRET_HAS_SPACES, &what, password_was, shared_key, keep("the password"));
        }
        if let Some(key_was) = key_was {
            let what = format!("the shared key {was}");
            add(&SECRET_HAS_SPACES, &what, password, key_was, keep("the shared key"));
        }
        if let (Some(password_was), Some(key_was)) = (password_was, key_was) {
            let what =
                "password and shared key as they were before white space or quotes around them were left out";
            add(&SECRET_HAS_SPACES, what, password_was, key_was, keep("each of the two"));
        }
    }
    if password != shared_key {
        let remedy = "exchange them: the password of the mailbox belongs in MESH_MAILBOX_PASSWORD or --mailbox-password-file, the shared key of the environment in MESH_SHARED_KEY or --shared-key-file; look at the application's settings for the same mistake";
        add(&SECRETS_SWAPPED, "the two swapped", shared_key, password, remedy.into());
    }
    let published =
        others.is_some_and(|o| matches!(o.environment.authority(), Authority::Own | Authority::Rehearsal));
    for key in SANDBOX_KEYS.into_iter().filter(|key| published && *key != shared_key) {
        let remedy = format!("give {key} as the shared key: MESH_SHARED_KEY={key}");
        add(&SANDBOX_SHARED_KEY, &format!("the published shared key {key}"), password, key, remedy);
    }
    found
}

/// What can be said without asking MESH.
fn compared(
    given: &Login,
    mailbox: &MailboxId,
    others: Option<&OtherSecrets>,
    evidence: &str,
) -> Option<Finding> {
    if given.password.expose() == given.shared_key.expose() {
        let remedy = "look both up again where they were issued: the password belongs to the mailbox, the shared key to the environment";
        let evidence = format!("{evidence}; password and shared key are the same text");
        return Some(Finding::failure(&SECRETS_EQUAL, evidence, remedy));
    }
    let others = others?;
    let (here, kept) = (others.environment, &others.kept);
    let key_of =
        origin(here, kept, |kept| kept.shared_key.as_ref().map(SharedKey::expose), given.shared_key.expose());
    let password_of = origin(
        here,
        kept,
        |kept| kept.password.as_ref().map(MailboxPassword::expose),
        given.password.expose(),
    );
    let told: Vec<_> = [("shared key", key_of), ("mailbox password", password_of)]
        .into_iter()
        .filter_map(|(which, of)| {
            Some(format!("the {which} is the one that the keyring here holds for {}", of?))
        })
        .collect();
    (!told.is_empty()).then(|| {
        let source = whose_own(here, mailbox).unwrap_or_else(|| {
            format!("the shared key comes from its service desk, {}", here.desk_address())
        });
        let remedy = format!("give those of {here}; {source}");
        Finding::failure(
            &SECRET_OF_OTHER_ENVIRONMENT,
            format!("{evidence}; {}, and this is {here}", told.join(", and ")),
            remedy,
        )
    })
}

/// The other environment that alone has this secret.
fn origin(
    here: Environment,
    kept: &[Kept],
    secret: impl Fn(&Kept) -> Option<&str>,
    given: &str,
) -> Option<Environment> {
    let same = || kept.iter().filter(|kept| secret(kept) == Some(given)).map(|kept| kept.environment);
    if same().any(|environment| environment == here) {
        return None;
    }
    same().next()
}

fn unknown(mailbox: &MailboxId, others: Option<&OtherSecrets>, evidence: String) -> Finding {
    let environment = others.map(|others| others.environment);
    let remedy = match environment.and_then(|environment| whose_own(environment, mailbox)) {
        Some(own) => format!("give what is set there: {own}"),
        None => {
            let desk = environment.map_or("the service desk", Environment::desk_address);
            format!(
                "find out which: the shared key is one for the whole environment, so if another mailbox there passes with it, the password of {mailbox} is wrong; if none does, ask {desk} for the shared key. A password that is lost can only be set anew, by {desk}. Paste both again without white space, quotes and line ends"
            )
        }
    };
    Finding::failure(&LOGIN_REFUSED, evidence, remedy)
}

/// Where password and shared key are to be seen in an environment that no service desk runs.
fn whose_own(environment: Environment, mailbox: &MailboxId) -> Option<String> {
    match environment.authority() {
        Authority::Rehearsal => Some(format!(
            "mesh-onboard rehearse --serve prints its shared key and the password of each mailbox when it begins; {mailbox} is to be one of them"
        )),
        Authority::Own => Some(format!(
            "the sandbox's own settings have its shared key (SHARED_KEY) and the password of {mailbox}; whoever runs it knows them"
        )),
        Authority::Live | Authority::PathToLive => None,
    }
}

fn times(attempts: usize) -> String {
    if attempts == 1 { "one attempt".into() } else { format!("{attempts} attempts") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(password: &str, shared_key: &str) -> Login {
        Login { password: MailboxPassword::new(password), shared_key: SharedKey::new(shared_key) }
    }

    fn others(environment: Environment) -> OtherSecrets {
        OtherSecrets { environment, password_as_it_was: None, shared_key_as_it_was: None, kept: Vec::new() }
    }

    fn kept(environment: Environment, password: &str, shared_key: &str) -> Kept {
        Kept {
            environment,
            password: Some(MailboxPassword::new(password)),
            shared_key: Some(SharedKey::new(shared_key)),
        }
    }

    fn mailbox() -> MailboxId {
        "X26ABC1".parse().expect("an ID")
    }

    #[test]
    fn nobody_is_sent_to_a_service_desk_that_is_none() {
        for (environment, words) in
            [(Environment::Rehearsal, "rehearse --serve"), (Environment::Sandbox, "SHARED_KEY")]
        {
            let mut others = others(environment);
            let lost = unknown(&mailbox(), Some(&others), String::new());
            others.kept = vec![kept(Environment::Live, "a", "b")];
            let mixed = compared(&login("a", "b"), &mailbox(), Some(&others), "").expect("it is live's");
            for remedy in [lost.remedy, mixed.remedy].map(Option::unwrap_or_default) {
                assert!(remedy.contains(words) && !remedy.contains("desk"), "{remedy}");
            }
        }
        let live = unknown(&mailbox(), Some(&others(Environment::Live)), String::new());
        assert!(live.remedy.is_some_and(|remedy| remedy.contains(Environment::Live.desk_address())));
    }

    fn codes(given: &Login, others: &OtherSecrets) -> Vec<&'static str> {
        trials(given, Some(others)).iter().map(|trial| trial.cause.code).collect()
    }

    #[test]
    fn published_keys_are_tried_in_sandboxes_alone() {
        let given = login("p", "Banana");
        let sandbox = codes(&given, &others(Environment::Sandbox));
        assert_eq!(sandbox, ["secrets_swapped", "sandbox_shared_key"], "not the one that was given");
        for environment in [Environment::Live, Environment::Integration, Environment::Training] {
            assert_eq!(codes(&given, &others(environment)), ["secrets_swapped"]);
        }
    }

    #[test]
    fn no_login_is_tried_more_often_than_six_times() {
        let mut others = others(Environment::Rehearsal);
        others.password_as_it_was = Some(MailboxPassword::new(" p "));
        others.shared_key_as_it_was = Some(SharedKey::new(" k "));
        assert_eq!(codes(&login("p", "k"), &others).len(), 6);
        assert_eq!(codes(&login("p", "p"), &others).len(), 5, "there is nothing to swap");
    }

    #[test]
    fn secret_of_another_environment_is_told_by_its_name_alone() {
        let mut others = others(Environment::Live);
        others.kept =
            vec![kept(Environment::Integration, "MARK-1", "MARK-2"), kept(Environment::Live, "a", "b")];
        let finding = compared(&login("MARK-1", "MARK-2"), &mailbox(), Some(&others), "HTTP 403").unwrap();
        assert_eq!(finding.code, Some("secret_of_other_environment"));
        assert!(
            finding.evidence.contains("shared key is the one") && finding.evidence.contains("integration")
        );
        assert!(!format!("{finding:?}").contains("MARK"), "{finding:?}");
        // What this environment has as well points nowhere.
        others.kept.push(kept(Environment::Live, "MARK-1", "MARK-2"));
        assert!(compared(&login("MARK-1", "MARK-2"), &mailbox(), Some(&others), "").is_none());
    }
}
