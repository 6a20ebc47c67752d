//! 300 MB, cut at twenty places of the way and killed at twenty moments, arrive byte for byte and once.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use super::drill::{Drill, noise};
use crate::support::Program;

const SIZE: usize = 300_000_000;
const TIMES: usize = 20;

/// Writes the message; every megabyte of it is another.
fn write_message(path: &Path) {
    let mut file = File::create_new(path).expect("a new file");
    for block in 0..SIZE / 1_000_000 {
        file.write_all(&noise(block as u64, 1_000_000)).expect("space for the message");
    }
}

fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (fs::read(one).expect("a file"), fs::read(other).expect("a file"));
    assert!(one == other, "{} bytes were sent, {} received, or they differ", one.len(), other.len());
}

/// Starts a program, and kills it after a while, unless it ended before; whether it was killed.
fn killed(program: &Program, after: Duration, ready: impl Fn() -> bool) -> bool {
    let mut child = program.spawn();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !ready() && matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(after);
    let running = matches!(child.try_wait(), Ok(None));
    // SIGKILL: nothing of the program can tidy up.
    let _ = child.kill();
    let output = child.wait_with_output().expect("it ends");
    assert!(running || output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    running
}

#[test]
fn large_message_survives_cuts_of_the_line_at_random_points() {
    let drill = Drill::with(&[
        "POST /outbox/*/* cut-request=5MB..45MB seed=2 times=20",
        "GET /inbox/*/** cut-response=5MB..45MB seed=2 times=20",
    ]);
    let (file, into) = (drill.file("message.bin"), drill.file("received.bin"));
    write_message(&file);
    // The chunks are sent again within one run, unless one fails too often: then the next goes on.
    let mut run = drill.send(&file).run();
    for _ in 0..TIMES {
        let [journal] = &drill.journals("X26ABC1")[..] else { break };
        let id = journal.file_stem().unwrap().to_str().unwrap().trim_start_matches("send-").to_owned();
        run = drill.program("send", "X26ABC1").arg(&file).args(["--resume", &id]).run();
    }
    run.expect(0);
    let [id] = &drill.inbox()[..] else { panic!("one message") };
    let receive = || drill.program("receive", "X26ABC2").args([id, "--ack", "--file"]).arg(&into).run();
    let mut run = receive();
    for _ in 0..TIMES {
        if into.exists() {
            break;
        }
        run = receive();
    }
    run.expect(0);
    assert_same(&file, &into);
    assert!(drill.inbox().is_empty(), "it was acknowledged");
    assert_eq!(drill.fired(), [TIMES as u64; 2]);
}

#[test]
fn large_message_survives_a_program_that_is_killed_at_random_moments() {
    let drill = Drill::with(&["POST /outbox/*/* delay=30ms", "GET /inbox/*/** delay=30ms"]);
    let (file, into) = (drill.file("message.bin"), drill.file("received.bin"));
    write_message(&file);
    let mut moments = fastrand::Rng::with_seed(20);
    let mut moment = || Duration::from_millis(moments.u64(0..120));

    // Before the first chunk is accepted there is nothing to go on with.
    assert!(killed(&drill.send(&file), moment(), || !drill.journals("X26ABC1").is_empty()));
    let [journal] = &drill.journals("X26ABC1")[..] else { panic!("one journal") };
    let id = journal.file_stem().unwrap().to_str().unwrap().trim_start_matches("send-").to_owned();
    let resume = drill.program("send", "X26ABC1").arg(&file).args(["--resume", &id]);
    let kills = 1 + (1..TIMES).take_while(|_| killed(&resume, moment() * 2, || true)).count();
    if !drill.journals("X26ABC1").is_empty() {
        resume.run().expect(0);
    }
    assert!(kills >= 5, "killed {kills} times only");
    assert_eq!(drill.inbox(), [id.as_str()], "once");

    let receive = drill.program("receive", "X26ABC2").args([&id, "--ack", "--file"]).arg(&into);
    let kills = (0..TIMES).take_while(|_| killed(&receive, moment() * 2, || true)).count();
    if !into.exists() {
        receive.run().expect(0);
    }
    assert!(kills >= 5, "killed {kills} times only");
    assert_same(&file, &into);
}

#[test]
fn chunk_that_is_whole_is_noted_before_the_next_one_is_waited_for() {
    let drill = Drill::with(&["GET /inbox/*/2 drop-answer by=stall"]);
    let (file, folder) = (drill.file("message.bin"), drill.file("in"));
    fs::write(&file, noise(5, 50_000)).expect("space for the message");
    drill.send(&file).args(["--chunk-size", "20kB"]).run().expect(0);
    let [id] = &drill.inbox()[..] else { panic!("one message") };
    let journal = folder.join(format!(".{id}.part.toml"));
    let receive = drill.program("receive", "X26ABC2").args([id, "--to"]).arg(&folder);
    let mut child = receive.spawn();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !journal.exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    let noted = journal.exists();
    let _ = child.kill();
    let _ = child.wait();
    assert!(noted, "whoever ends it now begins anew");
}
