use std::io::{self, BufReader, ErrorKind, IoSlice, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::tcp::is_timeout;

/// How much is read at once. The TLS library asks for 4 KiB each time.
const READ_AHEAD: usize = 256 * 1024;

/// Below this a wait is set to what is left; above it, to a part of that, which serves several calls.
const SHORT: Duration = Duration::from_secs(1);

/// A socket whose every read and write ends at a deadline, however often it is called.
#[derive(Debug)]
pub(super) struct TimedTcp {
    tcp: TcpStream,
    /// When reading and writing give up; `None` is never.
    pub(super) deadline: Option<Instant>,
    read_wait: Wait,
    write_wait: Wait,
}

/// What a socket was last told to wait; at first it waits for ever.
#[derive(Debug, Default)]
struct Wait(Option<Duration>);

impl Wait {
    /// The wait to set now, if another one: never beyond what is left, and as seldom as may be, since it is a
    /// call of the system each time. A wait that ends early is taken up again.
    fn renew(&mut self, left: Option<Duration>) -> Option<Option<Duration>> {
        let serves = match (self.0, left) {
            (Some(set), Some(left)) => set <= left && set >= left / 2,
            (set, left) => set.is_none() && left.is_none(),
        };
        if serves {
            return None;
        }
        self.0 = left.map(|left| if left > SHORT { left / 4 * 3 } else { left });
        Some(self.0)
    }
}

impl TimedTcp {
    /// Without a deadline as yet.
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self { tcp, deadline: None, read_wait: Wait::default(), write_wait: Wait::default() }
    }

    /// The socket itself.
    pub(super) fn socket(&self) -> &TcpStream {
        &self.tcp
    }

    /// The socket, for another to use: without a deadline.
    pub(super) fn into_socket(self) -> io::Result<TcpStream> {
        self.tcp.set_read_timeout(None)?;
        self.tcp.set_write_timeout(None)?;
        Ok(self.tcp)
    }

    /// What is left until the deadline; `None` is for ever.
    fn left(&self) -> io::Result<Option<Duration>> {
        let Some(deadline) = self.deadline else { return Ok(None) };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }

    fn write_by(&mut self, mut write: impl FnMut(&mut TcpStream) -> io::Result<usize>) -> io::Result<usize> {
        loop {
            if let Some(wait) = self.write_wait.renew(self.left()?) {
                self.tcp.set_write_timeout(wait)?;
            }
            match write(&mut self.tcp) {
                Err(e) if self.goes_on(&e) => {}
                result => return result,
            }
        }
    }

    /// Whether an error is none: the deadline itself is looked at anew.
    fn goes_on(&self, error: &io::Error) -> bool {
        error.kind() == ErrorKind::Interrupted || self.deadline.is_some() && is_timeout(error)
    }
}

impl Read for TimedTcp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(wait) = self.read_wait.renew(self.left()?) {
                self.tcp.set_read_timeout(wait)?;
            }
            match self.tcp.read(buffer) {
                Err(e) if self.goes_on(&e) => {}
                result => return result,
            }
        }
    }
}

impl Write for TimedTcp {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.write_by(|tcp| tcp.write(buffer))
    }

    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write_by(|tcp| tcp.write_vectored(buffers))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// The same, read in large pieces.
#[derive(Debug)]
pub(super) struct BufferedTcp(BufReader<TimedTcp>);

impl BufferedTcp {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self(BufReader::with_capacity(READ_AHEAD, TimedTcp::new(tcp)))
    }

    /// When reading and writing give up; `None` is never.
    pub(super) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.0.get_mut().deadline = deadline;
    }

    /// Whether reading waits at all. It must, again, before anything else is done.
    pub(super) fn set_nonblocking(&mut self, nonblocking: bool) -> io::Result<()> {
        self.set_deadline(None);
        self.0.get_ref().socket().set_nonblocking(nonblocking)
    }
}

impl Read for BufferedTcp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for BufferedTcp {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.get_mut().write(buffer)
    }

    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.get_mut().write_vectored(buffers)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.get_mut().flush()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    /// Both ends of a connection.
    fn pair() -> (TimedTcp, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (TimedTcp::new(tcp), listener.accept().unwrap().0)
    }

    #[test]
    fn silence_ends_at_the_deadline() {
        let (mut timed, _other) = pair();
        for millis in [50, 1200] {
            let start = Instant::now();
            timed.deadline = Some(start + Duration::from_millis(millis));
            assert!(is_timeout(&timed.read(&mut [0; 8]).unwrap_err()));
            let taken = start.elapsed().as_millis();
            assert!(
                (u128::from(millis)..u128::from(millis) + 1000).contains(&taken),
                "{taken} of {millis} ms"
            );
            assert!(is_timeout(&timed.read(&mut [0; 8]).unwrap_err()), "it stays so");
        }
    }

    #[test]
    fn reader_that_stops_does_not_hold_a_writer_beyond_its_deadline() {
        let (mut timed, _other) = pair();
        timed.deadline = Some(Instant::now() + Duration::from_millis(1200));
        let error = std::iter::repeat_with(|| timed.write(&[0; 65536])).find_map(Result::err).unwrap();
        assert!(is_timeout(&error), "{error:?}");
    }

    #[test]
    fn wait_is_set_anew_only_when_it_no_longer_serves() {
        let (mut wait, seconds) = (Wait::default(), |n| Some(Duration::from_secs(n)));
        assert_eq!(wait.renew(None), None, "a new socket waits for ever");
        assert_eq!(wait.renew(seconds(60)), Some(seconds(45)));
        for left in [60, 50, 45, 90] {
            assert_eq!(wait.renew(seconds(left)), None, "{left} s");
        }
        assert_eq!(wait.renew(seconds(44)), Some(seconds(33)), "never beyond what is left");
        assert_eq!(wait.renew(seconds(120)), Some(seconds(90)));
        let short = Some(Duration::from_millis(900));
        assert_eq!(wait.renew(short), Some(short));
        assert_eq!(wait.renew(None), Some(None));
    }
}
