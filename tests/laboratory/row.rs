use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

use crate::support::Output;

/// How many rows are arranged at a time.
const AT_ONCE: usize = 4;

/// What a row has to show.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// This probe fails with this code, and the program ends with this exit code.
    Fails(&'static str, &'static str, i32),
    /// This probe warns with this code, and the program ends with 0.
    Warns(&'static str, &'static str),
}

/// One thing that is wrong, arranged for real.
pub struct Row {
    /// In words, such as `the key is open to others`.
    pub cause: &'static str,
    pub shows: Shows,
    /// Arranges it and runs `check --json`.
    pub run: fn() -> Output,
}

pub const fn row(cause: &'static str, shows: Shows, run: fn() -> Output) -> Row {
    Row { cause, shows, run }
}

impl Row {
    /// The probe and its code.
    pub fn names(&self) -> (&'static str, &'static str) {
        match self.shows {
            Shows::Fails(probe, code, _) | Shows::Warns(probe, code) => (probe, code),
        }
    }

    /// How the program ends.
    pub fn exit(&self) -> i32 {
        match self.shows {
            Shows::Fails(_, _, exit) => exit,
            Shows::Warns(..) => 0,
        }
    }

    /// What is not as the row has it.
    fn wrong(&self) -> Option<String> {
        let output = (self.run)();
        let ((probe, code), (status, exit)) = (
            self.names(),
            match self.shows {
                Shows::Fails(_, _, exit) => ("fail", exit),
                Shows::Warns(..) => ("warn", 0),
            },
        );
        let Ok(answer) = serde_json::from_str::<Value>(&output.stdout) else {
            return Some(format!("{}: no result\n{}", self.cause, output.shown()));
        };
        let none = Vec::new();
        let probes = answer["probes"].as_array().unwrap_or(&none);
        // Told once: whatever else is not well would send people after two causes.
        let found: BTreeSet<_> = probes
            .iter()
            .filter(|p| p["status"] == "fail" || p["status"] == "warn")
            .map(|p| format!("{} {} {}", text(&p["id"]), text(&p["status"]), text(&p["code"])))
            .collect();
        let expected = BTreeSet::from([format!("{probe} {status} {code}")]);
        let mut against = Vec::new();
        if found != expected {
            against.push(format!("found {found:?}, not {expected:?}"));
        }
        if output.code() != Some(exit) {
            against.push(format!("exit code {:?}, not {exit}", output.code()));
        }
        let told = probes.iter().find(|p| p["id"] == probe);
        if let Some(told) = told.filter(|_| against.is_empty())
            && ["evidence", "remedy"].iter().any(|field| text(&told[*field]).len() < 10)
        {
            against.push(format!("evidence or remedy is missing: {told}"));
        }
        // It refuses where a certificate is stored and current, and then a remedy would not work.
        if told.is_some_and(|told| text(&told["remedy"]).contains("mesh-onboard request")) {
            against.push("the remedy names a command that refuses".into());
        }
        (!against.is_empty()).then(|| format!("{}: {}\n{}", self.cause, against.join("; "), output.shown()))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Runs all rows, some at a time.
#[track_caller]
pub fn assert_all(rows: &[Row]) {
    let (next, wrong) = (Mutex::new(rows.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let row = next.lock().expect("no row panics while it holds this").next();
                    let Some(row) = row else { break };
                    if let Some(text) = row.wrong() {
                        wrong.lock().expect("as above").push(text);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("as above");
    assert!(wrong.is_empty(), "{} of {} rows:\n\n{}", wrong.len(), rows.len(), wrong.join("\n\n"));
}
