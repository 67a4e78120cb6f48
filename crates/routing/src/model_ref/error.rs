//! Why a text is no model ref, and where the fault is.

use crate::codes;
use std::fmt;
use std::ops::Range;

/// Why a text is no model ref: a kind of fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    kind: ErrorKind,
    span: Range<usize>,
}

/// What is wrong. Kept private, so that a new kind is no breaking change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    Empty,
    EmptySegment,
    OuterSpace,
    ControlCharacter,
    TooLong,
}

impl ParseError {
    pub(crate) fn new(kind: ErrorKind, span: Range<usize>) -> Self {
        Self { kind, span }
    }

    /// The stable code: `empty`, `empty_segment`, `invalid_segment` or `too_long`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind {
            ErrorKind::Empty => codes::EMPTY,
            ErrorKind::EmptySegment => codes::EMPTY_SEGMENT,
            ErrorKind::OuterSpace | ErrorKind::ControlCharacter => codes::INVALID_SEGMENT,
            ErrorKind::TooLong => codes::TOO_LONG,
        }
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn message(&self) -> String {
        match self.kind {
            ErrorKind::Empty => "The model ref is empty.".into(),
            ErrorKind::EmptySegment => format!(
                "The model ref has an empty segment at byte {}: every / needs text on both sides.",
                self.span.start
            ),
            ErrorKind::OuterSpace => format!(
                "The part of the model ref at bytes {} to {} begins or ends with white space.",
                self.span.start, self.span.end
            ),
            ErrorKind::ControlCharacter => format!(
                "The part of the model ref at bytes {} to {} contains a control character.",
                self.span.start, self.span.end
            ),
            ErrorKind::TooLong => format!(
                "The model ref is {} bytes long; at most {} are read.",
                self.span.end,
                super::MAX_LENGTH
            ),
        }
    }

    /// The half-open byte range of the offending part: the faulty segment, empty for an empty one,
    /// or for a ref that is too long, what is beyond the limit.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl std::error::Error for ParseError {}
