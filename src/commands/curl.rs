//! The curl command that does the same, for `--curl`: nothing is sent, and no secret is asked for or shown.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::Context;
use super::stored::Stored;
use super::target::{self, TargetArgs};
use crate::check::{Material, Source};
use crate::mailbox::Environment;
use crate::mesh::wire::ACCEPT_V2;
use crate::mesh::{Call, Target};
use crate::pki::{BundleRole, sniff};
use crate::store::{FILE_LIMIT, files};
use crate::ui::{Failure, InputError, Outcome};

/// Whether to show instead of to do.
#[derive(Debug, Args)]
pub struct CurlArgs {
    /// Print the curl command that does the same, and do nothing; no secret is in it
    #[arg(long)]
    pub curl: bool,
}

/// What all requests of one command have in common.
pub struct Curl {
    url: Target,
    /// How curl proves who we are, and whom it believes.
    tls: Vec<String>,
    /// What prints a token.
    token: String,
    /// What curl cannot do by itself.
    notes: Vec<&'static str>,
}

/// Where a request's body comes from and where the answer's goes.
#[derive(Debug, Default, Clone, Copy)]
pub struct Bodies<'a> {
    /// A file, or `-`.
    pub input: Option<&'a Path>,
    /// A file.
    pub output: Option<&'a Path>,
}

impl CurlArgs {
    /// The commands as the result.
    pub fn outcome(
        &self,
        context: &Context,
        args: &TargetArgs,
        commands: impl FnOnce(&Curl) -> Result<Vec<String>, Failure>,
    ) -> Result<Outcome, Failure> {
        let curl = Curl::prepare(context, args)?;
        let commands = commands(&curl)?;
        for note in &curl.notes {
            context.screen.note(&format!("note: {note}"));
        }
        let text = commands.join("\n");
        Ok(Outcome::done(json!({"commands": commands}), text))
    }
}

impl Curl {
    fn prepare(context: &Context, args: &TargetArgs) -> Result<Self, Failure> {
        let mut notes = Vec::new();
        let given = args.address.given(context)?;
        let plain = given.as_ref().is_some_and(|target| !target.is_encrypted());
        let (environment, source, roots) = if plain || target::is_bare(context, args) {
            (Environment::Sandbox, None, None)
        } else if let Some(source) = args.source() {
            // Nothing is asked: what only a password opens says nothing.
            let material = Material::read(&source, &[]);
            (target::environment(args, given.as_ref(), &material), Some(source), None)
        } else {
            let stored = Stored::find(context, args)?;
            let roots = Some(stored.bundle(BundleRole::CaBundle));
            (stored.record.environment, Some(stored.source()), roots)
        };
        let url = args.address.target(context, given, environment)?;
        let url = url.ok_or(InputError::UrlNeeded { environment: environment.as_str() })?;
        let mut tls = Vec::new();
        match &source {
            Some(Source::Pair { certificate, key }) => {
                tls.extend(["--cert".into(), absolute(certificate), "--key".into(), absolute(key)]);
            }
            Some(Source::Pfx(path)) => {
                tls.extend(["--cert-type".into(), "P12".into(), "--cert".into(), absolute(path)]);
                notes.push("curl does not ask for the password of a PFX file: give it with --pass, or name certificate and key with --cert and --key");
            }
            None => {}
        }
        match (args.address.ca.as_slice(), roots) {
            // It would take the proxy of the environment, which is none of the sandbox's.
            _ if plain => tls.extend(["--noproxy".into(), "*".into()]),
            _ if args.address.insecure => tls.push("--insecure".into()),
            ([], Some(bundle)) => tls.extend(["--cacert".into(), absolute(&bundle)]),
            ([], None) => notes.push("name the root of the server's certificate with --ca FILE; curl does not know those of the NHS"),
            ([ca], _) => tls.extend(["--cacert".into(), pem_path(ca, &mut notes)?]),
            ([first, ..], _) => {
                tls.extend(["--cacert".into(), pem_path(first, &mut notes)?]);
                notes.push("curl takes one file with --cacert: join those of --ca into one");
            }
        }
        tls.extend(
            args.address.place.proxy.clone().map(|proxy| ["--proxy".to_owned(), proxy]).into_iter().flatten(),
        );
        let mailbox = args.mailbox.as_ref().map(ToString::to_string);
        let words = ["mesh-onboard".to_owned()].into_iter().chain(context.home_words());
        let words = words.chain(["-q".into(), "token".into()]).chain(mailbox);
        let token = shell_words::join(words.chain(args.environment_flags()).chain(args.login_flags()));
        Ok(Self { url, tls, token, notes })
    }

    /// The command for a call without a body of its own.
    pub fn line(&self, call: &Call) -> String {
        self.line_with(call, Bodies::default())
    }

    /// The command for a call.
    pub fn line_with(&self, call: &Call, bodies: Bodies<'_>) -> String {
        let mut words = vec!["curl".to_owned()];
        // A refusal is worth reading, and is no message.
        let on_refusal = if bodies.output.is_some() { "--fail" } else { "--fail-with-body" };
        words.extend(["--no-progress-meter".into(), on_refusal.into()]);
        match call.method() {
            "GET" => {}
            "HEAD" => words.push("--head".into()),
            method => words.extend(["--request".into(), method.into()]),
        }
        words.extend(self.tls.iter().cloned());
        let mut header = |name: &str, value: &str| {
            words.extend(["--header".into(), format!("{name}: {value}")]);
        };
        header("accept", ACCEPT_V2);
        for (name, value) in call.headers().iter().filter(|(name, _)| *name != "accept-encoding") {
            header(name, value);
        }
        if call.headers().iter().any(|(name, _)| *name == "accept-encoding") {
            words.push("--compressed".into());
        }
        if call.has_body() {
            if !call.headers().iter().any(|(name, _)| *name == "content-type") {
                // Otherwise curl calls the empty body a form.
                words.extend(["--header".into(), "content-type:".into()]);
            }
            let input = bodies.input.map(|path| format!("@{}", path.display()));
            words.extend(["--data-binary".into(), input.unwrap_or_default()]);
        }
        if let Some(output) = bodies.output {
            // What is there is neither replaced nor missed.
            words.extend(["--create-dirs", "--no-clobber", "--output"].map(String::from));
            words.push(output.display().to_string());
        }
        let mut line = shell_words::join(words);
        if call.is_authorised() {
            // The shell's part of it stays outside of the quotes.
            line.push_str(&format!(" --header \"authorization: $({})\"", self.token));
        }
        format!("{line} {}", shell_words::quote(&self.url.url(call.path())))
    }
}

/// curl reads PEM alone.
fn pem_path(path: &Path, notes: &mut Vec<&'static str>) -> Result<String, Failure> {
    let bytes = files::read_bounded(path, FILE_LIMIT)?;
    if sniff::certificates(&bytes).is_err() || !bytes.windows(11).any(|w| w == b"-----BEGIN ") {
        notes.push("curl reads PEM alone: convert the file of --ca first");
    }
    Ok(absolute(path))
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path)).display().to_string()
}
