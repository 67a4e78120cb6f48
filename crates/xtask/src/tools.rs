//! The tools that building and testing need: found where they are, installed where they are not.
//!
//! A tool on the search path is used when its version is the one wanted. What has to be installed
//! goes to the user's cache (see [`crate::layout::tool_cache`]), once for all checkouts, under a
//! name or a check that includes its version. Nothing that is there is installed again.

mod cargo;
mod debian;
mod npm;
mod python;

use crate::error::Outcome;
use crate::runner::Runner;
use std::path::PathBuf;

/// What `cargo xtask dev` needs.
pub(crate) fn for_developing(runner: &Runner) -> Outcome {
    for_building(runner)?;
    cargo::trunk(runner)
}

/// What `cargo xtask build` and `run` need.
pub(crate) fn for_building(runner: &Runner) -> Outcome {
    cargo::wasm_target(runner)?;
    cargo::wasm_bindgen(runner)?;
    cargo::wasm_split(runner)?;
    npm::packages(runner)
}

/// What the compiler-based checks need: parts of the pinned toolchain.
pub(crate) fn toolchain(runner: &Runner) -> Outcome {
    cargo::wasm_target(runner)?;
    cargo::components(runner)
}

/// What the native tests need: packages of the operating system, and secrets servers.
pub(crate) fn for_native_tests(runner: &Runner) -> Outcome {
    debian::for_testing(runner)?;
    python::openbao(runner)?;
    python::moto(runner)
}

/// What the checks need beyond that. Gives the LiteLLM program.
pub(crate) fn for_testing(runner: &Runner) -> Outcome<PathBuf> {
    for_building(runner)?;
    cargo::components(runner)?;
    debian::for_testing(runner)?;
    python::litellm(runner)
}

/// What a static binary for this target needs: its standard library and a C compiler.
pub(crate) fn static_target(runner: &Runner, target: &str) -> Outcome {
    cargo::target(runner, target)?;
    debian::for_images(runner)
}

/// The clients that the end-to-end tests send requests with. Gives the Python that has some of them.
pub(crate) fn clients(runner: &Runner) -> Outcome<PathBuf> {
    npm::clients(runner)?;
    python::clients(runner)
}

/// What measuring in the browser needs.
pub(crate) fn for_the_browser(runner: &Runner) -> Outcome {
    cargo::wasm_target(runner)?;
    cargo::wasm_bindgen(runner)?;
    debian::for_testing(runner)
}

/// What loads a server, and the keychain that it is loaded with.
pub(crate) fn for_load(runner: &Runner) -> Outcome {
    debian::for_load(runner)?;
    npm::packages(runner)
}

/// nginx, which some tests put in front of Waypost.
pub(crate) fn nginx(runner: &Runner) -> Outcome<PathBuf> {
    debian::nginx(runner)
}

/// The folder with the programs that check the files in deploy/.
pub(crate) fn validators(runner: &Runner) -> Outcome<PathBuf> {
    debian::for_testing(runner)?;
    python::validators(runner)
}

/// What forwarding is compared with.
pub(crate) struct Peers {
    pub(crate) nginx: PathBuf,
    pub(crate) portkey: PathBuf,
    pub(crate) litellm: PathBuf,
}

/// The servers that forwarding is compared with.
pub(crate) fn for_forwarding(runner: &Runner) -> Outcome<Peers> {
    npm::packages(runner)?;
    Ok(Peers {
        nginx: debian::nginx(runner)?,
        portkey: npm::portkey(runner)?,
        litellm: python::litellm(runner)?,
    })
}

/// What counts instructions: valgrind, and what runs the benches with it, which it gives.
pub(crate) fn for_counting(runner: &Runner) -> Outcome<PathBuf> {
    debian::for_counting(runner)?;
    cargo::gungraun_runner(runner)
}

/// The compiler that fuzzing needs: what it puts into the program is not stable yet.
pub(crate) const NIGHTLY: &str = "nightly";

/// What fuzzing needs.
pub(crate) fn for_fuzzing(runner: &Runner) -> Outcome {
    cargo::toolchain(runner, NIGHTLY)?;
    cargo::fuzz(runner)
}

/// Installs everything.
pub(crate) fn everything(runner: &Runner) -> Outcome {
    let litellm = for_testing(runner)?;
    clients(runner)?;
    nginx(runner)?;
    python::validators(runner)?;
    python::openbao(runner)?;
    python::moto(runner)?;
    println!("Everything is installed. LiteLLM is {}.", litellm.display());
    Ok(())
}
