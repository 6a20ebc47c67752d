use std::fmt;
use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;

/// How much of a body of no known shape is kept, in characters.
const KEPT: usize = 300;

/// In which of the shapes that MESH servers use an error was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyKind {
    /// Version 1: `{"errorEvent", "errorCode", "errorDescription"}`.
    V1,
    /// Version 2: `{"detail": [{"event", "code", "msg"}]}`.
    V2,
    /// A request that breaks the specification: `{"detail": [{"type", "loc", "msg"}]}`.
    Validation,
    /// `{"detail": "Not Found"}`: most often there is no such path, so the URL is wrong.
    Detail,
    /// `{"message": …}`, as gateways answer.
    Message,
    /// Anything else: plain text, HTML, SOAP.
    Text,
    /// Nothing.
    Empty,
}

/// What the server said when it refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The error code, such as `12` or `EPL-151`.
    pub code: Option<String>,
    /// The phase of the error, such as `SEND`.
    pub event: Option<String>,
    /// In words; several errors have semicolons between. Of a body of no known shape, the first 300
    /// characters. It may hold any characters: escape what is shown.
    pub text: String,
    /// The message that it is about.
    pub message_id: Option<String>,
    /// In which shape it was told.
    pub kind: BodyKind,
    /// The server's clock.
    pub date: Option<OffsetDateTime>,
    /// How long it asks to wait before the next try (`Retry-After`).
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// Reads the body of an error. `token` is what the request was authorised with: gateways repeat it in
    /// their errors, and it does not belong on screens.
    pub(super) fn parse(status: u16, date: Option<OffsetDateTime>, body: &[u8], token: &str) -> Self {
        let body = without_hash(&String::from_utf8_lossy(body), token);
        let json: Option<Value> = serde_json::from_str(&body).ok();
        let found = json.as_ref().and_then(Found::in_json).unwrap_or_else(|| Found::in_text(&body));
        let message_id = json.as_ref().and_then(|j| text(j, "message_id").or_else(|| text(j, "messageID")));
        Self {
            status,
            code: found.code,
            event: found.event,
            text: found.text,
            message_id,
            kind: found.kind,
            date,
            retry_after: None,
        }
    }
}

/// What a server says, without the hash of the token that it was shown, in whatever case it repeats that.
pub(super) fn without_hash(said: &str, token: &str) -> String {
    let hash = token.rsplit_once(':').map_or("", |(_, hash)| hash).to_ascii_lowercase();
    let mut text = said.to_owned();
    // ASCII in another case has the same length.
    let lower = said.to_ascii_lowercase();
    for (at, _) in lower.rmatch_indices(&hash).filter(|_| !hash.is_empty()) {
        text.replace_range(at..at + hash.len(), "(hidden)");
    }
    text
}

/// What a body says, whatever its shape.
struct Found {
    kind: BodyKind,
    code: Option<String>,
    event: Option<String>,
    text: String,
}

impl Found {
    fn plain(kind: BodyKind, text: String) -> Self {
        Self { kind, code: None, event: None, text }
    }

    fn in_text(body: &str) -> Self {
        let body = body.trim();
        let kind = if body.is_empty() { BodyKind::Empty } else { BodyKind::Text };
        Self::plain(kind, body.chars().take(KEPT).collect())
    }

    fn in_json(json: &Value) -> Option<Self> {
        if json.get("errorCode").is_some() || json.get("errorDescription").is_some() {
            return Some(Self {
                kind: BodyKind::V1,
                code: text(json, "errorCode"),
                event: text(json, "errorEvent"),
                text: text(json, "errorDescription").unwrap_or_default(),
            });
        }
        if let Some(detail) = json.get("detail") {
            return match detail {
                Value::String(detail) => Some(Self::plain(BodyKind::Detail, detail.clone())),
                Value::Array(list) => Self::in_list(list),
                _ => None,
            };
        }
        let message = text(json, "message").or_else(|| text(json, "Message"))?;
        Some(Self::plain(BodyKind::Message, message))
    }

