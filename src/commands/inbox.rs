use std::collections::HashSet;

use clap::Args;
use serde_json::json;

use super::curl::CurlArgs;
use super::target::TargetArgs;
use super::{Context, Example, connection};
use crate::mesh::wire::Inbox;
use crate::mesh::{Call, Client, Error, InboxQuery};
use crate::ui::{Failure, Outcome, clean};

/// Examples of the help.
pub const EXAMPLES: &[Example] = &[
    Example { does: "The IDs of the messages that wait", line: "mesh-onboard inbox X26ABC1" },
    Example {
        does: "The first ten whose workflow ID does not contain _ACK",
        line: "mesh-onboard inbox X26ABC1 --workflow '!*_ACK*' --limit 10",
    },
];

/// What MESH gives at most in one page, and at least.
const PAGE: std::ops::RangeInclusive<usize> = 10..=5000;

/// List the messages that wait to be received
#[derive(Debug, Args)]
#[command(mut_arg("mailbox", |mailbox| mailbox.required(true).index(1)))]
pub struct InboxArgs {
    /// Only of this workflow ID; NAME* begins with, *NAME* contains, ! before it negates
    #[arg(long, value_name = "FILTER", value_parser = filter)]
    workflow: Option<String>,
    /// At most so many, the oldest first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    #[command(flatten)]
    curl: CurlArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Lists; changes nothing.
pub fn run(context: &Context, args: &InboxArgs) -> Result<Outcome, Failure> {
    let limit = args.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let filter = args.workflow.as_deref();
    if args.curl.curl {
        let call = Call::inbox(args.target.named()?, &query(filter, limit));
        return args.curl.outcome(context, &args.target, |curl| Ok(vec![curl.line(&call)]));
    }
    let mesh = connection::client(context, &args.target)?;
    let (messages, more) = mesh.run("Reading the inbox", |client| list(client, filter, limit))?;
    let mailbox = mesh.calls.mailbox();
    let target = args.target.words();
    match messages.len() {
        0 if filter.is_some() => {
            context.screen.note(&format!("No message of such a workflow waits in {mailbox}."));
        }
        0 => context.screen.note(&format!("The inbox of {mailbox} is empty.")),
        n => {
            let what = if n == 1 { "1 message waits".into() } else { format!("{n} messages wait") };
            let what = if more { format!("{what}, and more") } else { what };
            context.screen.note(&format!("{what}. Next: mesh-onboard receive {target} --all --to DIR"));
        }
    }
    let text = messages.iter().map(|id| clean(id)).collect::<Vec<_>>().join("\n");
    Ok(Outcome::done(json!({"count": messages.len(), "messages": messages}), text))
}

/// The IDs of the messages that wait, page by page, and whether there are more than `limit`.
pub fn list(client: &Client, filter: Option<&str>, limit: usize) -> Result<(Vec<String>, bool), Error> {
    let first = client.inbox(&query(filter, limit))?.value;
    gather(first, limit, |page| Ok(client.inbox_after(page)?.map(|next| next.value)))
}

/// A million messages; what comes after them is for the next time.
const PAGES: usize = 200;

fn gather(
    mut page: Inbox,
    limit: usize,
    next: impl Fn(&Inbox) -> Result<Option<Inbox>, Error>,
) -> Result<(Vec<String>, bool), Error> {
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    for _ in 0..PAGES {
        let before = found.len();
        // A message that arrives meanwhile may move others to the next page.
        found.extend(std::mem::take(&mut page.messages).into_iter().filter(|id| known.insert(id.clone())));
        // A page without news: a server that goes round in a circle.
        let news = found.len() > before;
        if found.len() >= limit {
            let more = found.len() > limit || page.links.next.as_deref().is_some_and(|next| !next.is_empty());
            found.truncate(limit);
            return Ok((found, more));
        }
        if !news {
            return Ok((found, false));
        }
        match next(&page)? {
            Some(following) => page = following,
            None => return Ok((found, false)),
        }
    }
    Ok((found, true))
}

fn query(filter: Option<&str>, limit: usize) -> InboxQuery<'_> {
    let page = limit.clamp(*PAGE.start(), *PAGE.end());
    InboxQuery { max_results: u16::try_from(page).ok(), workflow_filter: filter }
}

/// A filter as MESH understands it: `NAME`, `NAME*` or `*NAME*`, each with or without `!` before it.
pub fn filter(text: &str) -> Result<String, String> {
    let name = text.strip_prefix('!').unwrap_or(text);
    let inner = match (name.strip_prefix('*'), name.strip_suffix('*')) {
        (Some(rest), _) => rest.strip_suffix('*').ok_or("MESH knows NAME* and *NAME*, and no *NAME")?,
        (None, Some(rest)) => rest,
        (None, None) => name,
    };
    if inner.is_empty() || inner.contains(['*', '!']) {
        return Err("a filter is NAME, NAME* or *NAME*, each with or without ! before it".into());
    }
    if !(2..=255).contains(&text.len()) {
        return Err("a filter has 2 to 255 characters".into());
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::wire::Links;

    /// Pages of three, whose next page is named by its number; the last one leads to the first.
    fn page(number: usize) -> Inbox {
        let messages = (0..3).map(|at| (number * 3 + at).to_string()).collect();
        let next = Some(((number + 1) % 4).to_string());
        Inbox { messages, links: Links { this: None, next }, approx_inbox_count: None }
    }

    fn next(current: &Inbox) -> Result<Option<Inbox>, Error> {
        Ok(current.links.next.as_deref().map(|next| page(next.parse().unwrap())))
    }

    #[test]
    fn pages_are_followed_to_the_limit_and_not_in_a_circle() {
        let ids = |range: std::ops::Range<usize>| range.map(|id| id.to_string()).collect::<Vec<_>>();
        let gathered = |limit| gather(page(0), limit, next).unwrap();
        assert_eq!(gathered(usize::MAX), (ids(0..12), false));
        assert_eq!(gathered(7), (ids(0..7), true));
        assert_eq!(gathered(6), (ids(0..6), true));
        let end = Inbox { links: Links::default(), ..page(0) };
        assert_eq!(gather(end, 3, |_| Ok(None)).unwrap(), (ids(0..3), false));
    }

    #[test]
    fn filters_of_the_specification_are_taken_and_others_refused() {
        for good in ["WORKFLOW1", "!WORKFLOW1", "WORKFL*", "!WORKFL*", "*_ACK*", "!*_ACK*"] {
            assert_eq!(filter(good).as_deref(), Ok(good));
        }
        for bad in ["", "W", "!", "*", "**", "!*", "!!W", "A*B", "*_ACK", "W**", &"W".repeat(256)] {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }
}
