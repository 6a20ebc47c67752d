//! Which field is which, also where some are missing or in another order.

use time::OffsetDateTime;

use super::fault::Fault;
use super::terms::Field;
use super::{hash, timestamp};
use crate::mailbox::MailboxId;

/// More are not looked at.
const LOOKED_AT: usize = 8;

/// The fields by their roles.
pub(super) struct Split<'a> {
    /// Every piece between colons.
    pub(super) pieces: Vec<&'a str>,
    /// Which piece has which role, in the order of [`Field::HEADER`].
    roles: [Option<usize>; 5],
}

impl<'a> Split<'a> {
    /// The field as it stands there.
    pub(super) fn raw(&self, field: Field) -> Option<&'a str> {
        let role = Field::HEADER.iter().position(|of_header| *of_header == field)?;
        Some(self.pieces[self.roles[role]?])
    }

    /// The field without white space around it.
    pub(super) fn get(&self, field: Field) -> Option<&'a str> {
        self.raw(field).map(str::trim)
    }

    /// Whether a piece was taken for a field that looks as that field should.
    pub(super) fn is_likely(&self, piece: usize, mailbox: &MailboxId, now: OffsetDateTime) -> bool {
        let role = self.roles.iter().position(|of_role| *of_role == Some(piece));
        role.is_some_and(|role| likeness(Field::HEADER[role], self.pieces[piece], mailbox, now) >= CLEAR)
    }
}

/// Splits at colons, and finds out what is what.
pub(super) fn split<'a>(
    token: &'a str,
    mailbox: &MailboxId,
    now: OffsetDateTime,
    faults: &mut Vec<Fault>,
) -> Split<'a> {
    let pieces = pieces(token);
    if pieces.len() != Field::HEADER.len() {
        faults.push(Fault::FieldCount { found: pieces.len() });
    }
    let roles = roles(&pieces, mailbox, now);
    let found: Vec<usize> = roles.iter().flatten().copied().collect();
    if !found.is_sorted() {
        let mut order: Vec<(usize, Field)> =
            roles.iter().zip(Field::HEADER).filter_map(|(piece, field)| Some(((*piece)?, field))).collect();
        order.sort_by_key(|(piece, _)| *piece);
        faults.push(Fault::FieldOrder { found: order.into_iter().map(|(_, field)| field).collect() });
    }
    let split = Split { pieces, roles };
    for field in Field::HEADER {
        if split.raw(field) != split.get(field) {
            faults.push(Fault::FieldPadded { field });
        }
    }
    split
}

/// What stands between colons; those of an ISO 8601 time divide nothing.
fn pieces(token: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(at) = token[from..].find(':').map(|at| from + at) {
        from = at + 1;
        if !is_within_time(&token[start..at], &token[from..]) {
            pieces.push(&token[start..at]);
            start = from;
        }
    }
    pieces.push(&token[start..]);
    pieces
}

/// Whether a colon between these two belongs to a time: `2026-06-01T12` and `05…`, or `…:05` and `40`.
fn is_within_time(before: &str, after: &str) -> bool {
    let pair = |text: &str| text.len() >= 2 && text.as_bytes()[..2].iter().all(u8::is_ascii_digit);
    let Some((date, clock)) = before.split_once(['T', 't', ' ']) else { return false };
    let date_digits = date.bytes().filter(u8::is_ascii_digit).count();
    let is_date = date_digits == 8 && date.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'/'));
    let next = after.split(':').next().unwrap_or_default();
    let begins = clock.len() == 2 && pair(clock);
    let goes_on = clock.len() == 5 && pair(clock) && next.len() != 64;
    let in_zone = clock.rfind(['+', '-']).is_some_and(|sign| clock.len() - sign == 3);
    let ends_next = next.len() == 2 || next.get(2..3).is_some_and(|c| ".,Z+-".contains(c));
    is_date && pair(after) && ends_next && (begins || goes_on || in_zone)
}

/// Gives the pieces to the fields that they resemble most; in place if nothing speaks against it.
fn roles(pieces: &[&str], mailbox: &MailboxId, now: OffsetDateTime) -> [Option<usize>; 5] {
    let pieces = &pieces[..pieces.len().min(LOOKED_AT)];
    let in_place = |role: usize, piece: usize| u32::from(pieces.len() == 5 && role == piece);
    let scores: [Vec<u32>; 5] = std::array::from_fn(|role| {
        let score = |(at, piece): (usize, &&str)| {
            likeness(Field::HEADER[role], piece, mailbox, now) + in_place(role, at)
        };
        pieces.iter().enumerate().map(score).collect()
    });
    let (mut best, mut best_score) = ([None; 5], 0);
    assign(&scores, 0, &mut [None; 5], 0, &mut |roles, score| {
        if score > best_score {
            (best, best_score) = (*roles, score);
        }
    });
    best
}

