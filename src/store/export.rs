use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::{as_text, optional_text};
use crate::pki::Fingerprint;

/// A handover that was put somewhere: for whom, where, and with which certificate. No secret stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRecord {
    /// The consumer.
    pub consumer: String,
    /// The folder, absolute.
    pub folder: PathBuf,
    /// The number of the credential that was handed over.
    pub credential: u32,
    /// SHA-256 of its certificate.
    #[serde(with = "as_text")]
    pub certificate_sha256: Fingerprint,
    /// When.
    #[serde(with = "rfc3339")]
    pub exported_at: OffsetDateTime,
    /// The address of MESH, where the user named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where the consumer finds the folder, if elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed_at: Option<PathBuf>,
    /// The permissions of the files in octal, if others than 600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Whether PFX and keystore are of the legacy profile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub legacy_pfx: bool,
    /// SHA-256 over all files with their names, where some have none of their own and a key among them keeps it from
    /// telling a password.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Fingerprint>,
    /// The certificates that the consumer is to believe at the server, where the user named them, PEM.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_ca: Vec<String>,
    /// The settings.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// The files.
    #[serde(rename = "file")]
    pub files: Vec<ExportedFile>,
    /// Those that were about to take their place: a run that was killed then had not noted whether they did.
    #[serde(default, rename = "pending_file", skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<ExportedFile>,
}

/// One file of a handover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    /// Its path below the folder.
    pub path: String,
    /// Its SHA-256; left out where a hash would help to guess a password.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Fingerprint>,
}
