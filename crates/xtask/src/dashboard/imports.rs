//! What a module imports, and shorter names for it.

use super::binary::{IMPORTS, Reader, number, text};
use crate::error::{Failure, Outcome};

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
                return read(Reader(content));
            }
        }
        Some(Vec::new())
    };
    find().ok_or_else(|| Failure::new("a module of the dashboard cannot be read"))
}

/// How many functions a section of imports has.
pub(super) fn functions(section: &[u8]) -> Option<usize> {
    let imports = read(Reader(section))?;
    Some(imports.iter().filter(|one| one.kind == FUNCTION).count())
}

fn read(mut section: Reader<'_>) -> Option<Vec<Import>> {
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

/// A module whose imports from one place have short names, and these names in their order, each with
/// the one that it replaces.
type Shortened = (Vec<u8>, Vec<(String, String)>);

/// Gives what a module imports from one place short names. Those of wasm-bindgen have a digest each,
/// which no compression shortens; they would be in the module and in the script.
///
/// # Errors
/// If this is not a module of WebAssembly, or it imports anything but functions.
pub(super) fn shortened(module: &[u8], from: &str) -> Outcome<Shortened> {
    let shorten = || {
        let mut reader = Reader(module);
        let mut written = reader.take(8)?.to_vec();
        let mut names = Vec::new();
        while !reader.0.is_empty() {
            let kind = reader.byte()?;
            let size = reader.number()?;
            let mut content = reader.take(size)?.to_vec();
            if kind == IMPORTS {
                content = renamed(Reader(&content), from, &mut names)?;
            }
            written.push(kind);
            number(&mut written, content.len());
            written.extend(content);
        }
        Some((written, names))
    };
    shorten().ok_or_else(|| Failure::new("a module of the dashboard cannot be read"))
}

/// A section of imports with short names.
fn renamed(
    mut section: Reader<'_>,
    from: &str,
    names: &mut Vec<(String, String)>,
) -> Option<Vec<u8>> {
    let mut written = Vec::new();
    let count = section.number()?;
    number(&mut written, count);
    for _ in 0..count {
        let (place, name) = (section.text()?, section.text()?);
        if section.byte()? != 0 {
            return None;
        }
        let function_type = section.number()?;
        text(&mut written, &place);
        if place == from {
            let short = format!("_{:x}", names.len());
            text(&mut written, &short);
            names.push((name, short));
        } else {
            text(&mut written, &name);
        }
        written.push(0);
        number(&mut written, function_type);
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that only imports.
    fn module(section: Vec<u8>) -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.push(IMPORTS);
        number(&mut module, section.len());
        module.extend(section);
        module
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
        let read = imports(&module(section)).expect("it is a module");
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

    #[test]
    fn functions_of_one_place_get_short_names() {
        let mut section = vec![3];
        for (place, name, kind) in [
            ("js", "first_1f", 5),
            ("parts", "load", 6),
            ("js", "next_2e", 7),
        ] {
            text(&mut section, place);
            text(&mut section, name);
            section.extend([0, kind]);
        }
        let (short, names) = shortened(&module(section), "js").expect("it is a module");
        let pairs = [("first_1f", "_0"), ("next_2e", "_1")];
        let pairs = pairs.map(|(name, short)| (name.to_owned(), short.to_owned()));
        assert_eq!(names, pairs);
        let read = imports(&short).expect("it is a module");
        let read: Vec<&str> = read.iter().map(|import| import.name.as_str()).collect();
        assert_eq!(read, ["_0", "load", "_1"]);
        let memory = module(vec![1, 1, b'm', 1, b'm', 2, 0, 19]);
        assert!(shortened(&memory, "js").is_err());
    }
}
