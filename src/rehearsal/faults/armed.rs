//! Rules at work: which request or connection is hit, and how often it happened.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::http::Method;

use super::rule::{Action, FaultRule, Target};

/// The rules of a server, with what they have done. A clone counts on together with the first.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<[Armed]>);

/// A rule and its counters.
#[derive(Debug)]
struct Armed {
    rule: FaultRule,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    matched: u64,
    fired: u64,
    /// Bytes until the next cut of a rule that counts over all bodies.
    left: u64,
    chance: fastrand::Rng,
}

/// One rule that has picked one request or connection. It counts once, however much goes wrong there, and
/// only when something does: a body may end before its cut.
#[derive(Debug)]
pub struct Shot {
    faults: Faults,
    place: usize,
    fired: AtomicBool,
}

impl Faults {
    /// These rules, none of which has happened yet.
    pub fn new(rules: impl IntoIterator<Item = FaultRule>) -> Self {
        Self(rules.into_iter().map(Armed::new).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How often each rule has happened, in their order.
    pub fn fired(&self) -> Vec<u64> {
        self.0.iter().map(|armed| armed.state().fired).collect()
    }

    /// The rules that pick the connection which has just come.
    pub fn of_connection(&self) -> Vec<Arc<Shot>> {
        self.picked(|target| *target == Target::Connection)
    }

    /// The rules that pick this request.
    pub fn of_request(&self, method: &Method, path: &str) -> Vec<Arc<Shot>> {
        self.picked(|target| target.is_request(method, path))
    }

    fn picked(&self, matches: impl Fn(&Target) -> bool) -> Vec<Arc<Shot>> {
        let picked = self.0.iter().enumerate().filter(|(_, a)| matches(&a.rule.target) && a.state().picks(a));
        let shot = |(place, _)| Arc::new(Shot { faults: self.clone(), place, fired: AtomicBool::new(false) });
        picked.map(shot).collect()
    }
}

impl Armed {
    fn new(rule: FaultRule) -> Self {
        let line = rule.actions.iter().find_map(Action::line);
        let chance = fastrand::Rng::with_seed(line.map_or(0, |(_, _, seed)| seed));
        let mut state = State { matched: 0, fired: 0, left: 0, chance };
        state.draw(&rule);
        Self { rule, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under this lock")
    }
}

impl State {
    /// Counts one that matches.
    fn picks(&mut self, armed: &Armed) -> bool {
        let when = &armed.rule.when;
        self.matched += 1;
        let nth = self.matched.saturating_sub(when.after);
        nth > 0 && nth.is_multiple_of(when.every) && self.fired < when.times
    }

    fn draw(&mut self, rule: &FaultRule) {
        if let Some((min, max, _)) = rule.actions.iter().find_map(Action::line) {
            self.left = self.chance.u64(min..=max);
        }
    }
}

impl Shot {
    /// What goes wrong.
    pub fn actions(&self) -> &[Action] {
        &self.armed().rule.actions
    }

    /// Says that it goes wrong now. Not, if others were quicker and the rule is spent.
    pub fn fire(&self) -> bool {
        // The lock is taken first, so that two parts of one request do not count twice.
        let armed = self.armed();
        let mut state = armed.state();
        if self.fired.load(Ordering::Relaxed) {
            return true;
        }
        let fires = state.fired < armed.rule.when.times;
        if fires {
            state.fired += 1;
            self.fired.store(true, Ordering::Relaxed);
        }
        fires
    }

    /// So many bytes go by, of a rule that counts over all bodies: after how many of them a cut is due.
    /// A cut that is made is followed by [`Shot::redraw`].
    pub fn pass(&self, bytes: u64) -> Option<u64> {
        let mut state = self.armed().state();
        if bytes < state.left {
            state.left -= bytes;
            return None;
        }
        Some(std::mem::take(&mut state.left))
    }

    /// Finds the place of the next cut.
    pub fn redraw(&self) {
        let armed = self.armed();
        armed.state().draw(&armed.rule);
    }

    fn armed(&self) -> &Armed {
        &self.faults.0[self.place]
    }
}
