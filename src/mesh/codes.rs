//! What MESH means: its error codes, its refusals, and where a message stands.
//!
//! MESH API specification, "Error codes".

use super::Refusal;

/// Why MESH refused a request, or why a message did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// Code 02.
    DataMissing,
    /// Code 06.
    Headers,
    /// Code 07.
    FromAddress,
    /// Code 08.
    RecipientMissing,
    /// Code 11.
    MessageType,
    /// Code 12.
    RecipientUnknown,
    /// Code 14.
    Undelivered,
    /// Code 15.
    ChildProtectionFile,
    /// Code 16.
    SenderNotAllowed,
    /// Code 17.
    WorkflowNotRegistered,
    /// Code `EPL-151`.
    MailboxUnknown,
    /// The token names another mailbox than the path.
    TokenForOther,
    /// The token came before, by the server's words.
    TokenReused,
    /// The token's time is not the server's, by the server's words.
    TokenTime,
    /// HTTP 401 and 403 otherwise: password, shared key, clock or certificate; MESH does not tell which.
    Login,
    /// HTTP 404.
    NotFound,
    /// HTTP 410.
    Gone,
    /// HTTP 413.
    TooLarge,
    /// HTTP 423.
    Complete,
    /// HTTP 429.
    TooOften,
    /// HTTP 500 and above.
    Server,
    /// Anything else.
    Other,
}

impl Cause {
    /// What an error code means, in a refusal or in a report; codes that are not known have no cause.
    pub fn of_code(code: &str) -> Option<Self> {
        Some(match code.trim() {
            "02" | "2" => Self::DataMissing,
            "06" | "6" => Self::Headers,
            "07" | "7" => Self::FromAddress,
            "08" | "8" => Self::RecipientMissing,
            "11" => Self::MessageType,
            "12" => Self::RecipientUnknown,
            "14" => Self::Undelivered,
            "15" => Self::ChildProtectionFile,
            "16" => Self::SenderNotAllowed,
            "17" => Self::WorkflowNotRegistered,
            "EPL-151" => Self::MailboxUnknown,
            _ => return None,
        })
    }

    /// The same in words, as the end of "because".
    pub fn words(self) -> &'static str {
        match self {
            Self::DataMissing => "the message had no content that MESH could read",
            Self::Headers => "the headers of the message are malformed",
            Self::FromAddress => "the sender's address is not that of the mailbox that sent it",
            Self::RecipientMissing => "the message names no recipient",
            Self::MessageType => "the message type is not DATA",
            Self::RecipientUnknown => "the recipient's mailbox is not registered",
            Self::Undelivered => "it was not delivered: nobody acknowledged it within five days",
            Self::ChildProtectionFile => {
                "the file breaks the rules of Child Protection - Information Sharing"
            }
            Self::SenderNotAllowed => "the sender is not allowed to send messages of this workflow",
            Self::WorkflowNotRegistered => "the workflow ID is not registered for the mailbox",
            Self::MailboxUnknown => "there is no such mailbox in this environment",
            Self::TokenForOther => "the token was made for another mailbox",
            Self::TokenReused => "the token was used before",
            Self::TokenTime => "the time in the token is not the time of MESH",
            Self::Login => "mailbox password, shared key or clock is wrong; MESH does not tell which",
            Self::NotFound => "there is no such thing at this address",
            Self::Gone => "the message is gone: acknowledged, or expired",
            Self::TooLarge => "the request is larger than MESH takes",
            Self::Complete => "the message is complete, and takes no more chunks",
            Self::TooOften => "too many requests in too short a time",
            Self::Server => "MESH itself failed",
            Self::Other => "for another reason",
        }
    }
}

