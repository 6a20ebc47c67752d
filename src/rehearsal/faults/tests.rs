use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Method, StatusCode};
use hyper::body::Frame;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::rule::{Action, Cut, DateFault, Manner, Page, Point, RetryAfter, When};
use super::*;
use crate::rehearsal::config::Clock;

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rehearsal-faults.md"));

fn rule(text: &str) -> FaultRule {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn matches(text: &str, method: Method, path: &str) -> bool {
    rule(&format!("{text} corrupt")).target.is_request(&method, path)
}

#[test]
fn each_action_is_read() {
    let at = |point, manner| Cut { point, manner };
    let cases = [
        ("connect refuse", vec![Action::Refuse]),
        (
            "connect alert=internal_error delay=1s",
            vec![Action::Delay(Duration::from_secs(1)), Action::Alert(80)],
        ),
        ("* delay=150ms", vec![Action::Delay(Duration::from_millis(150))]),
        ("POST cut-request=4096", vec![Action::CutRequest(at(Point::At(4096), Manner::Reset))]),
        ("GET cut-response=1MiB by=close", vec![Action::CutResponse(at(Point::At(1 << 20), Manner::Close))]),
        (
            "GET seed=7 cut-response=1kB..2kB by=stall",
            vec![Action::CutResponse(at(Point::Line { min: 1000, max: 2000, seed: 7 }, Manner::Stall))],
        ),
        ("PUT drop-answer by=close-notify", vec![Action::DropAnswer(Manner::CloseNotify)]),
        (
            "* retry-after=2 status=503",
            vec![Action::Status {
                status: StatusCode::SERVICE_UNAVAILABLE,
                retry_after: Some(RetryAfter::Seconds(2)),
                page: Page::Mesh,
            }],
        ),
        (
            "* status=429 retry-after=+90s body=html",
            vec![Action::Status {
                status: StatusCode::TOO_MANY_REQUESTS,
                retry_after: Some(RetryAfter::Date(time::Duration::seconds(90))),
                page: Page::Html,
            }],
        ),
        ("* date=-3h", vec![Action::Date(DateFault::Off(time::Duration::hours(-3)))]),
        ("* date=none", vec![Action::Date(DateFault::Missing)]),
        ("* date=invalid", vec![Action::Date(DateFault::Unreadable)]),
        ("GET corrupt short=3", vec![Action::Corrupt, Action::Short(3)]),
        ("GET chunk-range=3:5", vec![Action::ChunkRange(Some(HeaderValue::from_static("3:5")))]),
        ("GET chunk-range=none", vec![Action::ChunkRange(None)]),
    ];
    for (text, actions) in cases {
        assert_eq!(rule(text).actions, actions, "{text}");
    }
    let when = |text| rule(text).when;
    assert_eq!(when("* corrupt"), When { after: 0, every: 1, times: u64::MAX });
    assert_eq!(when("* corrupt times=3 after=1 every=2"), When { after: 1, every: 2, times: 3 });
}

#[test]
fn bad_rule_is_refused_where_it_is_bad() {
    for (text, at, word, problem) in [
        ("", 1, "", "a rule begins with"),
        ("  ", 1, "", "a rule begins with"),
        ("post corrupt", 1, "post", "a rule begins with"),
        ("GET", 4, "", "nothing goes wrong"),
        ("GET /inbox times=2 ", 19, "", "nothing goes wrong"),
        ("connect", 8, "", "nothing goes wrong"),
        ("connect /inbox refuse", 9, "/inbox", "here may stand refuse"),
        ("connect status=503", 9, "status=503", "here may stand refuse"),
        ("connect refuse alert=internal_error", 16, "alert=internal_error", "gives no alert"),
        ("connect alert=oops", 9, "alert=oops", "an alert is handshake_failure"),
        ("GET refuse", 5, "refuse", "here may stand a path"),
        ("GET corrupt /inbox", 13, "/inbox", "here may stand a path"),
        ("GET  corrupted", 6, "corrupted", "here may stand a path"),
        ("GÉT corrupt", 1, "GÉT", "a rule begins with"),
        ("GET /inböx/é corrupt", 5, "/inböx/é", "no call has such a path"),
        ("GET /inbox/é nönsense", 14, "nönsense", "here may stand"),
        ("POST /outbx corrupt", 6, "/outbx", "no call has such a path"),
        ("POST /outbox/ corrupt", 6, "/outbox/", "is empty"),
        ("POST /outbox//2 corrupt", 6, "/outbox//2", "is empty"),
        ("GET /inbox/2* corrupt", 5, "/inbox/2*", "whole segment"),
        ("GET /**/2 corrupt", 5, "/**/2", "whole segment"),
        ("GET /outbox/tracking?messageID=1 corrupt", 5, "/outbox/tracking?messageID=1", "without its query"),
        ("GET corrupt corrupt", 13, "corrupt", "twice"),
        ("GET corrupt=1", 5, "corrupt=1", "no value"),
        ("GET corrupt times=0", 13, "times=0", "from 1 up"),
        ("GET corrupt times=", 13, "times=", "needs a value"),
        ("GET corrupt every", 13, "every", "needs a value"),
        ("GET corrupt after=-1", 13, "after=-1", "whole number"),
        ("GET delay=2", 5, "delay=2", "give a time"),
        ("GET cut-response=lots", 5, "cut-response=lots", "number of bytes"),
        ("GET cut-response=0..9", 5, "cut-response=0..9", "a range goes"),
        ("GET cut-response=9..1", 5, "cut-response=9..1", "a range goes"),
        ("GET cut-response=9 seed=3", 20, "seed=3", "random point"),
        ("GET cut-request=1..9 cut-response=1..9", 39, "", "two rules"),
        ("GET corrupt by=close", 13, "by=close", "belongs to"),
        ("GET drop-answer by=magic", 17, "by=magic", "by=reset"),
        ("POST status=200", 6, "status=200", "400 to 599"),
        ("POST status=oops", 6, "status=oops", "400 to 599"),
        ("POST retry-after=2 corrupt", 6, "retry-after=2", "belongs to status"),
        ("POST body=html corrupt", 6, "body=html", "belongs to status"),
        ("POST status=503 body=pdf", 17, "body=pdf", "a body is"),
        ("POST status=503 retry-after=2s", 17, "retry-after=2s", "seconds"),
        ("* date=3h", 3, "date=3h", "an offset such as +3h"),
        ("* date=+2000y", 3, "date=+2000y", "too large"),
    ] {
        let error = text.parse::<FaultRule>().expect_err(text);
        assert_eq!((error.at, error.word.as_str()), (at, word), "{text}: {error}");
        assert!(error.problem.contains(problem), "{text}: {error}");
    }
    assert_eq!(
        "GET corrupt times=0".parse::<FaultRule>().unwrap_err().to_string(),
        "at character 13, \"times=0\": its value is a whole number from 1 up"
    );
}

#[test]
fn star_is_one_segment_and_two_are_all_that_follow() {
    let below = |path: &str| format!("/messageexchange/X26ABC1{path}");
    for (pattern, path, expected) in [
        ("POST /outbox", "/outbox", true),
        ("POST /outbox", "/outbox/ID/2", false),
        ("POST /outbox/*/*", "/outbox/ID/2", true),
        ("POST /outbox/*/*", "/outbox", false),
        ("POST /outbox/*/2", "/outbox/ID/2", true),
        ("POST /outbox/*/2", "/outbox/ID/12", false),
        ("POST /outbox/**", "/outbox", true),
        ("POST /outbox/**", "/outbox/ID/2", true),
        ("POST /inbox/**", "/outbox", false),
        ("POST /", "", true),
        ("POST /", "/outbox", false),
        ("POST", "/outbox/ID/2", true),
        ("*", "/outbox", true),
        ("GET", "/outbox", false),
        ("GET /outbox", "/outbox", false),
        ("POST /messageexchange/X26ABC1/outbox", "/outbox", true),
        ("POST /messageexchange/X26ABC2/outbox", "/outbox", false),
        ("POST /messageexchange/*/outbox", "/outbox", true),
    ] {
        assert_eq!(matches(pattern, Method::POST, &below(path)), expected, "{pattern} and {path}");
    }
    assert!(!matches("HEAD", Method::GET, &below("/inbox/ID")), "HEAD is not GET");
    assert!(matches("GET", Method::GET, "/elsewhere"), "no path is any path");
    assert!(!matches("GET /**", Method::GET, "/elsewhere"), "a path is below a mailbox");
    let lookup = "/messageexchange/endpointlookup/X26/TEST_WORKFLOW";
    assert!(matches("GET /messageexchange/endpointlookup/**", Method::GET, lookup));
    assert!(!rule("connect refuse").target.is_request(&Method::GET, "/messageexchange/X26ABC1"));
}

/// Which of ten requests are hit.
fn hit(text: &str) -> Vec<usize> {
    let faults = Faults::new([rule(text)]);
    let hits = |_: &usize| {
        let shots = faults.of_request(&Method::GET, "/messageexchange/X26ABC1/inbox");
        shots.iter().any(|shot| shot.fire())
    };
    (1..=10).filter(hits).collect()
}

#[test]
fn rule_picks_as_it_is_told() {
    assert_eq!(hit("* corrupt"), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(hit("* corrupt times=2"), [1, 2]);
    assert_eq!(hit("* corrupt after=8"), [9, 10]);
    assert_eq!(hit("* corrupt every=3"), [3, 6, 9]);
    assert_eq!(hit("* corrupt after=1 every=3 times=2"), [4, 7]);
    assert_eq!(hit("PUT corrupt"), [0; 0]);
}

#[test]
fn request_counts_once_and_only_when_something_goes_wrong() {
    let faults = Faults::new([rule("* corrupt times=1")]);
    let pick = || faults.of_request(&Method::GET, "/messageexchange/X26ABC1/inbox");
    let (unharmed, hit, late) = (pick(), pick(), pick());
    drop(unharmed);
    assert!(hit[0].fire() && hit[0].fire());
    assert!(!late[0].fire(), "another one was quicker");
    assert_eq!(faults.fired(), [1]);
    assert!(pick().is_empty());
}

fn lines(faults: Faults) -> Lines {
    let clock: Clock = Arc::new(|| OffsetDateTime::UNIX_EPOCH);
    Lines::new(faults, clock)
}

#[test]
fn without_faults_there_is_no_line() {
    assert!(lines(Faults::default()).line().is_nothing());
    assert!(!lines(Faults::new([rule("* corrupt")])).line().is_nothing());
}

/// A body of many small frames, so that many of them wait to be written.
struct Small(usize);

impl hyper::body::Body for Small {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or_default();
        Poll::Ready(left.map(|_| Ok(Frame::data(Bytes::from_static(&[b'x'; 1000])))))
    }
}

#[tokio::test]
async fn answer_is_cut_only_when_all_before_the_cut_is_on_its_way() {
    let line = lines(Faults::new([rule("* cut-response=100500")])).line();
    let router = Router::new().fallback(|| async { Body::new(Small(200)) });
    // The peer takes a little at a time.
    let (mut peer, stream) = tokio::io::duplex(512);
    let connection = http1::Builder::new()
        .serve_connection(TokioIo::new(line.tap(stream)), TowerToHyperService::new(line.over(router)));
    let server = async move {
        tokio::select! {
            _ = connection => panic!("it was not cut"),
            manner = line.until_cut() => assert_eq!(manner, Manner::Reset),
        }
    };
    let client = async {
        // HTTP/1.0, so that the body is not wrapped in chunks.
        peer.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
        let mut bytes = Vec::new();
        peer.read_to_end(&mut bytes).await.unwrap();
        bytes.iter().filter(|byte| **byte == b'x').count()
    };
    assert_eq!(tokio::join!(client, server).0, 100_500);
}

fn rules_of_the_page() -> Vec<&'static str> {
    PAGE.split("--fault '").skip(1).map(|rest| rest.split('\'').next().unwrap()).collect()
}

