//! A rule as words, each taken out where it is understood; and why a rule is refused.

/// A word of a rule that cannot be read, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}, {word:?}: {problem}")]
pub struct FaultRuleError {
    /// Its first character, counted from 1.
    pub at: usize,
    /// As it was given; empty where something is missing at the end.
    pub word: String,
    /// What is wrong with it, and what would be right.
    pub problem: String,
}

/// `name` or `name=value`.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a> {
    at: usize,
    text: &'a str,
    pub name: &'a str,
    pub value: Option<&'a str>,
}

impl<'a> Word<'a> {
    /// An error about this word.
    pub fn wrong(&self, problem: impl Into<String>) -> FaultRuleError {
        FaultRuleError { at: self.at, word: self.text.to_owned(), problem: problem.into() }
    }

    /// As it was given.
    pub fn text(&self) -> &'a str {
        self.text
    }
}

/// What is left of a rule, and where it ends.
#[derive(Debug)]
pub struct Words<'a> {
    left: Vec<Word<'a>>,
    end: usize,
}

impl<'a> Words<'a> {
    /// Splits at white space.
    pub fn of(rule: &'a str) -> Self {
        let left = rule.split_whitespace().map(|text| {
            // Each word is a part of the rule, so that their addresses differ by its place.
            let place = text.as_ptr().addr() - rule.as_ptr().addr();
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (text, None),
            };
            Word { at: rule[..place].chars().count() + 1, text, name, value }
        });
        Self { left: left.collect(), end: rule.trim_end().chars().count() + 1 }
    }

    /// The next word, whatever it is.
    pub fn next(&mut self) -> Option<Word<'a>> {
        (!self.left.is_empty()).then(|| self.left.remove(0))
    }

    /// The next word, if it is a path.
    pub fn path(&mut self) -> Option<Word<'a>> {
        if self.left.first()?.text.starts_with('/') { self.next() } else { None }
    }

    /// A word that stands alone.
    pub fn flag(&mut self, name: &str) -> Result<Option<Word<'a>>, FaultRuleError> {
        let Some(word) = self.take(name)? else { return Ok(None) };
        if word.value.is_some() { Err(word.wrong("it takes no value")) } else { Ok(Some(word)) }
    }

    /// A word with a value, which `read` understands.
    pub fn value<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<(T, Word<'a>)>, FaultRuleError> {
        let Some(word) = self.take(name)? else { return Ok(None) };
        let value = word.value.filter(|v| !v.is_empty());
        let value = value.ok_or_else(|| word.wrong(format!("it needs a value: {name}=…")))?;
        Ok(Some((read(value).map_err(|problem| word.wrong(problem))?, word)))
    }

    fn take(&mut self, name: &str) -> Result<Option<Word<'a>>, FaultRuleError> {
        let Some(place) = self.left.iter().position(|w| w.name == name) else { return Ok(None) };
        let word = self.left.remove(place);
        match self.left.iter().find(|w| w.name == name) {
            Some(again) => Err(again.wrong("it is there twice")),
            None => Ok(Some(word)),
        }
    }

    /// An error about the end of the rule.
    pub fn missing(&self, problem: impl Into<String>) -> FaultRuleError {
        FaultRuleError { at: self.end, word: String::new(), problem: problem.into() }
    }

    /// Refuses what nobody took.
    pub fn finish(mut self, may_stand: &str) -> Result<(), FaultRuleError> {
        match self.next() {
            Some(word) => Err(word.wrong(format!("here may stand {may_stand}"))),
            None => Ok(()),
        }
    }
}
