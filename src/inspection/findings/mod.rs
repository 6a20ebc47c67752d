//! What is wrong, or deserves to be known, read like a lint. `code` is stable.

mod certificate;
mod collection;
mod name;
mod readers;

use std::collections::HashSet;

use time::OffsetDateTime;

use super::InspectedFile;
use super::facts::Facts;
use super::relations::Issuers;
use crate::pki::sniff::Content;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// To look at.
    Warn,
    /// It will not work with MESH as it is.
    Fail,
}

impl Severity {
    /// The name in JSON and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One finding about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable snake_case.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// In words.
    pub message: String,
    /// Which of the files, counted from 0.
    pub file: usize,
}

/// The findings of one file while they are made.
struct Findings {
    file: usize,
    found: Vec<Finding>,
    seen: HashSet<(&'static str, String)>,
}

impl Findings {
    fn info(&mut self, code: &'static str, message: impl Into<String>) {
        self.add(code, Severity::Info, message.into());
    }

    fn warn(&mut self, code: &'static str, message: impl Into<String>) {
        self.add(code, Severity::Warn, message.into());
    }

    fn fail(&mut self, code: &'static str, message: impl Into<String>) {
        self.add(code, Severity::Fail, message.into());
    }

    fn add(&mut self, code: &'static str, severity: Severity, message: String) {
        // The same certificate twice in a file has nothing new to say.
        if self.seen.insert((code, message.clone())) {
            self.found.push(Finding { code, severity, message, file: self.file });
        }
    }
}

pub(super) fn all(
    files: &[InspectedFile],
    facts: &[Vec<Facts>],
    issuers: &Issuers,
    now: OffsetDateTime,
) -> Vec<Finding> {
    let one = |(index, (file, facts)): (usize, (&InspectedFile, &Vec<Facts>))| {
        let mut findings = Findings { file: index, found: Vec::new(), seen: HashSet::new() };
        for (object, facts) in file.contents.objects.iter().zip(facts) {
            match &object.content {
                Content::Certificate(certificate) => {
                    certificate::judge(&mut findings, certificate, facts, issuers, now);
                }
                Content::Request(request) => certificate::judge_request(&mut findings, request),
                Content::PrivateKey(key) => certificate::judge_key(&mut findings, key),
                Content::Damaged(name) => findings.fail("damaged", name.as_str()),
                _ => {}
            }
        }
        collection::judge(&mut findings, &file.contents, facts, issuers);
        readers::judge(&mut findings, &file.contents);
        findings.found
    };
    files.iter().zip(facts).enumerate().flat_map(one).collect()
}