#[test]
fn every_rule_of_the_page_is_read() {
    let rules = rules_of_the_page();
    assert!(rules.len() >= 15, "{rules:?}");
    for text in rules {
        rule(text);
    }
}

/// How often 300 MB in chunks of 20 MiB are cut, and how often one chunk is tried at most.
fn transfer(text: &str) -> (u64, u32) {
    const CHUNK: u64 = 20 << 20;
    let faults = Faults::new([rule(text)]);
    let mut most = 0;
    for (number, begin) in (0..300_000_000).step_by(CHUNK as usize).enumerate() {
        let (method, path) = match (text.starts_with("POST"), number) {
            (true, 0) => continue,
            (true, _) => (Method::POST, format!("/messageexchange/X26ABC1/outbox/ID/{}", number + 1)),
            (false, 0) => (Method::GET, "/messageexchange/X26ABC1/inbox/ID".to_owned()),
            (false, _) => (Method::GET, format!("/messageexchange/X26ABC1/inbox/ID/{}", number + 1)),
        };
        let length = CHUNK.min(300_000_000 - begin);
        let mut tries = 1;
        while let [shot] = &faults.of_request(&method, &path)[..]
            && shot.pass(length).is_some()
        {
            assert!(shot.fire());
            shot.redraw();
            tries += 1;
        }
        most = most.max(tries);
    }
    (faults.fired()[0], most)
}

#[test]
fn line_of_the_page_cuts_a_transfer_of_300_mb_20_times_and_lets_it_through() {
    let lines: Vec<_> = rules_of_the_page().into_iter().filter(|rule| rule.contains("..")).collect();
    assert_eq!(lines.len(), 2);
    for text in lines {
        let (cuts, tries) = transfer(text);
        assert_eq!(cuts, 20, "{text}");
        assert!(tries <= 4, "{text}: {tries} tries for one chunk");
    }
}
