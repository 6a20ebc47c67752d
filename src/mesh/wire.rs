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
    /// Checksum as the sender gave it; the specification names no algorithm.
    pub const CONTENT_CHECKSUM: &str = "mex-content-checksum";
    /// Of a report: the message that it is about.
    pub const LINKED_MESSAGE_ID: &str = "mex-linkedmsgid";
    /// What became of the message: `00`, or an error code such as `14`.
    pub const STATUS_CODE: &str = "mex-statuscode";
    /// In which step: `SEND`, `TRANSFER`, `RECEIVE`, …
    pub const STATUS_EVENT: &str = "mex-statusevent";
    /// The code in words.
    pub const STATUS_DESCRIPTION: &str = "mex-statusdescription";
    /// `SUCCESS` or `ERROR`.
    pub const STATUS_SUCCESS: &str = "mex-statussuccess";
    /// When, UTC, `yyyyMMddHHmmss`.
    pub const STATUS_TIMESTAMP: &str = "mex-statustimestamp";
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

/// How many messages an inbox holds (a call that the specification calls deprecated).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Messages ready for download.
    pub count: u64,
}

/// Where a message stands that was sent. Timestamps are ISO 8601, as MESH writes them.
///
/// Tracking by local ID answers in the field names of version 1, which are read as well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// The identifier of the message.
    #[serde(alias = "messageId")]
    pub message_id: String,
    /// The sender's own identifier.
    #[serde(default, alias = "localId", skip_serializing_if = "Option::is_none")]
    pub local_id: Option<String>,
    /// The workflow ID.
    #[serde(default, alias = "workflowId", skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    /// The name of the file as the sender gave it.
    #[serde(default, alias = "fileName", skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// When the message leaves the inbox unread.
    #[serde(default, alias = "expiryTime", skip_serializing_if = "Option::is_none")]
    pub expiry_time: Option<String>,
    /// When MESH took it.
    #[serde(default, alias = "uploadTimestamp", skip_serializing_if = "Option::is_none")]
    pub upload_timestamp: Option<String>,
    /// The recipient's mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// Its name.
    #[serde(default, alias = "recipientName", skip_serializing_if = "Option::is_none")]
    pub recipient_name: Option<String>,
    /// The ODS code of its owner.
    #[serde(default, alias = "meshRecipientOdsCode", skip_serializing_if = "Option::is_none")]
    pub recipient_ods_code: Option<String>,
    /// The code of the organisation.
    #[serde(default, alias = "recipientOrgCode", skip_serializing_if = "Option::is_none")]
    pub recipient_org_code: Option<String>,
    /// The name of the organisation.
    #[serde(default, alias = "recipientOrgName", skip_serializing_if = "Option::is_none")]
    pub recipient_org_name: Option<String>,
    /// Whether MESH took it: `true`, or in version 1 `SUCCESS`.
    #[serde(
        default,
        alias = "statusSuccess",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "success"
    )]
    pub status_success: Option<bool>,
    /// Where the message stands: `accepted`, `acknowledged`, …; compare without case, servers differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// In which step: `SEND`, `TRANSFER`, …
    #[serde(default, alias = "statusEvent", skip_serializing_if = "Option::is_none")]
    pub status_event: Option<String>,
    /// When it came to stand there.
    #[serde(default, alias = "statusTimestamp", skip_serializing_if = "Option::is_none")]
    pub status_timestamp: Option<String>,
    /// In words.
    #[serde(default, alias = "statusDescription", skip_serializing_if = "Option::is_none")]
    pub status_description: Option<String>,
    /// A code, such as `14`.
    #[serde(default, alias = "statusCode", skip_serializing_if = "Option::is_none")]
    pub status_code: Option<String>,
}

/// `true` and `false`, or `SUCCESS` and whatever is none.
fn success<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Flag(bool),
        Word(String),
    }
    Ok(Option::<Either>::deserialize(deserializer)?.and_then(|either| match either {
        Either::Flag(flag) => Some(flag),
        Either::Word(word) if word.is_empty() => None,
        Either::Word(word) => Some(word.eq_ignore_ascii_case("success")),
    }))
}

/// Answer to a lookup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// The mailboxes found; none is an answer, too.
    pub results: Vec<LookupItem>,
}

/// A mailbox that takes messages of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupItem {
    /// Its ID.
    pub mailbox_id: String,
    /// Its name, which may be empty.
    #[serde(default)]
    pub mailbox_name: String,
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
