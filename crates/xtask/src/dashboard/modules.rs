//! Compiles the dashboard, cuts what is loaded later out of its module, and puts the pieces
//! together to few modules.
//!
//! wasm-split-cli makes a chunk for every combination of parts that share code: nine parts once gave
//! fifty chunks, and as many requests for one page. Here they are merged. The chunks export nothing
//! and reach each other through the function table of the main module, so any of them can share a
//! module; what a page does not need of that is the price.

use super::binary::{self, Import};
use super::document::ModuleTable;
use super::{Workshop, name_by_content, write};
use crate::error::{Context, Outcome};
use crate::layout;
use crate::runner::Runner;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The script by which the main module loads what was cut out, as the main module calls it.
const LINK: &str = "__wasm_split.js";

/// What replaces the contents of that script.
const PARTS: &str = include_str!("parts.js");

/// Where the chunks import the memory, the function table and the stack from.
const SPLIT: &str = "__wasm_split";

/// The parts that few visits need. Code that one other part shares with them stays in the module of
/// that part, and they load it as well.
const RARE: [&str; 1] = ["batch"];

/// The module of what several parts need.
const SHARED: &str = "shared";

/// The modules that are fetched once the first page has nothing left to do: most later pages need
/// one of them.
const AHEAD: [&str; 2] = [SHARED, "tokens"];

/// How wasm-opt treats every module. Of its levels, this one is the smallest after compression.
const OPTIMISE: [&str; 3] = ["-Os", "--low-memory-unused", "--strip-producers"];

/// The features of WebAssembly that the compiler uses by default. The modules that are cut out no
/// longer list them.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What was built.
pub(super) struct Modules {
    /// The file name of the main module.
    pub(super) main: String,
    /// The folder of the glue `waypost.js`.
    pub(super) glue: PathBuf,
    pub(super) table: ModuleTable,
}

/// Builds every module into the dashboard's folder.
pub(super) fn build(runner: &Runner, work: &Workshop, folder: &Path) -> Outcome<Modules> {
    let compiled = compile(runner)?;
    let cut = work.folder("cut")?;
    runner.run(
        runner
            .command("wasm-split-cli")
            .args(["--target", "web", "--out-name", "main"])
            .args([&compiled, &cut]),
    )?;
    let glue = work.folder("glue")?;
    runner.run(
        runner
            .command("wasm-bindgen")
            .args([
                "--target",
                "web",
                "--no-typescript",
                "--omit-default-module-path",
            ])
            // The modules that are loaded later use what the main module exports for them.
            .args(["--keep-lld-exports", "--out-name", "waypost", "--out-dir"])
            .args([&glue, &cut.join("main.wasm")]),
    )?;
    let optimised = work.folder("optimised")?;
    let main = optimised.join("waypost.wasm");
    optimise(runner, &glue.join("waypost_bg.wasm"), &main)?;
    let main = name_by_content(&main, folder)?;

    let link = cut.join(LINK);
    let script =
        fs::read_to_string(&link).context(format_args!("cannot read {}", link.display()))?;
    let chunks = Chunk::all(&script, &cut);
    let mut table = ModuleTable::new();
    for (module, chunks) in group(&chunks) {
        let merged = work.folder("merged")?.join(format!("{module}.wasm"));
        merge(runner, work, &cut, &chunks, &merged)?;
        let path = optimised.join(format!("{module}.wasm"));
        optimise(runner, &merged, &path)?;
        let name = name_by_content(&path, folder)?;
        let parts: BTreeSet<&String> = chunks.iter().flat_map(|chunk| &chunk.parts).collect();
        for part in parts {
            table
                .entry(part.clone())
                .or_default()
                .push(format!("/{name}"));
        }
    }
    write(&glue.join(LINK), &loader(&table))?;
    Ok(Modules { main, glue, table })
}