impl Refusal {
    /// Why it refused, by its code, then by its words, then by its status.
    pub fn cause(&self) -> Cause {
        if let Some(cause) = self.code.as_deref().and_then(Cause::of_code) {
            return cause;
        }
        let text = self.text.to_ascii_lowercase();
        match self.status {
            401 | 403 if text.contains("no mailbox matched") => Cause::MailboxUnknown,
            401 | 403 if text.contains("does not match token") => Cause::TokenForOther,
            401 | 403 if speaks_of_reuse(&text) => Cause::TokenReused,
            401 | 403 if speaks_of_time(&text) => Cause::TokenTime,
            401 | 403 => Cause::Login,
            404 => Cause::NotFound,
            410 => Cause::Gone,
            413 => Cause::TooLarge,
            423 => Cause::Complete,
            429 => Cause::TooOften,
            500.. => Cause::Server,
            _ => Cause::Other,
        }
    }
}

/// `Error Duplicated Authentication Token` and its like.
fn speaks_of_reuse(text: &str) -> bool {
    text.contains("token")
        && ["duplicate", "replay", "reuse", "already"].iter().any(|word| text.contains(word))
}

/// No server is known whose words are certain, so a few are taken for it; an expired certificate is not one.
fn speaks_of_time(text: &str) -> bool {
    let time = ["timestamp", "time stamp", "clock"].iter().any(|word| text.contains(word));
    time || (text.contains("token") && text.contains("expired"))
}

/// Where a message stands that was sent, in words; servers write it in capitals or not.
pub fn standing(status: &str) -> Option<&'static str> {
    Some(match status.to_ascii_lowercase().as_str() {
        "uploading" => "chunks are still to be sent",
        "accepted" => "MESH has it; the recipient has not acknowledged it yet",
        "acknowledged" => "the recipient has it",
        "undeliverable" => "it cannot be delivered; a report in the inbox says why",
        "error" => "it failed; a report in the inbox says why",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::BodyKind;

    fn refusal(status: u16, code: Option<&str>, text: &str) -> Refusal {
        Refusal {
            status,
            code: code.map(str::to_owned),
            event: None,
            text: text.into(),
            message_id: None,
            kind: BodyKind::V2,
            date: None,
            retry_after: None,
        }
    }

    #[test]
    fn codes_count_before_words_and_words_before_the_status() {
        let rows = [
            (refusal(417, Some("12"), "Unregistered to address"), Cause::RecipientUnknown),
            (refusal(403, Some("EPL-151"), ""), Cause::MailboxUnknown),
            (refusal(403, None, "No mailbox matched"), Cause::MailboxUnknown),
            (refusal(403, Some("99"), "Mailbox id does not match token"), Cause::TokenForOther),
            (refusal(403, None, "Error Duplicated Authentication Token"), Cause::TokenReused),
            (refusal(403, None, "Token timestamp outside tolerance"), Cause::TokenTime),
            (refusal(401, None, "The token has expired"), Cause::TokenTime),
            (refusal(403, None, "The certificate has expired"), Cause::Login),
            (refusal(403, None, "Invalid Authentication Token"), Cause::Login),
            (refusal(401, None, ""), Cause::Login),
            (refusal(404, None, "Not Found"), Cause::NotFound),
            (refusal(410, None, ""), Cause::Gone),
            (refusal(413, None, ""), Cause::TooLarge),
            (refusal(423, None, ""), Cause::Complete),
            (refusal(429, None, ""), Cause::TooOften),
            (refusal(503, None, "<html>"), Cause::Server),
            (refusal(400, None, "Field required"), Cause::Other),
        ];
        for (refusal, cause) in rows {
            assert_eq!(refusal.cause(), cause, "{refusal}");
        }
    }

    #[test]
    fn every_code_of_the_specification_has_words_of_its_own() {
        let codes = ["02", "06", "07", "08", "11", "12", "14", "15", "16", "17", "EPL-151"];
        let mut words: Vec<_> = codes.iter().map(|code| Cause::of_code(code).unwrap().words()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), codes.len());
        assert_eq!((Cause::of_code("00"), Cause::of_code("")), (None, None));
    }

    #[test]
    fn standing_is_read_in_capitals_or_not() {
        assert_eq!(standing("Accepted"), standing("accepted"));
        assert!(standing("accepted").is_some() && standing("unheard of").is_none());
    }
}
