//! Model refs: the string an agent is configured with, such as `openrouter/moonshotai/kimi-k2`.

mod error;

pub use error::ParseError;

use error::ErrorKind;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// The longest ref that is read, in bytes.
pub const MAX_LENGTH: usize = 512;

/// A well-formed model ref.
///
/// Reading a ref tells its parts only. What its name stands for, and whether there is such a name
/// at all, is for the resolver to say: `customer-alias` and LiteLLM's `anthropic/claude-sonnet-4`
/// are refs that no catalog entry takes, and normal.
///
/// [`ModelRef::parse`] borrows the text and allocates nothing; [`FromStr`] keeps a copy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelRef<'a> {
    text: Cow<'a, str>,
    /// Where the first two slashes stand.
    slashes: [Option<u16>; 2],
}

impl<'a> ModelRef<'a> {
    /// Reads a ref.
    ///
    /// # Errors
    /// An empty text, an empty segment, white space at either end of a segment, a control
    /// character, and more than [`MAX_LENGTH`] bytes. The first fault from the left is reported.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        let slashes = scan(text)?;
        Ok(Self {
            text: Cow::Borrowed(text),
            slashes,
        })
    }

    /// A ref whose model part is an id that its owner lists, whatever the grammar says of it.
    /// `None` without a name before the first slash, and for a text that is too long.
    pub(crate) fn of_listed(text: &'a str) -> Option<Self> {
        let first = text.find('/').filter(|at| *at > 0)?;
        let second = text[first + 1..].find('/').map(|at| first + 1 + at);
        (text.len() <= MAX_LENGTH).then(|| Self {
            text: Cow::Borrowed(text),
            slashes: [
                u16::try_from(first).ok(),
                second.and_then(|at| u16::try_from(at).ok()),
            ],
        })
    }

    /// The whole ref.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first segment, where another follows it: what may name a provider or a source.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.slash(0).map(|at| &self.text[..at])
    }

    /// Everything after the first `/`: what a provider or a source gets as its model.
    #[must_use]
    pub fn rest(&self) -> Option<&str> {
        self.slash(0).map(|at| &self.text[at + 1..])
    }

    /// The second segment, where a third follows it: to a gateway, the upstream.
    #[must_use]
    pub fn upstream(&self) -> Option<&str> {
        let (first, second) = (self.slash(0)?, self.slash(1)?);
        Some(&self.text[first + 1..second])
    }

    /// Everything after the second `/`, which may hold further slashes: to a gateway, the model at
    /// its upstream.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.slash(1).map(|at| &self.text[at + 1..])
    }

    /// The same ref with its own copy of the text.
    #[must_use]
    pub fn into_owned(self) -> ModelRef<'static> {
        ModelRef {
            text: Cow::Owned(self.text.into_owned()),
            slashes: self.slashes,
        }
    }

    fn slash(&self, index: usize) -> Option<usize> {
        self.slashes[index].map(usize::from)
    }
}

/// Checks every segment and finds the first two slashes, in one pass.
fn scan(text: &str) -> Result<[Option<u16>; 2], ParseError> {
    if text.is_empty() {
        return Err(ParseError::new(ErrorKind::Empty, text, 0..0));
    }
    if text.len() > MAX_LENGTH {
        let limit = text.floor_char_boundary(MAX_LENGTH);
        return Err(ParseError::new(ErrorKind::TooLong, text, limit..text.len()));
    }
    let bytes = text.as_bytes();
    let mut slashes = [None, None];
    let mut start = 0;
    let mut has_control = false;
    for (at, byte) in bytes.iter().copied().enumerate() {
        if byte == b'/' {
            check_segment(text, start..at, has_control)?;
            if let Some(free) = slashes.iter_mut().find(|place| place.is_none()) {
                *free = u16::try_from(at).ok();
            }
            start = at + 1;
            has_control = false;
        } else {
            has_control |= is_control(byte, bytes.get(at + 1).copied());
        }
    }
    check_segment(text, start..text.len(), has_control)?;
    Ok(slashes)
}

/// Whether a control character begins at a byte of UTF-8: those of ASCII are single bytes, those
/// of Latin-1 are 0xC2 and another.
fn is_control(byte: u8, next: Option<u8>) -> bool {
    byte.is_ascii_control() || (byte == 0xC2 && next.is_some_and(|next| next < 0xA0))
}

fn check_segment(text: &str, span: Range<usize>, has_control: bool) -> Result<(), ParseError> {
    let segment = &text[span.clone()];
    let kind = if segment.is_empty() {
        ErrorKind::EmptySegment
    } else if has_outer_space(segment) {
        ErrorKind::OuterSpace
    } else if has_control {
        ErrorKind::ControlCharacter
    } else {
        return Ok(());
    };
    Err(ParseError::new(kind, text, span))
}

fn has_outer_space(segment: &str) -> bool {
    // Most segments begin and end with a visible ASCII character, which is quick to see.
    let bytes = segment.as_bytes();
    if let (Some(first), Some(last)) = (bytes.first(), bytes.last())
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return false;
    }
    segment.starts_with(char::is_whitespace) || segment.ends_with(char::is_whitespace)
}

