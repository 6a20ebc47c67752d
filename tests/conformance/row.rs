//! One thing that the specification says, and what each server makes of it.

use mesh_onboard::mesh::{Error, Reply, TransportError};

use crate::mesh::Mesh;

/// What was seen, in the words of the row; or why the steps could not be gone.
pub type Seen = Result<String, Stuck>;

/// The steps ended early.
#[derive(Debug)]
pub struct Stuck(pub String);

impl From<Error> for Stuck {
    fn from(error: Error) -> Self {
        Self(format!("{error} [{error:?}]"))
    }
}

impl From<TransportError> for Stuck {
    fn from(error: TransportError) -> Self {
        Self(format!("{error} [{error:?}]"))
    }
}

/// Where the sandbox does otherwise.
pub struct Exemption {
    pub does: &'static str,
    pub because: &'static str,
}

pub struct Row {
    pub name: &'static str,
    /// The heading of the specification, or of another document.
    pub section: &'static str,
    /// What has to be seen.
    pub specified: &'static str,
    pub sandbox: Option<Exemption>,
    steps: fn(&Mesh) -> Seen,
}

/// A row that both servers have to meet.
pub fn row(
    name: &'static str,
    section: &'static str,
    specified: &'static str,
    steps: fn(&Mesh) -> Seen,
) -> Row {
    Row { name, section, specified, sandbox: None, steps }
}

impl Row {
    /// What the sandbox does instead, and why.
    pub fn but_sandbox(mut self, does: &'static str, because: &'static str) -> Self {
        self.sandbox = Some(Exemption { does, because });
        self
    }

    /// Goes the steps, from empty inboxes.
    pub fn run(&self, mesh: &Mesh) -> String {
        let seen = mesh.empty_inboxes().and_then(|()| (self.steps)(mesh));
        seen.unwrap_or_else(|Stuck(why)| format!("stuck: {why}"))
    }

    /// What is not as the row has it.
    pub fn wrong(&self, rehearsal: &str, sandbox: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        if rehearsal != self.specified {
            wrong.push(format!("{}: rehearsal: {rehearsal}\n    specified: {}", self.name, self.specified));
        }
        match &self.sandbox {
            None if sandbox != self.specified => {
                wrong.push(format!("{}: sandbox: {sandbox}\n    specified: {}", self.name, self.specified));
            }
            Some(_) if sandbox == self.specified => {
                wrong.push(format!(
                    "{}: the sandbox does as specified, and the row explains it away",
                    self.name
                ));
            }
            Some(exemption) if sandbox != exemption.does => {
                wrong.push(format!("{}: sandbox: {sandbox}\n    the row has: {}", self.name, exemption.does));
            }
            _ => {}
        }
        wrong
    }
}

/// How a call was refused, such as `417 12`; `taken` if it was not.
pub fn refusal<T>(result: Result<Reply<T>, Error>) -> Seen {
    match result {
        Ok(_) => Ok("taken".into()),
        Err(Error::Refused(refusal)) => {
            let code = refusal.code.unwrap_or_default();
            Ok(format!("{} {code}", refusal.status).trim_end().to_owned())
        }
        Err(error) => Err(error.into()),
    }
}

/// `as_it_should` if nothing is against it, else what is.
pub fn unless(against: Vec<String>, as_it_should: &str) -> Seen {
    Ok(if against.is_empty() { as_it_should.to_owned() } else { against.join("; ") })
}

/// Collects what differs, by name.
#[derive(Default)]
pub struct Differences(Vec<String>);

impl Differences {
    pub fn expect<T: PartialEq<U> + std::fmt::Debug, U: std::fmt::Debug>(
        &mut self,
        what: &str,
        found: T,
        expected: U,
    ) -> &mut Self {
        if found != expected {
            self.0.push(format!("{what} is {found:?}, not {expected:?}"));
        }
        self
    }

    /// `as_it_should` if nothing differs.
    pub fn or(&mut self, as_it_should: &str) -> Seen {
        unless(std::mem::take(&mut self.0), as_it_should)
    }
}

#[test]
fn difference_without_a_reason_and_reason_without_a_difference_are_faults() {
    let plain = row("a row", "a section", "403", |_| Ok(String::new()));
    assert!(plain.wrong("403", "403").is_empty());
    assert_eq!(plain.wrong("200", "403").len(), 1, "the rehearsal MESH differs");
    assert_eq!(plain.wrong("403", "200").len(), 1, "the sandbox differs");
    let exempt = plain.but_sandbox("200", "it does not look");
    assert!(exempt.wrong("403", "200").is_empty());
    assert_eq!(exempt.wrong("403", "403").len(), 1, "the exemption is needless");
    assert_eq!(exempt.wrong("403", "404").len(), 1, "the exemption is about something else");
    assert_eq!(exempt.wrong("200", "200").len(), 1, "the exemption is the sandbox's alone");
}
