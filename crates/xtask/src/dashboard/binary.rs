//! What the build reads and writes in the binary format of WebAssembly: what a module imports, and the
//! order of its functions.

use crate::error::{Failure, Outcome};

/// How many counters describe the bytes of a function. Four times as many take four times as long
/// and save a tenth of a per cent.
const COUNTERS: usize = 256;

/// How many bytes are counted together.
const GRAM: usize = 3;

/// Gives the functions of a module names by which `wasm-opt --reorder-functions-by-name` puts them
/// into an order in which brotli finds more that repeats.
///
/// The compiler makes many functions that are nearly the same: of one generic function for several
/// types, of views that look alike. Next to each other, they compress to about 3 % fewer bytes.
///
/// # Errors
/// If this is not a module of WebAssembly.
pub(super) fn with_ordered_names(module: &[u8]) -> Outcome<Vec<u8>> {
    let unreadable = || Failure::new("a module of the dashboard cannot be read");
    let (mut named, names) = ordered(module).ok_or_else(unreadable)?;
    let mut section = Vec::new();
    text(&mut section, "name");
    let mut functions = Vec::new();
    number(&mut functions, names.len());
    for (index, rank) in names {
        number(&mut functions, index);
        text(&mut functions, &format!("{rank:07}"));
    }
    section.push(FUNCTION_NAMES);
    number(&mut section, functions.len());
    section.extend(functions);
    named.push(CUSTOM);
    number(&mut named, section.len());
    named.extend(section);
    Ok(named)
}

const CUSTOM: u8 = 0;
const IMPORTS: u8 = 2;
const CODE: u8 = 10;
const FUNCTION_NAMES: u8 = 1;

/// Functions by their index, each with its place in the order.
type Ranks = Vec<(usize, usize)>;

/// The module without its custom sections, and for each of its functions, by index, its place.
fn ordered(module: &[u8]) -> Option<(Vec<u8>, Ranks)> {
    let mut reader = Reader(module);
    let mut kept = reader.take(8)?.to_vec();
    let mut imported = 0;
    let mut functions = Vec::new();
    while !reader.0.is_empty() {
        let kind = reader.byte()?;
        let size = reader.number()?;
        let content = reader.take(size)?;
        match kind {
            CUSTOM => continue,
            IMPORTS => {
                let imports = read_imports(Reader(content))?;
                imported = imports.iter().filter(|one| one.kind == FUNCTION).count();
            }
            CODE => {
                let mut code = Reader(content);
                for _ in 0..code.number()? {
                    let size = code.number()?;
                    functions.push(code.take(size)?);
                }
            }
            _ => {}
        }
        kept.push(kind);
        number(&mut kept, content.len());
        kept.extend(content);
    }
    let mut names: Vec<(usize, usize)> = chain(&functions)
        .into_iter()
        .enumerate()
        .map(|(rank, function)| (imported + function, rank))
        .collect();
    names.sort_unstable();
    Some((kept, names))
}

/// What a module imports.
#[derive(Debug, PartialEq)]
pub(super) struct Import {
    /// The module that it is imported from.
    pub(super) from: String,
    pub(super) name: String,
    /// `memory`, `table`, `global`, or [`FUNCTION`].
    pub(super) kind: &'static str,
    /// Its type in the text format: `19` for a memory of 19 pages; empty for a function.
    pub(super) description: String,
}

const FUNCTION: &str = "func";

/// What a module imports.
///
/// # Errors
/// If this is not a module of WebAssembly, or it imports something that the dashboard never does.
pub(super) fn imports(module: &[u8]) -> Outcome<Vec<Import>> {
    let find = || {
        let mut reader = Reader(module);
        reader.take(8)?;
        while !reader.0.is_empty() {
            let kind = reader.byte()?;
            let size = reader.number()?;
            let content = reader.take(size)?;
            if kind == IMPORTS {
                return read_imports(Reader(content));
            }
        }
        Some(Vec::new())
    };
    find().ok_or_else(|| Failure::new("a module of the dashboard cannot be read"))
}

fn read_imports(mut section: Reader<'_>) -> Option<Vec<Import>> {
    let mut imports = Vec::new();
    for _ in 0..section.number()? {
        let (from, name) = (section.text()?, section.text()?);
        let (kind, description) = match section.byte()? {
            0 => {
                section.number()?;
                (FUNCTION, String::new())
            }
            // Function references.
            1 if section.byte()? == 0x70 => ("table", format!("{} funcref", section.limits()?)),
            2 => ("memory", section.limits()?),
            // A variable of 32 bits.
            3 if section.take(2)? == [0x7f, 1] => ("global", "(mut i32)".to_owned()),
            _ => return None,
        };
        imports.push(Import {
            from,
            name,
            kind,
            description,
        });
    }
    Some(imports)
}