/// Every way to give a piece, or none, to each role from `role` on: with 8 pieces fewer than 20,000.
fn assign(
    scores: &[Vec<u32>; 5],
    role: usize,
    roles: &mut [Option<usize>; 5],
    score: u32,
    each: &mut impl FnMut(&[Option<usize>; 5], u32),
) {
    let Some(of_role) = scores.get(role) else { return each(roles, score) };
    for (piece, likeness) in of_role.iter().enumerate() {
        if *likeness > 0 && !roles[..role].contains(&Some(piece)) {
            roles[role] = Some(piece);
            assign(scores, role + 1, roles, score + likeness, each);
        }
    }
    roles[role] = None;
    assign(scores, role + 1, roles, score, each);
}

/// From here on there is little doubt.
const CLEAR: u32 = 6;

/// How much a piece looks like a field. A piece that looks like nothing is only told by its place.
fn likeness(field: Field, piece: &str, mailbox: &MailboxId, now: OffsetDateTime) -> u32 {
    let piece = piece.trim();
    let is_digits = !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_digit());
    match field {
        Field::Mailbox if piece.eq_ignore_ascii_case(mailbox.as_str()) => 12,
        Field::Mailbox if !is_digits && piece.len() < 20 && piece.parse::<MailboxId>().is_ok() => 3,
        Field::Nonce if is_guid(piece) => 10,
        Field::Nonce if !piece.is_empty() => 2 - u32::from(is_digits),
        Field::NonceCount if is_digits && piece.len() < 8 => 6,
        Field::Timestamp => match timestamp::read(piece, now).fault {
            None => 10,
            Some(Fault::TimestampForm) => u32::from(is_digits && (8..=17).contains(&piece.len())) * 4,
            Some(_) => 9,
        },
        Field::Hash => match hash::read(piece, &mut Vec::new()).map(|digits| digits.len()) {
            Some(40 | 64 | 96 | 128) => 10,
            Some(32) if !is_guid(piece) => 5,
            Some(16..) => 3,
            _ => 0,
        },
        _ => 0,
    }
}

/// 32 hexadecimal digits, with or without hyphens and braces.
pub(super) fn is_guid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);
    const GUID: &str = "1c820cd4-be3e-43ff-807f-e65362892722";
    const HASH: &str = "8ec019222dc49de2f518782c9f39e952a9eafec644f0f715d3b5cc89e57fea61";

    fn read(token: &str) -> (Vec<Option<String>>, Vec<&'static str>) {
        let mut faults = Vec::new();
        let split = split(token, &"X26ABC1".parse().unwrap(), NOW, &mut faults);
        let fields = Field::HEADER.iter().map(|field| split.get(*field).map(str::to_owned)).collect();
        (fields, faults.iter().map(Fault::code).collect())
    }

    #[test]
    fn fields_are_recognised_in_every_order() {
        let fields = ["X26ABC1", GUID, "0", "202606011200", HASH];
        let expected: Vec<_> = fields.iter().map(|field| Some((*field).to_owned())).collect();
        let mut orders = 0;
        for order in super::super::layout::orders(&[0, 1, 2, 3, 4]) {
            let token: Vec<_> = order.iter().map(|at| fields[*at]).collect();
            let (found, codes) = read(&token.join(":"));
            assert_eq!(found, expected, "{token:?}");
            assert_eq!(codes.is_empty(), order.is_sorted(), "{token:?}: {codes:?}");
            orders += 1;
        }
        assert_eq!(orders, 120);
    }

    #[test]
    fn missing_field_leaves_the_others_where_they_belong() {
        let fields = ["X26ABC1", GUID, "0", "202606011200", HASH];
        for missing in 0..5 {
            let mut kept = fields.to_vec();
            kept.remove(missing);
            let (found, codes) = read(&kept.join(":"));
            let mut expected: Vec<_> = fields.iter().map(|field| Some((*field).to_owned())).collect();
            expected[missing] = None;
            assert_eq!((found, codes), (expected, vec!["field_count"]), "without {}", fields[missing]);
        }
    }

    #[test]
    fn times_with_colons_stay_whole() {
        for time in [
            "2026-06-01T12:00",
            "2026-06-01T12:00:00Z",
            "2026-06-01 12:00:00.123",
            "2026-06-01T13:00:00+01:00",
            "2026-06-01T13:00+01:00",
            "20260601T12:00:00Z",
        ] {
            let (found, codes) = read(&format!("X26ABC1:{GUID}:0:{time}:{HASH}"));
            assert_eq!(found[3].as_deref(), Some(time));
            assert_eq!(codes, [""; 0], "{time}");
        }
    }

    #[test]
    fn odd_fields_keep_their_place() {
        let (found, codes) = read("x26abc9:nonce:first:today:hash");
        let expected = ["x26abc9", "nonce", "first", "today", "hash"];
        assert_eq!(found, expected.map(|field| Some(field.to_owned())));
        assert_eq!(codes, [""; 0]);
        assert_eq!(read(&format!("X26ABC1: {GUID}:0:202606011200:{HASH}")).1, ["field_padded"]);
    }

    #[test]
    fn any_number_of_pieces_is_read_quickly() {
        assert_eq!(read(&"0:".repeat(2000)).1[0], "field_count");
        assert_eq!(read("").1[0], "field_count");
    }
}