impl fmt::Display for ModelRef<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for ModelRef<'static> {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ModelRef::parse(text).map(ModelRef::into_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = [Option<&'a str>; 4];

    fn parts(text: &str) -> [Option<String>; 4] {
        let read = ModelRef::parse(text).unwrap();
        [read.name(), read.rest(), read.upstream(), read.model()]
            .map(|part| part.map(str::to_owned))
    }

    #[test]
    fn a_ref_splits_at_most_twice() {
        let expected: [(&str, Parts<'_>); 6] = [
            ("gpt-4o", [None, None, None, None]),
            (
                "litellm/gpt-4o",
                [Some("litellm"), Some("gpt-4o"), None, None],
            ),
            (
                "openrouter/moonshotai/kimi-k2",
                [
                    Some("openrouter"),
                    Some("moonshotai/kimi-k2"),
                    Some("moonshotai"),
                    Some("kimi-k2"),
                ],
            ),
            (
                "g/a/b/c/d",
                [Some("g"), Some("a/b/c/d"), Some("a"), Some("b/c/d")],
            ),
            (
                "openrouter/моон/кими",
                [
                    Some("openrouter"),
                    Some("моон/кими"),
                    Some("моон"),
                    Some("кими"),
                ],
            ),
            (
                "g/~a/m:free@1.*",
                [
                    Some("g"),
                    Some("~a/m:free@1.*"),
                    Some("~a"),
                    Some("m:free@1.*"),
                ],
            ),
        ];
        for (text, parts_expected) in expected {
            assert_eq!(
                parts(text),
                parts_expected.map(|part| part.map(str::to_owned)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_fault_is_reported_with_its_exact_place() {
        let long = "ä".repeat(257);
        for (text, code, span, message) in [
            ("", "empty", 0..0, "The model ref is empty."),
            (
                "/a",
                "empty_segment",
                0..0,
                r#"Empty segment at character 1: every "/" needs text on both sides."#,
            ),
            (
                "a//b",
                "empty_segment",
                2..2,
                r#"Empty segment at character 2: every "/" needs text on both sides."#,
            ),
            (
                "a/b/",
                "empty_segment",
                4..4,
                r#"Empty segment at character 4: every "/" needs text on both sides."#,
            ),
            (
                "openrouter/a//b",
                "empty_segment",
                13..13,
                r#"Empty segment at character 13: every "/" needs text on both sides."#,
            ),
            (
                "agentur/größe//x",
                "empty_segment",
                16..16,
                r#"Empty segment at character 14: every "/" needs text on both sides."#,
            ),
            (
                " a/b",
                "invalid_segment",
                0..2,
                "The segment at characters 1 to 2 begins or ends with white space.",
            ),
            (
                "openrouter/x/ ",
                "invalid_segment",
                13..14,
                "The segment at character 14 begins or ends with white space.",
            ),
            (
                "a/b\u{a0}/c",
                "invalid_segment",
                2..5,
                "The segment at characters 3 to 4 begins or ends with white space.",
            ),
            (
                "a/b\u{7}c",
                "invalid_segment",
                2..5,
                "The segment at characters 3 to 5 contains a control character.",
            ),
            (
                "a/b\u{85}c",
                "invalid_segment",
                2..6,
                "The segment at characters 3 to 5 contains a control character.",
            ),
            (
                long.as_str(),
                "too_long",
                512..514,
                "The model ref is 514 bytes long; at most 512 are read.",
            ),
        ] {
            let error = ModelRef::parse(text).unwrap_err();
            assert_eq!(error.code(), code, "{text:?}");
            assert_eq!(error.span(), span, "{text:?}");
            assert_eq!(error.message(), message, "{text:?}");
            assert_eq!(error.to_string(), message, "{text:?}");
        }
    }

    #[test]
    fn the_first_fault_from_the_left_is_reported() {
        let error = ModelRef::parse("a/ b//c").unwrap_err();
        assert_eq!((error.code(), error.span()), ("invalid_segment", 2..4));
    }

    #[test]
    fn inner_spaces_and_the_greatest_length_are_fine() {
        assert!(ModelRef::parse("a/b c/d").is_ok());
        assert!(ModelRef::parse(&"a".repeat(512)).is_ok());
    }

    #[test]
    fn a_span_never_cuts_a_character() {
        let text = format!("a{}", "ä".repeat(256));
        let error = ModelRef::parse(&text).unwrap_err();
        assert_eq!(error.span(), 511..513);
        assert!(text.get(error.span()).is_some());
    }

    #[test]
    fn display_gives_back_what_was_parsed() {
        for text in ["gpt-4o", "a/b", "a/b/c/d"] {
            let owned: ModelRef<'static> = text.parse().unwrap();
            assert_eq!(owned.to_string(), text);
            assert_eq!(owned, ModelRef::parse(text).unwrap());
        }
    }
}
