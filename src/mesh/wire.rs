//! What travels: JSON bodies and header names of the MESH API, version 2
//! (`application/vnd.mesh.v2+json`).

use serde::{Deserialize, Serialize};

/// The media type that asks for version 2 of the API.
pub const ACCEPT_V2: &str = "application/vnd.mesh.v2+json";

/// Header names, lower case.
pub mod headers {
    /// Sender of a message.
    pub const FROM: &str = "mex-from";
    /// Recipient of a message.
    pub const TO: &str = "mex-to";
    /// Workflow ID, the kind of message.
    pub const WORKFLOW_ID: &str = "mex-workflowid";
    /// Name of the file sent.
    pub const FILE_NAME: &str = "mex-filename";
    /// The sender's own identifier.
    pub const LOCAL_ID: &str = "mex-localid";
    /// Subject line.
    pub const SUBJECT: &str = "mex-subject";
    /// `i:n`, chunk i of n.
    pub const CHUNK_RANGE: &str = "mex-chunk-range";
    /// `DATA` or `REPORT`.
    pub const MESSAGE_TYPE: &str = "mex-messagetype";
    /// Identifier of a message.
    pub const MESSAGE_ID: &str = "mex-messageid";
    /// Version of the client, asked for by the handshake.
    pub const CLIENT_VERSION: &str = "mex-clientversion";
    /// Operating system, asked for by the handshake.
    pub const OS_NAME: &str = "mex-osname";
    /// Version of the operating system, asked for by the handshake.
    pub const OS_VERSION: &str = "mex-osversion";
    /// Processor architecture, customary in the handshake.
    pub const OS_ARCHITECTURE: &str = "mex-osarchitecture";
}

/// A page of the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// Identifiers of messages ready for download, oldest first.
    pub messages: Vec<String>,
    /// Where the next page is.
    #[serde(default)]
    pub links: Links,
    /// About how many messages the inbox holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approx_inbox_count: Option<u64>,
}

/// Links of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// This page.
    #[serde(rename = "self", default, skip_serializing_if = "Option::is_none")]
    pub this: Option<String>,
    /// The next page, relative to the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Answer to a message that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The identifier that MESH gave it.
    #[serde(alias = "messageID")]
    pub message_id: String,
}

/// Answer to a tracking request; only what is used is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// The identifier of the message.
    pub message_id: String,
    /// The sender's own identifier.
    #[serde(default)]
    pub local_id: Option<String>,
    /// Where the message stands: `accepted`, `acknowledged`, …; compare without case, servers differ.
    #[serde(default)]
    pub status: Option<String>,
    /// Whether it was delivered.
    #[serde(default)]
    pub status_success: Option<bool>,
    /// The recipient's mailbox.
    #[serde(default)]
    pub recipient: Option<String>,
    /// The workflow ID.
    #[serde(default)]
    pub workflow_id: Option<String>,
}

/// Error body of version 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// One entry an error.
    pub detail: Vec<ErrorDetail>,
    /// The message that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// One error of version 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// `SEND`, `RECEIVE`, …
    pub event: String,
    /// Such as `12` or `EPL-151`.
    pub code: String,
    /// In words.
    pub msg: String,
}
