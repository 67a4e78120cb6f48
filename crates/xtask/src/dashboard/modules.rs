//! Compiles the dashboard, cuts what is loaded later out of its module, and puts the pieces
//! together to few modules.

use super::chunks::{Chunk, SHARED, group};
use super::document::ModuleTable;
use super::imports::{self, Import};
use super::{Workshop, name_by_content, order, unused, write};
use crate::error::{Context, Failure, Outcome};
use crate::layout;
use crate::runner::Runner;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The script by which the main module loads what was cut out, as the main module calls it.
const LINK: &str = "__wasm_split.js";

/// What replaces the contents of that script.
const PARTS: &str = include_str!("parts.js");

/// Where the main module imports what the glue does for it.
const GLUE: &str = "./waypost_bg.js";

/// Where the chunks import the memory, the function table and the stack from.
const SPLIT: &str = "__wasm_split";

/// The modules that are fetched once the first page has nothing left to do: most later pages need
/// one of them.
const AHEAD: [&str; 2] = [SHARED, "tokens"];

/// How wasm-opt treats every module, before its functions are put into order and again afterwards: the
/// second round takes half a percent off and keeps the order. Of its levels, this one is the smallest
/// after compression. A large function with one caller stays a function: inlined, it hides what the
/// caller has in common with others.
const OPTIMISE: [&str; 4] = [
    "-Os",
    "--one-caller-inline-max-function-size=15",
    "--low-memory-unused",
    "--strip-producers",
];

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
    let (bound, script) = (glue.join("waypost_bg.wasm"), glue.join("waypost.js"));
    remove_unused(&bound, &script)?;
    optimise(runner, &bound, &main)?;
    shorten_imports(&main, &script)?;
    let main = name_by_content(&main, folder)?;

    let link = cut.join(LINK);
    let script =
        fs::read_to_string(&link).context(format_args!("cannot read {}", link.display()))?;
    let chunks = Chunk::all(&script, &cut)?;
    let mut table = ModuleTable::new();
    for module in group(&chunks) {
        let merged = work.folder("merged")?.join(format!("{}.wasm", module.name));
        merge(runner, work, &cut, &module.chunks, &merged)?;
        let path = optimised.join(format!("{}.wasm", module.name));
        optimise(runner, &merged, &path)?;
        let name = name_by_content(&path, folder)?;
        for part in module.parts {
            table
                .entry(part.to_owned())
                .or_default()
                .push(format!("/{name}"));
        }
    }
    write(&glue.join(LINK), &loader(&table))?;
    Ok(Modules { main, glue, table })
}

/// Removes the classes that nothing uses from the main module and its glue.
fn remove_unused(module: &Path, glue: &Path) -> Outcome {
    let context = |path: &Path| format!("cannot read {}", path.display());
    let script = unused::glue(&fs::read_to_string(glue).context(context(glue))?);
    let content = unused::module(&fs::read(module).context(context(module))?, &script)?;
    fs::write(module, content).context(context(module))?;
    write(glue, &script)
}

/// Gives what the main module imports from its glue short names, in both.
fn shorten_imports(module: &Path, glue: &Path) -> Outcome {
    let context = |path: &Path| format!("cannot shorten the imports of {}", path.display());
    let content = fs::read(module).context(context(module))?;
    let (short, names) = imports::shortened(&content, GLUE)?;
    let mut script = fs::read_to_string(glue).context(context(glue))?;
    for (name, short) in names {
        // As the key of the function, and nowhere else.
        if script.matches(&name).count() != 1 {
            return Err(Failure::new(context(glue)));
        }
        script = script.replace(&name, &short);
    }
    fs::write(module, short).context(context(module))?;
    write(glue, &script)
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

/// Merges chunks into one module.
///
/// Each of them imports the memory, the table and the stack; wasm-merge unites imports only where
/// another module exports them. So one is added that exports what it imports from the main module.
fn merge(runner: &Runner, work: &Workshop, cut: &Path, chunks: &[&Chunk], to: &Path) -> Outcome {
    let mut imports = BTreeMap::new();
    for chunk in chunks {
        let path = cut.join(&chunk.file);
        let module = fs::read(&path).context(format_args!("cannot read {}", path.display()))?;
        for import in imports::imports(&module)? {
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
    fs::write(&named, order::with_ordered_names(&optimised)?)
        .context(format_args!("cannot write {}", named.display()))?;
    wasm_opt(&["--reorder-functions-by-name", "--strip-debug"], &named)?;
    wasm_opt(&OPTIMISE, to)
}

#[cfg(test)]
mod tests {
    use super::*;

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
