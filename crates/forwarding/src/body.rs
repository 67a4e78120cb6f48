//! The body of a request: read within its limits, and spliced.

use crate::forward_error::ForwardError;
use crate::limits::{ForwardingLimits, Reservation};
use crate::model_field::ModelField;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body::Body;
use http_body_util::BodyExt as _;
use waypost_egress::RequestBody;

/// Reads a whole body. It is copied only where it arrives in more than one piece.
pub(crate) async fn read<B>(
    headers: &HeaderMap,
    body: B,
    limits: &ForwardingLimits,
    reservation: &mut Reservation,
) -> Result<Bytes, ForwardError>
where
    B: Body<Data = Bytes>,
{
    let declared = headers.get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limits.body_bytes) {
        return Err(too_large(limits));
    }
    let mut body = std::pin::pin!(body);
    let mut first = Bytes::new();
    let mut rest = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            ForwardError::bad_request("invalid_json", "The request body broke off.")
        })?;
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        let length = first.len() + rest.len() + piece.len();
        if length > limits.body_bytes {
            return Err(too_large(limits));
        }
        if first.is_empty() && rest.is_empty() {
            reservation.grow_to(length)?;
            first = piece;
            continue;
        }
        if length > rest.capacity() {
            // What is only declared takes no room: a caller that sends slowly would take it from all.
            let most = declared.unwrap_or(limits.body_bytes);
            let room = (2 * length).min(most).max(length);
            reservation.grow_to(room)?;
            rest.reserve_exact(room - rest.len());
        }
        if rest.is_empty() {
            rest.extend_from_slice(&std::mem::take(&mut first));
        }
        rest.extend_from_slice(&piece);
    }
    Ok(if rest.is_empty() { first } else { rest.into() })
}

/// A body with what is set aside for it.
struct Reserved {
    body: Bytes,
    _reservation: Reservation,
}

impl AsRef<[u8]> for Reserved {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

/// The same body, whose reservation is given back with its last piece. A connection to an upstream
/// that answers and reads nothing still has the body after the request was answered.
pub(crate) fn reserved(body: Bytes, reservation: Reservation) -> Bytes {
    Bytes::from_owner(Reserved {
        body,
        _reservation: reservation,
    })
}

pub(crate) fn too_large(limits: &ForwardingLimits) -> ForwardError {
    ForwardError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!(
            "The request body is larger than {} bytes. Send less, or raise Waypost's limit.",
            limits.body_bytes
        ),
    )
}

/// The body with another model. All other bytes are shared with the original.
pub(crate) fn with_model(body: &Bytes, field: &ModelField, model: &str) -> RequestBody {
    let value = serde_json::to_vec(model).expect("a string is JSON");
    RequestBody::new([
        body.slice(..field.span.start),
        value.into(),
        body.slice(field.span.end..),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Buffers;
    use crate::model_field;
    use http_body::Frame;
    use http_body_util::Full;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    fn limits() -> ForwardingLimits {
        ForwardingLimits {
            body_bytes: 8,
            ..ForwardingLimits::default()
        }
    }

    /// A body in pieces.
    struct Pieces(Vec<&'static str>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.0.pop().map(|piece| Ok(Frame::data(piece.into()))))
        }
    }

    async fn read_pieces(pieces: &[&'static str]) -> Result<Bytes, ForwardError> {
        let mut reservation = Buffers::default().reserve(&limits());
        let pieces = Pieces(pieces.iter().rev().copied().collect());
        read(&HeaderMap::new(), pieces, &limits(), &mut reservation).await
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        assert_eq!(
            read_pieces(&["1234", "5", "678"]).await.unwrap(),
            "12345678"
        );
        assert_eq!(read_pieces(&[]).await.unwrap(), "");
        let error = read_pieces(&["1234", "56789"]).await.unwrap_err();
        assert_eq!(error.code, "body_too_large");
        let mut headers = HeaderMap::new();
        headers.insert("content-length", 9.into());
        let mut reservation = Buffers::default().reserve(&limits());
        let unread = Pieces(vec!["never"]);
        let read = read(&headers, unread, &limits(), &mut reservation).await;
        assert_eq!(read.unwrap_err().code, "body_too_large");
    }

    #[tokio::test]
    async fn a_declared_length_takes_no_memory_before_its_bytes_arrive() {
        let limits = ForwardingLimits {
            body_bytes: 1000,
            buffered_bytes: 20,
            ..ForwardingLimits::default()
        };
        let mut headers = HeaderMap::new();
        headers.insert("content-length", 1000.into());
        let buffers = Buffers::default();
        let mut reservation = buffers.reserve(&limits);
        let pieces = Pieces(vec!["9", "5678", "1234"]);
        let read = read(&headers, pieces, &limits, &mut reservation).await;
        assert_eq!(read.unwrap(), "123456789");
        assert_eq!(buffers.used(), 16);
    }

    #[tokio::test]
    async fn a_body_in_one_piece_is_not_copied() {
        let sent = Bytes::from_static(b"12345678");
        let mut reservation = Buffers::default().reserve(&limits());
        let body = Full::new(sent.clone());
        let read = read(&HeaderMap::new(), body, &limits(), &mut reservation).await;
        assert_eq!(read.unwrap().as_ptr(), sent.as_ptr());
    }

    #[tokio::test]
    async fn a_splice_replaces_the_value_and_nothing_else() {
        let sent = Bytes::from_static(
            "{ \"a\":\"\\u00e4 \\/\", \"model\" : \"x/y\" ,\"b\":1.0}\n".as_bytes(),
        );
        let field = model_field::find(&sent).unwrap();
        let body = with_model(&sent, &field, "y \"z\"");
        let length = body.length();
        let bytes = body.collect().await.unwrap().to_bytes();
        assert_eq!(length, bytes.len() as u64);
        assert_eq!(
            std::str::from_utf8(&bytes).unwrap(),
            "{ \"a\":\"\\u00e4 \\/\", \"model\" : \"y \\\"z\\\"\" ,\"b\":1.0}\n"
        );
    }
}
