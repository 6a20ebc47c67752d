//! Bodies frame by frame.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Error;
use axum::body::{Body, Bytes};
use hyper::body::{Body as Frames, Frame};

/// What comes next from a body.
pub enum Next {
    /// Bytes, which may be changed.
    Data(Bytes),
    /// Trailers, an error or the end, which are not.
    Other(Option<Result<Frame<Bytes>, Error>>),
}

/// Waits for what comes next.
pub fn poll_next(body: &mut Body, cx: &mut Context<'_>) -> Poll<Next> {
    Pin::new(body).poll_frame(cx).map(|frame| match frame.map(|read| read.map(Frame::into_data)) {
        Some(Ok(Ok(data))) => Next::Data(data),
        Some(Ok(Err(trailers))) => Next::Other(Some(Ok(trailers))),
        Some(Err(error)) => Next::Other(Some(Err(error))),
        None => Next::Other(None),
    })
}
