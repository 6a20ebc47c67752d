use std::io::Cursor;

use proptest::prelude::*;

use super::*;

fn sending(chunk_size: u64, compression: Compression) -> Sending<'static> {
    let message = Outgoing { to: "X26ABC2", workflow: "W", ..Outgoing::default() };
    Sending { message, chunk_size, compression }
}

fn send_file(
    server: &Server,
    bytes: &[u8],
    how: &Sending<'_>,
    told: &mut Told,
) -> Result<SentMessage, SendError> {
    let file = Seekable::new(Cursor::new(bytes)).unwrap();
    send(&server.client, how, Content::File(&file), told)
}

fn stream<'a>(bytes: &'a [u8], len: Option<u64>) -> Content<'a> {
    Content::Stream { reader: Box::new(bytes), len }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_message_arrives_whole_whatever_its_chunks(
        len in 0_usize..5000, chunk_size in 100_u64..6000, always in any::<bool>(), streamed in any::<bool>(),
    ) {
        static SERVER: std::sync::LazyLock<Server> = std::sync::LazyLock::new(Server::start);
        let bytes = content(len);
        let compression = if always { Compression::Always } else { Compression::Never };
        let how = sending(chunk_size, compression);
        let mut told = Told::default();
        let sent = if streamed {
            send(&SERVER.client, &how, stream(&bytes, Some(len as u64)), &mut told).unwrap()
        } else {
            send_file(&SERVER, &bytes, &how, &mut told).unwrap()
        };
        let state = SERVER.state.lock().unwrap();
        prop_assert_eq!(state.message(&sent.message_id), bytes);
        let chunks = (len as u64).div_ceil(chunk_size).max(1);
        prop_assert_eq!((u64::from(sent.chunks), sent.bytes, sent.gzip), (chunks, len as u64, always));
        for index in 1..=sent.chunks {
            prop_assert_eq!(state.sent[&(sent.message_id.clone(), index)].1, always, "one encoding for all");
        }
        let accepted: Vec<_> = told.sent.iter().map(|state| state.accepted).collect();
        prop_assert_eq!(accepted, (1..=sent.chunks).collect::<Vec<_>>());
        prop_assert!(told.sent.last().unwrap().is_complete());
        if len > 0 {
            prop_assert_eq!(told.progress.lock().unwrap().last().copied(), Some(len as u64));
        }
    }
}

#[test]
fn automatic_compression_leaves_noise_alone_and_packs_text() {
    let server = Server::start();
    let noise: Vec<u8> = content(4000).chunks(1000).flat_map(|part| part[..500].to_vec()).collect();
    for (bytes, packed) in [(noise, false), (b"a line of text\n".repeat(300), true)] {
        let sent =
            send_file(&server, &bytes, &sending(1500, Compression::Auto), &mut Told::default()).unwrap();
        assert_eq!((sent.gzip, sent.wire_bytes < sent.bytes), (packed, packed));
    }
}

#[test]
fn chunk_whose_answer_is_lost_is_sent_again_and_arrives_once() {
    for gzip in [Compression::Always, Compression::Never] {
        let server = Server::start();
        for (chunk, fault) in
            [("/2", Fault::LoseAnswer), ("/2", Fault::Status(503)), ("/3", Fault::Status(502))]
        {
            server.fail("POST", chunk, fault);
        }
        let bytes = content(3500);
        let sent = send_file(&server, &bytes, &sending(1000, gzip), &mut Told::default()).unwrap();
        let state = server.state.lock().unwrap();
        assert_eq!((state.message(&sent.message_id), state.totals.len()), (bytes, 1));
        assert_eq!((state.requests("/2"), state.requests("/3"), state.requests("/4")), (3, 2, 1));
    }
}

#[test]
fn last_chunk_whose_answer_is_lost_is_found_complete_by_tracking() {
    let server = Server::start();
    server.fail("POST", "/3", Fault::LoseAnswer);
    let bytes = content(2500);
    let how = sending(1000, Compression::Never);
    let sent = send_file(&server, &bytes, &how, &mut Told::default()).unwrap();
    assert_eq!(server.state.lock().unwrap().message(&sent.message_id), bytes);
    assert_eq!(server.state.lock().unwrap().requests("tracking"), 1);

    // A message that MESH does not have is not told as sent.
    server.state.lock().unwrap().status = "error";
    server.fail("POST", "/3", Fault::LoseAnswer);
    let error = send_file(&server, &bytes, &how, &mut Told::default()).unwrap_err();
    assert!(matches!(error, SendError::Mesh { accepted: 2, of: 3, .. }), "{error:?}");
}

