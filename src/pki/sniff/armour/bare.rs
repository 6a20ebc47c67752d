//! Base64 without armour: a whole file, or among lines of text.

use zeroize::Zeroizing;

use super::length::{Length, decode, is_base64, standard};

/// Unbroken rows of base64 characters. Rows between which there is nothing but white space and
/// quotation marks may belong together: they have the same run.
pub(super) struct Rows<'a> {
    text: &'a str,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    start: u32,
    length: u32,
    /// Characters of all rows before this.
    before: u32,
    run: u32,
}

impl Row {
    fn until(self) -> u64 {
        u64::from(self.before) + u64::from(self.length)
    }
}

/// Base64 that was found to be whole.
pub(super) struct Found {
    /// What it holds; it may be a private key.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Where it stands in the cleaned text.
    pub start: usize,
    pub end: usize,
    pub url_safe: bool,
}

/// Base64 of DER that ends too early.
pub(super) struct Cut {
    pub start: usize,
    pub found: usize,
    pub whole: u64,
}

/// DER shorter than this could be a word by chance, in bytes.
const SHORTEST: u64 = 24;

impl<'a> Rows<'a> {
    pub fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut rows: Vec<Row> = Vec::new();
        let (mut at, mut before, mut run) = (0, 0, 0);
        while at < bytes.len() {
            let length =
                bytes[at..].iter().take_while(|&&b| is_base64(b) || matches!(b, b'-' | b'_')).count();
            if length > 0 {
                // Files are limited to 10 MB, far below what these hold.
                rows.push(Row { start: at as u32, length: length as u32, before, run });
                before += length as u32;
                at += length;
            } else {
                let between = matches!(
                    bytes[at],
                    b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b',' | b'=' | b'>' | b'|' | b'\\'
                );
                run += u32::from(!between);
                at += 1;
            }
        }
        Self { text, rows }
    }

    fn characters(&self, from: usize) -> impl Iterator<Item = u8> {
        let run = self.rows[from].run;
        let same = self.rows[from..].iter().take_while(move |row| row.run == run);
        same.flat_map(|row| self.text.as_bytes()[row.start as usize..][..row.length as usize].iter().copied())
    }

    /// By its own account of its length; only what begins as DER does.
    fn length(&self, from: usize) -> Option<Length> {
        let begins = self.text.as_bytes()[self.rows[from].start as usize] == b'M';
        begins.then(|| Length::of_base64(self.characters(from).take(8)))
    }

    /// The last of the rows that hold exactly as many characters as the DER beginning with `from` says.
    fn last_row(&self, from: usize) -> Option<usize> {
        let length = self.length(from)?;
        if matches!(length, Length::Known(bytes) if bytes < SHORTEST) {
            return None;
        }
        let until = u64::from(self.rows[from].before) + length.characters()?;
        let last = from + self.rows[from..].binary_search_by_key(&until, |row| row.until()).ok()?;
        (self.rows[last].run == self.rows[from].run).then_some(last)
    }

    fn found(&self, from: usize, last: usize) -> Option<Found> {
        let count = (self.rows[last].until() - u64::from(self.rows[from].before)) as usize;
        let mut characters = Zeroizing::new(Vec::with_capacity(count));
        characters.extend(self.characters(from).take(count));
        let url_safe = characters.iter().any(|b| matches!(b, b'-' | b'_'));
        if url_safe {
            if characters.iter().any(|b| matches!(b, b'+' | b'/')) {
                return None;
            }
            characters.iter_mut().for_each(|b| *b = standard(*b));
        }
        let bytes = decode(&characters)?;
        let end = (self.rows[last].start + self.rows[last].length) as usize;
        Some(Found { bytes, start: self.rows[from].start as usize, end, url_safe })
    }

    /// DER whose end is the end of the text, wherever it begins.
    pub fn at_the_end(&self) -> Option<Found> {
        let last = self.rows.len().checked_sub(1)?;
        (0..self.rows.len()).find_map(|from| {
            let fits = self.last_row(from) == Some(last);
            fits.then(|| self.found(from, last))?
        })
    }

    /// Whether the text ends in what looks like base64.
    pub fn end_looks_like_base64(&self) -> bool {
        self.rows.last().is_some_and(|row| row.length >= 16)
    }

    /// Gives everything that may be base64 of DER, or of PEM, to `read`, which says whether it is. What
    /// it turns down may at most be four times the text, which bounds the time.
    pub fn each(&self, mut read: impl FnMut(Found) -> bool) {
        let mut budget = self.text.len() * 4;
        let mut from = 0;
        while from < self.rows.len() {
            let row = self.rows[from];
            let is_pem = self.text[row.start as usize..].starts_with("LS0t");
            let last = if is_pem { Some(self.last_of_run(from)) } else { self.last_row(from) };
            let Some(last) = last else {
                from += 1;
                continue;
            };
            let cost = (self.rows[last].until() - u64::from(row.before)) as usize;
            let Some(left) = budget.checked_sub(cost) else { return };
            let used = self.found(from, last).is_some_and(&mut read);
            if !used {
                budget = left;
            }
            from = if used || is_pem { last + 1 } else { from + 1 };
        }
    }

    /// The last row of a run, or before it the one that is followed by padding.
    fn last_of_run(&self, from: usize) -> usize {
        let run = self.rows[from].run;
        let mut last = from;
        loop {
            let end = (self.rows[last].start + self.rows[last].length) as usize;
            let padded = self.text.as_bytes().get(end) == Some(&b'=');
            if padded || self.rows.get(last + 1).is_none_or(|next| next.run != run) {
                return last;
            }
            last += 1;
        }
    }

    /// The whole text, if there is nothing else in it.
    pub fn whole(&self) -> Option<Found> {
        let last = self.rows.len().checked_sub(1)?;
        if self.rows[last].run != 0 || self.rows[last].until() < SHORTEST {
            return None;
        }
        self.found(0, last)
    }

    /// The first row that begins as a certificate does and whose run ends too early for it.
    pub fn cut(&self) -> Option<Cut> {
        let long = |row: &&Row| row.length >= 32;
        self.rows.iter().enumerate().filter(|(_, row)| long(row)).find_map(|(from, row)| {
            let Length::Known(whole) = self.length(from)? else { return None };
            let end = self.rows.partition_point(|other| other.run <= row.run);
            let found = (self.rows[end - 1].until() - u64::from(row.before)) / 4 * 3;
            let long_form = self.text[row.start as usize..].starts_with("MI");
            (long_form && found < whole).then_some(Cut {
                start: row.start as usize,
                found: found as usize,
                whole,
            })
        })
    }
}