/// Compiles the dashboard with marks where it can be cut.
fn compile(runner: &Runner) -> Outcome<PathBuf> {
    const TARGET: &str = "wasm32-unknown-unknown";
    const PROFILE: &str = "wasm-release";
    runner.run(
        runner
            .cargo()
            .args([
                "build",
                "--package",
                "waypost-dashboard",
                "--features",
                "split",
            ])
            .args(["--profile", PROFILE, "--target", TARGET])
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                // The cut needs the relocations.
                "-Clink-args=--emit-relocs",
            )
            // Either would be taken instead.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
    )?;
    let folder = layout::target().join(TARGET).join(PROFILE);
    Ok(folder.join("waypost-dashboard.wasm"))
}

/// A piece that was cut out.
#[derive(Clone, Debug, PartialEq)]
struct Chunk {
    /// Its file.
    file: String,
    /// The parts that need it.
    parts: Vec<String>,
}

impl Chunk {
    /// Reads from the script of wasm-split-cli which parts need which file.
    fn all(script: &str, cut: &Path) -> Vec<Self> {
        let mut chunks = Vec::new();
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
                chunks.push(Self {
                    file: format!("chunk_{number}.wasm"),
                    parts: std::mem::take(&mut needed_by),
                });
            } else if let Some(part) = word_after("export const __wasm_split_load_") {
                chunks.push(Self {
                    file: format!("split_{part}.wasm"),
                    parts: vec![part.to_owned()],
                });
            }
        }
        // A part whose code is all shared has no file.
        chunks.retain(|chunk| cut.join(&chunk.file).is_file());
        chunks
    }

    /// The name of the module that it becomes part of.
    fn module(&self) -> &str {
        let is_rare = |part: &&String| RARE.contains(&part.as_str());
        let mut common = self.parts.iter().filter(|part| !is_rare(part));
        match (common.next(), common.next(), self.parts.as_slice()) {
            (Some(part), None, _) | (None, _, [part]) => part,
            _ => SHARED,
        }
    }
}

/// The chunks of each module.
fn group(chunks: &[Chunk]) -> BTreeMap<&str, Vec<&Chunk>> {
    let mut modules: BTreeMap<&str, Vec<&Chunk>> = BTreeMap::new();
    for chunk in chunks {
        modules.entry(chunk.module()).or_default().push(chunk);
    }
    modules
}

/// Merges chunks into one module.
///
/// Each of them imports the memory, the table and the stack; wasm-merge unites imports only where
/// another module exports them. So one is added that exports what it imports from the main module.
fn merge(runner: &Runner, work: &Workshop, cut: &Path, chunks: &[&Chunk], to: &Path) -> Outcome {
    let mut imports = BTreeMap::new();
    for chunk in chunks {
        let path = cut.join(&chunk.file);
        let module = fs::read(&path).context(format_args!("cannot read {}", path.display()))?;
        for import in binary::imports(&module)? {
            if import.from == SPLIT {
                imports.insert(import.name.clone(), import);
            }
        }
    }
    let host = work.folder("merged")?.join("host.wat");
    write(&host, &host_text(imports.values()))?;
    let mut command = runner.command("wasm-merge").arg(&host).arg(SPLIT);
    for chunk in chunks {
        command = command
            .arg(cut.join(&chunk.file))
            .arg(chunk.file.trim_end_matches(".wasm"));
    }
    runner.run(command.args(FEATURES).arg("--output").arg(to))
}

/// A module that exports what it imports, in the text format.
fn host_text<'a>(imports: impl Iterator<Item = &'a Import>) -> String {
    let mut imported = String::new();
    let mut exported = String::new();
    for import in imports {
        let (kind, name) = (import.kind, &import.name);
        let description = &import.description;
        imported.push_str(&format!(
            "  (import \"main\" \"{name}\" ({kind} ${name} {description}))\n"
        ));
        exported.push_str(&format!("  (export \"{name}\" ({kind} ${name}))\n"));
    }
    format!("(module\n{imported}{exported})\n")
}

