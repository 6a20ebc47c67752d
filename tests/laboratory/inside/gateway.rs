//! What stands between a client and MESH: a gateway that passes requests on otherwise than they came, and servers that
//! are no MESH.

use std::process::Command;

use time::OffsetDateTime;
use time::macros::format_description;

use super::scene::Scene;
use crate::support::{Answer, WebServer};

/// A request, as the gateway passes it on.
#[derive(Clone)]
pub struct Passed {
    pub method: String,
    pub path: String,
    pub headers: Vec<String>,
}

/// A gateway at a plain address before a server: it sends what `passes` makes of each request, and gives back the last
/// answer.
pub fn gateway(scene: &Scene, passes: fn(Passed) -> Vec<Passed>) -> WebServer {
    let text = |path: std::path::PathBuf| path.into_os_string().into_string().expect("UTF-8");
    let (url, ca) = (scene.url(), text(scene.ca()));
    let (certificate, key) = (text(scene.credential("certificate")), text(scene.credential("key")));
    WebServer::start_by_head(move |head| {
        let mut answer = Vec::new();
        for request in passes(Passed::read(head)) {
            let mut curl = Command::new("curl");
            curl.args(["--silent", "--show-error", "--include", "--http1.1", "--max-time", "20"]);
            curl.args(["--cacert", &ca, "--cert", &certificate, "--key", &key, "--request", &request.method]);
            if request.method == "POST" {
                curl.args(["--data-binary", "passed on"]);
            }
            curl.args(request.headers.iter().flat_map(|header| ["--header", header]));
            let output = curl.arg(format!("{url}{}", request.path)).output().expect("curl runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            answer = output.stdout;
        }
        let line = answer.windows(2).position(|end| end == b"\r\n").expect("a status line") + 2;
        answer.splice(line..line, *b"Connection: close\r\n");
        Answer::Raw(answer)
    })
}

impl Passed {
    fn read(head: &str) -> Self {
        let mut lines = head.lines();
        let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
        let (method, path) = (first.next().expect("a method"), first.next().expect("a path"));
        // These are about the connection, not about the request.
        let own = ["host:", "content-length:", "connection:", "transfer-encoding:"];
        let headers =
            lines.filter(|line| !own.iter().any(|name| line.to_ascii_lowercase().starts_with(name)));
        Self { method, path, headers: headers.map(str::to_owned).collect() }
    }
}

/// A server that refuses every token with these words, and tells the time or not.
pub fn refuses_with(words: &'static str, date: bool) -> WebServer {
    WebServer::start(move |_| {
        let date = if date { format!("Date: {}\r\n", http_date()) } else { String::new() };
        let body = format!("{{\"detail\":[{{\"event\":\"SEND\",\"code\":\"\",\"msg\":\"{words}\"}}]}}");
        let head =
            format!("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n{date}Content-Length: {}", body.len());
        Answer::Raw(format!("{head}\r\nContent-Type: application/json\r\n\r\n{body}").into_bytes())
    })
}

fn http_date() -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    OffsetDateTime::now_utc().format(format).expect("a date can be written")
}
