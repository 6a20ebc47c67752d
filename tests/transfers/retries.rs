//! Every rule of `docs/decisions/0013-sending-again.md`, and every fault switch as the program meets it.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::drill::{Drill, noise};

#[test]
fn passing_troubles_are_waited_out_and_others_are_told_at_once() {
    // The rule, the exit code of `inbox`, and how often the rule happened.
    let rows = [
        ("GET /inbox status=425 times=2", 0, 2),
        ("GET /inbox status=429 times=2", 0, 2),
        ("GET /inbox status=502 body=html times=2", 0, 2),
        ("GET /inbox status=503 body=soap times=2", 0, 2),
        ("GET /inbox status=504 body=empty times=2", 0, 2),
        ("GET /inbox status=503", 1, 6),
        ("GET /inbox status=500", 1, 1),
        ("GET /inbox status=403", 1, 1),
        ("connect refuse times=1", 0, 1),
        ("GET /inbox drop-answer times=1", 4, 1),
        ("connect delay=100ms times=1", 0, 1),
        ("connect alert=internal_error", 4, 1),
        ("GET /inbox delay=100ms", 0, 1),
        ("GET /inbox date=+3h", 0, 1),
        ("GET /inbox date=none", 0, 1),
    ];
    for (rule, code, times) in rows {
        let drill = Drill::with(&[rule]);
        let output = drill.program("inbox", "X26ABC2").run().expect(code);
        if rule.contains("date=+3h") {
            output.says("clock");
        }
        assert_eq!(drill.fired(), [times], "{rule}");
    }
}

#[test]
fn wait_that_the_server_asks_for_is_kept() {
    for rule in
        ["GET /inbox status=429 retry-after=1 times=1", "GET /inbox status=503 retry-after=+2s times=1"]
    {
        let drill = Drill::with(&[rule]);
        let begun = Instant::now();
        drill.program("inbox", "X26ABC2").run().expect(0).says("trying again in");
        assert!(begun.elapsed() >= Duration::from_secs(1), "{rule}");
        assert_eq!(drill.fired(), [1], "{rule}");
    }
    let drill = Drill::with(&["GET /inbox status=503 retry-after=3600"]);
    let error = drill.program("inbox", "X26ABC2").run().expect_error(1, "mesh");
    assert!(error["because"].to_string().contains("left alone for 1h"), "{error}");
    assert_eq!(drill.fired(), [1], "nobody waits for an hour");
}

#[test]
fn new_message_is_sent_again_only_where_it_was_turned_away() {
    // The rule, the error, how often the rule happened, and how many messages arrived.
    let rows = [
        ("POST /outbox status=425 times=2", None, 2, 1),
        ("POST /outbox status=429 times=2", None, 2, 1),
        ("POST /outbox status=503 retry-after=0 times=2", None, 2, 1),
        ("POST /outbox status=503 times=2", Some("uncertain"), 1, 0),
        ("POST /outbox status=502 body=html times=2", Some("uncertain"), 1, 0),
        ("POST /outbox status=504 times=2", Some("uncertain"), 1, 0),
        ("POST /outbox status=417 times=2", Some("mesh"), 1, 0),
        ("POST /outbox cut-request=10kB times=2", Some("uncertain"), 1, 0),
        ("POST /outbox drop-answer times=2", Some("uncertain"), 1, 1),
        ("POST /outbox cut-response=5 times=2", Some("uncertain"), 1, 1),
    ];
    for (rule, error, times, arrived) in rows {
        let drill = Drill::with(&[rule]);
        let file = drill.file("message.bin");
        fs::write(&file, noise(1, 50_000)).unwrap();
        let run = drill.send(&file).run();
        match error {
            Some(code) => drop(run.expect_error(1, code)),
            None => drop(run.expect(0)),
        }
        assert_eq!(drill.inbox().len(), arrived, "{rule}");
        assert_eq!(drill.fired(), [times], "{rule}");
    }
}

#[test]
fn chunks_are_sent_again_and_arrive_once() {
    for rule in [
        "POST /outbox/*/* status=503 times=2",
        "POST /outbox/*/* status=502 body=html times=2",
        "POST /outbox/*/2 cut-request=1kB times=2",
        "POST /outbox/*/2 drop-answer times=2",
        // The last one: MESH holds the message for complete and answers the repetition with 423.
        "POST /outbox/*/3 drop-answer times=1",
        "POST /outbox/*/3 status=504 times=1",
    ] {
        let drill = Drill::with(&[rule]);
        let (file, content) = (drill.file("message.bin"), noise(2, 50_000));
        fs::write(&file, &content).unwrap();
        let sent = drill.send(&file).args(["--chunk-size", "20kB"]).run().expect(0).json();
        let [id] = &drill.inbox()[..] else { panic!("{rule}: one message") };
        assert_eq!(sent["message_id"], Value::from(id.as_str()), "{rule}");
        let into = drill.file("received.bin");
        drill.program("receive", "X26ABC2").args([id, "--file"]).arg(&into).run().expect(0);
        assert_eq!(fs::read(into).unwrap(), content, "{rule}");
        assert!(drill.journals("X26ABC1").is_empty(), "{rule}");
        assert!(drill.fired()[0] > 0, "{rule}");
    }
}

#[test]
fn damaged_chunks_are_asked_for_again_and_never_kept() {
    let text: String = (0..20_000).map(|n| format!("{n},a line of text\n")).collect();
    // The rule, and whether the chunks are compressed.
    for (rule, compress) in [
        ("GET /inbox/*/2 cut-response=1kB times=2", "never"),
        ("GET /inbox/*/2 cut-response=1kB times=2", "always"),
        ("GET /inbox/*/2 cut-response=1kB by=close-notify times=2", "always"),
        ("GET /inbox/*/** corrupt every=2 times=2", "always"),
        ("GET /inbox/*/2 status=503 times=2", "never"),
        ("GET /inbox/*/2 delay=200ms", "never"),
    ] {
        let drill = Drill::with(&[rule]);
        let (file, into) = (drill.file("message.csv"), drill.file("received.csv"));
        fs::write(&file, &text).unwrap();
        drill.send(&file).args(["--chunk-size", "100kB", "--compress", compress]).run().expect(0);
        let [id] = &drill.inbox()[..] else { panic!("{rule}: one message") };
        drill.program("receive", "X26ABC2").args([id, "--file"]).arg(&into).run().expect(0);
        assert!(fs::read(into).unwrap() == text.as_bytes(), "{rule}, compressed: {compress}");
        assert!(drill.fired()[0] > 0, "{rule}");
    }
}

#[test]
fn message_whose_chunks_do_not_fit_is_not_kept_nor_acknowledged() {
    for rule in [
        "GET /inbox/*/2 chunk-range=3:5",
        "GET /inbox/*/2 chunk-range=none",
        "GET /inbox/*/2 chunk-range=2:9",
    ] {
        let drill = Drill::with(&[rule]);
        let file = drill.file("message.bin");
        fs::write(&file, noise(3, 50_000)).unwrap();
        drill.send(&file).args(["--chunk-size", "20kB"]).run().expect(0);
        let [id] = &drill.inbox()[..] else { panic!("{rule}: one message") };
        let folder = drill.file("in");
        let run = drill.program("receive", "X26ABC2").args([id, "--ack", "--to"]).arg(&folder).run();
        run.expect_error(1, "mesh");
        assert!(!folder.join("message.bin").exists(), "{rule}");
        assert_eq!(drill.inbox().len(), 1, "{rule}");
    }
}
