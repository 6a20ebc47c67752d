use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use httparse::{EMPTY_HEADER, ParserConfig, Response};

use super::timed::TimedTcp;
use crate::mesh::Target;

/// How much of an answer is looked at, and how many headers it may have.
const HEAD_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 100;

/// What says something to a plain HTTP request where TLS was meant to be spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlainAnswer {
    /// HTTP, without encryption.
    Http {
        /// The status.
        status: u16,
        /// What stands beside it.
        reason: String,
        /// Where it sends us, if it does.
        location: Option<String>,
    },
    /// Something else: its first characters, as far as they are text.
    Other {
        /// The first line, at most 80 characters; those that are not printable ASCII are dots.
        begins: String,
    },
    /// Nothing.
    Silence,
}

/// Asks in plain HTTP, over a connection of its own, who is there: for a port on which nobody spoke TLS. Nothing of
/// ours is in the request but the name of the host.
pub fn ask_plainly(tcp: TcpStream, target: &Target, timeout: Duration) -> PlainAnswer {
    let mut timed = TimedTcp::new(tcp);
    timed.deadline = Some(Instant::now() + timeout);
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", target.authority());
    // Some speak first, and hang up on what they hear.
    let _ = timed.write_all(request.as_bytes());
    let (mut answer, mut piece) = (Vec::new(), [0; 2048]);
    while answer.len() < HEAD_MAX && !has_head(&answer) {
        match timed.read(&mut piece) {
            Ok(read @ 1..) => answer.extend_from_slice(&piece[..read]),
            _ => break,
        }
    }
    judge(&answer)
}

fn has_head(answer: &[u8]) -> bool {
    answer.windows(4).any(|end| end == b"\r\n\r\n")
}

fn judge(answer: &[u8]) -> PlainAnswer {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut response = Response::new(&mut headers);
    // Who is there matters, and not how well they write: a header that is none is left out. The parser leaves out those
    // with any control character but this one.
    let readable: Vec<u8> = answer.iter().map(|byte| if *byte == 0 { 1 } else { *byte }).collect();
    let mut lenient = ParserConfig::default();
    lenient.ignore_invalid_headers_in_responses(true);
    match (lenient.parse_response(&mut response, &readable), response.code) {
        (Ok(_), Some(status)) => {
            let location = response.headers.iter().find(|h| h.name.eq_ignore_ascii_case("location"));
            PlainAnswer::Http {
                status,
                reason: response.reason.unwrap_or_default().into(),
                location: location.map(|h| String::from_utf8_lossy(h.value).into_owned()),
            }
        }
        _ if answer.is_empty() => PlainAnswer::Silence,
        _ => PlainAnswer::Other { begins: beginning(answer) },
    }
}

fn beginning(answer: &[u8]) -> String {
    let line = answer.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let shown = |byte: &u8| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' };
    line.iter().take(80).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_answers_are_told_apart() {
        let http = |status, reason: &str, location: Option<&str>| PlainAnswer::Http {
            status,
            reason: reason.into(),
            location: location.map(Into::into),
        };
        let rows: [(&[u8], PlainAnswer); 8] = [
            (
                b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n",
                http(302, "Found", Some("http://login.example/")),
            ),
            (
                b"HTTP/1.0 511 Network Authentication Required\r\n\r\nx",
                http(511, "Network Authentication Required", None),
            ),
            // The end of its head is missing.
            (b"HTTP/1.1 200 OK\r\nServer: x\r\n", http(200, "OK", None)),
            // Their Location holds a control character.
            (
                b"HTTP/1.1 302 Found\r\nLocation: http://a/\x01b\r\nServer: x\r\n\r\n",
                http(302, "Found", None),
            ),
            (b"HTTP/1.1 302 Found\r\nLocation: http://a/\0b\r\nServer: x\r\n\r\n", http(302, "Found", None)),
            (b"", PlainAnswer::Silence),
            (b"SSH-2.0-x\r\nmore", PlainAnswer::Other { begins: "SSH-2.0-x".into() }),
            (b"\x15\x03\x01", PlainAnswer::Other { begins: "...".into() }),
        ];
        for (answer, expected) in rows {
            assert_eq!(judge(answer), expected, "{}", String::from_utf8_lossy(answer));
        }
    }
}
