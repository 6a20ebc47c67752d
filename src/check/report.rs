use super::{explained, millis};
use std::time::Instant;

/// A probe, by its stable name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProbeId {
    /// The files can be read and are private.
    Files,
    /// The key opens and is an RSA key of enough bits.
    Key,
    /// Key, certificate and the name asked for belong together.
    Match,
    /// The chain leads to a trusted root.
    Chain,
    /// The certificate is valid now.
    Expiry,
    /// The host has an address.
    Dns,
    /// Something listens there.
    Connect,
    /// It speaks TLS.
    Tls,
    /// The server is whom it should be.
    ServerTrust,
    /// The server accepts our certificate.
    ClientCertificate,
    /// Our clock and the server's agree.
    Clock,
    /// Mailbox, password and shared key are accepted.
    Authorization,
    /// The inbox can be listed.
    Mailbox,
    /// A message comes back as it was sent.
    RoundTrip,
}

impl ProbeId {
    /// All of them, in the order in which they are made.
    pub const ORDER: [Self; 14] = [
        Self::Files,
        Self::Key,
        Self::Match,
        Self::Chain,
        Self::Expiry,
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::ServerTrust,
        Self::ClientCertificate,
        Self::Clock,
        Self::Authorization,
        Self::Mailbox,
        Self::RoundTrip,
    ];

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Key => "key",
            Self::Match => "match",
            Self::Chain => "chain",
            Self::Expiry => "expiry",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::ServerTrust => "server_trust",
            Self::ClientCertificate => "client_certificate",
            Self::Clock => "clock",
            Self::Authorization => "authorization",
            Self::Mailbox => "mailbox",
            Self::RoundTrip => "round_trip",
        }
    }
}

/// How a probe ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// As it should be.
    Pass,
    /// Works, and deserves attention.
    Warn,
    /// Does not work.
    Fail,
    /// Not tried, because something it stands on is missing.
    Skipped,
}

impl Status {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }
}

/// Something that can be wrong: where it is noticed, its name, and what it means.
#[derive(Debug, PartialEq, Eq)]
pub struct Cause {
    /// The probe that notices it.
    pub probe: ProbeId,
    /// Stable snake_case, unique within its probe.
    pub code: &'static str,
    /// What it means, in one or two sentences for people.
    pub meaning: &'static str,
}

/// What a probe found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which probe.
    pub probe: ProbeId,
    /// How it ended.
    pub status: Status,
    /// Stable snake_case; for what is not well.
    pub code: Option<&'static str>,
    /// What that means; for what is not well.
    pub meaning: Option<&'static str>,
    /// What was seen, so that a person can verify it.
    pub evidence: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// How long it took.
    pub millis: u64,
}

impl Finding {
    /// As it should be.
    pub(super) fn pass(probe: ProbeId, evidence: impl Into<String>) -> Self {
        Self {
            probe,
            status: Status::Pass,
            code: None,
            meaning: None,
            evidence: evidence.into(),
            remedy: None,
            millis: 0,
        }
    }

    /// Not tried.
    pub(super) fn skipped(probe: ProbeId, evidence: impl Into<String>) -> Self {
        Self { status: Status::Skipped, ..Self::pass(probe, evidence) }
    }

    /// Works, and deserves attention.
    pub(super) fn warning(
        cause: &'static Cause,
        evidence: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            status: Status::Warn,
            code: Some(cause.code),
            meaning: Some(cause.meaning),
            remedy: Some(remedy.into()),
            ..Self::pass(cause.probe, evidence)
        }
    }

    /// Does not work.
    pub(super) fn failure(
        cause: &'static Cause,
        evidence: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { status: Status::Fail, ..Self::warning(cause, evidence, remedy) }
    }
}

/// The judgement over all probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All is well.
    Pass,
    /// It works; something deserves attention.
    Warn,
    /// Something does not work.
    Fail,
}

impl Verdict {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// All findings in the order of the probes.
#[derive(Debug)]
pub struct Report {
    /// One a probe.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The judgement.
    pub fn verdict(&self) -> Verdict {
        let any = |status| self.findings.iter().any(|f| f.status == status);
        if any(Status::Fail) {
            Verdict::Fail
        } else if any(Status::Warn) {
            Verdict::Warn
        } else {
            Verdict::Pass
        }
    }

    /// The first probe that failed.
    pub fn first_failure(&self) -> Option<&Finding> {
        self.failures().next()
    }

    /// Whether MESH was not reached at all.
    pub fn is_unreachable(&self) -> bool {
        self.failures().any(is_of_the_network)
    }

    /// Whether something failed that will stay when the network is back.
    pub fn fails_besides_the_network(&self) -> bool {
        self.failures().any(|f| !is_of_the_network(f))
    }

    fn failures(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.status == Status::Fail)
    }
}

fn is_of_the_network(finding: &Finding) -> bool {
    matches!(finding.probe, ProbeId::Dns | ProbeId::Connect)
}

/// Findings while they are being made.
pub(super) struct Findings<'a> {
    made: Vec<Finding>,
    started: Instant,
    on_finding: &'a mut dyn FnMut(&Finding),
}

impl<'a> Findings<'a> {
    pub(super) fn new(on_finding: &'a mut dyn FnMut(&Finding)) -> Self {
        Self { made: Vec::new(), started: Instant::now(), on_finding }
    }

    /// Keeps a finding; its time runs from the one before.
    pub(super) fn add(&mut self, finding: Finding) {
        let mut finding = explained::by_what_was_found(&self.made, finding);
        finding.millis = millis(self.started);
        self.started = Instant::now();
        (self.on_finding)(&finding);
        self.made.push(finding);
    }

    /// Whether a probe ran and did not fail.
    pub(super) fn stands(&self, probe: ProbeId) -> bool {
        let works = |status| matches!(status, Status::Pass | Status::Warn);
        self.made.iter().any(|f| f.probe == probe && works(f.status))
    }

    /// What a probe named as not well.
    pub(super) fn code_of(&self, probe: ProbeId) -> Option<&'static str> {
        self.made.iter().find(|f| f.probe == probe)?.code
    }

    /// Whether a probe has ended, however.
    pub(super) fn has(&self, probe: ProbeId) -> bool {
        self.made.iter().any(|f| f.probe == probe)
    }

    pub(super) fn into_report(mut self) -> Report {
        // A stop in the middle names what it skips last; the order of the probes is the promise.
        self.made.sort_by_key(|f| f.probe);
        Report { findings: self.made }
    }
}
