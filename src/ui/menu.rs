//! Numbered things to choose from.

use anstyle::Style;

use super::{InputError, Look, Mark, Reply, Screen, clean};

/// One of them: a name and what is to say of it.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// What it is called.
    pub name: String,
    /// How it stands, behind the name.
    pub state: Option<String>,
    /// How grave that is.
    pub mark: Option<Mark>,
    /// What stands below.
    pub below: Vec<String>,
    /// Whether another group of entries begins with it.
    pub apart: bool,
}

impl Entry {
    fn shown(&self, look: Look, number: usize) -> String {
        let (lead, below) = (format!("  {number:>2}  "), " ".repeat(6));
        let head = match &self.state {
            None => clean(&self.name),
            Some(state) => {
                let (bold, state) = (Style::new().bold(), clean(state));
                let state = self.mark.map_or(state.clone(), |mark| look.marked(mark, &state));
                format!("{bold}{}{bold:#}: {state}", clean(&self.name))
            }
        };
        let lines = self.below.iter().map(|line| look.hanging(&below, &clean(line)));
        std::iter::once(look.hanging(&lead, &head)).chain(lines).collect::<Vec<_>>().join("\n")
    }
}

impl Screen {
    /// A line that says what follows, with space before it.
    pub fn heading(&self, words: &str) {
        let bold = Style::new().bold();
        let words = self.asking_look().hanging("", &clean(words));
        super::screen::print(&format!("\n{bold}{words}{bold:#}\n"));
    }

    /// Asks for one of `entries` by its number, or by another word that `named` knows; the first is what is
    /// taken if nothing is typed.
    pub fn choose_entry(
        &self,
        words: &str,
        entries: &[Entry],
        named: impl Fn(&str) -> Option<Result<usize, String>>,
    ) -> Result<Reply<usize>, InputError> {
        let look = self.asking_look();
        for (index, entry) in entries.iter().enumerate() {
            if entry.apart && index > 0 {
                super::screen::print("");
            }
            super::screen::print(&entry.shown(look, index + 1));
        }
        self.ask_number(words, entries.len(), 0, named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            name: "X26ABC1 (live)".into(),
            state: Some("it stopped working on 30 May 2026, 2 days ago".into()),
            mark: Some(Mark::Fail),
            below: vec!["Next: renew it now.".into()],
            apart: false,
        }
    }

    #[test]
    fn entries_are_numbered_and_hang_below_themselves() {
        let look = Look { signs: true, width: Some(40) };
        let shown = anstream::adapter::strip_str(&entry().shown(look, 7)).to_string();
        let lines: Vec<_> = shown.lines().collect();
        assert!(lines[0].starts_with("   7  X26ABC1 (live): ✗ it stopped"), "{shown}");
        assert!(lines[1..].iter().all(|line| line.starts_with("      ") && line.len() <= 40), "{shown}");
        assert_eq!(lines.last(), Some(&"      Next: renew it now."));
    }

    #[test]
    fn nothing_is_told_by_colour_alone() {
        let plain = |signs| {
            let look = Look { signs, width: None };
            anstream::adapter::strip_str(&entry().shown(look, 1)).to_string()
        };
        assert_eq!(plain(true).replace("✗ ", ""), plain(false));
        assert!(plain(false).contains("stopped working"));
    }
}
