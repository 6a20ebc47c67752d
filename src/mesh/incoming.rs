use std::fmt;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use ureq::BodyReader;

use super::http::{Answer, read_error};
use super::wire::headers;
use super::{ChunkRange, Error};

/// Whether a message was sent by somebody, or by MESH about a message of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageType {
    /// From another mailbox.
    Data,
    /// From MESH, about a message that was not delivered. Its body is empty.
    Report,
}

/// How the bytes of a body are encoded for their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Encoding {
    /// As they are.
    Identity,
    /// Gzip (RFC 1952), each chunk by itself.
    Gzip,
}

/// What the headers of a message say. The texts come from its sender and may hold any characters; a
/// filename is no safe path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The identifier that MESH gave it.
    pub id: String,
    /// The sender's mailbox.
    pub from: Option<String>,
    /// The recipient's mailbox.
    pub to: Option<String>,
    /// The workflow ID.
    pub workflow: Option<String>,
    /// The name of the file, as the sender gave it.
    pub filename: Option<String>,
    /// The subject line.
    pub subject: Option<String>,
    /// The sender's own identifier.
    pub local_id: Option<String>,
    /// Message or report.
    pub message_type: MessageType,
    /// Which chunk this is.
    pub range: ChunkRange,
    /// How the body is encoded.
    pub encoding: Encoding,
    /// The length of the body in bytes, as it is encoded.
    pub length: Option<u64>,
    /// A checksum as the sender gave it. The specification names no algorithm: to be shown, not checked.
    pub checksum: Option<String>,
    /// Of a report: the message that it is about.
    pub linked_message_id: Option<String>,
    /// What became of the message: `00`, or of a report an error code such as `14`.
    pub status_code: Option<String>,
    /// In which step, such as `SEND`.
    pub status_event: Option<String>,
    /// The code in the server's words.
    pub status_description: Option<String>,
    /// When, UTC, `yyyyMMddHHmmss`.
    pub status_timestamp: Option<String>,
}

impl Head {
    pub(super) fn read(id: &str, answer: &Answer) -> Result<Self, Error> {
        let header = |name: &str| answer.header(name).map(String::from);
        let message_type = match header(headers::MESSAGE_TYPE) {
            None => MessageType::Data,
            Some(text) if text.eq_ignore_ascii_case("data") => MessageType::Data,
            Some(text) if text.eq_ignore_ascii_case("report") => MessageType::Report,
            Some(other) => return Err(Error::unexpected(format!("the message type is '{other}'"))),
        };
        let encoding = match header("content-encoding").as_deref() {
            None | Some("identity") => Encoding::Identity,
            Some(text) if text.eq_ignore_ascii_case("gzip") => Encoding::Gzip,
            Some(other) => return Err(Error::unexpected(format!("the body is encoded as '{other}'"))),
        };
        let range = match header(headers::CHUNK_RANGE) {
            None => ChunkRange::WHOLE,
            // A report has no body, so no chunks either; the official sandbox writes `1:0`.
            Some(_) if message_type == MessageType::Report => ChunkRange::WHOLE,
            Some(text) => {
                text.parse().map_err(|e: super::ChunkRangeError| Error::unexpected(e.to_string()))?
            }
        };
        Ok(Self {
            id: id.into(),
            from: header(headers::FROM),
            to: header(headers::TO),
            workflow: header(headers::WORKFLOW_ID),
            filename: header(headers::FILE_NAME),
            subject: header(headers::SUBJECT),
            local_id: header(headers::LOCAL_ID),
            message_type,
            range,
            encoding,
            length: header("content-length").and_then(|text| text.parse().ok()),
            checksum: header(headers::CONTENT_CHECKSUM),
            linked_message_id: header(headers::LINKED_MESSAGE_ID),
            status_code: header(headers::STATUS_CODE),
            status_event: header(headers::STATUS_EVENT),
            status_description: header(headers::STATUS_DESCRIPTION),
            status_timestamp: header(headers::STATUS_TIMESTAMP),
        })
    }
}

/// A message, or a chunk of one, whose body is still to be read.
pub struct Incoming {
    /// What its headers say.
    pub head: Head,
    pub(super) body: BodyReader<'static>,
}

impl Incoming {
    /// The body as it was before it was compressed. Read it to its end, or the connection cannot serve
    /// again. Errors are for [`Error::from_read`].
    pub fn into_reader(self) -> Box<dyn Read + Send> {
        match self.head.encoding {
            Encoding::Identity => Box::new(self.body),
            Encoding::Gzip => Box::new(MultiGzDecoder::new(self.body)),
        }
    }

    /// The body as it travels.
    pub(super) fn into_encoded(self) -> BodyReader<'static> {
        self.body
    }
}

impl Error {
    /// What went wrong while the body of an [`Incoming`] was read: the connection, or its compression.
    pub fn from_read(error: io::Error) -> Self {
        match error.kind() {
            // The decoder's words for a body that is not what its headers say.
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                Self::Damaged { what: error.to_string() }
            }
            _ => read_error(error),
        }
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("head", &self.head).finish_non_exhaustive()
    }
}
