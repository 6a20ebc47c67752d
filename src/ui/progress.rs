//! What is seen while something takes longer than a second.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Screen, clean, interrupt};

/// How long nothing is seen.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the picture moves.
const TICK: Duration = Duration::from_millis(200);

/// Progress on standard error, if that is a terminal: bytes, rate and remaining time where they are known.
#[derive(Debug, Clone)]
pub struct Progress {
    screen: Screen,
    shown: bool,
    bar: Arc<Mutex<Option<ProgressBar>>>,
}

impl Screen {
    /// Nothing yet; [`Progress::begin`] starts it.
    pub fn progress(self) -> Progress {
        let shown = !self.json && !self.quiet && std::io::stderr().is_terminal();
        Progress { screen: self, shown, bar: Arc::default() }
    }

    /// What Ctrl-C says from now on, beside "cancelled": how to go on.
    pub fn on_interrupt(self, hint: Option<String>) {
        interrupt::says(self.json, hint);
    }
}

impl Progress {
    /// Something begins: `total` bytes of it, if that is known. It takes the place of what was before.
    pub fn begin(&self, what: &str, total: Option<u64>) {
        self.begin_as(what, total, total.map_or_else(waiting, |_| bytes(true)));
    }

    /// So many things begin, one by one or side by side; [`Progress::at`] says how many are done.
    pub fn begin_count(&self, what: &str, total: u64) {
        self.begin_as(what, Some(total), things());
    }

    fn begin_as(&self, what: &str, total: Option<u64>, style: ProgressStyle) {
        self.end();
        if !self.shown {
            return;
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        bar.set_style(style);
        bar.set_message(clean(what));
        interrupt::clears(Some(bar.downgrade()));
        let later = bar.downgrade();
        std::thread::spawn(move || {
            std::thread::sleep(PATIENCE);
            if let Some(bar) = later.upgrade().filter(|bar| !bar.is_finished()) {
                bar.set_draw_target(ProgressDrawTarget::stderr());
                bar.enable_steady_tick(TICK);
            }
        });
        *self.bar() = Some(bar);
    }

    /// How many bytes are done by now, and how many there are in all if that came out meanwhile.
    pub fn at(&self, done: u64, total: Option<u64>) {
        if let Some(bar) = &*self.bar() {
            match total {
                Some(total) if bar.length() != Some(total) => {
                    bar.set_length(total);
                    bar.set_style(bytes(true));
                }
                // How many there are is not known yet, or not any more.
                None if bar.position() == 0 || bar.length().is_some() => {
                    bar.unset_length();
                    bar.set_style(bytes(false));
                }
                _ => {}
            }
            bar.set_position(done);
        }
    }

    /// What was done before counts as done, and not for the rate.
    pub fn resumes_at(&self, done: u64) {
        if let Some(bar) = &*self.bar() {
            bar.set_position(done);
            bar.reset_eta();
        }
    }

    /// It is over, and leaves nothing behind.
    pub fn end(&self) {
        interrupt::clears(None);
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }

    /// Something worth knowing, on a line of its own.
    pub fn note(&self, text: &str) {
        match &*self.bar() {
            Some(bar) => bar.suspend(|| self.screen.note(text)),
            None => self.screen.note(text),
        }
    }

    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of something that is not counted.
fn waiting() -> ProgressStyle {
    style("{spinner} {msg} {elapsed}")
}

/// Of something that is counted in bytes, of which the end is known or not.
fn bytes(total: bool) -> ProgressStyle {
    style(match total {
        true => "{msg} {wide_bar} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left",
        false => "{spinner} {msg} {binary_bytes}, {binary_bytes_per_sec}, {elapsed}",
    })
}

/// Of things that are counted.
fn things() -> ProgressStyle {
    style("{msg} {wide_bar} {pos} of {len}, {elapsed}")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is well-formed")
}

#[cfg(test)]
mod tests {
    use super::{bytes, things, waiting};

    #[test]
    fn templates_are_well_formed() {
        let _ = (waiting(), bytes(true), bytes(false), things());
    }
}
