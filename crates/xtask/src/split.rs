//! Cuts the parts that are loaded later out of the dashboard's module.
//!
//! The cut lies between cargo, whose linker keeps the relocations that it needs, and wasm-bindgen,
//! which must see the main module alone. trunk runs both and has no hook between them, but takes
//! wasm-bindgen from the search path: there xtask puts itself first under that name, cuts, and
//! runs the real one on what is left.

use crate::error::{Context, Failure, Outcome};
use crate::layout::{self, files};
use crate::runner::{Runner, find, tool_path};
use sha2::{Digest, Sha256};
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use xshell::Cmd;

/// The name under which trunk looks for wasm-bindgen.
const WASM_BINDGEN: &str = "wasm-bindgen";

/// Tells xtask, run as wasm-bindgen, where the real one is.
const REAL: &str = "WAYPOST_WASM_BINDGEN";

/// The tool that cuts, and the script by which the main module loads what was cut out.
const SPLIT: &str = "wasm-split-cli";
const LINK: &str = "__wasm_split.js";

/// The main module as the tool calls it.
const MAIN: &str = "main";

/// How the script gets at the main module: it imports the glue, which imports the script. Neither
/// could then be named by a digest of its bytes, since each names the other.
const IMPORT: &str = "import { initSync } from \"./main.js\";";

/// What replaces it: the glue hands its function over.
const HANDED_OVER: &str =
    "let initSync;\nexport const handOver = (ofTheGlue) => { initSync = ofTheGlue; };";

/// How wasm-opt treats the modules that are cut out. They no longer list the features of WebAssembly
/// that they use: those that the compiler uses by default.
const OPTIMISE: [&str; 10] = [
    "--quiet",
    "-O3",
    "--strip-debug",
    "--strip-producers",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Makes trunk build a dashboard whose later parts lie in modules of their own.
pub(crate) fn prepare(trunk: Cmd<'_>) -> Outcome<Cmd<'_>> {
    let real = find(WASM_BINDGEN).ok_or_else(|| Failure::new("there is no wasm-bindgen"))?;
    let bin = folder().join("bin");
    fs::create_dir_all(&bin).context(format_args!("cannot make {}", bin.display()))?;
    let this = own_program().context("cannot find xtask itself")?;
    let name = format!("{WASM_BINDGEN}{}", env::consts::EXE_SUFFIX);
    let stand_in = bin.join(name);
    fs::copy(&this, &stand_in).context(format_args!(
        "cannot copy {} to {}",
        this.display(),
        stand_in.display()
    ))?;
    let path = env::join_paths(std::iter::once(bin).chain(env::split_paths(&tool_path())));
    Ok(trunk
        .args(["--features", "split"])
        .env("PATH", path.unwrap_or_default())
        .env(REAL, real)
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "-Clink-args=--emit-relocs",
        )
        // Either would be taken instead.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS"))
}

/// The file of the program that runs. Where the system offers it, the file is reached through the
/// process: building the tests links xtask anew, and by then the path that it was started from can
/// name nothing.
fn own_program() -> io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.to_owned());
    }
    env::current_exe()
}

/// Does what trunk asks of wasm-bindgen, where this program runs under that name.
pub(crate) fn as_wasm_bindgen() -> Option<Outcome> {
    let real = env::var_os(REAL)?;
    let name = env::args_os().next()?;
    (Path::new(&name).file_stem()? == WASM_BINDGEN)
        .then(|| bindgen(&Runner::new()?, Path::new(&real)))
}

fn bindgen(runner: &Runner, real: &Path) -> Outcome {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let Some(module) = arguments.iter_mut().find(|one| one.ends_with(".wasm")) else {
        return runner.run(runner.command(real).args(&arguments));
    };
    let modules = folder().join("modules");
    // What an earlier build left would be served with this one's.
    let _ = fs::remove_dir_all(&modules);
    fs::create_dir_all(&modules).context(format_args!("cannot make {}", modules.display()))?;
    let main = modules.join(MAIN).with_extension("wasm");
    runner.run(
        runner
            .command(SPLIT)
            .args(["--target", "web", "--out-name", MAIN])
            .arg(&*module)
            .arg(&modules),
    )?;
    *module = main.to_string_lossy().into_owned();
    runner.run(
        runner
            .command(real)
            .args(&arguments)
            // The modules that are loaded later use what the main module exports for them.
            .arg("--keep-lld-exports"),
    )?;
    // trunk names the main module itself.
    fs::remove_file(&main).context(format_args!("cannot remove {}", main.display()))?;
    for part in parts(&modules)? {
        runner.run(
            runner
                .command("wasm-opt")
                .args(OPTIMISE)
                .arg("--output")
                .args([&part, &part]),
        )?;
    }
    let link = name_by_content(&modules)?;
    let value = |name: &str| arguments.iter().find_map(|one| one.strip_prefix(name));
    let (Some(out), Some(name)) = (value("--out-dir="), value("--out-name=")) else {
        return Err(Failure::new("trunk names no folder for the glue"));
    };
    import_script(&Path::new(out).join(format!("{name}.js")), &link)
}

/// The modules that are loaded later.
fn parts(modules: &Path) -> Outcome<Vec<PathBuf>> {
    let mut parts = files(modules)?;
    parts.retain(|path| path.extension().is_some_and(|kind| kind == "wasm"));
    Ok(parts)
}

