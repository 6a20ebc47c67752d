//! Reading a rule.

use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderValue, Method, StatusCode};
use bytesize::ByteSize;

use super::rule::{
    Action, Cut, DateFault, FaultRule, Manner, Page, PathPattern, Point, RetryAfter, Target, When,
};
use super::words::{FaultRuleError, Word, Words};

/// What a rule may begin with.
const TARGETS: &str = "a rule begins with connect, or with a method: GET, HEAD, POST, PUT or * for any";
const OF_CONNECTIONS: &str = "refuse, alert, delay, times, after or every";
const OF_REQUESTS: &str = "a path, delay, cut-request, cut-response, drop-answer, by, seed, status, retry-after, \
                           body, date, corrupt, short, chunk-range, times, after or every";
/// What may follow the mailbox in a path.
const CALLS: [&str; 3] = ["inbox", "outbox", "count"];
/// Alerts that a server, or what stands before it, may give before it knows the client (RFC 8446, section 6).
const ALERTS: [(&str, u8); 5] = [
    ("handshake_failure", 40),
    ("access_denied", 49),
    ("protocol_version", 70),
    ("internal_error", 80),
    ("unrecognized_name", 112),
];

impl FromStr for FaultRule {
    type Err = FaultRuleError;

    fn from_str(rule: &str) -> Result<Self, FaultRuleError> {
        let mut words = Words::of(rule);
        let first = words.next().ok_or_else(|| words.missing(TARGETS))?;
        let method = match first.text() {
            "connect" => None,
            "*" => Some(None),
            "GET" => Some(Some(Method::GET)),
            "HEAD" => Some(Some(Method::HEAD)),
            "POST" => Some(Some(Method::POST)),
            "PUT" => Some(Some(Method::PUT)),
            _ => return Err(first.wrong(TARGETS)),
        };
        let (target, actions, may_stand) = match method {
            None => (Target::Connection, of_connection(&mut words)?, OF_CONNECTIONS),
            Some(method) => {
                let path = words.path().map(|word| path(&word)).transpose()?;
                (Target::Request { method, path }, of_request(&mut words)?, OF_REQUESTS)
            }
        };
        let when = When {
            after: words.value("after", count)?.map_or(0, |(after, _)| after),
            every: words.value("every", at_least_once)?.map_or(1, |(every, _)| every),
            times: words.value("times", at_least_once)?.map_or(u64::MAX, |(times, _)| times),
        };
        let nothing = actions.is_empty().then(|| words.missing("nothing goes wrong: say what should"));
        words.finish(may_stand)?;
        nothing.map_or(Ok(Self { text: rule.to_owned(), target, when, actions }), Err)
    }
}

fn of_connection(words: &mut Words<'_>) -> Result<Vec<Action>, FaultRuleError> {
    let delay = words.value("delay", duration)?.map(|(delay, _)| Action::Delay(delay));
    let refuse = words.flag("refuse")?.map(|_| Action::Refuse);
    let alert = words.value("alert", alert)?;
    if let (Some(_), Some((_, word))) = (&refuse, &alert) {
        return Err(word.wrong("a connection that is refused gives no alert"));
    }
    Ok(delay.into_iter().chain(refuse).chain(alert.map(|(alert, _)| Action::Alert(alert))).collect())
}

fn of_request(words: &mut Words<'_>) -> Result<Vec<Action>, FaultRuleError> {
    let by = words.value("by", manner)?;
    let manner = by.as_ref().map_or(Manner::Reset, |(manner, _)| *manner);
    let seed = words.value("seed", count)?;
    let point = |text: &str| point(text, seed.as_ref().map_or(0, |(seed, _)| *seed));
    let cut = |(point, _)| Cut { point, manner };
    let cut_request = words.value("cut-request", point)?.map(cut);
    let cut_response = words.value("cut-response", point)?.map(cut);
    let drop_answer = words.flag("drop-answer")?;
    if let Some((_, word)) = &by
        && cut_request.is_none()
        && cut_response.is_none()
        && drop_answer.is_none()
    {
        return Err(word.wrong("it belongs to cut-request, cut-response or drop-answer"));
    }
    let mut actions: Vec<_> = cut_request.map(Action::CutRequest).into_iter().collect();
    actions.extend(status(words)?);
    actions.extend(words.value("delay", duration)?.map(|(delay, _)| Action::Delay(delay)));
    actions.extend(words.value("chunk-range", chunk_range)?.map(|(range, _)| Action::ChunkRange(range)));
    actions.extend(words.flag("corrupt")?.map(|_| Action::Corrupt));
    actions.extend(words.value("short", size)?.map(|(bytes, _)| Action::Short(bytes)));
    actions.extend(words.value("date", date)?.map(|(date, _)| Action::Date(date)));
    actions.extend(drop_answer.map(|_| Action::DropAnswer(manner)));
    actions.extend(cut_response.map(Action::CutResponse));
    match actions.iter().filter(|action| action.line().is_some()).count() {
        0 => seed.map_or(Ok(actions), |(_, word)| {
            Err(word.wrong("it belongs to a cut at a random point: cut-request=MIN..MAX"))
        }),
        1 => Ok(actions),
        _ => Err(words.missing("two cuts that count over several bodies are two rules")),
    }
}

