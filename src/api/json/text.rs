//! Reads the pieces that JSON is made of.

use super::Invalid;

/// How deep values may be nested.
pub(super) const DEPTH: u8 = 64;

/// A text and how far it has been read.
pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) at: usize,
    pub(super) depth: u8,
    /// The last string that was read, if it had escapes.
    unescaped: String,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            unescaped: String::new(),
        }
    }

    /// The next byte, if there is one.
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The first byte of what comes next, after white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    /// Reads a byte, if it comes next.
    pub(super) fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.at += 1;
        }
        is_next
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Invalid> {
        if self.skip(byte) {
            Ok(())
        } else {
            Err(Invalid)
        }
    }

    /// Reads a word such as `null`.
    pub(super) fn word(&mut self, word: &str) -> Result<(), Invalid> {
        self.peek();
        let end = self.at + word.len();
        if self.text.as_bytes().get(self.at..end) != Some(word.as_bytes()) {
            return Err(Invalid);
        }
        self.at = end;
        Ok(())
    }

    pub(super) fn end(&mut self) -> Result<(), Invalid> {
        if self.peek().is_none() {
            Ok(())
        } else {
            Err(Invalid)
        }
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> Result<&'a str, Invalid> {
        self.text.get(start..end).ok_or(Invalid)
    }

    /// Opens an object or an array.
    pub(super) fn open(&mut self, bracket: u8) -> Result<(), Invalid> {
        self.expect(bracket)?;
        self.depth += 1;
        if self.depth > DEPTH {
            Err(Invalid)
        } else {
            Ok(())
        }
    }

    /// Goes to the next element of an object or an array. False where it ends.
    pub(super) fn next(&mut self, bracket: u8, is_first: &mut bool) -> Result<bool, Invalid> {
        if self.skip(bracket) {
            self.depth -= 1;
            return Ok(false);
        }
        if !std::mem::take(is_first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// Reads a string.
    pub(super) fn string(&mut self) -> Result<&str, Invalid> {
        self.expect(b'"')?;
        let mut start = self.at;
        let mut has_escapes = false;
        loop {
            match self.byte().ok_or(Invalid)? {
                b'"' => break,
                b'\\' => {
                    if !has_escapes {
                        self.unescaped.clear();
                        has_escapes = true;
                    }
                    let before = self.slice(start, self.at)?;
                    self.unescaped.push_str(before);
                    self.at += 1;
                    let escaped = self.escaped()?;
                    self.unescaped.push(escaped);
                    start = self.at;
                }
                0..0x20 => return Err(Invalid),
                _ => self.at += 1,
            }
        }
        let rest = self.slice(start, self.at)?;
        self.at += 1;
        if !has_escapes {
            return Ok(rest);
        }
        self.unescaped.push_str(rest);
        Ok(&self.unescaped)
    }

    /// Reads what follows a backslash.
    fn escaped(&mut self) -> Result<char, Invalid> {
        let byte = self.byte().ok_or(Invalid)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.hexadecimal()?;
                if (0xd800..0xdc00).contains(&code) {
                    self.word("\\u")?;
                    let low = self.hexadecimal()?;
                    if !(0xdc00..0xe000).contains(&low) {
                        return Err(Invalid);
                    }
                    code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                }
                char::from_u32(code).ok_or(Invalid)?
            }
            _ => return Err(Invalid),
        })
    }

    /// Reads four hexadecimal digits.
    fn hexadecimal(&mut self) -> Result<u32, Invalid> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte().ok_or(Invalid)?).to_digit(16);
            code = code << 4 | digit.ok_or(Invalid)?;
            self.at += 1;
        }
        Ok(code)
    }

    /// Reads a whole number: its amount, and whether it is negative.
    pub(super) fn number(&mut self) -> Result<(u64, bool), Invalid> {
        let is_negative = self.skip(b'-');
        let start = self.at;
        let mut amount: u64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            let digit = u64::from(digit - b'0');
            let longer = amount
                .checked_mul(10)
                .and_then(|more| more.checked_add(digit));
            amount = longer.ok_or(Invalid)?;
            self.at += 1;
        }
        let has_extra_zero = self.at > start + 1 && self.text.as_bytes()[start] == b'0';
        let has_fraction = matches!(self.byte(), Some(b'.' | b'e' | b'E'));
        if self.at == start || has_extra_zero || has_fraction {
            return Err(Invalid);
        }
        Ok((amount, is_negative))
    }

    /// Reads any value and drops it.
    pub(super) fn ignore(&mut self) -> Result<(), Invalid> {
        match self.peek().ok_or(Invalid)? {
            b'"' => self.string().map(drop),
            b'{' => {
                self.open(b'{')?;
                let mut is_first = true;
                while self.next(b'}', &mut is_first)? {
                    self.string()?;
                    self.expect(b':')?;
                    self.ignore()?;
                }
                Ok(())
            }
            b'[' => {
                self.open(b'[')?;
                let mut is_first = true;
                while self.next(b']', &mut is_first)? {
                    self.ignore()?;
                }
                Ok(())
            }
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'-' | b'0'..=b'9' => {
                // A field that this version does not know may have a fraction.
                while let Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') = self.byte() {
                    self.at += 1;
                }
                Ok(())
            }
            _ => Err(Invalid),
        }
    }
}
