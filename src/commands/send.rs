mod journal;
mod shown;

use std::io::Read;
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use clap::{Args, ValueEnum};
use serde_json::json;

use self::journal::Watch;
use super::curl::CurlArgs;
use super::target::TargetArgs;
use super::{Context, Example, connection};
use crate::mesh::Outgoing;
use crate::mesh::transfer::{
    self, CHUNK_DEFAULT, CHUNK_MAX, Compression, Content, Seekable, Sending, SentMessage,
};
use crate::store::{SourceFile, Transfers, files};
use crate::ui::{Failure, InputError, Outcome};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example {
        does: "A file, with a local ID to track it by",
        line: "mesh-onboard send X26ABC1 results.csv --to X26ABC2 --workflow TEST_WORKFLOW --local-id results-2026-11-18",
    },
    Example {
        does: "What another program writes; more than one chunk of it needs --size",
        line: "tar -c reports | mesh-onboard send X26ABC1 - --to X26ABC2 --workflow TEST_WORKFLOW",
    },
    Example {
        does: "Go on with a message that broke off",
        line: "mesh-onboard send X26ABC1 results.csv --resume 20261118093000123456_A1B2C3",
    },
    Example {
        does: "Only show the curl command that sends the same",
        line: "mesh-onboard send X26ABC1 results.csv --to X26ABC2 --workflow TEST_WORKFLOW --curl",
    },
];

/// Send a file as a message, in as many chunks as it needs
#[derive(Debug, Args)]
#[command(mut_arg("mailbox", |mailbox| mailbox.required(true).index(1)))]
pub struct SendArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// What to send, - for standard input
    #[arg(value_name = "FILE", index = 2)]
    file: PathBuf,
    /// The recipient's mailbox
    #[arg(long, value_name = "MAILBOX", required_unless_present = "resume")]
    to: Option<String>,
    /// Workflow ID, which says what kind of message it is
    #[arg(long, value_name = "ID", required_unless_present = "resume")]
    workflow: Option<String>,
    /// Subject line
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// An ID of your own, to track the message by; no personal data belongs in it
    #[arg(long, value_name = "ID")]
    local_id: Option<String>,
    /// Name of the file as the recipient sees it; default: that of FILE; '' sends none
    #[arg(long, value_name = "NAME")]
    filename: Option<String>,
    /// Media type of the file; default: application/octet-stream
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Size of a chunk before compression, at most 100MB; default: 20MiB
    #[arg(long, value_name = "SIZE", value_parser = chunk_size)]
    chunk_size: Option<u64>,
    /// Compress with gzip: auto does if a sample says that it is worth it
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto")]
    compress: Compress,
    /// How many bytes standard input has; needed if they are more than one chunk
    #[arg(long, value_name = "BYTES", value_parser = size)]
    size: Option<u64>,
    /// Go on with the message of this ID, which broke off; FILE must be the same
    #[arg(long, value_name = "ID", conflicts_with_all = ["size", "curl"])]
    resume: Option<String>,
    #[command(flatten)]
    curl: CurlArgs,
}

/// When to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Compress {
    Auto,
    Always,
    Never,
}

impl From<Compress> for Compression {
    fn from(when: Compress) -> Self {
        match when {
            Compress::Auto => Self::Auto,
            Compress::Always => Self::Always,
            Compress::Never => Self::Never,
        }
    }
}

fn size(text: &str) -> Result<u64, String> {
    text.parse::<ByteSize>()
        .map(|size| size.as_u64())
        .map_err(|_| "a size is written as 20MiB, 5MB or 20000000".into())
}

fn chunk_size(text: &str) -> Result<u64, String> {
    let found = size(text)?;
    if !(1..=CHUNK_MAX).contains(&found) {
        return Err(format!("a chunk has 1 to {CHUNK_MAX} bytes"));
    }
    Ok(found)
}

