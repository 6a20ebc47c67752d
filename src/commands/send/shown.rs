//! The curl commands that send the same.

use std::path::Path;

use super::{Compress, SendArgs, is_stdin};
use crate::commands::curl::{Bodies, Curl};
use crate::mesh::transfer::Sending;
use crate::mesh::{Call, ChunkRange, Error, Outgoing};
use crate::store::files;
use crate::ui::{Failure, InputError};

/// Stands for the ID that the first command prints.
const MESSAGE_ID: &str = "MESSAGE_ID";

/// One command a chunk. What compresses or cuts stands before it.
pub fn commands(args: &SendArgs, sending: &Sending<'_>, curl: &Curl) -> Result<Vec<String>, Failure> {
    let usage = |error: Error| Failure::from(InputError::Usage(error.to_string()));
    let mailbox = args.target.named()?;
    let gzip = args.compress == Compress::Always;
    let size = match (is_stdin(&args.file), args.size) {
        (true, size) => size.unwrap_or_default(),
        (false, _) => files::open(&args.file)?.metadata().map_err(files::failed(&args.file))?.len(),
    };
    let chunks = u32::try_from(size.div_ceil(sending.chunk_size).max(1))
        .map_err(|_| InputError::Usage("so many chunks cannot be shown".into()))?;
    if chunks > 1 && is_stdin(&args.file) {
        let text = "--curl cannot cut standard input into chunks: name a FILE";
        return Err(InputError::Usage(text.into()).into());
    }
    let message = Outgoing { chunks, gzip, ..sending.message };
    let mut lines = Vec::new();
    for index in 1..=chunks {
        let call = match index {
            1 => Call::send(mailbox, &message),
            _ => Call::send_chunk(mailbox, MESSAGE_ID, ChunkRange { index, total: chunks }, gzip),
        };
        let call = call.map_err(usage)?;
        let before = (chunks > 1).then(|| piece(&args.file, sending.chunk_size, index));
        lines.push(match (before, gzip) {
            (None, false) => curl.line_with(&call, Bodies { input: Some(&args.file), ..Bodies::default() }),
            (None, true) if is_stdin(&args.file) => {
                format!("gzip -c | {}", curl.line_with(&call, from_pipe()))
            }
            (None, true) => {
                format!("gzip -c {} | {}", quoted(&args.file), curl.line_with(&call, from_pipe()))
            }
            (Some(piece), false) => format!("{piece} | {}", curl.line_with(&call, from_pipe())),
            (Some(piece), true) => format!("{piece} | gzip -c | {}", curl.line_with(&call, from_pipe())),
        });
    }
    Ok(lines)
}

/// What a pipe brings.
fn from_pipe() -> Bodies<'static> {
    Bodies { input: Some(Path::new("-")), ..Bodies::default() }
}

/// A chunk of a file.
fn piece(file: &Path, size: u64, index: u32) -> String {
    let from = size * u64::from(index - 1) + 1;
    format!("tail -c +{from} {} | head -c {size}", quoted(file))
}

fn quoted(file: &Path) -> String {
    let file = file.display().to_string();
    // An option otherwise.
    let file = if file.starts_with('-') { format!("./{file}") } else { file };
    shell_words::quote(&file).into_owned()
}
