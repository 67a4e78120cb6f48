//! Cuts the parts that are loaded later out of the dashboard's module.
//!
//! The cut lies between cargo, whose linker keeps the relocations that it needs, and wasm-bindgen,
//! which must see the main module alone. trunk runs both and has no hook between them, but takes
//! wasm-bindgen from the search path: there xtask puts itself first under that name, cuts, and
//! runs the real one on what is left.

use crate::build::files;
use crate::command::{command, find, finish};
use crate::error::{Context, Failure, Outcome};
use crate::layout;
use std::collections::hash_map::DefaultHasher;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The name under which trunk looks for wasm-bindgen.
const WASM_BINDGEN: &str = "wasm-bindgen";

/// Tells xtask, run as wasm-bindgen, where the real one is.
const REAL: &str = "WAYPOST_WASM_BINDGEN";

/// The tool that cuts, and the script by which the main module loads what was cut out.
const SPLIT: &str = "wasm-split-cli";
const LINK: &str = "__wasm_split.js";

/// The main module as the tool calls it, and the glue that the script expects beside it.
const MAIN: &str = "main";
const GLUE: &str = "./main.js";

/// What wasm-opt is told about the modules that are cut out, which no longer say themselves which
/// features of WebAssembly they use: those that the compiler uses by default.
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
pub(crate) fn prepare(trunk: &mut Command) -> Outcome {
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
    let path = trunk
        .get_envs()
        .find(|(name, _)| *name == "PATH")
        .and_then(|(_, path)| path.map(OsString::from))
        .unwrap_or_default();
    let path = env::join_paths(std::iter::once(bin).chain(env::split_paths(&path)));
    trunk
        .args(["--features", "split"])
        .env("PATH", path.unwrap_or_default())
        .env(REAL, real)
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "-Clink-args=--emit-relocs",
        )
        // Either would be taken instead.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    Ok(())
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
    (Path::new(&name).file_stem()? == WASM_BINDGEN).then(|| bindgen(Path::new(&real)))
}

fn bindgen(real: &Path) -> Outcome {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let Some(module) = arguments.iter_mut().find(|one| one.ends_with(".wasm")) else {
        return finish(command(real).args(&arguments));
    };
    let modules = folder().join("modules");
    // What an earlier build left would be served with this one's.
    let _ = fs::remove_dir_all(&modules);
    fs::create_dir_all(&modules).context(format_args!("cannot make {}", modules.display()))?;
    let main = modules.join(MAIN).with_extension("wasm");
    finish(
        command(SPLIT)
            .args(["--target", "web", "--out-name", MAIN])
            .arg(&*module)
            .arg(&modules),
    )?;
    *module = main.to_string_lossy().into_owned();
    finish(
        command(real)
            .args(&arguments)
            // The modules that are loaded later use what the main module exports for them.
            .arg("--keep-lld-exports"),
    )?;
    let link = name_by_content(&modules, &main)?;
    let value = |name: &str| arguments.iter().find_map(|one| one.strip_prefix(name));
    let (Some(out), Some(name)) = (value("--out-dir="), value("--out-name=")) else {
        return Err(Failure::new("trunk names no folder for the glue"));
    };
    let glue = Path::new(out).join(format!("{name}.js"));
    // The module goes on calling the script what it was called when it was cut.
    replace(
        &glue,
        &format!("from \"./{LINK}\""),
        &format!("from \"./{link}\""),
    )
}

/// Optimises the modules that are loaded later and gives each, and the script that loads them, a
/// name with a digest, so that a browser may keep them and never mixes two versions. Gives the
/// name of the script.
fn name_by_content(modules: &Path, main: &Path) -> Outcome<String> {
    let script = modules.join(LINK);
    for path in files(modules)? {
        if path == main || path.extension().is_none_or(|kind| kind != "wasm") {
            continue;
        }
        finish(
            command("wasm-opt")
                .args(OPTIMISE)
                .arg("--output")
                .args([&path, &path]),
        )?;
        let digest = digest(&[&path])?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{stem}-{digest}.wasm");
        replace(
            &script,
            &format!("\"./{stem}.wasm\""),
            &format!("\"./{name}\""),
        )?;
        let named = modules.join(name);
        fs::rename(&path, &named).context(format_args!("cannot write {}", named.display()))?;
    }
    // The script and the main module belong together: one calls what the other exports.
    let name = format!("parts-{}.js", digest(&[&script, main])?);
    let _ = fs::remove_file(main);
    let named = modules.join(&name);
    fs::rename(&script, &named).context(format_args!("cannot write {}", named.display()))?;
    Ok(name)
}

/// Puts what was cut out beside what trunk has built, now that the name of the glue is known.
pub(crate) fn place() -> Outcome {
    let dist = layout::dist();
    let page = dist.join("index.html");
    let mut glue = None;
    for path in files(&dist)? {
        if path.parent() == Some(&dist) && path.extension().is_some_and(|kind| kind == "js") {
            glue = path
                .file_name()
                .map(|name| format!("./{}", name.to_string_lossy()));
        }
    }
    let glue = glue.ok_or_else(|| Failure::new("trunk has left no glue"))?;
    for path in files(&folder().join("modules"))? {
        let name = path.file_name().unwrap_or_default();
        let placed = dist.join(name);
        fs::copy(&path, &placed).context(format_args!("cannot write {}", placed.display()))?;
        if path.extension().is_some_and(|kind| kind == "js") {
            replace(&placed, GLUE, &glue)?;
            // Named in the page, it is loaded with the glue instead of after it.
            let hint = format!(
                "<link rel=\"modulepreload\" href=\"/{}\" crossorigin=\"anonymous\">",
                name.to_string_lossy()
            );
            replace(&page, "</head>", &format!("{hint}</head>"))?;
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

/// A digest of the contents of files, as the control plane recognises it in names.
fn digest(paths: &[&Path]) -> Outcome<String> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        let content = fs::read(path).context(format_args!("cannot read {}", path.display()))?;
        content.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}
