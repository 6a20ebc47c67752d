use std::cell::RefCell;
use std::sync::Mutex;
use std::time::Instant;

use super::*;
use crate::mesh::call::Repeat;
use crate::mesh::transport::{Stage, TransportError};
use crate::mesh::{BodyKind, Refusal};

fn quick() -> Retries {
    Retries { times: 3, first: Duration::from_millis(1), longest: Duration::from_millis(50), notice: None }
}

fn refused(status: u16, retry_after: Option<u64>) -> Error {
    Error::Refused(Box::new(Refusal {
        status,
        code: None,
        event: None,
        text: String::new(),
        message_id: None,
        kind: BodyKind::Empty,
        date: None,
        retry_after: retry_after.map(Duration::from_millis),
    }))
}

fn reset(stage: Stage) -> Error {
    Error::Transport(TransportError::Reset { stage, certificate_requested: true })
}

/// How often a request is sent that fails each time in the same way.
fn tries(retries: &Retries, repeat: Repeat, error: impl Fn() -> Error) -> usize {
    let mut tries = 0;
    let result: Result<(), Error> = retries.run(
        |error| error.may_be_repeated(repeat),
        || {
            tries += 1;
            Err(error())
        },
    );
    assert!(result.is_err());
    tries
}

#[test]
fn passing_troubles_are_tried_again_and_others_are_not() {
    let rows: [(fn() -> Error, usize); 13] = [
        (|| refused(425, None), 4),
        (|| refused(429, None), 4),
        (|| refused(502, None), 4),
        (|| refused(503, None), 4),
        (|| refused(504, None), 4),
        (|| refused(400, None), 1),
        (|| refused(403, None), 1),
        (|| refused(417, None), 1),
        (|| refused(500, None), 1),
        (|| Error::Transport(TransportError::Refused { addresses: vec![] }), 4),
        (|| reset(Stage::Receive), 4),
        (|| Error::Transport(TransportError::Truncated), 4),
        (|| Error::unexpected("a page"), 1),
    ];
    for (error, expected) in rows {
        assert_eq!(tries(&quick(), Repeat::Freely, error), expected, "{}", error());
    }
}

#[test]
fn new_message_is_sent_again_only_if_it_was_certainly_not_taken() {
    let rows: [(fn() -> Error, usize); 9] = [
        (|| Error::Transport(TransportError::Refused { addresses: vec![] }), 4),
        (|| reset(Stage::Handshake), 4),
        (|| reset(Stage::Send), 1),
        (|| reset(Stage::Receive), 1),
        (|| refused(425, None), 4),
        (|| refused(429, None), 4),
        (|| refused(502, None), 1),
        (|| refused(503, None), 1),
        (|| refused(503, Some(1)), 4),
    ];
    for (error, expected) in rows {
        assert_eq!(tries(&quick(), Repeat::IfTurnedAway, error), expected, "{}", error());
    }
}

#[test]
fn longer_wait_that_the_server_asks_for_is_kept_and_told() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let notice = told.clone();
    let retries = Retries {
        times: 1,
        notice: Some(Arc::new(move |error, wait| notice.lock().unwrap().push((error.to_string(), wait)))),
        ..quick()
    };
    let begun = Instant::now();
    assert_eq!(tries(&retries, Repeat::Freely, || refused(429, Some(40))), 2);
    assert!(begun.elapsed() >= Duration::from_millis(40));
    let told = told.lock().unwrap();
    assert_eq!((told.len(), told[0].1), (1, Duration::from_millis(40)));
}

#[test]
fn server_that_asks_for_too_long_a_wait_is_not_waited_for() {
    assert_eq!(tries(&quick(), Repeat::Freely, || refused(503, Some(51))), 1);
}

#[test]
fn waits_grow_and_differ_by_chance() {
    let waits = RefCell::new(Vec::new());
    let run = || {
        let told = Arc::new(Mutex::new(Vec::new()));
        let notice = told.clone();
        let retries = Retries {
            longest: Duration::from_secs(1),
            notice: Some(Arc::new(move |_, wait: Duration| notice.lock().unwrap().push(wait))),
            ..quick()
        };
        tries(&retries, Repeat::Freely, || refused(503, None));
        let told = told.lock().unwrap().clone();
        for (n, wait) in told.iter().enumerate() {
            let least = Duration::from_millis(1 << n);
            assert!((least..=least * 2 + Duration::from_millis(1)).contains(wait), "{n}: {wait:?}");
        }
        waits.borrow_mut().push(told);
    };
    run();
    run();
    let waits = waits.borrow();
    assert_ne!(waits[0], waits[1], "two clients would come back at the same moments");
}

#[test]
fn success_ends_it() {
    let mut left = 2;
    let result = quick().run(
        |_| true,
        || {
            left -= 1;
            if left == 0 { Ok("done") } else { Err(refused(503, None)) }
        },
    );
    assert_eq!(result.unwrap(), "done");
}
