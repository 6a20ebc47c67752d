use crate::pki::sniff::{Note, Object};

/// Why a block cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Damage {
    /// Nothing between BEGIN and END.
    Empty,
    /// Something that is no base64.
    Character(char),
    /// A number of characters that base64 never has.
    Count(usize),
    /// Fewer bytes than it says itself.
    Truncated { found: usize, whole: Option<u64> },
    /// No END line, and nothing tells its length.
    NoEnd,
    /// No BEGIN line, and nothing tells where it begins.
    NoBegin,
    /// Not DER at all.
    NotDer,
    /// DER from the outside, and not what it should be within.
    Within,
    /// A BEGIN line that does not say what begins.
    NoLabel,
}

impl Damage {
    /// Where it shows, in a block from `start` to `end`.
    pub fn place(&self, start: usize, end: usize) -> usize {
        if matches!(self, Self::Truncated { .. }) { end } else { start }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty_block",
            Self::Character(_) => "not_base64",
            Self::Count(_) => "base64_incomplete",
            Self::Truncated { .. } => "truncated",
            Self::NoEnd => "no_end",
            Self::NoBegin => "no_begin",
            Self::NotDer => "not_der",
            Self::Within => "der_damaged",
            Self::NoLabel => "no_label",
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::Empty => "there is nothing in it".into(),
            Self::Character(c)
                if c.is_control() || c.is_whitespace() || *c == char::REPLACEMENT_CHARACTER =>
            {
                format!("the character U+{:04X} is no base64", u32::from(*c))
            }
            Self::Character(c) => format!("the character {c} is no base64"),
            Self::Count(count) => {
                format!("{count} characters cannot be base64, so at least one is missing or surplus")
            }
            Self::Truncated { found, whole: Some(whole) } => {
                format!("truncated after {found} of {whole} bytes")
            }
            Self::Truncated { found, whole: None } => format!("truncated after {found} bytes"),
            Self::NoEnd => "it has no END line".into(),
            Self::NoBegin => "it has no BEGIN line".into(),
            Self::NotDer => "what the base64 holds is not DER".into(),
            Self::Within => "the DER within does not hold together".into(),
            Self::NoLabel => "a BEGIN line does not say what begins".into(),
        }
    }

    /// The damaged thing, called "a damaged `name`".
    pub fn object(&self, name: &str, line: usize) -> Object {
        Object::damaged(format!("a damaged {name} (line {line}: {})", self.reason()))
    }

    pub fn note(&self, name: &str, line: usize) -> Note {
        Note::new(self.code(), format!("line {line}: the {name} is damaged: {}", self.reason()))
    }
}
