//! `rehearse --serve`.

use std::path::Path;

use serde_json::json;

use super::RehearseArgs;
use crate::commands::Context;
use crate::rehearsal::{self, RehearsalConfig, Serving};
use crate::store::{FILE_LIMIT, files};
use crate::ui::{Failure, InputError, Outcome, stops, table};

/// Serves until it is told to stop.
pub fn run(context: Context, args: &RehearseArgs) -> Result<Outcome, Failure> {
    let mut config = args.config.as_deref().map_or_else(|| Ok(RehearsalConfig::default()), read)?;
    config.port = args.port.unwrap_or(config.port);
    config.faults = args.faults.faults();
    let keep = args.keep.as_deref().map(|keep| std::path::absolute(keep).unwrap_or_else(|_| keep.to_owned()));
    // What is kept is whole: the CA lies there as well.
    let context = match &keep {
        Some(keep) => context.with_home(keep),
        None => context,
    };
    let failed = |detail: String| Failure::from(InputError::Rehearsal(detail));
    // Before anybody is told that it listens: from then on it may be stopped.
    let stopped = stops().map_err(|e| failed(e.to_string()))?;
    let serving = rehearsal::serve(&context.store, config, keep.as_deref(), context.clock.clone())
        .map_err(|e| failed(e.to_string()))?;
    show(&context, &settings(&serving)).map_err(|e| failed(format!("nobody reads its settings: {e}")))?;
    // An error means that nobody can stop it any more, which is a stop.
    let _ = stopped.recv();
    let fired = serving.mesh.faults_fired();
    drop(serving);
    for line in args.faults.told(&fired) {
        context.screen.note(&line);
    }
    context.screen.note("The rehearsal MESH has stopped.");
    Ok(Outcome::shown())
}

fn read(path: &Path) -> Result<RehearsalConfig, Failure> {
    let bytes = files::read_bounded(path, FILE_LIMIT)?;
    let wrong = |detail: String| InputError::Usage(format!("{}: {detail}", path.display()));
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".into()))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    Ok(RehearsalConfig::from_toml(&text, folder).map_err(|e| wrong(e.to_string()))?)
}

/// Prints the settings or writes them to `--output`, as soon as it listens.
fn show(context: &Context, outcome: &Outcome) -> std::io::Result<()> {
    match &context.output {
        None => context.screen.early(outcome),
        Some(path) => files::write_result(path, &outcome.early_bytes(context.screen.json))
            .map_err(std::io::Error::other),
    }
}

/// What a client needs.
fn settings(serving: &Serving) -> Outcome {
    let mailboxes: Vec<_> = serving
        .mailboxes
        .iter()
        .map(|served| {
            json!({
                "mailbox": served.mailbox.as_str(),
                "ods": served.ods.as_str(),
                "password": served.password.expose(),
                "certificate": served.certificate,
                "key": served.key,
            })
        })
        .collect();
    let json = json!({
        "url": serving.mesh.url(),
        "ca": serving.ca,
        "shared_key": serving.shared_key.expose(),
        "mailboxes": mailboxes,
    });
    Outcome::done(json, text(serving))
}

fn text(serving: &Serving) -> String {
    let url = serving.mesh.url();
    let rows = serving.mailboxes.iter().map(|served| {
        let folder = served.certificate.parent().unwrap_or(Path::new("")).display().to_string();
        vec![served.mailbox.to_string(), served.ods.to_string(), served.password.expose().to_owned(), folder]
    });
    let rows = table(&["MAILBOX", "ODS", "PASSWORD", "CERTIFICATE AND KEY"], rows);
    let mut text = format!(
        "The rehearsal MESH listens at {url} until Ctrl-C.\n\n  \
         URL         {url}/messageexchange\n  CA          {ca}\n  Shared key  {key}\n\n",
        ca = serving.ca.display(),
        key = serving.shared_key.expose(),
    );
    for line in rows.lines() {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str(
        "\nEach folder holds certificate.pem (leaf and sub CA) and key.pem (not encrypted). \
         They are for this rehearsal alone.\n",
    );
    if let Some(served) = serving.mailboxes.first() {
        text.push_str(&example(serving, served));
    }
    text
}

/// Commands that work when they are pasted.
fn example(serving: &Serving, served: &rehearsal::Served) -> String {
    let quoted = |text: &str| shell_words::quote(text).into_owned();
    let path = |path: &Path| quoted(&path.display().to_string());
    let python = |path: &Path| format!("{:?}", path.display().to_string());
    let (url, mailbox) = (serving.mesh.url(), &served.mailbox);
    let (ca, certificate, key) = (path(&serving.ca), path(&served.certificate), path(&served.key));
    let (password, shared_key) = (quoted(served.password.expose()), quoted(serving.shared_key.expose()));
    format!(
        "\nTry it from another shell:\n\n  \
         export MESH_MAILBOX_PASSWORD={password} MESH_SHARED_KEY={shared_key}\n  \
         mesh-onboard validate {mailbox} --env rehearsal --url {url} \\\n      \
         --ca {ca} \\\n      --cert {certificate} \\\n      --key {key}\n\n  \
         curl --cacert {ca} \\\n      --cert {certificate} \\\n      --key {key} \\\n      \
         -H 'Accept: application/vnd.mesh.v2+json' {url}/messageexchange/workflowsearch/TEST_WORKFLOW\n\n\
         The official Python client:\n\n  \
         export MESH_CLIENT_SHARED_KEY={shared_key}\n  \
         MeshClient(\"{url}\", \"{mailbox}\", {:?},\n      \
         cert=({}, {}),\n      verify={})",
        served.password.expose(),
        python(&served.certificate),
        python(&served.key),
        python(&serving.ca),
    )
}