fn status(words: &mut Words<'_>) -> Result<Option<Action>, FaultRuleError> {
    let status = words.value("status", |text| match text.parse::<u16>() {
        Ok(status @ 400..=599) => StatusCode::from_u16(status).map_err(|e| e.to_string()),
        _ => Err("a status is a number from 400 to 599".into()),
    })?;
    let retry_after = words.value("retry-after", retry_after)?;
    let page = words.value("body", page)?;
    if let Some((status, _)) = status {
        let page = page.map_or(Page::Mesh, |(page, _)| page);
        return Ok(Some(Action::Status { status, retry_after: retry_after.map(|(after, _)| after), page }));
    }
    match retry_after.map(|(_, word)| word).or(page.map(|(_, word)| word)) {
        Some(word) => Err(word.wrong("it belongs to status")),
        None => Ok(None),
    }
}

fn path(word: &Word<'_>) -> Result<PathPattern, FaultRuleError> {
    let whole = word.text().starts_with("/messageexchange/");
    let mut given: Vec<_> = word.text().split('/').skip(1).collect();
    // The mailbox itself.
    if given == [""] {
        given.clear();
    }
    let open = given.pop_if(|last| *last == "**").is_some();
    let mut segments = Vec::new();
    for segment in given {
        segments.push(match segment {
            "" => return Err(word.wrong("a segment of the path is empty")),
            "*" => None,
            _ if segment.contains('*') => {
                return Err(
                    word.wrong("a star stands for a whole segment, ** at the end for all that follow")
                );
            }
            _ if segment.contains(['?', '#']) => {
                return Err(word.wrong("a path is compared without its query"));
            }
            _ => Some(segment.to_owned()),
        });
    }
    if let Some(Some(call)) = segments.first()
        && !whole
        && !CALLS.contains(&call.as_str())
    {
        return Err(word.wrong(format!(
            "no call has such a path: below the mailbox are {}; other paths begin with /messageexchange/",
            CALLS.map(|call| format!("/{call}")).join(", ")
        )));
    }
    Ok(PathPattern { whole, segments, open })
}

fn count(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "its value is a whole number".into())
}

fn at_least_once(text: &str) -> Result<u64, String> {
    count(text).ok().filter(|n| *n > 0).ok_or_else(|| "its value is a whole number from 1 up".into())
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|e| format!("{e}; give a time such as 2s or 150ms"))
}

/// A duration with its sign.
fn offset(text: &str) -> Result<time::Duration, String> {
    let wrong = || "give an offset such as +3h or -90s".to_owned();
    let (ahead, span) = match text.split_at_checked(1) {
        Some(("+", span)) => (true, span),
        Some(("-", span)) => (false, span),
        _ => return Err(wrong()),
    };
    let span = time::Duration::try_from(duration(span)?).map_err(|_| wrong())?;
    // HTTP dates have four digits for the year.
    if span > time::Duration::days(366_000) {
        return Err("the offset is too large".into());
    }
    Ok(if ahead { span } else { -span })
}

fn size(text: &str) -> Result<u64, String> {
    text.parse::<ByteSize>()
        .map(|size| size.as_u64())
        .map_err(|_| "give a number of bytes, such as 4096, 1MB or 10MiB".into())
}

fn point(text: &str, seed: u64) -> Result<Point, String> {
    let Some((min, max)) = text.split_once("..") else { return size(text).map(Point::At) };
    let (min, max) = (size(min)?, size(max)?);
    if min == 0 || min > max {
        return Err("a range goes from at least 1 byte up, such as 1MB..30MB".into());
    }
    Ok(Point::Line { min, max, seed })
}

fn manner(text: &str) -> Result<Manner, String> {
    match text {
        "reset" => Ok(Manner::Reset),
        "close" => Ok(Manner::Close),
        "close-notify" => Ok(Manner::CloseNotify),
        "stall" => Ok(Manner::Stall),
        _ => Err("a connection ends by=reset, by=close, by=close-notify or by=stall".into()),
    }
}

fn retry_after(text: &str) -> Result<RetryAfter, String> {
    if text.starts_with(['+', '-']) {
        return offset(text).map(RetryAfter::Date);
    }
    let wrong = |_| "give seconds such as 2, or an offset such as +2s for a date".into();
    text.parse().map(RetryAfter::Seconds).map_err(wrong)
}

fn page(text: &str) -> Result<Page, String> {
    match text {
        "mesh" => Ok(Page::Mesh),
        "message" => Ok(Page::Message),
        "html" => Ok(Page::Html),
        "soap" => Ok(Page::Soap),
        "empty" => Ok(Page::Empty),
        _ => Err("a body is mesh, message, html, soap or empty".into()),
    }
}

fn date(text: &str) -> Result<DateFault, String> {
    match text {
        "none" => Ok(DateFault::Missing),
        "invalid" => Ok(DateFault::Unreadable),
        _ => offset(text).map(DateFault::Off).map_err(|e| format!("{e}, or none, or invalid")),
    }
}

fn chunk_range(text: &str) -> Result<Option<HeaderValue>, String> {
    match text {
        "none" => Ok(None),
        _ => HeaderValue::from_str(text).map(Some).map_err(|_| "a header cannot carry this".into()),
    }
}

fn alert(text: &str) -> Result<u8, String> {
    ALERTS
        .iter()
        .find_map(|(name, code)| (*name == text).then_some(*code))
        .ok_or_else(|| format!("an alert is {}", ALERTS.map(|(name, _)| name).join(", ")))
}
