//! One request on an HTTP/2 connection, and its answer.

use super::connection::Slot;
use crate::failure::{CallFailure, FailureKind};
use crate::request_body::RequestBody;
use crate::tracked_stream::OpenedIn;
use bytes::Bytes;
use h2::{Reason, RecvStream};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Request, Response, Version};
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

/// Why a request got no head of an answer.
pub(crate) struct SendError {
    pub(crate) failure: CallFailure,
    /// The upstream has not processed the request, so that it may be sent once more.
    pub(crate) is_unprocessed: bool,
}

/// The bytes of an answer. Dropping it before its end resets the stream.
pub(crate) struct Http2Body {
    stream: RecvStream,
    /// What the announced length leaves to come.
    left: Option<u64>,
    _slot: Slot,
}

/// Sends a request and returns the head of the answer. Dropping the future resets the stream.
///
/// # Errors
/// If the upstream ends the connection or the stream before the head is complete.
pub(crate) async fn send(
    slot: Slot,
    origin: &str,
    request: Request<RequestBody>,
) -> Result<Response<Http2Body>, SendError> {
    let (mut head, body) = request.into_parts();
    head.version = Version::HTTP_2;
    head.headers.insert(CONTENT_LENGTH, body.length().into());
    let before = slot.usage().received();
    let sent = async {
        let mut sender = slot.sender();
        poll_fn(|context| sender.poll_ready(context)).await?;
        let pieces = body.into_pieces();
        let last = pieces.iter().rposition(|piece| !piece.is_empty());
        let (answer, mut stream) =
            sender.send_request(Request::from_parts(head, ()), last.is_none())?;
        // Queued without a copy, and cut by h2 as the upstream's window allows.
        for (position, piece) in pieces.into_iter().enumerate() {
            if !piece.is_empty() {
                stream.send_data(piece, Some(position) == last)?;
            }
        }
        answer.await
    };
    let answer = sent.await.map_err(|error| SendError {
        failure: explain(origin, &error),
        is_unprocessed: is_refused(&error) || (error.is_io() && slot.usage().died_since(before)),
    })?;
    let (mut head, stream) = answer.into_parts();
    if let Some(opened_in) = slot.usage().note_served() {
        head.extensions.insert(OpenedIn(opened_in));
    }
    let body = Http2Body {
        left: announced_length(&head.headers),
        stream,
        _slot: slot,
    };
    Ok(Response::from_parts(head, body))
}

/// Whether the upstream said that it did not process the request: by resetting the stream so, or by
/// leaving in an orderly way before it came to this stream.
fn is_refused(error: &h2::Error) -> bool {
    let expected = match (error.is_go_away(), error.is_reset()) {
        (true, _) => Reason::NO_ERROR,
        (_, true) => Reason::REFUSED_STREAM,
        _ => return false,
    };
    error.is_remote() && error.reason() == Some(expected)
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The message of a failure. Of the error's text nothing is passed on: it may hold what the upstream wrote.
pub(super) fn explain(origin: &str, error: &h2::Error) -> CallFailure {
    let message = if error.is_io() {
        "closed the HTTP/2 connection before it answered. Try again. If it persists, ask its operator."
    } else if error.is_remote() {
        "ended the request with an HTTP/2 error before it answered. Try again. If it persists, ask its operator."
    } else {
        "broke the rules of HTTP/2, or returned more headers than Waypost reads. Ask its operator."
    };
    CallFailure::new(FailureKind::BadResponse, format!("{origin} {message}"))
}

impl Http2Body {
    /// The next bytes, `None` at the regular end.
    pub(crate) fn poll_data(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, h2::Error>>> {
        loop {
            let data = match ready!(self.stream.poll_data(context)) {
                Some(Ok(data)) if data.is_empty() => continue,
                Some(Ok(data)) => data,
                other => return Poll::Ready(other),
            };
            let length = data.len();
            // Fails only for more than was received.
            let _ = self.stream.flow_control().release_capacity(length);
            self.left = self.left.map(|left| left.saturating_sub(length as u64));
            return Poll::Ready(Some(Ok(data)));
        }
    }

    /// Whether everything was read. The end of an answer with a length may arrive after its last byte.
    pub(crate) fn is_end_stream(&self) -> bool {
        self.left == Some(0) || self.stream.is_end_stream()
    }

    /// What the announced length leaves to come, in bytes.
    pub(crate) fn left(&self) -> Option<u64> {
        self.left
    }
}
