//! Finds counts of tokens and errors in a JSON document that arrives in pieces.
//!
//! It knows how deep it is and, near the top, which keys led there. So a prompt or an answer that
//! contains `"usage"` is not mistaken for what the API says: such text is a string, or lies elsewhere.

use super::TokenUsage;
use memchr::memchr2;

/// How many levels are distinguished: `{"response": {"usage": {"input_tokens_details": {…}}}}`.
const LEVELS: usize = 4;

/// The longest key that has a meaning is shorter.
const KEY_BYTES: usize = 32;

/// The reader. Its size is fixed.
#[derive(Default)]
pub(super) struct JsonReader {
    /// How many objects and lists are open.
    depth: usize,
    /// For each of the outer levels, the key that its object is at; `None` for a list.
    path: [Option<Key>; LEVELS],
    /// A key comes next, or the end of the object.
    expects_key: bool,
    token: Token,
    counts: Counts,
    has_error: bool,
}

/// The token that the bytes are in the middle of.
#[derive(Default)]
enum Token {
    #[default]
    None,
    Key {
        text: [u8; KEY_BYTES],
        length: usize,
        escaped: bool,
    },
    Text {
        /// It is the value of an error.
        is_error: bool,
        escaped: bool,
    },
    Number {
        value: u64,
        /// It has no sign, fraction or exponent.
        is_whole: bool,
    },
}

/// The keys that have a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Usage,
    /// What contains the usage in events: OpenAI's `response`, Anthropic's `message`, Groq's `x_groq`.
    Parent,
    Error,
    PromptTokens,
    InputTokens,
    CompletionTokens,
    OutputTokens,
    Details,
    CachedTokens,
    CacheRead,
    CacheCreation,
    CacheHit,
    Other,
}

impl Key {
    fn of(text: &[u8]) -> Self {
        match text {
            b"usage" => Self::Usage,
            b"response" | b"message" | b"x_groq" => Self::Parent,
            b"error" => Self::Error,
            b"prompt_tokens" => Self::PromptTokens,
            b"input_tokens" => Self::InputTokens,
            b"completion_tokens" => Self::CompletionTokens,
            b"output_tokens" => Self::OutputTokens,
            b"prompt_tokens_details" | b"input_tokens_details" => Self::Details,
            b"cached_tokens" => Self::CachedTokens,
            b"cache_read_input_tokens" => Self::CacheRead,
            b"cache_creation_input_tokens" => Self::CacheCreation,
            b"prompt_cache_hit_tokens" => Self::CacheHit,
            _ => Self::Other,
        }
    }
}

/// The counts, as each API names them.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    prompt: Option<u64>,
    input: Option<u64>,
    completion: Option<u64>,
    output: Option<u64>,
    cached: Option<u64>,
    cache_read: Option<u64>,
    cache_creation: Option<u64>,
    cache_hit: Option<u64>,
}

impl Counts {
    pub(super) fn usage(&self) -> TokenUsage {
        // Anthropic counts cached tokens apart, OpenAI among the others.
        let apart = match self.cached {
            Some(_) => 0,
            None => {
                let parts = [self.cache_read, self.cache_creation].map(Option::unwrap_or_default);
                parts[0].saturating_add(parts[1])
            }
        };
        let input = self.input.map(|input| input.saturating_add(apart));
        TokenUsage {
            input: self.prompt.or(input),
            output: self.completion.or(self.output),
            cached: self.cached.or(self.cache_read).or(self.cache_hit),
        }
    }
}

impl JsonReader {
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(super) fn has_error(&self) -> bool {
        self.has_error
    }

    /// Another document follows. What was found stays.
    pub(super) fn begin_document(&mut self) {
        self.end_number();
        self.depth = 0;
        self.expects_key = false;
        self.token = Token::None;
    }