#[test]
fn first_chunk_is_never_sent_twice_blindly() {
    let server = Server::start();
    server.fail("POST", "/outbox", Fault::LoseAnswer);
    let error = send_file(&server, &content(2500), &sending(1000, Compression::Never), &mut Told::default())
        .unwrap_err();
    let SendError::Mesh { message_id: None, accepted: 0, of: 3, source } = error else { panic!("{error:?}") };
    assert!(matches!(*source, Error::Uncertain { .. }), "{source:?}");
    assert_eq!(server.state.lock().unwrap().log.len(), 1);
}

/// Sends until `server` refuses chunk 3 for good; what the watch was told last.
fn interrupted(server: &Server, bytes: &[u8], compression: Compression) -> SendState {
    server.fail("POST", "/3", Fault::Status(500));
    let mut told = Told::default();
    let error = send_file(server, bytes, &sending(1000, compression), &mut told).unwrap_err();
    let state = told.sent.pop().unwrap();
    let SendError::Mesh { message_id, accepted: 2, of: 4, .. } = error else { panic!("{error:?}") };
    assert_eq!(message_id.as_ref(), Some(&state.message_id));
    state
}

#[test]
fn interrupted_message_is_resumed_after_its_last_chunk() {
    for compression in [Compression::Always, Compression::Never] {
        let server = Server::start();
        let bytes = content(3500);
        let state = interrupted(&server, &bytes, compression);
        let file = Seekable::new(Cursor::new(&bytes)).unwrap();
        let sent = resume(&server.client, state, &file, &mut Told::default()).unwrap();
        let seen = server.state.lock().unwrap();
        assert_eq!(seen.message(&sent.message_id), bytes);
        assert_eq!((seen.requests("/2"), seen.requests("/3"), seen.totals.len()), (1, 2, 1));
    }
}

#[test]
fn source_that_changed_is_not_resumed() {
    let server = Server::start();
    let bytes = content(3500);
    let state = interrupted(&server, &bytes, Compression::Always);
    let before = server.state.lock().unwrap().log.len();
    let mut other = bytes.clone();
    other[1999] ^= 1;
    let strange = SendState { accepted: 9, ..state.clone() };
    for (bytes, state, expected) in [
        (&other[..], state.clone(), "first 2000 bytes"),
        (&bytes[..3499], state.clone(), "3499"),
        (&bytes, strange, "no sense"),
    ] {
        let error = resume(&server.client, state, &bytes, &mut Told::default()).unwrap_err();
        assert!(matches!(error, SendError::SourceChanged { .. }), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert_eq!(server.state.lock().unwrap().log.len(), before, "nothing was sent");
    // What follows the part that was sent is not its business.
    let mut rest = bytes.clone();
    rest[2000] ^= 1;
    assert!(resume(&server.client, state, &&rest[..], &mut Told::default()).is_ok());
}

#[test]
fn journal_that_cannot_be_written_stops_before_the_next_chunk() {
    for compression in [Compression::Always, Compression::Never] {
        let server = Server::start();
        let how = sending(1000, compression);
        let error = send_file(&server, &content(3500), &how, &mut Told::failing_at(2)).unwrap_err();
        assert!(matches!(&error, SendError::Watch(e) if e.kind() == io::ErrorKind::StorageFull), "{error:?}");
        assert_eq!(server.state.lock().unwrap().requests("/3"), 0);
    }
}

#[test]
fn stream_has_the_length_that_was_said_or_nobody_receives_it() {
    let bytes = content(2500);
    for compression in [Compression::Always, Compression::Never] {
        let server = Server::start();
        let how = sending(1000, compression);
        let attempt =
            |len, given: &[u8]| send(&server.client, &how, stream(given, len), &mut Told::default());
        for (len, given, more) in
            [(2600, 2500, false), (2400, 2500, true), (900, 2500, true), (900, 800, false)]
        {
            let error = attempt(Some(len), &bytes[..given]).unwrap_err();
            assert!(
                matches!(error, SendError::StreamLength { said, more: m, .. } if (said, m) == (len, more)),
                "{error:?}"
            );
        }
        assert!(matches!(attempt(None, &bytes), Err(SendError::SizeNeeded { chunk_size: 1000 })));
        let state = server.state.lock().unwrap();
        for (id, total) in &state.totals {
            assert!(!state.sent.contains_key(&(id.clone(), *total)), "{id} is whole");
        }
        drop(state);
        let sent = attempt(None, &bytes[..1000]).unwrap();
        assert_eq!((sent.chunks, sent.bytes), (1, 1000));
    }
}

#[test]
fn source_that_becomes_shorter_is_told_as_such() {
    struct Shrinks;
    impl Source for Shrinks {
        fn len(&self) -> u64 {
            3000
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            Ok(if offset < 1500 { buffer.len().min((1500 - offset) as usize) } else { 0 })
        }
    }
    for compression in [Compression::Always, Compression::Never] {
        let server = Server::start();
        let error = send(&server.client, &sending(1000, compression), Content::File(&Shrinks), &mut Silent)
            .unwrap_err();
        assert!(matches!(error, SendError::Source(_)), "{error:?}");
    }
}
