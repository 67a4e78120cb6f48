//! The body of an answer: Waypost's own, or an upstream's as it arrives.

use crate::dialect::Dialect;
use crate::exchange::Exchange;
use crate::forward_error::ForwardError;
use crate::limits::{ForwardingLimits, Slot};
use crate::record::Outcome;
use crate::token_usage::AnswerReader;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};
use waypost_egress::ResponseBody;

/// The body of an answer.
pub struct AnswerBody(Kind);

enum Kind {
    Own(Bytes),
    Streamed(Box<Streamed>),
}

/// The answer broke off. The connection must be closed without a regular end, so that the caller
/// does not take a part for the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerAborted;

impl fmt::Display for AnswerAborted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the answer of the upstream broke off")
    }
}

impl std::error::Error for AnswerAborted {}

/// An upstream's answer under way.
struct Streamed {
    /// Dropping it cancels the request there.
    upstream: Option<ResponseBody>,
    phase: Phase,
    /// Whether events end in an error event, and where in an event the stream is.
    events: Option<EventPosition>,
    /// Looks on; what it reads is recorded at the end.
    reader: Option<AnswerReader>,
    dialect: Dialect,
    idle: Duration,
    /// When the whole answer must have arrived.
    end: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    /// Whether the timer runs: from when the upstream has nothing to read. While the caller does not
    /// read, the upstream is not to blame.
    is_waiting: bool,
    exchange: Exchange,
    _slot: Slot,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Streaming,
    /// An error event was handed over and is about to be written.
    Flushing,
    Aborted,
    Ended,
}

/// Where in an event a stream is.
struct EventPosition {
    /// Line breaks at the end of what was passed on.
    line_breaks: usize,
}

impl EventPosition {
    fn note(&mut self, bytes: &[u8]) {
        let is_break = |byte: &&u8| matches!(byte, b'\n' | b'\r');
        let tail = bytes.iter().rev().take_while(is_break);
        let (length, breaks) = tail.fold((0, 0), |(length, breaks), byte| {
            (length + 1, breaks + usize::from(*byte == b'\n'))
        });
        match length == bytes.len() {
            true => self.line_breaks += breaks,
            false => self.line_breaks = breaks,
        }
    }

    fn is_between_events(&self) -> bool {
        self.line_breaks >= 2
    }
}

impl AnswerBody {
    pub(crate) fn own(bytes: Bytes) -> Self {
        Self(Kind::Own(bytes))
    }

    /// The body of an upstream's answer. `is_events` says that it is a stream of events, which has no
    /// limit but the pauses between its bytes; `takes_event`, that an error event may end it. `reader`
    /// sees the bytes that pass.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is another part of one answer"
    )]
    pub(crate) fn streamed(
        upstream: ResponseBody,
        is_events: bool,
        takes_event: bool,
        reader: Option<AnswerReader>,
        dialect: Dialect,
        limits: &ForwardingLimits,
        exchange: Exchange,
        slot: Slot,
    ) -> Self {
        let end = (!is_events).then_some(exchange.accepted + limits.whole);
        Self(Kind::Streamed(Box::new(Streamed {
            upstream: Some(upstream),
            phase: Phase::Streaming,
            // Nothing was passed on, which is between two events.
            events: takes_event.then_some(EventPosition { line_breaks: 2 }),
            reader,
            dialect,
            idle: limits.idle,
            end,
            timer: Box::pin(sleep_until(Instant::now() + limits.idle)),
            is_waiting: false,
            exchange,
            _slot: slot,
        })))
    }
}