/// Gives each module that is loaded later, and then the script that names them, a name with a
/// digest of its bytes, so that a browser may keep them forever and never mixes two versions.
/// Returns the name of the script. Its bytes and those of the modules must not change afterwards.
fn name_by_content(modules: &Path) -> Outcome<String> {
    let script = modules.join(LINK);
    for path in parts(modules)? {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{stem}-{}.wasm", digest(&path)?);
        replace(
            &script,
            &format!("\"./{stem}.wasm\""),
            &format!("\"./{name}\""),
        )?;
        let named = modules.join(name);
        fs::rename(&path, &named).context(format_args!("cannot write {}", named.display()))?;
    }
    replace(&script, IMPORT, HANDED_OVER)?;
    let name = format!("parts-{}.js", digest(&script)?);
    let named = modules.join(&name);
    fs::rename(&script, &named).context(format_args!("cannot write {}", named.display()))?;
    Ok(name)
}

/// Makes the glue import the script by its name, and hand over what the script needs of it. trunk
/// computes the glue's own digest afterwards. The module still calls the script by the name it had
/// when it was cut.
fn import_script(glue: &Path, script: &str) -> Outcome {
    replace(
        glue,
        &format!("from \"./{LINK}\""),
        &format!("from \"./{script}\""),
    )?;
    let context = format!("cannot edit {}", glue.display());
    let mut text = fs::read_to_string(glue).context(&context)?;
    text.push_str(&format!(
        "\nimport {{ handOver }} from \"./{script}\";\nhandOver(initSync);\n"
    ));
    fs::write(glue, text).context(&context)
}

/// Puts the parts beside what trunk built, unchanged, and names the script in the page.
pub(crate) fn place(dist: &Path) -> Outcome {
    place_from(&folder().join("modules"), dist)
}

fn place_from(modules: &Path, dist: &Path) -> Outcome {
    for path in files(modules)? {
        let name = path.file_name().unwrap_or_default();
        let placed = dist.join(name);
        fs::copy(&path, &placed).context(format_args!("cannot write {}", placed.display()))?;
        if path.extension().is_some_and(|kind| kind == "js") {
            // Named in the page, it is loaded with the glue instead of after it.
            let hint = format!(
                "<link rel=\"modulepreload\" href=\"/{}\" crossorigin=\"anonymous\">",
                name.to_string_lossy()
            );
            replace(
                &dist.join("index.html"),
                "</head>",
                &format!("{hint}</head>"),
            )?;
        }
    }
    Ok(())
}

/// Where what belongs to the cut lies between two steps of a build.
fn folder() -> PathBuf {
    layout::stamps().join("split")
}

/// Replaces a text in a file, where it must be.
fn replace(path: &Path, old: &str, new: &str) -> Outcome {
    let context = format!("cannot edit {}", path.display());
    let text = fs::read_to_string(path).context(&context)?;
    if !text.contains(old) {
        return Err(Failure::new(format!("{context}: it does not name {old}")));
    }
    fs::write(path, text.replace(old, new)).context(&context)
}

/// The start of a file's SHA-256, as long as the control plane expects digests in names to be.
fn digest(path: &Path) -> Outcome<String> {
    let content = fs::read(path).context(format_args!("cannot read {}", path.display()))?;
    let hash = Sha256::digest(content);
    Ok(hash[..8].iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is cut out of a module with one part, and a dashboard as trunk leaves it.
    fn cut(folder: &Path, part: &str) -> (PathBuf, PathBuf) {
        let [modules, dist] = ["modules", "dist"].map(|name| folder.join(name));
        for folder in [&modules, &dist] {
            fs::create_dir_all(folder).expect("the folder is writable");
        }
        let write = |folder: &Path, name: &str, text: &str| {
            fs::write(folder.join(name), text).expect("the folder is writable");
        };
        write(&modules, "catalog.wasm", part);
        write(
            &modules,
            LINK,
            &format!(
                "{IMPORT}\nconst load = () => fetch(new URL(\"./catalog.wasm\", import.meta.url));\n"
            ),
        );
        write(&dist, "index.html", "<head></head>");
        write(
            &dist,
            "app.js",
            &format!("import * as parts from \"./{LINK}\";\n"),
        );
        (modules, dist)
    }

    #[test]
    fn names_carry_a_digest_of_the_bytes_that_are_served() {
        let mut scripts = Vec::new();
        for part in ["one", "another"] {
            let folder = tempfile::tempdir().expect("there is room for a folder");
            let (modules, dist) = cut(folder.path(), part);
            let script = name_by_content(&modules).expect("the script names the part");
            import_script(&dist.join("app.js"), &script).expect("the glue names the script");
            place_from(&modules, &dist).expect("the page has a head");

            let mut named = 0;
            for path in files(&dist).expect("the folder is there") {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                if let Some((_, in_name)) = stem.rsplit_once('-') {
                    named += 1;
                    assert_eq!(in_name, digest(&path).expect("it can be read"));
                }
            }
            assert_eq!(named, 2, "the part and the script");
            let glue = fs::read_to_string(dist.join("app.js")).expect("it is there");
            assert_eq!(glue.matches(&format!("\"./{script}\"")).count(), 2);
            let page = fs::read_to_string(dist.join("index.html")).expect("it is there");
            assert!(page.contains(&script), "{page}");
            scripts.push(script);
        }
        assert_ne!(scripts[0], scripts[1], "the script names what it loads");
    }
}
