//! The body of a forwarded request: a few pieces that are sent one after the other.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The pieces of a body, in order. A clone shares them, so that a body can be sent again without a
/// copy.
#[derive(Clone, Default)]
pub struct RequestBody {
    pieces: [Bytes; 3],
    next: usize,
}

impl RequestBody {
    /// A body of up to three pieces. Empty ones are left out.
    #[must_use]
    pub fn new(pieces: [Bytes; 3]) -> Self {
        Self { pieces, next: 0 }
    }

    /// The same body, and whether any of it is still kept to be sent.
    pub(crate) fn tracked(mut self) -> (Self, Unsent) {
        let unsent = Unsent::default();
        for piece in self.pieces.iter_mut().filter(|piece| !piece.is_empty()) {
            *piece = Bytes::from_owner(TrackedPiece {
                bytes: std::mem::take(piece),
                _unsent: unsent.clone(),
            });
        }
        (self, unsent)
    }

    /// The pieces that are left to send. Some may be empty.
    pub(crate) fn into_pieces(mut self) -> [Bytes; 3] {
        self.pieces[..self.next].fill(Bytes::new());
        self.pieces
    }

    fn rest(&self) -> impl Iterator<Item = &Bytes> {
        self.pieces[self.next..].iter()
    }

    /// What is left to send, in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.rest().map(|piece| piece.len() as u64).sum()
    }
}

/// Shared by the pieces of a body until the last of them was sent or thrown away.
#[derive(Clone, Default)]
pub(crate) struct Unsent(Arc<()>);

impl Unsent {
    /// Whether no piece is left.
    pub(crate) fn is_over(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

struct TrackedPiece {
    bytes: Bytes,
    _unsent: Unsent,
}

impl AsRef<[u8]> for TrackedPiece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        while self.next < self.pieces.len() {
            let at = self.next;
            self.next += 1;
            let piece = std::mem::take(&mut self.pieces[at]);
            if !piece.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.rest().all(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length())
    }
}
