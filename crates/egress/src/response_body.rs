//! The body of an upstream's answer, as it arrives.

use crate::http2::Http2Body;
use crate::request_body::Unsent;
use crate::tracked_stream::ConnectionUse;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The bytes of an answer. Dropping it before its end cancels the request. Trailers are left out.
pub struct ResponseBody(Kind);

enum Kind {
    Http1(Http1Body),
    Http2(Http2Body),
}

/// The upstream broke off in the middle of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the upstream closed the connection in the middle of its answer")
    }
}

impl std::error::Error for BrokenOff {}

/// Closes its connection if it is dropped while the request is still being sent: an upstream that does not
/// read would otherwise keep both for as long as it likes.
struct Http1Body {
    incoming: Incoming,
    unsent: Unsent,
    connection: Option<ConnectionUse>,
}

impl Drop for Http1Body {
    fn drop(&mut self) {
        // A connection takes the next request only after all of this one.
        if let Some(connection) = self.connection.take_if(|_| !self.unsent.is_over()) {
            connection.give_up();
        }
    }
}

impl ResponseBody {
    /// The answer to a request whose body may not be sent yet.
    pub(crate) fn http1(
        incoming: Incoming,
        unsent: Unsent,
        connection: Option<ConnectionUse>,
    ) -> Self {
        Self(Kind::Http1(Http1Body {
            incoming,
            unsent,
            connection,
        }))
    }
}

impl From<Http2Body> for ResponseBody {
    fn from(body: Http2Body) -> Self {
        Self(Kind::Http2(body))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let incoming = match &mut self.0 {
            Kind::Http1(body) => &mut body.incoming,
            Kind::Http2(body) => {
                let data = ready!(body.poll_data(context));
                let frame = data.map(|data| data.map(Frame::data).map_err(|_| BrokenOff));
                return Poll::Ready(frame);
            }
        };
        loop {
            let frame = ready!(Pin::new(&mut *incoming).poll_frame(context));
            match frame {
                // What the error says may come from the upstream.
                Some(Err(_)) => return Poll::Ready(Some(Err(BrokenOff))),
                Some(Ok(frame)) if frame.is_data() => return Poll::Ready(Some(Ok(frame))),
                Some(Ok(_trailers)) => {}
                None => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Http1(body) => body.incoming.is_end_stream(),
            Kind::Http2(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Http1(body) => body.incoming.size_hint(),
            Kind::Http2(body) => body.left().map(SizeHint::with_exact).unwrap_or_default(),
        }
    }
}
