//! "Check an inbox".

use mesh_onboard::mesh::wire::Inbox;
use mesh_onboard::mesh::{InboxQuery, Outgoing};

use crate::mesh::Mesh;
use crate::raw::Request;
use crate::row::{Differences, Row, Seen, Stuck, row};

const SECTION: &str = "Check an inbox";

/// Sends a small message and gives its ID.
fn post(mesh: &Mesh, from: &str, to: &str, workflow: &str) -> Result<String, Stuck> {
    let message = Outgoing { to, workflow, ..Outgoing::default() };
    Ok(mesh.client(from).send(&message, &b"small".as_slice())?.value.message_id)
}

fn post_many(mesh: &Mesh, count: usize) -> Result<Vec<String>, Stuck> {
    (0..count).map(|_| post(mesh, "X26ABC1", "X26ABC2", "TEST_WORKFLOW")).collect()
}

/// Every page, from the first to the one without a next.
fn pages(mesh: &Mesh, query: &InboxQuery<'_>) -> Result<Vec<Inbox>, Stuck> {
    let client = mesh.client("X26ABC2");
    let mut pages = vec![client.inbox(query)?.value];
    while let Some(next) = client.inbox_after(pages.last().expect("one"))? {
        pages.push(next.value);
        if pages.len() > 20 {
            return Err(Stuck("there is no end of pages".into()));
        }
    }
    Ok(pages)
}

fn sizes(pages: &[Inbox]) -> Vec<usize> {
    pages.iter().map(|page| page.messages.len()).collect()
}

/// Which of the two messages in the inbox of X26ABC1 a filter lets pass.
fn filtered(mesh: &Mesh, filter: &str) -> Seen {
    let mut names = vec![
        (post(mesh, "X26ABC1", "X26ABC1", "TEST_WORKFLOW2")?, "TEST_WORKFLOW2"),
        (post(mesh, "X26ABC2", "X26ABC1", "TEST_WORKFLOW_ACK")?, "TEST_WORKFLOW_ACK"),
    ];
    let query = InboxQuery { workflow_filter: Some(filter), ..InboxQuery::default() };
    let found = mesh.client("X26ABC1").inbox(&query)?.value.messages;
    names.retain(|(id, _)| found.contains(id));
    let names: Vec<_> = names.into_iter().map(|(_, name)| name).collect();
    Ok(if names.is_empty() { "none".into() } else { names.join(" ") })
}

/// What comes of an inbox call with this query.
fn with_query(mesh: &Mesh, query: &str) -> Seen {
    let request = Request::new("GET", format!("/messageexchange/X26ABC2/inbox?{query}"));
    Ok(mesh.send("X26ABC2", request)?.seen_as_validation())
}

pub fn rows() -> Vec<Row> {
    let mut rows = listing();
    rows.extend(paging());
    rows.extend(filters());
    rows
}

fn listing() -> Vec<Row> {
    vec![
        row("an empty inbox has no messages and no next page", SECTION, "empty", |mesh| {
            let inbox = mesh.client("X26ABC2").inbox(&InboxQuery::default())?.value;
            let mut differences = Differences::default();
            differences.expect("the list", inbox.messages, Vec::<String>::new());
            differences.expect("links.next", inbox.links.next, None);
            differences.expect("approx_inbox_count", inbox.approx_inbox_count, Some(0)).or("empty")
        }),
        row("messages come oldest first, each mailbox its own", SECTION, "in order", |mesh| {
            let ours = post_many(mesh, 3)?;
            let theirs = post(mesh, "X26ABC1", "X26ABC3", "TEST_WORKFLOW2")?;
            let list = |mailbox| mesh.client(mailbox).inbox(&InboxQuery::default());
            let (two, three) = (list("X26ABC2")?.value, list("X26ABC3")?.value);
            let mut differences = Differences::default();
            differences.expect("the inbox of X26ABC2", two.messages, ours);
            differences.expect("its count", two.approx_inbox_count, Some(3));
            differences.expect("the inbox of X26ABC3", three.messages, vec![theirs]).or("in order")
        }),
        row("listing takes nothing out", SECTION, "3, then 3", |mesh| {
            post_many(mesh, 3)?;
            let list = || mesh.client("X26ABC2").inbox(&InboxQuery::default());
            Ok(format!("{}, then {}", list()?.value.messages.len(), list()?.value.messages.len()))
        }),
        row("an acknowledged message is in no list", SECTION, "the others", |mesh| {
            let mut ids = post_many(mesh, 3)?;
            mesh.client("X26ABC2").acknowledge(&ids.remove(1))?;
            let inbox = mesh.client("X26ABC2").inbox(&InboxQuery::default())?.value;
            Differences::default().expect("the list", inbox.messages, ids).or("the others")
        }),
        row("the count is that of what waits", "Check an inbox count", "3, then 2", |mesh| {
            let ids = post_many(mesh, 3)?;
            let client = mesh.client("X26ABC2");
            let before = client.count()?.value.count;
            client.acknowledge(&ids[0])?;
            Ok(format!("{before}, then {}", client.count()?.value.count))
        }),
        row("in version 1 the list stands alone", "API Versioning", "messages alone", |mesh| {
            let ids = post_many(mesh, 2)?;
            let request = Request::new("GET", "/messageexchange/X26ABC2/inbox");
            let answer = mesh.send("X26ABC2", request.header("accept", "application/json"))?;
            let expected = serde_json::json!({ "messages": ids });
            Differences::default().expect("the answer", answer.json()?, expected).or("messages alone")
        }),
    ]
}

