//! What can be wrong with an Authorization header. Codes are stable; what to do about it is told elsewhere.

use time::Duration;

use super::terms::{Alteration, Field, Secret, Severity};

/// One thing that is wrong with a header, or deserves to be known, with its evidence. Never holds a secret.
///
/// What is said of the message that was hashed is proved: the hash fits when it is made in that way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The name of the header stands before its value.
    #[error("the text begins with the name of the header, which is no part of its value")]
    HeaderName,
    /// Quotes around the value.
    #[error("there are quotes around the value")]
    Quotes,
    /// White space around the value, which HTTP does not count.
    #[error("there is white space around the value")]
    WhiteSpace,
    /// A line end around or in the value, which no HTTP header may hold.
    #[error("there is a line end at the end of the value or in it")]
    LineEnd,
    /// A character that is no printable ASCII.
    #[error("the value holds U+{:04X}, which is no printable ASCII", u32::from(*first))]
    UnusualCharacter {
        /// The first such character.
        first: char,
    },
    /// The scheme is missing, or another one.
    #[error("the value does not begin with NHSMESH and a space")]
    SchemeMissing,
    /// The scheme in other letters.
    #[error("NHSMESH is not in capitals")]
    SchemeCase,
    /// Not exactly one space behind the scheme.
    #[error("NHSMESH is not followed by one space")]
    SchemeSpace,
    /// The scheme stands there more than once.
    #[error("NHSMESH stands there more than once")]
    SchemeTwice,
    /// Too few or too many fields.
    #[error("{found} field{} with colons between, where there are to be 5", if *found == 1 { "" } else { "s" })]
    FieldCount {
        /// How many there are.
        found: usize,
    },
    /// The fields stand in another order.
    #[error("the fields look to be in the order {}", listed(found))]
    FieldOrder {
        /// The order, by the look of the fields.
        found: Vec<Field>,
    },
    /// White space around a field.
    #[error("there is white space around the {field}")]
    FieldPadded {
        /// The field.
        field: Field,
    },
    /// A secret travels in the header.
    #[error("the {which} itself stands in the header; it belongs into the hash only")]
    SecretInHeader {
        /// Which.
        which: Secret,
    },
    /// The mailbox in lower case.
    #[error("the mailbox is not in capitals")]
    MailboxCase,
    /// Another mailbox.
    #[error("the header is for {}", found.as_deref().unwrap_or("another mailbox"))]
    MailboxOther {
        /// The mailbox that it names, if that can be one.
        found: Option<String>,
    },
    /// There is no nonce.
    #[error("the nonce is empty")]
    NonceEmpty,
    /// The nonce is no GUID.
    #[error("the nonce is no GUID, which the specification asks for")]
    NonceNotGuid,
    /// The nonce count is no number.
    #[error("the nonce count is not made of digits")]
    CountNotDigits,
    /// The timestamp has seconds.
    #[error("the timestamp has seconds; it ends with the minutes")]
    TimestampSeconds,
    /// The timestamp is in the manner of ISO 8601.
    #[error("the timestamp is in the form of ISO 8601, with separators")]
    TimestampIso,
    /// The timestamp counts from 1970.
    #[error("the timestamp counts seconds or milliseconds since 1970")]
    TimestampEpoch,
    /// The timestamp is of no known form.
    #[error("the timestamp is no time of the form yyyyMMddHHmm")]
    TimestampForm,
    /// Older than MESH takes.
    #[error("the timestamp is {} old; MESH takes two hours", span(*by))]
    TimestampOld {
        /// How old it is.
        by: Duration,
    },
    /// Further ahead than MESH takes.
    #[error("the timestamp is {} ahead; MESH takes two hours", span(*by))]
    TimestampAhead {
        /// How far it is ahead.
        by: Duration,
    },
    /// Off by as much as a local time would be.
    #[error("the timestamp is {} off UTC, {}", offset_name(*offset), local_time(*offset, *british))]
    TimestampLocal {
        /// The offset from UTC.
        offset: Duration,
        /// Whether the United Kingdom had this offset then.
        british: bool,
    },
    /// Off by as much as a clock with twelve hours would be.
    #[error(
        "the timestamp is 12 hours off, as it is where the hour is written with a 12-hour clock (hh instead of HH)"
    )]
    TimestampTwelveHours,
    /// The hash in capitals.
    #[error("the hash is not in lower case")]
    HashCase,
    /// The hash as base64.
    #[error("the hash is base64")]
    HashBase64,
    /// The hash with hyphens or the like between its bytes.
    #[error("there are separators between the bytes of the hash")]
    HashSeparators,
    /// The hash has another length than that of SHA-256.
    #[error("the hash has {digits} digits{}; SHA-256 has 64", length_of(*digits))]
    HashLength {
        /// How many hexadecimal digits it has.
        digits: usize,
    },
    /// The hash begins as it should and is cut off, or goes on.
    #[error(
        "the hash is right and has {digits} digits instead of 64: it was cut off, or something follows it"
    )]
    HashTruncated {
        /// How many hexadecimal digits it has.
        digits: usize,
    },
    /// The hash is neither hexadecimal nor base64.
    #[error("the hash is not hexadecimal")]
    HashNotHex,
    /// HMAC with another hash function.
    #[error("the hash is made with {name} instead of HMAC-SHA-256")]
    HashAlgorithm {
        /// The algorithm.
        name: &'static str,
    },
    /// A plain hash, without HMAC.
    #[error("the hash is made without HMAC")]
    HashUnkeyed,
    /// Key and message of the HMAC the other way round.
    #[error("the hash is made with the message as the key and the shared key as the message")]
    HashArguments,
    /// The message in another order.
    #[error("the hash is made over the fields in the order {}", listed(order))]
    MessageOrder {
        /// The order.
        order: Vec<Field>,
    },
    /// The message without one of its fields.
    #[error("the hash is made without the {field}")]
    MessageField {
        /// The field that is missing.
        field: Field,
    },
    /// The message begins with the scheme.
    #[error("the hash is made over a message that begins with NHSMESH")]
    MessageScheme,
    /// The message without colons, or with one too many.
    #[error("the hash is made over fields that are not joined by single colons")]
    MessageSeparator,
    /// The message ends with a line end.
    #[error("the hash is made over a message with a line end behind it")]
    MessageLineEnd,
    /// The message is not in UTF-8.
    #[error("the hash is made over a message in UTF-16")]
    MessageUtf16,
    /// The message has the mailbox in other letters, or another mailbox.
    #[error("the hash is made with the mailbox as {used}")]
    MessageMailbox {
        /// What it was made with.
        used: String,
    },
    /// The message has the nonce in another form.
    #[error("the hash is made with the nonce in another form: other case, or with or without hyphens")]
    MessageNonce,
    /// The message has another nonce count.
    #[error("the hash is made with nonce count {used}, which is not the one in the header")]
    MessageCount {
        /// What it was made with.
        used: String,
    },
    /// The message has another timestamp.
    #[error("the hash is made with timestamp {used}, which is not the one in the header{}", utc_offset(*offset))]
    MessageTimestamp {
        /// What it was made with.
        used: String,
        /// How far it is from the one in the header, where that is as much as an offset from UTC may be.
        offset: Option<Duration>,
    },
    /// Password and shared key the other way round.
    #[error("the hash is made with mailbox password and shared key the other way round")]
    SecretsSwapped,
    /// One of the secrets was changed on the way.
    #[error("the hash is made with the {which} {how}")]
    SecretAltered {
        /// Which.
        which: Secret,
        /// In which way.
        how: Alteration,
    },
    /// The published shared key of a sandbox.
    #[error(
        "the hash is made with {name}, the published shared key of a sandbox, instead of the one given here"
    )]
    SandboxKey {
        /// The key, which is no secret.
        name: &'static str,
    },
    /// Nothing that was tried gives this hash.
    #[error(
        "the hash does not fit the mailbox password and the shared key given here, in no way that was tried"
    )]
    SecretsDiffer,
}

