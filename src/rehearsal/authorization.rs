//! Who may come in: the Authorization header, read as strictly as the specification writes it.

use std::collections::{HashSet, VecDeque};

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
    let unknown = || Refusal::event(StatusCode::FORBIDDEN, "SEND", "EPL-151", "No mailbox matched");
    let member = mailboxes.member(&token.mailbox).ok_or_else(unknown)?;
    if !token.is_made_with(&member.login) || !token.is_timely(now) {
        return Err(invalid());
    }
    if !mailboxes.spent.lock().expect("nothing panics under this lock").spend(&token, now) {
        return Err(forbidden("Error Duplicated Authentication Token"));
    }
    Ok(member)
}

/// How many tokens are remembered. Beyond, the oldest are forgotten before their time: memory is bounded,
/// and half a million handshakes in four hours is no application.
const REMEMBERED: usize = 500_000;

/// Tokens that let somebody in, as long as their timestamp would still do so.
#[derive(Debug, Default)]
pub struct SpentTokens {
    /// Half of a SHA-256 each.
    spent: HashSet<u128>,
    /// In the order in which they came, with their timestamps in minutes since 1970.
    order: VecDeque<(u32, u128)>,
}

impl SpentTokens {
    /// Whether mailbox, nonce and count of a timely token were never used together before.
    fn spend(&mut self, token: &Token, now: OffsetDateTime) -> bool {
        let last = (now - TOLERANCE).unix_timestamp();
        while self.order.front().is_some_and(|(minute, _)| i64::from(*minute) * 60 < last) {
            self.forget_oldest();
        }
        // No field of a token holds a colon.
        let key =
            Fingerprint::of(format!("{}:{}:{}", token.mailbox, token.nonce, token.nonce_count).as_bytes());
        let half = key.as_bytes()[..16].try_into().expect("16 bytes");
        let key = u128::from_be_bytes(half);
        let fresh = self.spent.insert(key);
        if fresh {
            let minute = u32::try_from(token.timestamp.unix_timestamp() / 60).unwrap_or_default();
            self.order.push_back((minute, key));
            if self.order.len() > REMEMBERED {
                self.forget_oldest();
            }
        }
        fresh
    }

    fn forget_oldest(&mut self) {
        if let Some((_, oldest)) = self.order.pop_front() {
            self.spent.remove(&oldest);
        }
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
        assert_eq!((spent.spent.len(), spent.order.len()), (1, 1), "memory is given back");
    }

    #[test]
    fn memory_of_tokens_is_bounded() {
        let mut spent = SpentTokens::default();
        for count in 0..REMEMBERED as u32 + 10 {
            assert!(spent.spend(&token("n", count, "202606011200"), NOW));
        }
        assert_eq!((spent.spent.len(), spent.order.len()), (REMEMBERED, REMEMBERED));
        assert!(!spent.spend(&token("n", 10, "202606011200"), NOW), "only the oldest are forgotten");
        assert!(spent.spend(&token("n", 0, "202606011200"), NOW));
    }
}
