//! Ctrl-C: what the terminal gets back, and what is said.

use std::sync::{Mutex, Once, PoisonError};

use indicatif::WeakProgressBar;

use super::{Explained, InputError, exit};

/// What a Ctrl-C finds.
struct State {
    json: bool,
    hint: Option<String>,
    bar: Option<WeakProgressBar>,
}

static STATE: Mutex<State> = Mutex::new(State { json: false, hint: None, bar: None });

fn with_state<T>(change: impl FnOnce(&mut State) -> T) -> T {
    change(&mut STATE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// From now on Ctrl-C says `hint` and ends with 130: what is on the disk by then stays, and is whole.
pub(super) fn says(json: bool, hint: Option<String>) {
    with_state(|state| (state.json, state.hint) = (json, hint));
    end_well_on_interrupt();
}

/// From now on Ctrl-C says no more than that it was heard.
pub(super) fn forget() {
    with_state(|state| (state.json, state.hint) = (false, None));
}

/// What is drawn now, and has to go before anything is said.
pub(super) fn clears(bar: Option<WeakProgressBar>) {
    with_state(|state| state.bar = bar);
}

/// From the first question or transfer on, Ctrl-C gives the terminal its echo back, says so, and ends with
/// 130. Writing a mailbox begins after the last question; cut short there, it is as if the process were
/// killed, which loses nothing.
pub(super) fn end_well_on_interrupt() {
    static ARMED: Once = Once::new();
    ARMED.call_once(|| {
        #[cfg(unix)]
        let before = rustix::termios::tcgetattr(std::io::stdin()).ok();
        // Without a handler the signal ends the program as ever.
        let _ = ctrlc::set_handler(move || {
            #[cfg(unix)]
            if let Some(before) = &before {
                let now = rustix::termios::OptionalActions::Now;
                let _ = rustix::termios::tcsetattr(std::io::stdin(), now, before);
            }
            // A question with yes or no hides the cursor.
            let terminal = dialoguer::console::Term::stderr();
            if terminal.is_term() {
                let _ = terminal.show_cursor();
            }
            say_and_exit();
        });
    });
}

/// Says what the user is to know of a run that ends here, and ends it.
pub(super) fn say_and_exit() -> ! {
    let (json, hint, bar) = with_state(|state| (state.json, state.hint.take(), state.bar.take()));
    if let Some(bar) = bar.and_then(|bar| bar.upgrade()) {
        bar.finish_and_clear();
    }
    match (json, hint) {
        (true, hint) => {
            let cancelled = Explained::from(&InputError::Cancelled.into());
            super::screen::print_json(&Explained { hint, ..cancelled }.json());
        }
        (false, None) => super::screen::print("\ncancelled"),
        (false, Some(hint)) => super::screen::print(&format!("\ncancelled\nhint: {}", super::clean(&hint))),
    }
    std::process::exit(exit::CANCELLED.into())
}
