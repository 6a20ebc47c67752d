//! What an answer looks like in either version of the API, as the official sandbox gives it.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::mesh::wire::{ACCEPT_V2, ErrorBody, ErrorDetail};

/// The version of the API that a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    V1,
    V2,
}

/// Why a request was refused.
#[derive(Debug)]
pub enum Refusal {
    /// In MESH's own words.
    Event { status: StatusCode, event: &'static str, code: &'static str, text: Cow<'static, str> },
    /// The same about a message that exists.
    About { message: String, why: Box<Refusal> },
    /// A header or a parameter is missing or out of its range.
    Invalid(Vec<Invalid>),
}

/// One header or parameter that is missing or out of its range.
#[derive(Debug)]
pub struct Invalid {
    /// Such as `missing`.
    pub kind: &'static str,
    /// `header`, `query` or `path`.
    pub place: &'static str,
    /// Its name.
    pub name: &'static str,
    /// In words.
    pub text: Cow<'static, str>,
}

impl Version {
    /// Reads the Accept header. A media type of MESH that cannot be read is refused.
    pub fn asked_for(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut found = None;
        for accept in headers.get_all(header::ACCEPT) {
            for part in accept.to_str().unwrap_or_default().split([',', ';']).map(str::trim) {
                let version =
                    part.strip_prefix("application/vnd.mesh.v").and_then(|p| p.strip_suffix("+json"));
                match version.map(str::parse::<u32>) {
                    Some(Ok(version)) => found = found.max(Some(version)),
                    None if !part.contains("vnd.mesh") => {}
                    _ => {
                        return Err(Refusal::plain(
                            StatusCode::BAD_REQUEST,
                            "Accept header api format incorrect",
                        ));
                    }
                }
            }
        }
        Ok(if found.unwrap_or(1) < 2 { Self::V1 } else { Self::V2 })
    }

    /// A JSON answer under the media type of this version.
    pub fn json(self, status: StatusCode, body: &impl serde::Serialize) -> Response {
        let media_type = match self {
            Self::V1 => "application/json",
            Self::V2 => ACCEPT_V2,
        };
        let text = serde_json::to_vec(body).expect("our own types have a JSON form");
        (status, [(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], text).into_response()
    }
}

impl Refusal {
    /// A refusal without event and code.
    pub fn plain(status: StatusCode, text: &'static str) -> Self {
        Self::event(status, "", "", text)
    }

    /// The same with evidence in its text.
    pub fn told(status: StatusCode, text: String) -> Self {
        Self::Event { status, event: "", code: "", text: text.into() }
    }

    /// A refusal with the event and code of the specification.
    pub fn event(
        status: StatusCode,
        event: &'static str,
        code: &'static str,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Event { status, event, code, text: text.into() }
    }

    /// A message that could not be sent.
    pub fn send(code: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::event(StatusCode::EXPECTATION_FAILED, "SEND", code, text)
    }

    /// A message that is not there, or not for the caller to see.
    pub fn no_message() -> Self {
        Self::event(StatusCode::NOT_FOUND, "RECEIVE", "20", "Message does not exist")
    }

    /// The same refusal, naming the message that it is about.
    pub fn about(self, message: &str) -> Self {
        Self::About { message: message.to_owned(), why: Box::new(self) }
    }

    /// Headers that are missing.
    pub fn missing_headers(names: impl IntoIterator<Item = &'static str>) -> Self {
        let missing =
            |name| Invalid { kind: "missing", place: "header", name, text: "Field required".into() };
        Self::Invalid(names.into_iter().map(missing).collect())
    }

    /// The answer.
    pub fn into_response(self, version: Version) -> Response {
        self.answer(version, None)
    }

    fn answer(self, version: Version, about: Option<String>) -> Response {
        match (self, version) {
            (Self::About { message, why }, _) => why.answer(version, Some(message)),
            (Self::Event { status, event, code, text }, Version::V1) => {
                let mut body = json!({ "errorEvent": event, "errorCode": code, "errorDescription": text });
                if let Some(message) = about {
                    body["messageID"] = message.into();
                }
                version.json(status, &body)
            }
            (Self::Event { status, event, code, text }, Version::V2) => {
                let detail = ErrorDetail { event: event.into(), code: code.into(), msg: text.into() };
                version.json(status, &ErrorBody { detail: vec![detail], message_id: about })
            }
            // These two come from the framework below the sandbox, which knows no versions.
            (Self::Invalid(fields), _) => {
                let field = |f: &Invalid| json!({ "type": f.kind, "loc": [f.place, f.name], "msg": f.text });
                let detail: Vec<Value> = fields.iter().map(field).collect();
                Version::V1.json(StatusCode::BAD_REQUEST, &json!({ "detail": detail }))
            }
        }
    }
}

impl Invalid {
    /// More characters than the specification allows.
    pub fn too_long(place: &'static str, name: &'static str, max: usize) -> Self {
        let text = format!("String should have at most {max} characters").into();
        Self { kind: "string_too_long", place, name, text }
    }

    /// Fewer characters than the specification asks for.
    pub fn too_short(place: &'static str, name: &'static str, min: usize) -> Self {
        let text = format!("String should have at least {min} characters").into();
        Self { kind: "string_too_short", place, name, text }
    }
}

/// No such path.
pub async fn not_found() -> Response {
    Version::V1.json(StatusCode::NOT_FOUND, &json!({ "detail": "Not Found" }))
}

/// The path is there, the method is not.
pub async fn method_not_allowed() -> Response {
    Version::V1.json(StatusCode::METHOD_NOT_ALLOWED, &json!({ "detail": "Method Not Allowed" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(accept: &'static str) -> Option<Version> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
        Version::asked_for(&headers).ok()
    }

    #[test]
    fn version_is_read_from_accept_as_the_sandbox_reads_it() {
        assert_eq!(version("application/vnd.mesh.v2+json"), Some(Version::V2));
        assert_eq!(version("application/vnd.mesh.v2+json;q=0.9"), Some(Version::V2));
        for one in ["", "*/*", "application/json", "application/vnd.mesh.v1+json"] {
            assert_eq!(version(one), Some(Version::V1), "{one}");
        }
        assert_eq!(version("application/vnd.mesh.vx+json"), None);
    }
}