impl Fault {
    /// Stable snake_case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::HeaderName => "header_name",
            Self::Quotes => "quotes",
            Self::WhiteSpace => "white_space",
            Self::LineEnd => "line_end",
            Self::UnusualCharacter { .. } => "unusual_character",
            Self::SchemeMissing => "scheme_missing",
            Self::SchemeCase => "scheme_case",
            Self::SchemeSpace => "scheme_space",
            Self::SchemeTwice => "scheme_twice",
            Self::FieldCount { .. } => "field_count",
            Self::FieldOrder { .. } => "field_order",
            Self::FieldPadded { .. } => "field_padded",
            Self::SecretInHeader { .. } => "secret_in_header",
            Self::MailboxCase => "mailbox_case",
            Self::MailboxOther { .. } => "mailbox_other",
            Self::NonceEmpty => "nonce_empty",
            Self::NonceNotGuid => "nonce_not_guid",
            Self::CountNotDigits => "count_not_digits",
            Self::TimestampSeconds => "timestamp_seconds",
            Self::TimestampIso => "timestamp_iso",
            Self::TimestampEpoch => "timestamp_epoch",
            Self::TimestampForm => "timestamp_form",
            Self::TimestampOld { .. } => "timestamp_old",
            Self::TimestampAhead { .. } => "timestamp_ahead",
            Self::TimestampLocal { .. } => "timestamp_local",
            Self::TimestampTwelveHours => "timestamp_twelve_hours",
            Self::HashCase => "hash_case",
            Self::HashBase64 => "hash_base64",
            Self::HashSeparators => "hash_separators",
            Self::HashLength { .. } => "hash_length",
            Self::HashTruncated { .. } => "hash_truncated",
            Self::HashNotHex => "hash_not_hex",
            Self::HashAlgorithm { .. } => "hash_algorithm",
            Self::HashUnkeyed => "hash_unkeyed",
            Self::HashArguments => "hash_arguments",
            Self::MessageOrder { .. } => "message_order",
            Self::MessageField { .. } => "message_field",
            Self::MessageScheme => "message_scheme",
            Self::MessageSeparator => "message_separator",
            Self::MessageLineEnd => "message_line_end",
            Self::MessageUtf16 => "message_utf16",
            Self::MessageMailbox { .. } => "message_mailbox",
            Self::MessageNonce => "message_nonce",
            Self::MessageCount { .. } => "message_count",
            Self::MessageTimestamp { .. } => "message_timestamp",
            Self::SecretsSwapped => "secrets_swapped",
            Self::SecretAltered { which: Secret::Password, .. } => "password_altered",
            Self::SecretAltered { which: Secret::SharedKey, .. } => "shared_key_altered",
            Self::SandboxKey { .. } => "sandbox_key",
            Self::SecretsDiffer => "secrets_differ",
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            Self::NonceNotGuid => Severity::Info,
            // What makes a timestamp wrong is not proved by its being off, and an hour off is accepted.
            Self::WhiteSpace | Self::TimestampLocal { .. } | Self::TimestampTwelveHours => Severity::Warn,
            _ => Severity::Fail,
        }
    }
}

