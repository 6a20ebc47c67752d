//! A body that is whole as far as HTTP can tell, and wrong.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::Error;
use axum::body::{Body, Bytes};
use hyper::body::{Body as Frames, Frame, SizeHint};

use super::frames::{Next, poll_next};

/// Changes one byte of a body, or leaves out its end.
pub struct SpoiledBody {
    body: Body,
    /// The byte to be changed, counted from here.
    wrong: Option<u64>,
    /// How much is still passed on.
    left: u64,
}

impl SpoiledBody {
    /// Turns all bits of the byte at `place`.
    pub fn corrupt(body: Body, place: u64, length: u64) -> Body {
        Body::new(Self { body, wrong: Some(place), left: length })
    }

    /// Passes on the first `length` bytes.
    pub fn short(body: Body, length: u64) -> Body {
        Body::new(Self { body, wrong: None, left: length })
    }
}

impl Frames for SpoiledBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut data = match ready!(poll_next(&mut self.body, cx)) {
            Next::Data(data) => data,
            Next::Other(other) => return Poll::Ready(other),
        };
        data.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        let length = data.len() as u64;
        self.left -= length;
        if let Some(place) = self.wrong.take() {
            if place < length {
                let mut bytes = data.to_vec();
                bytes[place as usize] ^= 0xff;
                data = bytes.into();
            } else {
                self.wrong = Some(place - length);
            }
        }
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
