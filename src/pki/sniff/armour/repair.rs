use crate::pki::sniff::Note;

macro_rules! repairs {
    ($($name:ident $code:literal $said:literal,)*) => {
        /// What had to be put right before a block could be read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Repair { $($name),* }

        impl Repair {
            fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            fn said(self) -> &'static str {
                match self { $(Self::$name => $said),* }
            }
        }
    };
}

repairs! {
    Blanks "blank_lines" "there are blank lines within the base64",
    Case "armour_case" "the BEGIN or END line is not in capitals",
    Comments "comments" "comments stand within the block",
    Controls "control_characters" "control characters stand within the block",
    CarriageReturns "line_ends" "lines end in a carriage return alone",
    DifferentLabels "labels_differ" "the BEGIN and the END line name different things",
    Escapes "escaped" "line breaks or characters are written as escapes, as in JSON (\\n)",
    Html "html" "HTML tags or entities stand within the block",
    Hyphens "armour_hyphens" "the BEGIN or END line has not five hyphens on either side",
    Indented "indented" "lines begin with spaces",
    Invisible "invisible_characters" "characters that cannot be seen, such as non-breaking spaces, stand within the block",
    LineBreaks "missing_line_breaks" "line breaks are missing",
    MissingBegin "missing_begin" "the BEGIN line is missing; the base64 before the END line is whole by its own length",
    MissingEnd "missing_end" "the END line is missing; the base64 is whole by its own length",
    OldLabel "old_label" "the BEGIN line has an old or unusual label, which not every program knows",
    Padding "padding" "the base64 is not padded with '=' as it should be",
    Percent "percent_encoding" "characters are written as percent escapes, as in web addresses and forms",
    Prefixed "line_prefix" "every line begins with the same text or with its number",
    Printable "quoted_printable" "quoted-printable of an email is left in the block (=3D, or = at the end of a line)",
    Quoted "quoted_lines" "lines begin with the quotation marks of an email ('>')",
    Quotes "quotes" "the lines stand in quotation marks",
    Several "several_in_block" "more than one thing stands in one block",
    Smart "smart_punctuation" "hyphens or quotation marks were made typographical",
    StrayEnd "stray_end" "an END line has nothing before it",
    Terminal "terminal_codes" "colour or cursor codes of a terminal stand within the block",
    TextInside "text_in_block" "lines of other text stand within the base64; without them it is whole",
    Trailing "trailing_bytes" "bytes follow the end of what is in the block; they were left out",
    Trust "openssl_trust" "OpenSSL's trust settings follow the certificate; they were left out",
    UrlSafe "url_safe_base64" "the base64 is of the kind for web addresses, with '-' and '_'",
    WrongLabel "label_wrong" "the BEGIN line names something else than what is in the block",
}

/// The repairs of one file: each kind once, with the place where it was first needed.
#[derive(Clone, Default)]
pub(super) struct Repairs {
    seen: u64,
    list: Vec<(Repair, usize)>,
}

impl Repairs {
    /// `offset` is in the cleaned text.
    pub fn add(&mut self, repair: Repair, offset: usize) {
        let bit = 1 << repair as u8;
        if self.seen & bit == 0 {
            self.seen |= bit;
            self.list.push((repair, offset));
        }
    }

    /// Leaves out what another repair brings with it: a tag stands for a line break, and code is indented.
    pub fn leave_out_what_follows(&mut self) {
        let any =
            |list: &[(Repair, usize)], of: &[Repair]| list.iter().any(|(repair, _)| of.contains(repair));
        let rewritten = any(&self.list, &[Repair::Escapes, Repair::Html, Repair::Percent]);
        let quoted = any(&self.list, &[Repair::Quotes, Repair::Prefixed]);
        self.list.retain(|(repair, _)| match repair {
            Repair::LineBreaks => !rewritten,
            Repair::Indented => !rewritten && !quoted,
            _ => true,
        });
    }

    /// Takes over the repairs of an attempt that succeeded.
    pub fn append(&mut self, other: Self) {
        for (repair, offset) in other.list {
            self.add(repair, offset);
        }
    }

    pub fn notes(&self, line_of: impl Fn(usize) -> usize) -> Vec<Note> {
        let note = |&(repair, offset): &(Repair, usize)| {
            Note::new(repair.code(), format!("line {}: {}", line_of(offset), repair.said()))
        };
        self.list.iter().map(note).collect()
    }
}