impl Streamed {
    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerAborted>>> {
        match self.phase {
            Phase::Streaming => self.poll_upstream(context),
            Phase::Flushing => {
                // The connection writes what it was given only once the body has nothing more to
                // give. An error right away would discard the event.
                self.phase = Phase::Aborted;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Phase::Aborted => Poll::Ready(Some(Err(AnswerAborted))),
            Phase::Ended => Poll::Ready(None),
        }
    }

    fn poll_upstream(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerAborted>>> {
        let Some(upstream) = &mut self.upstream else {
            return Poll::Ready(None);
        };
        match Pin::new(upstream).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                self.is_waiting = false;
                if self.end.is_some_and(|end| Instant::now() >= end) {
                    return self.fail(&ForwardError::too_late());
                }
                let Some(data) = frame.data_ref() else {
                    return Poll::Ready(Some(Ok(frame)));
                };
                self.exchange.record().bytes_out += data.len() as u64;
                if let Some(position) = &mut self.events {
                    position.note(data);
                }
                if let Some(reader) = &mut self.reader {
                    reader.read(data);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(_))) => self.fail(&broken_off()),
            Poll::Ready(None) => {
                self.end_with(Phase::Ended, Outcome::Answered);
                Poll::Ready(None)
            }
            Poll::Pending => {
                if !self.is_waiting {
                    self.is_waiting = true;
                    let pause = Instant::now() + self.idle;
                    let deadline = self.end.map_or(pause, |end| end.min(pause));
                    self.timer.as_mut().reset(deadline);
                }
                match self.timer.as_mut().poll(context) {
                    Poll::Ready(()) => self.fail(&ForwardError::too_late()),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }

    fn end_with(&mut self, phase: Phase, outcome: Outcome) {
        self.phase = phase;
        self.upstream = None;
        self.exchange.record().outcome = outcome;
    }

    fn fail(&mut self, error: &ForwardError) -> Poll<Option<Result<Frame<Bytes>, AnswerAborted>>> {
        let outcome = Outcome::Failed(error.code.clone().into_owned());
        let Some(position) = &self.events else {
            self.end_with(Phase::Aborted, outcome);
            return Poll::Ready(Some(Err(AnswerAborted)));
        };
        let is_between = position.is_between_events();
        let event = self.dialect.event(error, self.exchange.id(), is_between);
        self.end_with(Phase::Flushing, outcome);
        Poll::Ready(Some(Ok(Frame::data(event))))
    }
}

fn broken_off() -> ForwardError {
    ForwardError::bad_gateway(
        "upstream_closed",
        "The upstream closed the connection in the middle of its answer.",
    )
}

impl Drop for Streamed {
    fn drop(&mut self) {
        // With a known length, the end is not asked for.
        let is_complete = self.phase == Phase::Streaming
            && self.upstream.as_ref().is_some_and(Body::is_end_stream);
        if is_complete {
            self.exchange.record().outcome = Outcome::Answered;
        }
        if let Some(reader) = &self.reader {
            let record = self.exchange.record();
            record.usage = reader.usage();
            record.has_error = reader.has_error();
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = AnswerAborted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerAborted>>> {
        match &mut self.0 {
            Kind::Own(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Own(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Streamed(streamed) => streamed.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Own(bytes) => bytes.is_empty(),
            Kind::Streamed(streamed) => match streamed.phase {
                Phase::Streaming => streamed.upstream.as_ref().is_none_or(Body::is_end_stream),
                Phase::Ended => true,
                Phase::Flushing | Phase::Aborted => false,
            },
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Own(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Streamed(streamed) => match &streamed.upstream {
                Some(upstream) => upstream.size_hint(),
                None => SizeHint::default(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_event_is_known_across_pieces() {
        for (pieces, between) in [
            (&[][..], true),
            (&["data: 1\n\n"], true),
            (&["data: 1\r\n\r\n"], true),
            (&["data: 1\n"], false),
            (&["data: 1\n", "\n"], true),
            (&["data: 1\r", "\n\r", "\n"], true),
            (&["data: 1\n\ndata"], false),
            (&["data: 1\n\n", "d"], false),
        ] {
            let mut position = EventPosition { line_breaks: 2 };
            for piece in pieces {
                position.note(piece.as_bytes());
            }
            assert_eq!(position.is_between_events(), between, "{pieces:?}");
        }
    }
}
