//! The chunks that the dashboard is cut into, and the modules that they are merged to.
//!
//! wasm-split-cli makes a chunk for every combination of parts that share code: nine parts once gave
//! fifty chunks, and as many requests for one page. Merged, each part has its own module, and most
//! parts load [`SHARED`] too. The chunks export nothing and reach each other through the function
//! table of the main module, so any of them can be in any module, and in several: what is loaded last
//! fills the same slots of the table with the same functions.

use super::binary;
use crate::error::{Context, Outcome};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The module of what many parts need.
pub(super) const SHARED: &str = "shared";

/// How many parts have to need a chunk before it is in [`SHARED`]. With fewer, each of them has a copy:
/// the first visit to a page would load what other pages need. With 5, that is 35,000 bytes more for
/// most pages; with 7, each part repeats half of the shared module.
const MANY: usize = 6;

/// A part that needs less than one part in this many of [`SHARED`] has a copy of that instead.
const LITTLE: usize = 4;

/// A piece that was cut out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chunk {
    /// Its file.
    pub(super) file: String,
    /// The parts that need it.
    parts: Vec<String>,
    /// Whether it writes to memory that changes later. Loaded a second time, it would reset that.
    has_state: bool,
    /// Its size in bytes.
    size: usize,
}

impl Chunk {
    /// Reads from the script of wasm-split-cli which parts need which file.
    pub(super) fn all(script: &str, cut: &Path) -> Outcome<Vec<Self>> {
        let mut chunks = Vec::new();
        let mut add = |file: String, parts| -> Outcome {
            let path = cut.join(&file);
            // A part whose code is all shared has no file.
            if path.is_file() {
                let module =
                    fs::read(&path).context(format_args!("cannot read {}", path.display()))?;
                chunks.push(Self {
                    file,
                    parts,
                    has_state: binary::has_state(&module)?,
                    size: module.len(),
                });
            }
            Ok(())
        };
        let mut needed_by: Vec<String> = Vec::new();
        for line in script.lines() {
            let comment = line
                .strip_prefix("/* ")
                .and_then(|line| line.strip_suffix(" */"));
            let word_after = |prefix| {
                line.strip_prefix(prefix)
                    .and_then(|rest| rest.split(' ').next())
            };
            if let Some(parts) = comment {
                needed_by = parts.split(", ").map(str::to_owned).collect();
            } else if let Some(number) = word_after("const __chunk_") {
                add(
                    format!("chunk_{number}.wasm"),
                    std::mem::take(&mut needed_by),
                )?;
            } else if let Some(part) = word_after("export const __wasm_split_load_") {
                add(format!("split_{part}.wasm"), vec![part.to_owned()])?;
            }
        }
        Ok(chunks)
    }

    fn is_needed_by(&self, part: &str) -> bool {
        self.parts.iter().any(|needing| needing == part)
    }

    /// Whether it is part of [`SHARED`].
    fn is_shared(&self) -> bool {
        match self.parts.len() {
            0 | 1 => false,
            number => number >= MANY || self.has_state,
        }
    }
}

/// What is merged into one module.
#[derive(Debug, PartialEq)]
pub(super) struct Module<'a> {
    pub(super) name: &'a str,
    pub(super) chunks: Vec<&'a Chunk>,
    /// The parts that load it.
    pub(super) parts: BTreeSet<&'a str>,
}

/// The modules: one of each part, with what it needs, and the shared one.
pub(super) fn group(chunks: &[Chunk]) -> Vec<Module<'_>> {
    let shared: Vec<&Chunk> = chunks.iter().filter(|chunk| chunk.is_shared()).collect();
    let whole: usize = shared.iter().map(|chunk| chunk.size).sum();
    let parts: BTreeSet<&str> = chunks
        .iter()
        .flat_map(|chunk| &chunk.parts)
        .map(String::as_str)
        .collect();
    let mut sharing = BTreeSet::new();
    let mut modules = Vec::new();
    for part in parts {
        let needed = shared.iter().filter(|chunk| chunk.is_needed_by(part));
        let size: usize = needed.clone().map(|chunk| chunk.size).sum();
        let shares = size * LITTLE > whole || needed.clone().any(|chunk| chunk.has_state);
        if shares {
            sharing.insert(part);
        }
        let own = chunks
            .iter()
            .filter(|chunk| chunk.is_needed_by(part) && !(shares && chunk.is_shared()));
        modules.push(Module {
            name: part,
            chunks: own.collect(),
            parts: BTreeSet::from([part]),
        });
    }
    modules.push(Module {
        name: SHARED,
        chunks: shared,
        parts: sharing,
    });
    modules.retain(|module| !module.chunks.is_empty());
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(file: &str, parts: &[&str]) -> Chunk {
        Chunk {
            file: file.to_owned(),
            parts: parts.iter().map(|part| (*part).to_owned()).collect(),
            has_state: false,
            size: 8,
        }
    }

    #[test]
    fn the_script_says_which_parts_need_a_chunk() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        for file in ["chunk_7.wasm", "split_agents.wasm"] {
            fs::write(folder.path().join(file), b"\0asm\x01\0\0\0").expect("it is writable");
        }
        let script = "/* agents, dialogs */\nconst __chunk_7 = makeLoad(() => {\n}, []);\n\
            export const __wasm_split_load_dialogs = wrapAsyncCb(makeLoad(() => async (_imp) => ({}), [__chunk_7]));\n\
            export const __wasm_split_load_agents = wrapAsyncCb(makeLoad(() => {\n";
        assert_eq!(
            Chunk::all(script, folder.path()).expect("the files are modules"),
            [
                chunk("chunk_7.wasm", &["agents", "dialogs"]),
                chunk("split_agents.wasm", &["agents"]),
            ]
        );
    }

    #[test]
    fn a_part_needs_its_own_module_and_the_shared_one_at_most() {
        let many = [
            "agents", "batch", "catalog", "dialogs", "preview", "settings",
        ];
        let mut chunks = [
            chunk("0", &["agents"]),
            chunk("1", &["agents", "batch"]),
            chunk("2", &many),
            chunk("3", &["batch", "dialogs"]),
        ];
        chunks[3].has_state = true;
        let modules = group(&chunks);
        let files = |name: &str| -> Vec<&str> {
            let module = modules.iter().find(|module| module.name == name);
            let chunks = &module.expect("there is one").chunks;
            chunks.iter().map(|chunk| chunk.file.as_str()).collect()
        };
        assert_eq!(files("agents"), ["0", "1"]);
        assert_eq!(files("batch"), ["1"]);
        assert_eq!(files(SHARED), ["2", "3"]);
        assert_eq!(modules.len(), 3);
        assert_eq!(modules[1].parts, ["batch"].into());
        assert_eq!(modules[2].parts, many.into());
    }

    #[test]
    fn a_part_that_shares_little_has_a_copy() {
        let many = [
            "agents", "batch", "catalog", "dialogs", "preview", "settings",
        ];
        let with_activity = [
            "activity", "agents", "batch", "catalog", "dialogs", "settings",
        ];
        let mut chunks = [chunk("0", &many), chunk("1", &with_activity)];
        chunks[0].size = 100;
        chunks[1].size = 10;
        let modules = group(&chunks);
        assert_eq!(modules[0].name, "activity");
        assert_eq!(modules[0].chunks, [&chunks[1]]);
        assert_eq!(modules[1].name, SHARED);
        assert_eq!(modules[1].parts, many.into());
        chunks[1].has_state = true;
        let modules = group(&chunks);
        assert_eq!(modules.len(), 1);
        assert!(modules[0].parts.contains("activity"));
    }
}
