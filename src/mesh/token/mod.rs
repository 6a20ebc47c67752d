//! The Authorization header of MESH (MESH API specification, "MESH Authorization header").
//!
//! [`header`] makes one for a request. [`Token::parse`] reads one as a server does; [`examine`] says of one that
//! was made elsewhere what is wrong with it.

mod candidates;
mod examination;
mod fault;
mod fields;
mod hash;
mod layout;
mod secrets;
mod terms;
mod timestamp;
mod wrapping;

pub use examination::{Examination, Fields, examine};
pub use fault::Fault;
pub use secrets::SANDBOX_KEYS;
pub use terms::{Alteration, Field, Secret, Severity};

use aws_lc_rs::hmac;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use crate::mailbox::MailboxId;
use crate::secret::{MailboxPassword, SharedKey};

/// The scheme before the token, with the space that belongs to it.
pub const SCHEME: &str = "NHSMESH ";

/// How far a timestamp may be off the server's clock before the token is refused.
pub const TOLERANCE: Duration = Duration::hours(2);

/// UTC, `yyyyMMddHHmm`.
const TIMESTAMP: StaticFormatDescription = format_description!("[year][month][day][hour][minute]");

/// The secrets that a token is made with.
#[derive(Debug)]
pub struct Login {
    /// The password of the mailbox.
    pub password: MailboxPassword,
    /// The shared key of the environment.
    pub shared_key: SharedKey,
}

/// A header that was read; see [`Token::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The mailbox as written, which must be upper case.
    pub mailbox: String,
    /// A value that, with `nonce_count`, is never used twice for a mailbox; usually a GUID.
    pub nonce: String,
    /// How often the nonce was used before.
    pub nonce_count: String,
    /// UTC, to the minute.
    pub timestamp: OffsetDateTime,
    /// The timestamp as written.
    timestamp_text: String,
    /// HMAC-SHA-256 as received, in lower-case hexadecimal.
    hash: String,
}

/// Why a header is no MESH token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It does not begin with `NHSMESH ` (with the space).
    #[error("the header does not begin with 'NHSMESH ' and a space")]
    Scheme,
    /// It is not five fields with colons between.
    #[error("the token is not mailbox:nonce:nonce count:timestamp:hash")]
    Fields,
    /// The timestamp is not `yyyyMMddHHmm`.
    #[error("the timestamp is not UTC yyyyMMddHHmm")]
    Timestamp,
}

/// A fresh header value: `NHSMESH <mailbox>:<nonce>:<nonce_count>:<timestamp>:<hash>`.
///
/// One header serves one request: use a new nonce, or count up.
pub fn header(
    mailbox: &MailboxId,
    login: &Login,
    nonce: &str,
    nonce_count: u32,
    now: OffsetDateTime,
) -> String {
    let timestamp = stamp(now);
    let nonce_count = nonce_count.to_string();
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, login.shared_key.expose().as_bytes()),
        &message(mailbox.as_str(), nonce, &nonce_count, &login.password, &timestamp),
    );
    format!("{SCHEME}{mailbox}:{nonce}:{nonce_count}:{timestamp}:{}", HEXLOWER.encode(tag.as_ref()))
}

/// UTC to the minute, as the header carries it.
fn stamp(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC).format(TIMESTAMP).expect("a date can be written")
}

/// What is hashed: `mailbox:nonce:nonce_count:password:timestamp`.
fn message(
    mailbox: &str,
    nonce: &str,
    nonce_count: &str,
    password: &MailboxPassword,
    timestamp: &str,
) -> zeroize::Zeroizing<Vec<u8>> {
    format!("{mailbox}:{nonce}:{nonce_count}:{}:{timestamp}", password.expose()).into_bytes().into()
}

