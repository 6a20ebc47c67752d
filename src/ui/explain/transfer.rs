//! Messages that did not go, or did not come, as far as they should.

use std::io;

use super::mesh::call;
use super::{Explained, exit};
use crate::mesh::transfer::{ReceiveError, SendError};
use crate::mesh::{Cause, Error};
use crate::ui::{About, ResumeError};

/// A message that was not sent, or not whole.
pub(super) fn send(error: &SendError, about: &About, resume: Option<&str>) -> Explained {
    let usage = || Explained::new("usage", error).exit(exit::USAGE);
    match error {
        SendError::Mesh { message_id, accepted, of, source } => {
            let explained = call(source, about);
            let Some(id) = message_id else { return explained };
            let explained =
                explained.because(format!("MESH has {accepted} of the {of} chunks of message {id}"));
            match resume.filter(|_| worth_going_on(source)) {
                Some(line) => explained.hint(format!("go on: {line}")),
                None if resume.is_none() => explained.because(NOT_AGAIN),
                None => explained,
            }
        }
        SendError::ChunkSize { .. } => usage().hint("give another size with --chunk-size, such as 20MiB"),
        SendError::TooManyChunks { .. } | SendError::ChunkTooLarge { .. } => {
            usage().hint("choose another size with --chunk-size")
        }
        SendError::SizeNeeded { .. } => usage().hint("say how many bytes come with --size BYTES"),
        SendError::MessageTooLarge { .. } => {
            usage().hint("split it into several messages, or ask the recipient for another way")
        }
        SendError::StreamLength { .. } => usage()
            .because("the last chunk was not sent, so nobody receives a part of it")
            .hint("give the right number of bytes with --size, or leave it out if it fits one chunk"),
        SendError::SourceChanged { .. } => changed(Explained::new("file_changed", error)),
        SendError::Source(source) => read_failed(Explained::new("io", error), source),
        SendError::Watch(source) => io_failed(Explained::new("io", error), source).because(
            "without its record the message cannot be taken up again; the recipient sees nothing of it",
        ),
    }
}

const NOT_AGAIN: &str = "what came from standard input cannot be taken up again; the recipient sees nothing of it until it is whole";

/// Whether the rest of a message may go where its last chunk did not.
fn worth_going_on(error: &Error) -> bool {
    !matches!(error, Error::Refused(refusal) if matches!(refusal.cause(), Cause::Complete | Cause::NotFound | Cause::Gone))
}

/// A message that was not received.
pub(super) fn receive(error: &ReceiveError, about: &About) -> Explained {
    match error {
        ReceiveError::Mesh { source, .. } => call(source, about),
        ReceiveError::Sink(source) | ReceiveError::Watch(source) => {
            io_failed(Explained::new("io", error), source)
                .because("nothing was acknowledged: the message is still in the inbox")
        }
        _ => Explained::new("mesh", error)
            .because("nothing was acknowledged: the message is still in the inbox")
            .hint("receive it again: what was received of it before is left out then"),
    }
}

/// A message that cannot be taken up again.
pub(super) fn resume(error: &ResumeError) -> Explained {
    match error {
        ResumeError::Unknown { known, .. } if known.is_empty() => Explained::new("no_transfer", error)
            .because("no message of this mailbox waits to be taken up again")
            .hint("send it anew, without --resume: the recipient sees nothing of what was sent in part"),
        ResumeError::Unknown { known, .. } => Explained::new("no_transfer", error)
            .because_each(known.iter().map(|id| format!("{id} can be taken up again")))
            .hint("check the ID"),
        ResumeError::Differs { begun, what, .. } => Explained::new("usage", error)
            .exit(exit::USAGE)
            .because(format!("it was begun with {begun}"))
            .hint(format!("leave the {what} out, or send it anew without --resume")),
        ResumeError::FileChanged { .. } => changed(Explained::new("file_changed", error)),
    }
}

fn changed(explained: Explained) -> Explained {
    explained
        .because("nothing was sent: the recipient would get the beginning of one file and the end of another")
        .hint("send it anew, without --resume: the recipient sees nothing of what was sent in part")
}

fn read_failed(explained: Explained, source: &io::Error) -> Explained {
    match source.kind() {
        io::ErrorKind::UnexpectedEof => {
            explained.hint("the file must not change while it is sent: send it again")
        }
        _ => explained.hint("check the file, and who may read it"),
    }
}

/// A disk that does not take what is written to it.
fn io_failed(explained: Explained, source: &io::Error) -> Explained {
    match source.kind() {
        io::ErrorKind::StorageFull => {
            explained.hint("make room on the disk and try again; what was written before is kept")
        }
        _ => explained.hint("check the disk, and who may write there"),
    }
}
