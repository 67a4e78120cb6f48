//! Why a text is no model ref, and where the fault is.

use crate::codes;
use std::fmt;
use std::ops::Range;

/// Why a text is no model ref: a kind of fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    kind: ErrorKind,
    span: Range<usize>,
    /// The characters of the span, as a person counts them: the first is 1, both ends are in it.
    characters: [usize; 2],
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
    /// A fault of `text` in the bytes of `span`, which begins and ends between characters.
    pub(crate) fn new(kind: ErrorKind, text: &str, span: Range<usize>) -> Self {
        let before = |end: usize| text[..end].chars().count();
        let characters = [before(span.start) + 1, before(span.end)];
        Self {
            kind,
            span,
            characters,
        }
    }

    /// `at character 3`, or `at characters 3 to 5`.
    fn place(&self) -> String {
        match self.characters {
            [first, last] if first < last => format!("at characters {first} to {last}"),
            [first, _] => format!("at character {first}"),
        }
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
            // The slash that has no text on one side: the one before the gap, unless it begins the ref.
            ErrorKind::EmptySegment => format!(
                r#"Empty segment at character {}: every "/" needs text on both sides."#,
                self.characters[1].max(1)
            ),
            ErrorKind::OuterSpace => format!(
                "The segment {} begins or ends with white space.",
                self.place()
            ),
            ErrorKind::ControlCharacter => {
                format!("The segment {} contains a control character.", self.place())
            }
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