impl Token {
    /// Reads a header value.
    pub fn parse(header: &str) -> Result<Self, TokenError> {
        let token = header.strip_prefix(SCHEME).ok_or(TokenError::Scheme)?;
        let mut fields = token.split(':');
        let mut next = || fields.next().ok_or(TokenError::Fields);
        let (mailbox, nonce, nonce_count, timestamp, hash) = (next()?, next()?, next()?, next()?, next()?);
        if fields.next().is_some() || [mailbox, nonce, nonce_count, hash].iter().any(|f| f.is_empty()) {
            return Err(TokenError::Fields);
        }
        let parsed = PrimitiveDateTime::parse(timestamp, TIMESTAMP).map_err(|_| TokenError::Timestamp)?;
        Ok(Self {
            mailbox: mailbox.into(),
            nonce: nonce.into(),
            nonce_count: nonce_count.into(),
            timestamp: parsed.assume_utc(),
            timestamp_text: timestamp.into(),
            hash: hash.into(),
        })
    }

    /// Whether the hash was made with these secrets. Compared in constant time.
    pub fn is_made_with(&self, login: &Login) -> bool {
        let Ok(hash) = HEXLOWER_PERMISSIVE.decode(self.hash.as_bytes()) else { return false };
        hmac::verify(
            &hmac::Key::new(hmac::HMAC_SHA256, login.shared_key.expose().as_bytes()),
            &message(&self.mailbox, &self.nonce, &self.nonce_count, &login.password, &self.timestamp_text),
            &hash,
        )
        .is_ok()
    }

    /// Whether the timestamp is within [`TOLERANCE`] of `now`.
    pub fn is_timely(&self, now: OffsetDateTime) -> bool {
        (self.timestamp - now).abs() <= TOLERANCE
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn login() -> Login {
        Login { password: MailboxPassword::new("password"), shared_key: SharedKey::new("TestKey") }
    }

    /// The expected hash by an independent hand:
    /// `printf 'X26ABC1:1c820cd4-be3e-43ff-807f-e65362892722:0:password:202006041718' | openssl dgst -sha256 -hmac TestKey`
    #[test]
    fn header_agrees_with_openssl() {
        let header = header(
            &"X26ABC1".parse().unwrap(),
            &login(),
            "1c820cd4-be3e-43ff-807f-e65362892722",
            0,
            datetime!(2020-06-04 17:18:59 UTC),
        );
        assert_eq!(
            header,
            "NHSMESH X26ABC1:1c820cd4-be3e-43ff-807f-e65362892722:0:202006041718:8ec019222dc49de2f518782c9f39e952a9eafec644f0f715d3b5cc89e57fea61"
        );
    }

    #[test]
    fn timestamp_is_utc_whatever_the_offset_of_the_clock() {
        let summer_time = datetime!(2026-07-01 13:30 +1);
        let header = header(&"X26ABC1".parse().unwrap(), &login(), "n", 0, summer_time);
        assert!(header.contains(":202607011230:"), "{header}");
    }

    #[test]
    fn token_is_recognised_with_its_own_secrets_only() {
        let now = datetime!(2026-06-01 12:00 UTC);
        let token = Token::parse(&header(&"X26ABC1".parse().unwrap(), &login(), "n", 7, now)).unwrap();
        assert_eq!((token.mailbox.as_str(), token.nonce_count.as_str()), ("X26ABC1", "7"));
        assert!(token.is_made_with(&login()));
        let other = Login { password: MailboxPassword::new("other"), shared_key: SharedKey::new("TestKey") };
        assert!(!token.is_made_with(&other));
        assert!(token.is_timely(now + Duration::hours(2)));
        assert!(!token.is_timely(now + Duration::minutes(121)));
    }

    #[test]
    fn headers_that_are_no_token_are_told_apart() {
        assert_eq!(Token::parse("X26ABC1:n:0:202606011200:ab"), Err(TokenError::Scheme));
        assert_eq!(Token::parse("NHSMESHX26ABC1:n:0:202606011200:ab"), Err(TokenError::Scheme));
        assert_eq!(Token::parse("NHSMESH X26ABC1:n:0:202606011200"), Err(TokenError::Fields));
        assert_eq!(Token::parse("NHSMESH X26ABC1:n:0:202606011200:ab:cd"), Err(TokenError::Fields));
        assert_eq!(Token::parse("NHSMESH X26ABC1:n:0:20260601:ab"), Err(TokenError::Timestamp));
    }
}
