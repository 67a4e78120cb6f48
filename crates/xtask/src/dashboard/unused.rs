//! Removes the classes for streams that the dashboard's packages export to the browser: nothing here
//! makes one, and an export is kept with all that it needs.

use super::binary::{EXPORTS, Reader, number, text};
use crate::error::{Failure, Outcome};

/// Their names in the glue. The module has functions with these in lower case.
const CLASSES: [&str; 3] = [
    "IntoUnderlyingByteSource",
    "IntoUnderlyingSink",
    "IntoUnderlyingSource",
];

/// The glue without the classes.
pub(super) fn glue(script: &str) -> String {
    let mut kept = String::with_capacity(script.len());
    // What ends the statement that is left out.
    let mut until: Option<&str> = None;
    for line in script.lines() {
        if let Some(end) = until {
            if line.ends_with(end) && (end == ";" || line.len() == end.len()) {
                until = None;
            }
            continue;
        }
        let begins = |before: &str, after: &str| {
            let mut classes = CLASSES.iter();
            let rest = line.strip_prefix(before);
            rest.is_some_and(|rest| {
                classes.any(|class| {
                    let rest = rest.strip_prefix(class);
                    rest.is_some_and(|rest| rest.starts_with(after))
                })
            })
        };
        if begins("export class ", " {") {
            until = Some("}");
        } else if begins("const ", "Finalization = ") {
            until = Some(";");
        } else if !begins("if (Symbol.dispose) ", ".") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// A module without the functions of the classes, given the glue that no longer calls them.
///
/// # Errors
/// If this is not a module of WebAssembly, or the glue calls one of the functions.
pub(super) fn module(module: &[u8], glue: &str) -> Outcome<Vec<u8>> {
    let classes = CLASSES.map(str::to_lowercase);
    let is_unused = |name: &str| classes.iter().any(|class| name.contains(class));
    if is_unused(glue) {
        return Err(Failure::new(
            "the glue of the dashboard uses a class of streams",
        ));
    }
    without_exports(module, is_unused)
        .ok_or_else(|| Failure::new("a module of the dashboard cannot be read"))
}

fn without_exports(module: &[u8], is_unused: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    let mut reader = Reader(module);
    let mut written = reader.take(8)?.to_vec();
    while !reader.0.is_empty() {
        let kind = reader.byte()?;
        let size = reader.number()?;
        let mut content = reader.take(size)?.to_vec();
        if kind == EXPORTS {
            let mut section = Reader(&content);
            let mut kept = Vec::new();
            for _ in 0..section.number()? {
                let export = (section.text()?, section.byte()?, section.number()?);
                if !is_unused(&export.0) {
                    kept.push(export);
                }
            }
            content = Vec::new();
            number(&mut content, kept.len());
            for (name, what, index) in kept {
                text(&mut content, &name);
                content.push(what);
                number(&mut content, index);
            }
        }
        written.push(kind);
        number(&mut written, content.len());
        written.extend(content);
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classes_of_streams_leave_the_glue() {
        let script = "let wasm;\n\
            export class IntoUnderlyingSink {\n    free() {\n        wasm.__wbg_intounderlyingsink_free();\n    }\n}\n\
            if (Symbol.dispose) IntoUnderlyingSink.prototype[Symbol.dispose] = 1;\n\
            export class Other {\n}\n\
            const IntoUnderlyingSinkFinalization = (typeof F === 'undefined')\n    ? {}\n    : new F(1);\n\
            const other = 2;\n";
        assert_eq!(
            glue(script),
            "let wasm;\nexport class Other {\n}\nconst other = 2;\n"
        );
    }

    #[test]
    fn their_functions_leave_the_module() {
        let names = ["memory", "__wbg_intounderlyingsource_free", "main"];
        let mut section = vec![3];
        for (index, name) in names.iter().enumerate() {
            text(&mut section, name);
            section.push(0);
            number(&mut section, index);
        }
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.push(EXPORTS);
        number(&mut bytes, section.len());
        bytes.extend(section);
        let short = module(&bytes, "").expect("it is a module");
        let names = short.escape_ascii().to_string();
        assert!(
            names.contains("memory") && names.contains("main"),
            "{names}"
        );
        assert!(!names.contains("underlying"), "{names}");
        assert!(module(&bytes, "wasm.intounderlyingsource_pull()").is_err());
        assert!(module(b"\0asm", "").is_err());
    }
}
