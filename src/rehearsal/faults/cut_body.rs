//! A body that takes its connection with it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Error;
use axum::body::{Body, Bytes};
use hyper::body::{Body as Frames, Frame, SizeHint};

use super::armed::Shot;
use super::frames::{Next, poll_next};
use super::line::Line;
use super::rule::{Cut, Point};

/// Whose body it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The server reads it: nothing more comes.
    Request,
    /// The server writes it: what was written before arrives.
    Response,
}

/// Passes a body on as far as its cut.
pub struct CutBody {
    body: Body,
    side: Side,
    cut: Cut,
    shot: Arc<Shot>,
    line: Line,
    /// What went by.
    passed: u64,
    /// How long it is, where that is known.
    length: Option<u64>,
    over: bool,
}

impl CutBody {
    /// Has this shot cut the connection within the body.
    pub fn wrap(body: Body, side: Side, cut: Cut, shot: Arc<Shot>, line: Line) -> Body {
        let length = body.size_hint().exact();
        Body::new(Self { body, side, cut, shot, line, passed: 0, length, over: false })
    }

    /// After how many of the next bytes the cut is due.
    fn due(&mut self, bytes: u64) -> Option<u64> {
        let due = match self.cut.point {
            Point::At(at) => at.checked_sub(self.passed).filter(|due| *due <= bytes),
            Point::Line { .. } => self.shot.pass(bytes),
        };
        self.passed += bytes;
        let due = due?;
        // When all of an answer is written, there is nothing left to be cut.
        let whole = self.length == Some(self.passed - bytes + due);
        if (self.side == Side::Response && whole) || !self.shot.fire() {
            return None;
        }
        if matches!(self.cut.point, Point::Line { .. }) {
            self.shot.redraw();
        }
        Some(due)
    }
}

impl Frames for CutBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.over {
            return match self.side {
                Side::Request => Poll::Ready(Some(Err(Error::new("the connection was cut")))),
                Side::Response => {
                    self.line.cut_after_flush(self.cut.manner);
                    // hyper flushes whenever it is polled.
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
            };
        }
        let mut data = match ready!(poll_next(&mut self.body, cx)) {
            Next::Data(data) => data,
            Next::Other(other) => return Poll::Ready(other),
        };
        if let Some(due) = self.due(data.len() as u64) {
            self.over = true;
            data.truncate(due as usize);
            if self.side == Side::Request {
                self.line.cut(self.cut.manner);
            }
            if data.is_empty() {
                return self.poll_frame(cx);
            }
        }
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        !self.over && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