/// Sends; what breaks off after the first chunk can be taken up again.
pub fn run(context: &Context, args: &SendArgs) -> Result<Outcome, Failure> {
    let filename = filename(context, args);
    let message = Outgoing {
        to: args.to.as_deref().unwrap_or_default(),
        workflow: args.workflow.as_deref().unwrap_or_default(),
        filename: filename.as_deref(),
        local_id: args.local_id.as_deref(),
        subject: args.subject.as_deref(),
        content_type: args.content_type.as_deref(),
        ..Outgoing::default()
    };
    let chunk_size = args.chunk_size.unwrap_or(CHUNK_DEFAULT);
    let sending = Sending { message, chunk_size, compression: args.compress.into() };
    if args.curl.curl {
        return args.curl.outcome(context, &args.target, |curl| shown::commands(args, &sending, curl));
    }
    let mut input = Input::open(context, args)?;
    let mut mesh = connection::client(context, &args.target)?;
    mesh.about.local_id = args.local_id.clone();
    let transfers = Transfers::of(&context.store.folder(mesh.environment, mesh.calls.mailbox()));
    let result = match &args.resume {
        Some(id) => journal::resume(context, &mesh, &transfers, id, args, input)?,
        None => {
            let mut watch = Watch::new(context, &mesh, &transfers, &sending.message, input.identity());
            mesh.work(&format!("Sending {}", args.file.display()), |client| {
                let result = transfer::send(client, &sending, input.content(args.size), &mut watch);
                watch.end(result)
            })?
        }
    };
    Ok(outcome(args, &result))
}

fn outcome(args: &SendArgs, sent: &SentMessage) -> Outcome {
    let SentMessage { message_id, bytes, chunks, .. } = sent;
    let json = json!({"message_id": message_id, "bytes": bytes, "chunks": chunks});
    let chunks = if *chunks == 1 { "1 chunk".into() } else { format!("{chunks} chunks") };
    let packed = if sent.gzip { format!(", {} on the way", sent.wire_bytes) } else { String::new() };
    let text = format!(
        "MESH took message {}: {bytes} bytes in {chunks}{packed}.\n\nNext: see in a while where it stands: mesh-onboard track {} {message_id}",
        crate::ui::clean(message_id),
        args.target.words(),
    );
    Outcome::done(json, text)
}

/// The name that was given, or that of the file, if a header can carry it.
fn filename(context: &Context, args: &SendArgs) -> Option<String> {
    if args.filename.is_some() || is_stdin(&args.file) || args.resume.is_some() {
        return args.filename.clone();
    }
    let name = files::name_of(&args.file);
    let fits = name.len() <= 300 && name.trim() == name && name.bytes().all(|b| matches!(b, b' '..=b'~'));
    if !fits {
        context.screen.note("note: the name of the file is not sent, since a header takes ASCII alone; --filename gives another");
    }
    fits.then_some(name)
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What is sent.
enum Input {
    /// Can be read again.
    File(Seekable<std::fs::File>, SourceFile),
    /// Can be read once.
    Stream(Option<Box<dyn Read + Send>>),
}

impl Input {
    fn open(context: &Context, args: &SendArgs) -> Result<Self, Failure> {
        if is_stdin(&args.file) {
            if args.resume.is_some() {
                let text = "what came from standard input cannot be taken up again: name a FILE";
                return Err(InputError::Usage(text.into()).into());
            }
            if context.stdin_used.replace(true) {
                return Err(InputError::Usage("only one thing can come from standard input".into()).into());
            }
            return Ok(Self::Stream(Some(Box::new(std::io::stdin()))));
        }
        let file = files::open(&args.file)?;
        let metadata = file.metadata().map_err(files::failed(&args.file))?;
        if metadata.is_dir() {
            return Err(InputError::Usage(format!("{} is a folder", args.file.display())).into());
        }
        if !metadata.is_file() {
            return Ok(Self::Stream(Some(Box::new(file))));
        }
        if args.size.is_some_and(|size| size != metadata.len()) {
            let text =
                format!("{} has {} bytes, and --size says otherwise", args.file.display(), metadata.len());
            return Err(InputError::Usage(text).into());
        }
        let identity = SourceFile::of(&args.file, &file)?;
        Ok(Self::File(Seekable::new(file).map_err(files::failed(&args.file))?, identity))
    }

    fn identity(&self) -> Option<SourceFile> {
        match self {
            Self::File(_, identity) => Some(identity.clone()),
            Self::Stream(_) => None,
        }
    }

    fn content(&mut self, len: Option<u64>) -> Content<'_> {
        match self {
            Self::File(file, _) => Content::File(file),
            Self::Stream(reader) => {
                Content::Stream { reader: reader.take().unwrap_or_else(|| Box::new(std::io::empty())), len }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(size("20MiB"), Ok(20 * 1024 * 1024));
        assert_eq!(size("5MB"), Ok(5_000_000));
        assert_eq!(size("20000000"), Ok(20_000_000));
        assert!(size("many").is_err());
        assert!(chunk_size("0").is_err() && chunk_size("101MB").is_err() && chunk_size("100MB").is_ok());
    }
}