/// The script that loads modules, with the files of every part.
fn loader(table: &ModuleTable) -> String {
    let list = |files: Vec<&String>| {
        let files: Vec<String> = files.iter().map(|file| format!("\"{file}\"")).collect();
        files.join(", ")
    };
    let ahead: BTreeSet<&String> = table
        .values()
        .flatten()
        .filter(|file| {
            let module = file.trim_start_matches('/').rsplit_once('-');
            module.is_some_and(|(module, _)| AHEAD.contains(&module))
        })
        .collect();
    let mut script = PARTS.to_owned();
    script.push_str(&format!(
        "\nconst ahead = [{}];\n",
        list(ahead.into_iter().collect())
    ));
    for (part, files) in table {
        script.push_str(&format!(
            "export const __wasm_split_load_{part} = part([{}]);\n",
            list(files.iter().collect())
        ));
    }
    script
}

fn optimise(runner: &Runner, from: &Path, to: &Path) -> Outcome {
    let wasm_opt = |passes: &[&str], from: &Path| {
        runner.run(
            runner
                .command("wasm-opt")
                .arg("--quiet")
                .args(passes)
                .args(FEATURES)
                .arg("--output")
                .args([to, from]),
        )
    };
    wasm_opt(&OPTIMISE, from)?;
    let optimised = fs::read(to).context(format_args!("cannot read {}", to.display()))?;
    let named = to.with_extension("named.wasm");
    fs::write(&named, binary::with_ordered_names(&optimised)?)
        .context(format_args!("cannot write {}", named.display()))?;
    wasm_opt(&["--reorder-functions-by-name", "--strip-debug"], &named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(file: &str, parts: &[&str]) -> Chunk {
        Chunk {
            file: file.to_owned(),
            parts: parts.iter().map(|part| (*part).to_owned()).collect(),
        }
    }

    #[test]
    fn the_script_says_which_parts_need_a_chunk() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        for file in ["chunk_7.wasm", "split_agents.wasm"] {
            fs::write(folder.path().join(file), "").expect("the folder is writable");
        }
        let script = "/* agents, dialogs */\nconst __chunk_7 = makeLoad(() => {\n}, []);\n\
            export const __wasm_split_load_dialogs = wrapAsyncCb(makeLoad(() => async (_imp) => ({}), [__chunk_7]));\n\
            export const __wasm_split_load_agents = wrapAsyncCb(makeLoad(() => {\n";
        assert_eq!(
            Chunk::all(script, folder.path()),
            [
                chunk("chunk_7.wasm", &["agents", "dialogs"]),
                chunk("split_agents.wasm", &["agents"]),
            ]
        );
    }

    #[test]
    fn a_part_needs_its_own_module_and_the_shared_one_at_most() {
        let chunks = [
            chunk("0", &["agents"]),
            chunk("1", &["agents", "batch"]),
            chunk("2", &["agents", "batch", "preview"]),
            chunk("3", &["batch"]),
            chunk("4", &["dialogs", "preview"]),
        ];
        let modules = group(&chunks);
        let files = |module: &str| -> Vec<&str> {
            modules[module]
                .iter()
                .map(|chunk| chunk.file.as_str())
                .collect()
        };
        assert_eq!(files("agents"), ["0", "1"]);
        assert_eq!(files("batch"), ["3"]);
        assert_eq!(files(SHARED), ["2", "4"]);
    }

    #[test]
    fn the_host_exports_what_the_chunks_import() {
        let import = Import {
            from: SPLIT.to_owned(),
            name: "memory".to_owned(),
            kind: "memory",
            description: "19".to_owned(),
        };
        assert_eq!(
            host_text(std::iter::once(&import)),
            "(module\n  (import \"main\" \"memory\" (memory $memory 19))\n  \
             (export \"memory\" (memory $memory))\n)\n"
        );
    }

    #[test]
    fn the_loader_names_the_files_of_each_part() {
        let files = ["/a.wasm", "/shared-1f.wasm"].map(str::to_owned);
        let table = ModuleTable::from([("agents".to_owned(), files.to_vec())]);
        let script = loader(&table);
        assert!(script.contains("\nconst ahead = [\"/shared-1f.wasm\"];\n"));
        assert!(script.ends_with(
            "export const __wasm_split_load_agents = part([\"/a.wasm\", \"/shared-1f.wasm\"]);\n"
        ));
    }
}
