//! Runs a program within bounds of time and output, whatever it leaves behind.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The most of its output that is kept: the end, where errors stand.
const OUTPUT_MAX: usize = 16 * 1024;

/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(5);

/// How long its output is waited for once it has ended. What it left running may hold it open for ever.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// How a program ended, and what it said.
pub struct Ended {
    how: How,
    output: String,
}

enum How {
    Itself(ExitStatus),
    TooLate(Duration),
    /// It never ran.
    Unstarted(String),
}

/// Runs it with both of its outputs in one and nothing to read. One that takes longer than `patience` is ended.
pub fn run(command: Command, patience: Duration) -> Ended {
    let begin = Instant::now();
    let (mut child, said, end_of_output) = match start(command) {
        Ok(started) => started,
        Err(error) => return Ended { how: How::Unstarted(error.to_string()), output: String::new() },
    };
    let how = loop {
        match child.try_wait() {
            Ok(Some(status)) => break How::Itself(status),
            Ok(None) if begin.elapsed() < patience => thread::sleep(LOOK),
            // Not to be waited for is as bad as not to end.
            Ok(None) | Err(_) => {
                end(&mut child);
                drop(child.wait());
                break How::TooLate(patience);
            }
        }
    };
    let _ = end_of_output.recv_timeout(LAST_WORDS);
    let output = said.lock().unwrap_or_else(PoisonError::into_inner).text();
    Ended { how, output }
}

/// Ends it with all that it started, as far as the system groups them. It may have ended by itself meanwhile.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Ok(id) = i32::try_from(child.id())
        && let Some(group) = rustix::process::Pid::from_raw(id)
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    drop(child.kill());
}

type Started = (Child, Arc<Mutex<Tail>>, Receiver<()>);

fn start(mut command: Command) -> std::io::Result<Started> {
    let (mut reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    // A group of its own: it ends as a whole, and a Ctrl-C meant for us does not cut it off half-way.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command.spawn()?;
    // Our own ends of the pipe would keep it open.
    drop(command);
    let said = Arc::new(Mutex::new(Tail::default()));
    let (kept, (ended, end)) = (said.clone(), channel());
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = reader.read(&mut buffer) {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(&buffer[..read]);
        }
        // Nobody listens where it took too long.
        let _ = ended.send(());
    });
    Ok((child, said, end))
}

/// The end of what was said.
#[derive(Default)]
struct Tail {
    bytes: Vec<u8>,
    left_out: usize,
}

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let over = self.bytes.len().saturating_sub(OUTPUT_MAX);
        self.bytes.drain(..over);
        self.left_out += over;
    }

    fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        match self.left_out {
            0 => text.into_owned(),
            bytes => format!("({bytes} bytes before this are left out)\n{text}"),
        }
    }
}

impl Ended {
    /// Whether it did what it should.
    pub fn is_well(&self) -> bool {
        matches!(&self.how, How::Itself(status) if status.success())
    }

    /// Stable snake_case.
    pub fn as_str(&self) -> &'static str {
        match &self.how {
            How::Itself(status) if status.success() => "ok",
            How::Itself(_) => "failed",
            How::TooLate(_) => "timed_out",
            How::Unstarted(_) => "not_started",
        }
    }

    /// Its exit code, if it ended by itself.
    pub fn exit_code(&self) -> Option<i32> {
        match &self.how {
            How::Itself(status) => status.code(),
            _ => None,
        }
    }

    /// What is not well, in words.
    pub fn trouble(&self) -> Option<String> {
        match &self.how {
            How::Itself(status) if status.success() => None,
            How::Itself(status) => Some(format!("it ended with {status}")),
            How::TooLate(patience) => {
                Some(format!("it did not end within {} s and was ended", patience.as_secs_f64()))
            }
            How::Unstarted(error) => Some(format!("it could not be started: {error}")),
        }
    }

    /// What it said, at most the end of it.
    pub fn output(&self) -> &str {
        &self.output
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    fn shell(script: &str, patience: Duration) -> Ended {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        run(command, patience)
    }

    #[test]
    fn program_is_told_by_its_end_and_its_output() {
        let ended = shell("echo one; echo two >&2; exit 3", LONG);
        assert_eq!((ended.as_str(), ended.exit_code(), ended.output()), ("failed", Some(3), "one\ntwo\n"));
        assert!(shell("exit 0", LONG).is_well());
        let ended = run(Command::new("/there/is/no/such"), LONG);
        assert_eq!(ended.as_str(), "not_started");
    }

    #[test]
    fn program_that_hangs_is_ended_and_one_that_leaves_others_running_is_not_waited_for() {
        let begin = Instant::now();
        let ended = shell("echo begun; exec sleep 60", Duration::from_millis(200));
        assert_eq!((ended.as_str(), ended.output()), ("timed_out", "begun\n"));
        let ended = shell("sleep 20 & echo left", LONG);
        assert_eq!((ended.as_str(), ended.output()), ("ok", "left\n"));
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    }

    #[test]
    fn what_a_program_started_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let late = folder.path().join("late");
        let script = format!("(sleep 2; echo late > '{}') & wait", late.display());
        assert_eq!(shell(&script, Duration::from_millis(200)).as_str(), "timed_out");
        thread::sleep(Duration::from_secs(3));
        assert!(!late.exists(), "a child went on");
    }

    #[test]
    fn end_of_a_long_output_is_kept() {
        let ended = shell("yes | head -c 1000000; echo the cause", LONG);
        assert!(ended.is_well());
        assert!(ended.output().ends_with("the cause\n"), "{}", ended.output().len());
        assert!(ended.output().starts_with("(9836"), "{:.60}", ended.output());
        assert!(ended.output().len() < OUTPUT_MAX + 60);
    }
}
