//! `secret_command`: a program of the user's that is asked, within bounds of time and size.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// How long it may take: vaults answer in a second or two, and what waits for somebody may wait for ever.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The longest answer, in bytes. No secret comes near it.
const ANSWER_MAX: usize = 64 * 1024;

/// How often a program is looked at that has said everything and goes on running.
const LOOK: Duration = Duration::from_millis(5);

/// Runs `command`, and returns how it ended and what it wrote to its standard output. One that takes longer than
/// `patience` or says more than any secret is ended, and is an error, in words.
pub(super) fn answer(
    command: &mut Command,
    patience: Duration,
) -> Result<(ExitStatus, Zeroizing<Vec<u8>>), String> {
    let begin = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| error.to_string())?;
    let answer = read(&mut child, patience).and_then(|answer| {
        while begin.elapsed() < patience {
            if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
                return Ok((status, answer));
            }
            thread::sleep(LOOK);
        }
        Err(too_long(patience))
    });
    if answer.is_err() {
        // It may have ended by itself meanwhile.
        drop(child.kill());
        drop(child.wait());
    }
    answer
}

/// All that it says. What it leaves behind may hold the pipe open for ever, so only the reading thread waits for the end.
fn read(child: &mut Child, patience: Duration) -> Result<Zeroizing<Vec<u8>>, String> {
    let Some(output) = child.stdout.take() else { return Err("its output cannot be read".into()) };
    let (told, said) = channel();
    thread::spawn(move || {
        // In one piece: a buffer that grows leaves parts of a secret behind, which nobody wipes.
        let mut bytes = Zeroizing::new(Vec::with_capacity(ANSWER_MAX + 2));
        let read = output.take(ANSWER_MAX as u64 + 1).read_to_end(&mut bytes);
        // Nobody listens where it took too long.
        drop(told.send(read.map(|_| bytes)));
    });
    match said.recv_timeout(patience) {
        Ok(Ok(bytes)) if bytes.len() > ANSWER_MAX => {
            Err(format!("it said more than {ANSWER_MAX} bytes, which is no secret, and was ended"))
        }
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(error.to_string()),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(too_long(patience)),
    }
}

fn too_long(patience: Duration) -> String {
    format!("it did not end within {} s and was ended", patience.as_secs_f64())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(300);

    fn shell(script: &str, patience: Duration) -> Result<(ExitStatus, Zeroizing<Vec<u8>>), String> {
        answer(Command::new("sh").args(["-c", script]), patience)
    }

    #[test]
    fn answer_comes_with_how_the_program_ended() {
        let (status, said) = shell("echo secret; exit 3", PATIENCE).unwrap();
        assert_eq!((status.code(), said.as_slice()), (Some(3), &b"secret\n"[..]));
    }

    #[test]
    fn program_that_hangs_is_ended_whether_it_says_nothing_or_lets_go_of_its_output() {
        for script in ["exec sleep 60", "echo secret; exec >&-; exec sleep 60", "sleep 60 & echo secret"] {
            let begin = Instant::now();
            let error = shell(script, SHORT).unwrap_err();
            assert!(error.contains("within 0.3 s"), "{script}: {error}");
            assert!(begin.elapsed() < PATIENCE, "{script}");
        }
    }

    #[test]
    fn program_that_never_stops_talking_is_ended() {
        let error = shell("exec cat /dev/zero", PATIENCE).unwrap_err();
        assert!(error.contains("more than 65536 bytes"), "{error}");
    }
}
