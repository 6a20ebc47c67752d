//! One message, from MESH to its file.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::report::Report;
use crate::commands::connection::Connection;
use crate::commands::{Context, known};
use crate::mesh::transfer::{self, Continuation, ReceiveError, ReceiveState, ReceiveWatch, Received};
use crate::mesh::{Client, Head, MessageType};
use crate::store::{PartFile, StoreError, files, safe_name, with_mark};
use crate::ui::{About, Failure, Progress, clean};

/// Where messages go.
pub enum Target {
    /// Into a folder, by names that the senders gave.
    Folder(PathBuf),
    /// Into one file.
    File(PathBuf),
}

/// A message that is safe on disk.
pub struct Kept {
    head: Head,
    file: PathBuf,
    bytes: u64,
    sha256: Option<String>,
    /// Whether MESH knows.
    pub acknowledged: Option<bool>,
}

impl Target {
    /// Receives a message and keeps it; what an earlier run left of it is taken up.
    pub fn receive(&self, context: &Context, mesh: &Connection<Client>, id: &str) -> Result<Kept, Failure> {
        let mut part = PartFile::<ReceiveState>::open(&self.folder(), id)?;
        mesh.progress.begin(&format!("Receiving {id}"), None);
        // Proof of what arrived; people do not compare it.
        let hash = context.screen.json;
        let result = match attempt(&mesh.calls, id, &mut part, hash, &mesh.progress) {
            Err(error @ (ReceiveError::PartChanged { .. } | ReceiveError::MessageChanged { .. })) => {
                mesh.progress.note(&format!("note: {id}: {error}; it is received from its beginning"));
                part.start_over()?;
                attempt(&mesh.calls, id, &mut part, hash, &mesh.progress)
            }
            other => other,
        };
        let received = match result {
            Ok(received) => received,
            Err(error) => {
                if part.leave()?.is_some() {
                    mesh.progress.note(&format!(
                        "note: what arrived of {id} is kept; the same command goes on from there"
                    ));
                }
                let about = About { message: Some(id.into()), ..mesh.about.clone() };
                return Err(Failure::Receiving { error, about: Box::new(about) });
            }
        };
        self.keep(part, received)
    }

    fn keep(&self, mut part: PartFile<ReceiveState>, received: Received) -> Result<Kept, Failure> {
        let Received { head, mut bytes, mut sha256, .. } = received;
        let mut name = head.filename.as_deref().and_then(safe_name).unwrap_or_else(|| head.id.clone());
        if let MessageType::Report = head.message_type {
            // All of it stands in its headers, which go with the acknowledgement.
            part.start_over()?;
            let report = format!("{:#}\n", Report(&head).json());
            io::Write::write_all(part.file(), report.as_bytes())
                .map_err(|source| StoreError::Io { path: part.path().into(), source })?;
            (bytes, sha256) = (report.len() as u64, None);
            name = format!("{}.report.json", head.id);
        }
        let file = match self {
            Self::File(file) => {
                part.finish(file)?;
                file.clone()
            }
            Self::Folder(folder) => finish_in(&mut part, folder, &name, &head.id)?,
        };
        let file = std::path::absolute(&file).unwrap_or(file);
        Ok(Kept { head, file, bytes, sha256, acknowledged: None })
    }

    fn folder(&self) -> PathBuf {
        let folder = match self {
            Self::Folder(folder) => Some(folder.as_path()),
            Self::File(file) => file.parent(),
        };
        folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
    }
}

/// Under its own name, or if that is taken with its ID in it, or with a number besides.
fn finish_in(
    part: &mut PartFile<ReceiveState>,
    folder: &Path,
    name: &str,
    id: &str,
) -> Result<PathBuf, StoreError> {
    let marked = with_mark(name, id);
    let numbered = (2..=u32::MAX).map(|n| with_mark(&marked, &n.to_string()));
    for name in [name.to_owned(), marked.clone()].into_iter().chain(numbered) {
        let path = folder.join(name);
        if files::check_new(&path).is_err() && path.symlink_metadata().is_ok() {
            continue;
        }
        match part.finish(&path) {
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|()| path),
        }
    }
    unreachable!("a folder does not hold so many files")
}

fn attempt(
    client: &Client,
    id: &str,
    part: &mut PartFile<ReceiveState>,
    hash: bool,
    progress: &Progress,
) -> Result<Received, ReceiveError> {
    let from = part.state().cloned();
    // Both write to the same open file, and where one stands the other does.
    let mut sink = part.file().try_clone().map_err(ReceiveError::Sink)?;
    let reader = part.reader().map_err(|error| ReceiveError::Sink(error.into()));
    match from {
        Some(state) => {
            progress.resumes_at(state.bytes);
            let mut reader = reader?;
            let from = Continuation { state, part: &mut reader };
            transfer::receive(client, id, Some(from), &mut sink, hash, &mut Watch { part, progress })
        }
        None => transfer::receive(client, id, None, &mut sink, hash, &mut Watch { part, progress }),
    }
}

struct Watch<'a> {
    part: &'a mut PartFile<ReceiveState>,
    progress: &'a Progress,
}

impl ReceiveWatch for Watch<'_> {
    fn kept(&mut self, state: &ReceiveState) -> io::Result<()> {
        if state.is_complete() {
            return Ok(());
        }
        Ok(self.part.keep(state.bytes, state.clone())?)
    }

    fn progress(&self, bytes: u64, of: Option<u64>) {
        self.progress.at(bytes, of);
    }
}

impl Kept {
    /// For scripts.
    pub fn json(&self) -> Value {
        let head = &self.head;
        let is_report = head.message_type == MessageType::Report;
        let mut json = json!({
            "id": head.id,
            "from": head.from,
            "to": head.to,
            "workflow": head.workflow,
            "file": self.file,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "type": if is_report { "report" } else { "data" },
            "filename": head.filename,
            "subject": head.subject,
            "local_id": head.local_id,
            "checksum": head.checksum,
            "acknowledged": self.acknowledged,
        });
        if is_report {
            json["report"] = Report(head).json();
        }
        known(json)
    }

    /// For people: one line.
    pub fn text(&self) -> String {
        let Head { id, from, workflow, .. } = &self.head;
        let file = self.file.display();
        let acknowledged = if self.acknowledged.is_some() { "; acknowledged" } else { "" };
        if self.head.message_type == MessageType::Report {
            return format!("{}\n  kept as {file}{acknowledged}", clean(&Report(&self.head).sentence()));
        }
        let from = from.as_deref().unwrap_or("an unknown sender");
        let workflow = workflow.as_deref().map(|w| format!(" ({w})")).unwrap_or_default();
        let bytes = self.bytes;
        clean(&format!("{id}: {bytes} bytes from {from}{workflow} in {file}{acknowledged}"))
    }
}