fn paging() -> Vec<Row> {
    const TEN: InboxQuery<'static> = InboxQuery { max_results: Some(10), workflow_filter: None };
    vec![
        row("27 messages come in pages of 10, each once and in order", SECTION, "10 10 7", |mesh| {
            let ids = post_many(mesh, 27)?;
            let pages = pages(mesh, &TEN)?;
            let mut differences = Differences::default();
            differences.expect("pages", sizes(&pages), vec![10, 10, 7]);
            let found: Vec<_> = pages.into_iter().flat_map(|page| page.messages).collect();
            differences.expect("the list", found, ids).or("10 10 7")
        }),
        row("a page that is full and the last has no next", SECTION, "10 10", |mesh| {
            post_many(mesh, 20)?;
            let pages = pages(mesh, &TEN)?;
            Differences::default().expect("pages", sizes(&pages), vec![10, 10]).or("10 10")
        }),
        row("the next page is a path with query at the same server", SECTION, "a path", |mesh| {
            post_many(mesh, 11)?;
            let next = mesh.client("X26ABC2").inbox(&TEN)?.value.links.next.unwrap_or_default();
            let path = next.starts_with("/messageexchange/X26ABC2/inbox?") && next.contains("continue_from=");
            Ok(if path { "a path".into() } else { next })
        }),
        row("paging keeps the filter", SECTION, "10 2", |mesh| {
            let mut ids = Vec::new();
            for number in 0..15 {
                match number % 5 {
                    4 => drop(post(mesh, "X26ABC1", "X26ABC2", "TEST_WORKFLOW2")?),
                    _ => ids.push(post(mesh, "X26ABC1", "X26ABC2", "TEST_WORKFLOW")?),
                }
            }
            let pages = pages(mesh, &InboxQuery { workflow_filter: Some("!TEST_WORKFLOW2"), ..TEN })?;
            let mut differences = Differences::default();
            differences.expect("pages", sizes(&pages), vec![10, 2]);
            let found: Vec<_> = pages.into_iter().flat_map(|page| page.messages).collect();
            differences.expect("the list", found, ids).or("10 2")
        }),
        row("what is acknowledged between pages does not shift the next one", SECTION, "all 20", |mesh| {
            let ids = post_many(mesh, 20)?;
            let client = mesh.client("X26ABC2");
            let first = client.inbox(&TEN)?.value;
            // The last of a page is where the next begins.
            client.acknowledge(&first.messages[3])?;
            let next = client.inbox_after(&first)?.map(|page| page.value.messages).unwrap_or_default();
            Differences::default().expect("the list", [first.messages, next].concat(), ids).or("all 20")
        }),
        row("max_results is 10 to 5000", SECTION, "400, 200, 200, 400", |mesh| {
            let seen = [9, 10, 5000, 5001].map(|n| with_query(mesh, &format!("max_results={n}")));
            let seen = seen.into_iter().collect::<Result<Vec<_>, _>>()?;
            Ok(seen.join(", ").replace(" max_results", ""))
        }),
    ]
}

fn filters() -> Vec<Row> {
    vec![
        row("filter NAME: this workflow", SECTION, "TEST_WORKFLOW2", |mesh| filtered(mesh, "TEST_WORKFLOW2")),
        row("filter !NAME: any but this", SECTION, "TEST_WORKFLOW_ACK", |mesh| {
            filtered(mesh, "!TEST_WORKFLOW2")
        }),
        row("filter NAME*: begins with", SECTION, "TEST_WORKFLOW_ACK", |mesh| {
            filtered(mesh, "TEST_WORKFLOW_*")
        }),
        row("filter !NAME*: does not begin with", SECTION, "TEST_WORKFLOW2", |mesh| {
            filtered(mesh, "!TEST_WORKFLOW_*")
        }),
        row("filter *PART*: contains", SECTION, "TEST_WORKFLOW_ACK", |mesh| filtered(mesh, "*W_AC*")),
        row("filter !*PART*: does not contain", SECTION, "TEST_WORKFLOW2", |mesh| filtered(mesh, "!*_ACK*")),
        row("a filter without a star matches whole names", SECTION, "none", |mesh| {
            filtered(mesh, "TEST_WORKFLOW")
        }),
        row("a filter has at least two characters", SECTION, "400 workflow_filter", |mesh| {
            with_query(mesh, "workflow_filter=T")
        }),
    ]
}