    pub(super) fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match &mut self.token {
                Token::None => {
                    self.read_structure(bytes[0]);
                    &bytes[1..]
                }
                Token::Number { value, is_whole } => match bytes[0] {
                    digit @ b'0'..=b'9' => {
                        *value = value
                            .saturating_mul(10)
                            .saturating_add(u64::from(digit - b'0'));
                        &bytes[1..]
                    }
                    b'.' | b'e' | b'E' | b'+' | b'-' => {
                        *is_whole = false;
                        &bytes[1..]
                    }
                    _ => {
                        self.end_number();
                        bytes
                    }
                },
                Token::Key { .. } | Token::Text { .. } => self.read_string(bytes),
            };
        }
    }

    /// Reads on in a string; returns what follows what was read.
    fn read_string<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let escaped = match &mut self.token {
            Token::Key {
                escaped, length, ..
            } => {
                // A key with an escape has no meaning here.
                *length = if *escaped { KEY_BYTES + 1 } else { *length };
                escaped
            }
            Token::Text { escaped, .. } => escaped,
            Token::None | Token::Number { .. } => return bytes,
        };
        if std::mem::take(escaped) {
            self.note_text(&bytes[..1]);
            return &bytes[1..];
        }
        let end = memchr2(b'"', b'\\', bytes);
        let (text, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        self.note_text(text);
        match rest.first() {
            None => rest,
            Some(b'"') => {
                self.end_string();
                &rest[1..]
            }
            Some(_) => {
                if let Token::Key { escaped, .. } | Token::Text { escaped, .. } = &mut self.token {
                    *escaped = true;
                }
                &rest[1..]
            }
        }
    }

    fn note_text(&mut self, more: &[u8]) {
        match &mut self.token {
            Token::Key { text, length, .. } => {
                let end = length.saturating_add(more.len());
                if let Some(free) = text.get_mut(*length..end) {
                    free.copy_from_slice(more);
                }
                *length = end.min(KEY_BYTES + 1);
            }
            // An empty text is no error.
            Token::Text { is_error, .. } => self.has_error |= *is_error && !more.is_empty(),
            Token::None | Token::Number { .. } => {}
        }
    }

    fn end_string(&mut self) {
        if let Token::Key { text, length, .. } = &self.token {
            let key = text.get(..*length).map_or(Key::Other, Key::of);
            if let Some(place) = self
                .depth
                .checked_sub(1)
                .and_then(|at| self.path.get_mut(at))
            {
                *place = Some(key);
            }
            self.expects_key = false;
        }
        self.token = Token::None;
    }

    fn read_structure(&mut self, byte: u8) {
        match byte {
            b'"' if self.expects_key => {
                self.token = Token::Key {
                    text: [0; KEY_BYTES],
                    length: 0,
                    escaped: false,
                };
            }
            b'"' => {
                self.token = Token::Text {
                    is_error: self.is_at_error(),
                    escaped: false,
                };
            }
            b'{' => {
                self.has_error |= self.is_at_error();
                self.enter(Some(Key::Other));
            }
            b'[' => self.enter(None),
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.expects_key = false;
            }
            b',' => self.expects_key = self.is_in_object(),
            b'0'..=b'9' | b'-' => {
                self.token = Token::Number {
                    value: u64::from(byte.saturating_sub(b'0')),
                    is_whole: byte != b'-',
                };
            }
            _ => {}
        }
    }

    fn enter(&mut self, key: Option<Key>) {
        if let Some(place) = self.path.get_mut(self.depth) {
            *place = key;
        }
        self.depth = self.depth.saturating_add(1);
        self.expects_key = self.is_in_object();
    }

    /// Whether the innermost level is an object whose keys are looked at.
    fn is_in_object(&self) -> bool {
        let place = self.depth.checked_sub(1).and_then(|at| self.path.get(at));
        place.is_some_and(Option::is_some)
    }

    /// The keys that lead to the value that is read; `None` if one of them is in a list, or it is too
    /// deep.
    fn keys(&self) -> Option<([Key; LEVELS], usize)> {
        let mut keys = [Key::Other; LEVELS];
        for (place, key) in keys.iter_mut().zip(self.path.get(..self.depth)?) {
            *place = (*key)?;
        }
        Some((keys, self.depth))
    }

    fn is_at_error(&self) -> bool {
        self.keys().is_some_and(|(keys, length)| {
            matches!(keys[..length], [Key::Error] | [Key::Parent, Key::Error])
        })
    }

    fn end_number(&mut self) {
        let Token::Number { value, is_whole } = std::mem::take(&mut self.token) else {
            return;
        };
        let Some((keys, length)) = self.keys().filter(|_| is_whole) else {
            return;
        };
        let counts = &mut self.counts;
        let place = match keys[..length] {
            [Key::Usage, name] | [Key::Parent, Key::Usage, name] => match name {
                Key::PromptTokens => &mut counts.prompt,
                Key::InputTokens => &mut counts.input,
                Key::CompletionTokens => &mut counts.completion,
                Key::OutputTokens => &mut counts.output,
                Key::CacheRead => &mut counts.cache_read,
                Key::CacheCreation => &mut counts.cache_creation,
                Key::CacheHit => &mut counts.cache_hit,
                _ => return,
            },
            [Key::Usage, Key::Details, Key::CachedTokens]
            | [Key::Parent, Key::Usage, Key::Details, Key::CachedTokens] => &mut counts.cached,
            _ => return,
        };
        *place = Some(value);
    }
}