/// An order in which each function follows the one that it resembles most, of those that are left.
fn chain(functions: &[&[u8]]) -> Vec<usize> {
    let profiles: Vec<Vec<f32>> = functions.iter().map(|body| profile(body)).collect();
    let mut left: Vec<usize> = (0..functions.len()).collect();
    let mut order = Vec::with_capacity(functions.len());
    let mut next = 0;
    while !left.is_empty() {
        let current = left.swap_remove(next);
        order.push(current);
        let likeness = |other: usize| -> f32 {
            std::iter::zip(&profiles[current], &profiles[other])
                .map(|(one, other)| one * other)
                .sum()
        };
        let likenesses = left.iter().map(|other| likeness(*other)).enumerate();
        // The first of equals, so that the same input gives the same order.
        next = likenesses
            .fold(
                (0, f32::MIN),
                |best, one| if one.1 > best.1 { one } else { best },
            )
            .0;
    }
    order
}

/// How often which bytes follow each other in a function, as a vector of length one.
fn profile(body: &[u8]) -> Vec<f32> {
    let mut counters = vec![0_f32; COUNTERS];
    for bytes in body.windows(GRAM) {
        let hash = bytes.iter().fold(2_166_136_261_u32, |hash, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(16_777_619)
        });
        counters[hash as usize % COUNTERS] += 1.0;
    }
    for counter in &mut counters {
        // Long runs of one kind must not hide the rest.
        *counter = counter.sqrt();
    }
    let length = counters.iter().map(|one| one * one).sum::<f32>().sqrt();
    if length > 0.0 {
        for counter in &mut counters {
            *counter /= length;
        }
    }
    counters
}

/// Reads the binary format.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// An unsigned number in LEB128.
    fn number(&mut self) -> Option<usize> {
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
    fn limits(&mut self) -> Option<String> {
        let flags = self.byte()?;
        let least = self.number()?;
        match flags {
            0 => Some(least.to_string()),
            1 => Some(format!("{least} {}", self.number()?)),
            _ => None,
        }
    }

    fn text(&mut self) -> Option<String> {
        let size = self.number()?;
        String::from_utf8(self.take(size)?.to_vec()).ok()
    }
}

/// Writes an unsigned number in LEB128.
fn number(to: &mut Vec<u8>, mut value: usize) {
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

fn text(to: &mut Vec<u8>, text: &str) {
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
    fn what_is_alike_is_put_together() {
        let functions: [&[u8]; 4] = [b"aaaabbbbcccc", b"12345678", b"aaaabbbbcccd", b"12345679"];
        let order = chain(&functions);
        assert_eq!(order, [0, 2, 3, 1]);
    }

    #[test]
    fn every_function_gets_a_name_behind_those_that_are_imported() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        // A type, an imported function `m.f` and a function with no code but its end.
        module.extend([1, 4, 1, 0x60, 0, 0]);
        module.extend([IMPORTS, 7, 1, 1, b'm', 1, b'f', 0, 0]);
        module.extend([3, 2, 1, 0]);
        module.extend([CODE, 4, 1, 2, 0, 0x0b]);
        let named = with_ordered_names(&module).expect("it is a module");
        let added = named
            .strip_prefix(module.as_slice())
            .expect("the rest is kept");
        assert_eq!(added, b"\0\x11\x04name\x01\x0a\x01\x01\x070000000");
        assert!(with_ordered_names(b"\0asm").is_err());
    }

    #[test]
    fn imports_are_read_with_their_types() {
        let mut section = vec![3];
        for (name, kind) in [
            ("m", &[2, 0, 19][..]),
            ("t", &[1, 0x70, 1, 5, 9]),
            ("g", &[3, 0x7f, 1]),
        ] {
            text(&mut section, "main");
            text(&mut section, name);
            section.extend(kind);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.push(IMPORTS);
        number(&mut module, section.len());
        module.extend(section);
        let read = imports(&module).expect("it is a module");
        let read: Vec<(&str, &str, &str)> = read
            .iter()
            .map(|import| {
                (
                    import.name.as_str(),
                    import.kind,
                    import.description.as_str(),
                )
            })
            .collect();
        assert_eq!(
            read,
            [
                ("m", "memory", "19"),
                ("t", "table", "5 9 funcref"),
                ("g", "global", "(mut i32)")
            ]
        );
    }
}