    fn in_list(list: &[Value]) -> Option<Self> {
        let first = list.first()?;
        let join = |line: fn(&Value) -> String| list.iter().map(line).collect::<Vec<_>>().join("; ");
        if first.get("code").is_some() || first.get("event").is_some() {
            return Some(Self {
                kind: BodyKind::V2,
                code: text(first, "code"),
                event: text(first, "event"),
                text: join(|error| text(error, "msg").unwrap_or_default()),
            });
        }
        first.get("loc")?;
        Some(Self::plain(
            BodyKind::Validation,
            join(|error| {
                let place = error.get("loc").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let place: Vec<_> = place.iter().filter_map(words).collect();
                format!("{}: {}", place.join("."), text(error, "msg").unwrap_or_default())
            }),
        ))
    }
}

/// A member as text, if it is there and says something.
fn text(json: &Value, member: &str) -> Option<String> {
    words(json.get(member)?)
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        other => Some(other.to_string()),
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if let Some(code) = &self.code {
            write!(f, ", code {code}")?;
        }
        if !self.text.is_empty() {
            write!(f, ": {}", self.text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Refusal {
        Refusal::parse(status, None, body.as_bytes(), "NHSMESH X:n:0:202606011200:abcdef0123")
    }

    #[test]
    fn version_1_body_is_read() {
        let r = refusal(
            417,
            r#"{"messageID":"2022_AB","errorEvent":"SEND","errorCode":"12","errorDescription":"Unregistered to address"}"#,
        );
        assert_eq!((r.kind, r.status), (BodyKind::V1, 417));
        assert_eq!((r.code.as_deref(), r.event.as_deref()), (Some("12"), Some("SEND")));
        assert_eq!((r.text.as_str(), r.message_id.as_deref()), ("Unregistered to address", Some("2022_AB")));
        assert_eq!(r.to_string(), "HTTP 417, code 12: Unregistered to address");
    }

    #[test]
    fn version_2_body_is_read() {
        let r = refusal(
            403,
            r#"{"message_id":null,"internal_id":"i","detail":[{"event":"COLLECT","code":"EPL-151","msg":"No mailbox matched"}]}"#,
        );
        assert_eq!((r.kind, r.code.as_deref()), (BodyKind::V2, Some("EPL-151")));
        assert_eq!((r.text.as_str(), r.message_id), ("No mailbox matched", None));
    }

    #[test]
    fn validation_body_names_the_place() {
        let r = refusal(
            400,
            r#"{"detail":[{"type":"missing","loc":["header","mex-to"],"msg":"Field required","input":null},{"type":"t","loc":["query",3],"msg":"m"}]}"#,
        );
        assert_eq!((r.kind, r.code), (BodyKind::Validation, None));
        assert_eq!(r.text, "header.mex-to: Field required; query.3: m");
    }

    #[test]
    fn detail_and_message_bodies_are_read() {
        let r = refusal(404, r#"{"detail":"Not Found"}"#);
        assert_eq!((r.kind, r.text.as_str()), (BodyKind::Detail, "Not Found"));
        let r = refusal(429, r#"{"message":"Too Many Requests"}"#);
        assert_eq!((r.kind, r.text.as_str()), (BodyKind::Message, "Too Many Requests"));
    }

    #[test]
    fn any_other_body_keeps_status_and_beginning() {
        let soap = format!("<soap:Envelope><faultstring>{}</faultstring>", "é".repeat(400));
        let r = refusal(500, &soap);
        assert_eq!((r.kind, r.status, r.text.chars().count()), (BodyKind::Text, 500, 300));
        assert!(r.text.starts_with("<soap:Envelope>"));
        for body in [r#"{"other":1}"#, r#"{"detail":{}}"#, r#"{"detail":[]}"#, "[1]", "\"x\"", "{"] {
            let r = refusal(502, body);
            assert_eq!((r.kind, r.text.as_str()), (BodyKind::Text, body));
        }
        assert_eq!(Refusal::parse(503, None, b"\xff\x00", "").text, "\u{fffd}\0");
        let r = refusal(403, "  \n");
        assert_eq!((r.kind, r.to_string().as_str()), (BodyKind::Empty, "HTTP 403"));
    }

    #[test]
    fn token_that_a_gateway_repeats_is_hidden() {
        let r = refusal(403, r#"{"message":"Invalid header 'NHSMESH X:n:0:202606011200:abcdef0123'"}"#);
        assert!(!format!("{r} {r:?}").contains("abcdef0123"), "{r:?}");
        let r = refusal(403, "é X:N:0:202606011200:ABCDEF0123 and abcdef0123");
        assert_eq!(r.text, "é X:N:0:202606011200:(hidden) and (hidden)");
    }
}
