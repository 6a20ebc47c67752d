//! Killing the program at every fault point of what it writes.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use super::Program;

const SIGKILL: i32 = 9;

/// Runs `case` with 1, 2, 3, … until it answers that the command was not killed any more. Returns how
/// often it was.
pub fn at_every_point(case: impl Fn(u32) -> bool + Sync) -> u32 {
    let next = AtomicU32::new(1);
    let done = AtomicBool::new(false);
    let killed = AtomicU32::new(0);
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    if case(next.fetch_add(1, Ordering::SeqCst)) {
                        killed.fetch_add(1, Ordering::SeqCst);
                    } else {
                        done.store(true, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    killed.load(Ordering::SeqCst)
}

/// Runs the program to the fault point; whether it died there.
pub fn killed_at(program: Program, point: u32) -> bool {
    let output = program.env("MESH_ONBOARD_TEST_KILL_AT", point.to_string()).run();
    match output.signal() {
        Some(SIGKILL) => true,
        Some(_) => panic!("another signal\n{}", output.shown()),
        None => {
            output.expect(0);
            false
        }
    }
}
