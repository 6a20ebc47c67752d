//! Lines that come in one go, as a terminal passes on what is pasted or dragged onto it.

use zeroize::Zeroizing;

use super::ask::{BACK, Reply, next_line};
use super::{InputError, Screen};

/// Longer texts are files, and better given as such.
const LIMIT: usize = 1 << 20;

impl Screen {
    /// Asks for one line, or for a text that is pasted. All lines that come at once belong together; what `open`
    /// calls unfinished goes on until it is finished, or to a line left empty.
    pub fn ask_lines(
        &self,
        words: &str,
        open: impl Fn(&str) -> bool,
    ) -> Result<Reply<Zeroizing<String>>, InputError> {
        // In one piece: what is pasted by mistake may be a private key.
        let mut text = Zeroizing::new(String::with_capacity(LIMIT));
        text.push_str(&Zeroizing::new(self.typed(words, None)?));
        if text.trim() == BACK {
            return Ok(Reply::Back);
        }
        while more_waits() || goes_on(&text, &open) {
            let line = Zeroizing::new(next_line()?);
            // Empty lines are in many a text: by itself, one is the user's own.
            if line.trim().is_empty() && !more_waits() || text.len() + line.len() >= LIMIT {
                break;
            }
            text.push('\n');
            text.push_str(&line);
        }
        Ok(Reply::Answer(text))
    }
}

/// Where nothing tells whether more waits, a text that was pasted ends with an empty line.
fn goes_on(text: &str, open: impl Fn(&str) -> bool) -> bool {
    open(text) || cfg!(not(unix)) && text.contains("-----BEGIN ")
}

/// Whether the terminal has another line, now or in a moment: over a slow connection a text comes in parts.
#[cfg(unix)]
fn more_waits() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    let moment = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&moment)).is_ok_and(|ready| ready > 0)
}

#[cfg(not(unix))]
fn more_waits() -> bool {
    false
}
