use proptest::prelude::*;

use super::*;

fn cut(bytes: &[u8], size: usize, packed: bool) -> Vec<Chunk> {
    let chunks: Vec<_> = bytes.chunks(size).collect();
    let chunks = if chunks.is_empty() { vec![&b""[..]] } else { chunks };
    chunks.into_iter().map(|c| if packed { (gzip(c), true) } else { (c.to_vec(), false) }).collect()
}

/// What `sha256sum` says.
fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_message_is_received_whole_whatever_its_chunks(
        len in 0_usize..5000, size in 100_usize..6000, packed in any::<bool>(), large in any::<bool>(),
    ) {
        static SERVER: std::sync::LazyLock<Server> = std::sync::LazyLock::new(Server::start);
        // Larger than the buffers, too.
        let (len, size) = if large { (len * 200, size * 200) } else { (len, size) };
        let bytes = content(len);
        SERVER.offer("M1", cut(&bytes, size, packed));
        let (mut sink, mut told) = (Vec::new(), Told::default());
        let received = receive(&SERVER.client, "M1", None, &mut sink, true, &mut told).unwrap();
        prop_assert!(sink == bytes);
        prop_assert_eq!(received.bytes, len as u64);
        prop_assert_eq!(received.sha256, Some(sha256(&bytes)));
        let kept: Vec<_> = told.kept.iter().map(|state| state.chunks).collect();
        prop_assert_eq!(kept, (1..=received.head.range.total).collect::<Vec<_>>());
        prop_assert_eq!(told.opened.len(), 1);
        prop_assert_eq!(told.kept.last().unwrap().checksum, libdeflater::crc32(&bytes));
    }
}

#[test]
fn chunk_that_breaks_off_or_is_damaged_is_received_again() {
    for packed in [false, true] {
        let server = Server::start();
        let bytes = content(900_000);
        server.offer("M1", cut(&bytes, 300_000, packed));
        for (path, fault) in [
            ("/M1", Fault::Cut(20_000)),
            ("/M1/2", Fault::Cut(70_000)),
            ("/M1/2", Fault::Status(503)),
            ("/M1/3", Fault::Cut(0)),
        ] {
            server.fail("GET", path, fault);
        }
        if packed {
            server.fail("GET", "/M1/3", Fault::Damage(20));
        }
        let mut sink = Vec::new();
        let received = receive(&server.client, "M1", None, &mut sink, true, &mut Silent).unwrap();
        assert!(sink == bytes);
        assert_eq!(received.sha256, Some(sha256(&bytes)));
    }
}

#[test]
fn chunk_that_stays_damaged_is_an_error_and_none_of_it_counts() {
    let server = Server::start();
    let bytes = content(3000);
    // Small, and larger than what is unpacked as a whole: its claimed length is a lie.
    server.offer("M1", cut(&bytes, 1000, true));
    for _ in 0..4 {
        server.fail("GET", "/M1/2", Fault::Damage(1));
    }
    let (mut sink, mut told) = (Vec::new(), Told::default());
    let error = receive(&server.client, "M1", None, &mut sink, false, &mut told).unwrap_err();
    let ReceiveError::Mesh { chunk: 2, source } = error else { panic!("{error:?}") };
    assert!(matches!(*source, Error::Damaged { .. }), "{source:?}");
    assert_eq!((told.kept.len(), told.kept[0].bytes), (1, 1000));
}

#[test]
fn several_members_in_a_chunk_are_read() {
    let server = Server::start();
    let twice = [gzip(b"the same"), gzip(b"the same")].concat();
    server.offer("M1", vec![(twice, true), (gzip(b"!"), true)]);
    let mut sink = Vec::new();
    let received = receive(&server.client, "M1", None, &mut sink, false, &mut Silent).unwrap();
    assert_eq!((sink.as_slice(), received.bytes), (&b"the samethe same!"[..], 17));
}

#[test]
fn nothing_at_all_is_a_packed_message_without_content_and_no_packed_chunk() {
    let server = Server::start();
    server.offer("M1", vec![(Vec::new(), true)]);
    server.offer("M2", vec![(gzip(b"one"), true), (Vec::new(), true)]);
    let mut sink = Vec::new();
    assert_eq!(receive(&server.client, "M1", None, &mut sink, false, &mut Silent).unwrap().bytes, 0);
    let error = receive(&server.client, "M2", None, &mut sink, false, &mut Silent).unwrap_err();
    assert!(matches!(error, ReceiveError::Mesh { chunk: 2, .. }), "{error:?}");
}

