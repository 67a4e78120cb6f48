//! Reads a request's body strictly and finds its `model`.
//!
//! It depends on nothing of this crate, so that the fuzz target reads the same file.

use memchr::memchr2;
use std::ops::Range;
use waypost_routing::body_routing::BODY_ROUTING_FIELDS;

/// How deep arrays and objects may be nested, the body's own object included.
pub(crate) const MAX_DEPTH: usize = 128;

/// The `model` of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelField {
    /// The bytes of its value, quotation marks included.
    pub(crate) span: Range<usize>,
    /// What the value says.
    pub(crate) model: String,
    /// Whether the body has a field that a gateway may route by.
    pub(crate) may_reroute: bool,
}

/// What is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Syntax { at: usize },
    TooDeep { at: usize },
    MissingModel,
    ModelIsNoString,
    DuplicateModel,
}

/// Finds the field.
///
/// # Errors
/// What is wrong with the body, if it is UTF-8 at all.
pub(crate) fn read(text: &str) -> Result<ModelField, Fault> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
    };
    reader.body()
}

/// What a key of the body names.
enum Named {
    /// `model`: exactly, or but for its case.
    Model {
        is_exact: bool,
    },
    /// A field that a gateway may route by.
    Routing,
    Other,
}

impl Named {
    fn of(name: &[u8]) -> Self {
        if name.eq_ignore_ascii_case(b"model") {
            return Self::Model {
                is_exact: name == b"model",
            };
        }
        let mut fields = BODY_ROUTING_FIELDS.iter();
        // Some JSON readers do not look at the case of a name.
        match fields.any(|field| name.eq_ignore_ascii_case(field.as_bytes())) {
            true => Self::Routing,
            false => Self::Other,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

type Read<T> = Result<T, Fault>;

impl Reader<'_> {
    fn body(&mut self) -> Read<ModelField> {
        self.space();
        self.expect(b'{')?;
        self.depth = 1;
        let mut found: Option<Read<ModelField>> = None;
        let mut is_duplicate = false;
        let mut may_reroute = false;
        self.space();
        if !self.takes(b'}') {
            loop {
                self.space();
                let key = self.string()?;
                let named = self.named(&key)?;
                self.space();
                self.expect(b':')?;
                self.space();
                let start = self.at;
                let is_string = self.peek() == Some(b'"');
                self.value()?;
                match named {
                    Named::Other => {}
                    Named::Routing => may_reroute = true,
                    Named::Model { is_exact } => {
                        is_duplicate |= found.is_some() || !is_exact;
                        found = Some(match is_string {
                            true => self.model(start..self.at),
                            false => Err(Fault::ModelIsNoString),
                        });
                    }
                }
                self.space();
                if !self.takes(b',') {
                    break;
                }
            }
            self.expect(b'}')?;
        }
        self.space();
        if self.at < self.bytes.len() {
            return Err(self.syntax());
        }
        if is_duplicate {
            return Err(Fault::DuplicateModel);
        }
        let field = found.unwrap_or(Err(Fault::MissingModel))?;
        Ok(ModelField {
            may_reroute,
            ..field
        })
    }

    fn model(&self, span: Range<usize>) -> Read<ModelField> {
        let model = self.unescaped(&span)?;
        Ok(ModelField {
            span,
            model,
            may_reroute: false,
        })
    }

    /// What a string says, given with its quotation marks.
    fn unescaped(&self, span: &Range<usize>) -> Read<String> {
        // Half of a surrogate pair is no text.
        let syntax = |_| Fault::Syntax { at: span.start };
        serde_json::from_str(&self.text[span.clone()]).map_err(syntax)
    }

    /// What a key of the body names.
    fn named(&self, key: &Range<usize>) -> Read<Named> {
        let raw = &self.bytes[key.start + 1..key.end - 1];
        if !raw.contains(&b'\\') {
            return Ok(Named::of(raw));
        }
        // A key with half of a surrogate pair is another key, whatever else it says.
        let name = self.unescaped(key);
        Ok(name.map_or(Named::Other, |name| Named::of(name.as_bytes())))
    }

    fn syntax(&self) -> Fault {
        Fault::Syntax { at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let takes = self.peek() == Some(byte);
        self.at += usize::from(takes);
        takes
    }

    fn expect(&mut self, byte: u8) -> Read<()> {
        match self.takes(byte) {
            true => Ok(()),
            false => Err(self.syntax()),
        }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Read<()> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.syntax()),
        }
    }

    fn enter(&mut self) -> Read<()> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::TooDeep { at: self.at });
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        Ok(())
    }

    fn object(&mut self) -> Read<()> {
        self.enter()?;
        if !self.takes(b'}') {
            loop {
                self.space();
                self.string()?;
                self.space();
                self.expect(b':')?;
                self.space();
                self.value()?;
                self.space();
                if !self.takes(b',') {
                    break;
                }
            }
            self.expect(b'}')?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn array(&mut self) -> Read<()> {
        self.enter()?;
        if !self.takes(b']') {
            loop {
                self.space();
                self.value()?;
                self.space();
                if !self.takes(b',') {
                    break;
                }
            }
            self.expect(b']')?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Read<()> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.syntax());
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Read<()> {
        self.takes(b'-');
        if !self.takes(b'0') {
            self.digits()?;
        }
        if self.takes(b'.') {
            self.digits()?;
        }
        if self.takes(b'e') || self.takes(b'E') {
            let _ = self.takes(b'+') || self.takes(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        match self.at > start {
            true => Ok(()),
            false => Err(self.syntax()),
        }
    }

    /// Reads a string and returns where it is, quotation marks included.
    fn string(&mut self) -> Read<Range<usize>> {
        let start = self.at;
        self.expect(b'"')?;
        loop {
            let rest = &self.bytes[self.at..];
            let Some(length) = memchr2(b'"', b'\\', rest) else {
                self.at = self.bytes.len();
                return Err(self.syntax());
            };
            // Without an early end the compiler compares many bytes at once.
            let has_control = rest[..length]
                .iter()
                .fold(false, |found, byte| found | (*byte < 0x20));
            if has_control {
                let of_control = rest.iter().position(|byte| *byte < 0x20);
                self.at += of_control.unwrap_or(0);
                return Err(self.syntax());
            }
            self.at += length;
            if self.takes(b'"') {
                return Ok(start..self.at);
            }
            self.escape()?;
        }
    }

    fn escape(&mut self) -> Read<()> {
        self.expect(b'\\')?;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    match self.peek() {
                        Some(byte) if byte.is_ascii_hexdigit() => self.at += 1,
                        _ => return Err(self.syntax()),
                    }
                }
                Ok(())
            }
            _ => Err(self.syntax()),
        }
    }
}
