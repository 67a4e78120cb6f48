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

/// What `cargo xtask build`, `run` and `dev` need.
pub(crate) fn for_building() -> Outcome {
    cargo::wasm_target()?;
    cargo::trunk()?;
    cargo::wasm_bindgen()?;
    cargo::wasm_split()?;
    npm::packages()
}

/// What the checks need beyond that. Gives the LiteLLM program.
pub(crate) fn for_testing() -> Outcome<std::path::PathBuf> {
    for_building()?;
    cargo::components()?;
    debian::for_testing()?;
    python::litellm()
}

/// What measuring in the browser needs.
pub(crate) fn for_the_browser() -> Outcome {
    cargo::wasm_target()?;
    cargo::wasm_bindgen()?;
    debian::for_testing()
}

/// What counts instructions: valgrind, and what runs the benches with it, which it gives.
pub(crate) fn for_counting() -> Outcome<std::path::PathBuf> {
    debian::for_counting()?;
    cargo::gungraun_runner()
}

/// The compiler that fuzzing needs: what it puts into the program is not stable yet.
pub(crate) const NIGHTLY: &str = "nightly";

/// What fuzzing needs.
pub(crate) fn for_fuzzing() -> Outcome {
    cargo::toolchain(NIGHTLY)?;
    cargo::fuzz()
}

/// Installs everything.
pub(crate) fn everything() -> Outcome {
    let litellm = for_testing()?;
    println!("Everything is installed. LiteLLM is {}.", litellm.display());
    Ok(())
}