/// A sink that is full after so many bytes.
struct Full(Vec<u8>, usize);

impl Sink for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.0.len() + bytes.len() > self.1 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.extend(bytes);
        Ok(())
    }

    fn roll_back(&mut self, len: u64) -> io::Result<()> {
        self.0.truncate(len as usize);
        Ok(())
    }
}

#[test]
fn full_disk_is_told_as_such_and_not_tried_again() {
    for packed in [false, true] {
        let server = Server::start();
        server.offer("M1", cut(&content(3_000_000), 1_000_000, packed));
        let mut told = Told::default();
        let mut sink = Full(Vec::new(), 1_500_000);
        let error = receive(&server.client, "M1", None, &mut sink, true, &mut told).unwrap_err();
        assert!(
            matches!(&error, ReceiveError::Sink(e) if e.kind() == io::ErrorKind::StorageFull),
            "{error:?}"
        );
        assert_eq!(told.kept.len(), 1);
        let state = server.state.lock().unwrap();
        assert_eq!((state.requests("/M1/2"), state.requests("acknowledged")), (1, 0));
    }
}

/// Receives until the watch fails at chunk 2; the state and the part.
fn interrupted(server: &Server) -> (ReceiveState, Vec<u8>) {
    let (mut sink, mut told) = (Vec::new(), Told::failing_at(2));
    let error = receive(&server.client, "M1", None, &mut sink, false, &mut told).unwrap_err();
    assert!(matches!(error, ReceiveError::Watch(_)), "{error:?}");
    (told.kept.remove(1), sink)
}

#[test]
fn interrupted_message_is_continued_after_its_last_chunk() {
    for packed in [false, true] {
        let server = Server::start();
        let bytes = content(3500);
        server.offer("M1", cut(&bytes, 1000, packed));
        let (state, part) = interrupted(&server);
        // Killed in the midst of the next chunk.
        let mut sink = [&part[..], b"half a chunk"].concat();
        server.state.lock().unwrap().log.clear();
        let from = Continuation { state, part: &mut &part[..] };
        let received = receive(&server.client, "M1", Some(from), &mut sink, true, &mut Silent).unwrap();
        assert_eq!((sink, received.sha256), (bytes.clone(), Some(sha256(&bytes))));
        assert_eq!(received.head.filename.as_deref(), Some("a.csv"));
        let log = server.state.lock().unwrap().log.clone();
        assert_eq!(
            log.iter().filter(|l| l.starts_with("GET") && !l.ends_with("/3") && !l.ends_with("/4")).count(),
            0
        );
    }
}

#[test]
fn part_or_message_that_changed_is_not_continued() {
    let server = Server::start();
    server.offer("M1", cut(&content(3500), 1000, false));
    let (state, part) = interrupted(&server);
    let attempt = |state: &ReceiveState, part: &[u8]| {
        let from = Continuation { state: state.clone(), part: &mut &part[..] };
        receive(&server.client, "M1", Some(from), &mut part.to_vec(), false, &mut Silent).unwrap_err()
    };
    let mut other = part.clone();
    other[3] ^= 1;
    for part in [&other[..], &part[..1999]] {
        let error = attempt(&state, part);
        assert!(matches!(error, ReceiveError::PartChanged { .. }), "{error:?}");
    }
    for (from, total) in [("X26ABC9", 4), ("", 5)] {
        let mut state = state.clone();
        state.head.from = Some(from.into()).filter(|from: &String| !from.is_empty());
        state.head.range.total = total;
        let error = attempt(&state, &part);
        assert!(matches!(error, ReceiveError::MessageChanged { .. }), "{error:?}");
    }
    server.state.lock().unwrap().inbox.clear();
    let error = attempt(&state, &part);
    assert!(matches!(error, ReceiveError::Mesh { .. }), "{error:?}");
}

#[test]
fn number_of_chunks_may_not_change_on_the_way() {
    let server = Server::start();
    server.offer("M1", cut(&content(2500), 1000, false));
    server.fail("GET", "/M1", Fault::Total(4));
    let mut told = Told::default();
    let error = receive(&server.client, "M1", None, &mut Vec::new(), false, &mut told).unwrap_err();
    assert!(matches!(error, ReceiveError::MessageChanged { .. }), "{error:?}");
}
