//! What an answer says about tokens, and whether it has an error inside, read as its bytes pass.
//!
//! Nothing of an answer is kept but numbers: whatever an upstream sends, a reader has a fixed size, and
//! it never changes, delays or fails what passes.

mod json_reader;

use crate::answer_headers::{EVENTS, JSON, has_type};
use http::HeaderMap;
use json_reader::JsonReader;
use memchr::memchr2;

/// What an answer says about tokens. `None` where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Tokens of the prompt, cached ones included.
    pub input: Option<u64>,
    /// Tokens of the answer.
    pub output: Option<u64>,
    /// Tokens of the prompt that came from the provider's cache.
    pub cached: Option<u64>,
}

/// What reads an answer as it passes, where its type is one that says something about tokens.
pub(crate) fn reader(headers: &HeaderMap) -> Option<AnswerReader> {
    if has_type(headers, EVENTS) {
        return Some(AnswerReader::of_events());
    }
    has_type(headers, JSON).then(AnswerReader::of_document)
}

/// Reads an answer as it passes.
pub(crate) struct AnswerReader {
    json: JsonReader,
    framing: Framing,
}

#[derive(Clone, Copy)]
enum Framing {
    /// The answer is one JSON document.
    Document,
    /// The answer is a stream of events, each with a JSON document in a line of data.
    Events(Line),
}

/// Where in a line of an event stream the answer is.
#[derive(Clone, Copy)]
enum Line {
    /// In its first bytes: so many of them are those of [`DATA`].
    Start(usize),
    /// In its data.
    Data,
    /// In a line that has none.
    Other,
}

const DATA: &[u8] = b"data:";

impl AnswerReader {
    pub(crate) fn of_document() -> Self {
        Self::with(Framing::Document)
    }

    pub(crate) fn of_events() -> Self {
        Self::with(Framing::Events(Line::Start(0)))
    }

    fn with(framing: Framing) -> Self {
        Self {
            json: JsonReader::default(),
            framing,
        }
    }

    /// Reads the next bytes of the answer.
    pub(crate) fn read(&mut self, bytes: &[u8]) {
        match self.framing {
            Framing::Document => self.json.read(bytes),
            Framing::Events(line) => {
                let line = self.read_events(line, bytes);
                self.framing = Framing::Events(line);
            }
        }
    }

    fn read_events(&mut self, mut line: Line, mut bytes: &[u8]) -> Line {
        while let Some(first) = bytes.first() {
            match line {
                Line::Start(matched) if DATA.get(matched) == Some(first) => {
                    bytes = &bytes[1..];
                    line = match matched + 1 == DATA.len() {
                        true => Line::Data,
                        false => Line::Start(matched + 1),
                    };
                }
                Line::Start(0) if is_line_break(*first) => bytes = &bytes[1..],
                Line::Start(_) => line = Line::Other,
                Line::Data | Line::Other => {
                    let end = memchr2(b'\n', b'\r', bytes);
                    if matches!(line, Line::Data) {
                        self.json.read(&bytes[..end.unwrap_or(bytes.len())]);
                    }
                    let Some(end) = end else {
                        return line;
                    };
                    self.json.begin_document();
                    bytes = &bytes[end + 1..];
                    line = Line::Start(0);
                }
            }
        }
        line
    }

    /// What was said about tokens so far. Of an answer that says it more than once the last counts.
    pub(crate) fn usage(&self) -> TokenUsage {
        self.json.counts().usage()
    }

    /// Whether an error was met.
    pub(crate) fn has_error(&self) -> bool {
        self.json.has_error()
    }
}

fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

#[cfg(test)]
mod tests;
