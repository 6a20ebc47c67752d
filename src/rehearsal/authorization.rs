//! Who may come in: the Authorization header, read as strictly as the specification writes it.

use std::collections::{BTreeMap, HashSet};

use axum::http::{HeaderMap, StatusCode, header};
use time::OffsetDateTime;

use super::answers::Refusal;
use super::mailboxes::{Mailboxes, Member};
use crate::mesh::token::{TOLERANCE, Token};
use crate::pki::Fingerprint;

/// Finds the mailbox of a request, or refuses with no more detail than the real MESH gives.
///
/// A token is spent by this; it lets nobody in a second time.
pub fn admit<'a>(
    mailboxes: &'a Mailboxes,
    mailbox: &str,
    headers: &HeaderMap,
    now: OffsetDateTime,
) -> Result<&'a Member, Refusal> {
    let forbidden = |text| Refusal::plain(StatusCode::FORBIDDEN, text);
    let unreadable = || forbidden("Error reading from Authorization header");
    let invalid = || forbidden("Invalid Authentication Token");

    let header = headers.get(header::AUTHORIZATION).and_then(|h| h.to_str().ok()).ok_or_else(unreadable)?;
    let token = Token::parse(header).map_err(|_| unreadable())?;
    if !token.nonce_count.bytes().all(|b| b.is_ascii_digit()) {
        return Err(unreadable());
    }
    // The path may be written in either case, the token may not.
    if token.mailbox != mailbox.to_ascii_uppercase() {
        return Err(forbidden("Mailbox id does not match token"));
    }
    let member = mailboxes.member(&token.mailbox).ok_or(Refusal::Event {
        status: StatusCode::FORBIDDEN,
        event: "SEND",
        code: "EPL-151",
        text: "No mailbox matched",
    })?;
    if !token.is_made_with(&member.login) || !token.is_timely(now) {
        return Err(invalid());
    }
    if !mailboxes.spent.lock().expect("nothing panics under this lock").spend(&token, now) {
        return Err(forbidden("Error Duplicated Authentication Token"));
    }
    Ok(member)
}

/// Tokens that let somebody in, as long as their timestamp would still do so.
#[derive(Debug, Default)]
pub struct SpentTokens {
    spent: HashSet<Fingerprint>,
    by_timestamp: BTreeMap<OffsetDateTime, Vec<Fingerprint>>,
}

impl SpentTokens {
    /// Whether mailbox, nonce and count of a timely token were never used together before.
    fn spend(&mut self, token: &Token, now: OffsetDateTime) -> bool {
        while let Some(oldest) = self.by_timestamp.first_entry() {
            if *oldest.key() + TOLERANCE >= now {
                break;
            }
            for forgotten in oldest.remove() {
                self.spent.remove(&forgotten);
            }
        }
        // No field of a token holds a colon.
        let key =
            Fingerprint::of(format!("{}:{}:{}", token.mailbox, token.nonce, token.nonce_count).as_bytes());
        let fresh = self.spent.insert(key);
        if fresh {
            self.by_timestamp.entry(token.timestamp).or_default().push(key);
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

    fn token(nonce: &str, count: u32, timestamp: &str) -> Token {
        Token::parse(&format!("NHSMESH X26ABC1:{nonce}:{count}:{timestamp}:ab")).unwrap()
    }

    #[test]
    fn nonce_serves_again_only_with_another_count() {
        let mut spent = SpentTokens::default();
        assert!(spent.spend(&token("n", 0, "202606011200"), NOW));
        assert!(spent.spend(&token("n", 1, "202606011200"), NOW));
        assert!(!spent.spend(&token("n", 0, "202606011201"), NOW), "a new timestamp makes no new token");
    }

    #[test]
    fn token_is_forgotten_only_when_its_timestamp_refuses_it() {
        let mut spent = SpentTokens::default();
        assert!(spent.spend(&token("n", 0, "202606011200"), NOW));
        assert!(!spent.spend(&token("n", 0, "202606011200"), NOW + Duration::hours(2)));
        let later = NOW + Duration::minutes(121);
        assert!(spent.spend(&token("m", 0, "202606011401"), later));
        assert_eq!((spent.spent.len(), spent.by_timestamp.len()), (1, 1), "memory is given back");
    }
}
