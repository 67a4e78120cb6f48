//! The binary format of WebAssembly, as far as the build reads and writes it.

use crate::error::{Failure, Outcome};
use std::collections::BTreeMap;

pub(super) const CUSTOM: u8 = 0;
pub(super) const IMPORTS: u8 = 2;
pub(super) const EXPORTS: u8 = 7;
pub(super) const CODE: u8 = 10;
const DATA: u8 = 11;
pub(super) const FUNCTION_NAMES: u8 = 1;
const DATA_NAMES: u8 = 9;

/// How the linker names data that never changes.
const CONSTANTS: &str = ".rodata";

/// Whether a module, when it is loaded, writes to memory other than constants.
///
/// # Errors
/// If this is not a module of WebAssembly, or it has data without an address.
pub(super) fn has_state(module: &[u8]) -> Outcome<bool> {
    let find = || {
        let mut reader = Reader(module);
        reader.take(8)?;
        let (mut sizes, mut names) = (Vec::new(), BTreeMap::new());
        while !reader.0.is_empty() {
            let kind = reader.byte()?;
            let size = reader.number()?;
            let mut content = Reader(reader.take(size)?);
            match kind {
                DATA => sizes = content.data_sizes()?,
                CUSTOM if content.text()? == "name" => names = content.data_names()?,
                _ => {}
            }
        }
        let constant = |segment| names.get(&segment).is_some_and(|name| name == CONSTANTS);
        let mut sizes = sizes.into_iter().enumerate();
        Some(sizes.any(|(segment, size)| size > 0 && !constant(segment)))
    };
    find().ok_or_else(|| Failure::new("a module of the dashboard cannot be read"))
}

/// Reads the binary format.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// An unsigned number in LEB128.
    pub(super) fn number(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// The limits of a table or a memory, in the text format.
    pub(super) fn limits(&mut self) -> Option<String> {
        let flags = self.byte()?;
        let least = self.number()?;
        match flags {
            0 => Some(least.to_string()),
            1 => Some(format!("{least} {}", self.number()?)),
            _ => None,
        }
    }

    /// The sizes of the segments of a data section.
    fn data_sizes(&mut self) -> Option<Vec<usize>> {
        let mut sizes = Vec::new();
        for _ in 0..self.number()? {
            // At a constant address of the first memory: `i32.const`, the number, `end`.
            if self.take(2)? != [0, 0x41] {
                return None;
            }
            self.number()?;
            self.byte()?;
            let size = self.number()?;
            self.take(size)?;
            sizes.push(size);
        }
        Some(sizes)
    }

    /// The names of data segments, by their index, in a section of names.
    fn data_names(&mut self) -> Option<BTreeMap<usize, String>> {
        let mut names = BTreeMap::new();
        while !self.0.is_empty() {
            let kind = self.byte()?;
            let size = self.number()?;
            let mut content = Self(self.take(size)?);
            if kind == DATA_NAMES {
                for _ in 0..content.number()? {
                    let segment = content.number()?;
                    names.insert(segment, content.text()?);
                }
            }
        }
        Some(names)
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let size = self.number()?;
        String::from_utf8(self.take(size)?.to_vec()).ok()
    }
}

/// Writes an unsigned number in LEB128.
pub(super) fn number(to: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            to.push(low);
            return;
        }
        to.push(low | 0x80);
    }
}

pub(super) fn text(to: &mut Vec<u8>, text: &str) {
    number(to, text.len());
    to.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for value in [0, 1, 127, 128, 300, 1 << 20] {
            let mut bytes = Vec::new();
            number(&mut bytes, value);
            assert_eq!(Reader(&bytes).number(), Some(value));
        }
        assert_eq!(Reader(&[0x80]).number(), None);
    }

    #[test]
    fn data_that_is_no_constant_is_state() {
        let module = |sizes: [u8; 2]| {
            let mut data = vec![2];
            for size in sizes {
                data.extend([0, 0x41, 0x80, 0x80, 0xc0, 0, 0x0b, size]);
                data.extend(std::iter::repeat_n(1, usize::from(size)));
            }
            let mut names = vec![2, 0];
            text(&mut names, ".rodata");
            names.push(1);
            text(&mut names, ".data");
            let mut named = Vec::new();
            text(&mut named, "name");
            named.push(DATA_NAMES);
            number(&mut named, names.len());
            named.extend(names);
            let mut module = b"\0asm\x01\0\0\0".to_vec();
            for (kind, content) in [(DATA, data), (CUSTOM, named)] {
                module.push(kind);
                number(&mut module, content.len());
                module.extend(content);
            }
            module
        };
        assert_eq!(has_state(&module([3, 0])).ok(), Some(false));
        assert_eq!(has_state(&module([3, 1])).ok(), Some(true));
        let mut nameless = module([3, 0]);
        nameless.truncate(8 + 2 + 20);
        assert_eq!(has_state(&nameless).ok(), Some(true));
        assert!(has_state(b"\0asm").is_err());
    }
}