fn listed(fields: &[Field]) -> String {
    fields.iter().map(|field| field.to_string()).collect::<Vec<_>>().join(", ")
}

/// Hours and minutes; from two days on, days.
fn span(by: Duration) -> String {
    let (hours, minutes) = (by.whole_hours().abs(), by.whole_minutes().abs() % 60);
    match (hours, minutes) {
        (48.., _) => format!("{} days", hours / 24),
        (0, _) => format!("{minutes} min"),
        (_, 0) => format!("{hours} h"),
        _ => format!("{hours} h {minutes} min"),
    }
}

/// `+01:00`.
fn offset_name(offset: Duration) -> String {
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", offset.whole_hours().abs(), offset.whole_minutes().abs() % 60)
}

fn local_time(offset: Duration, british: bool) -> &'static str {
    match (british, offset.is_negative()) {
        (true, _) => "as British summer time is",
        (false, false) => "as the local time of some places is",
        // It may also have been made that long ago.
        (false, true) => "as the local time of some places is, if it was made just now",
    }
}

fn utc_offset(offset: Option<Duration>) -> String {
    offset
        .map(|offset| format!(" ({} from it: UTC here and local time there?)", offset_name(offset)))
        .unwrap_or_default()
}

fn length_of(digits: usize) -> &'static str {
    match digits {
        32 => ", which is the length of MD5",
        40 => ", which is the length of SHA-1",
        96 => ", which is the length of SHA-384",
        128 => ", which is the length of SHA-512",
        _ => "",
    }
}
