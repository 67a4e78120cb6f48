//! The files in `deploy/`: checks them, and makes what the container image consists of.

use crate::error::{Context, Outcome};
use crate::layout;
use crate::runner::{Runner, find};
use crate::{build, tools};
use std::fs;
use std::path::{Path, PathBuf};

/// The target of a binary that needs no file of its system.
const STATIC: &str = "x86_64-unknown-linux-musl";

/// The authorities that the image trusts, where Debian's package ca-certificates puts them.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Checks the Compose file and the Kubernetes manifests against their schemas, and lets HAProxy check its
/// configuration.
pub(crate) fn check(runner: &Runner) -> Outcome {
    let validators = tools::validators(runner)?;
    let folder = layout::root().join("deploy");
    runner.run(
        runner
            .command(validators.join("check-jsonschema"))
            .args(["--builtin-schema", "vendor.compose-spec"])
            .arg(folder.join("compose.yaml")),
    )?;
    let manifests = layout::files(&folder.join("kubernetes"))?;
    runner.run(
        runner
            .command(validators.join("kubernetes-validate"))
            .args(["--strict", "--quiet"])
            .args(manifests),
    )?;
    check_haproxy(runner, &folder)
}

/// HAProxy reads the certificate and finds the names of its servers when it checks its configuration: it is
/// given a certificate and addresses.
fn check_haproxy(runner: &Runner, deploy: &Path) -> Outcome {
    let folder = layout::stamps().join("haproxy");
    let context = format!("cannot write {}", folder.display());
    fs::create_dir_all(&folder).context(&context)?;
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    runner.run(
        runner
            .command("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
            .args(["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=waypost.example", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate),
    )?;
    let both = folder.join("waypost.pem");
    let mut pair = fs::read_to_string(&certificate).context(&context)?;
    pair.push_str(&fs::read_to_string(&key).context(&context)?);
    fs::write(&both, pair).context(&context)?;
    let path = deploy.join("haproxy.cfg");
    let text = fs::read_to_string(&path).context(format_args!("cannot read {}", path.display()))?;
    let text = text
        .replace("/etc/haproxy/tls/waypost.pem", &both.display().to_string())
        .replace("waypost-1:8700", "127.0.0.1:8701")
        .replace("waypost-2:8700", "127.0.0.1:8702");
    let checked = folder.join("haproxy.cfg");
    fs::write(&checked, text).context(&context)?;
    // Not on the search path of every user.
    let program = find("haproxy").unwrap_or_else(|| PathBuf::from("/usr/sbin/haproxy"));
    let haproxy = runner.command(program);
    runner.run(haproxy.args(["-c", "-q", "-f"]).arg(checked))
}

/// Builds the static binary and puts everything that the image consists of into `target/image`.
pub(crate) fn image(runner: &Runner) -> Outcome {
    tools::static_target(runner, STATIC)?;
    build::build_dashboard(runner)?;
    runner.step("control plane, static release build", || {
        runner.run(
            runner
                .cargo()
                .args(["build", "--release", "--package", "waypost-control-plane"])
                .args(["--target", STATIC])
                .env("CC_x86_64_unknown_linux_musl", "musl-gcc"),
        )
    })?;
    let folder = assemble()?;
    println!("\nbuildah build --tag waypost {}", folder.display());
    Ok(())
}

fn assemble() -> Outcome<PathBuf> {
    let folder = layout::root().join("target/image");
    let context = format!("cannot write {}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).context(&context)?;
    }
    fs::create_dir_all(folder.join("data")).context(&context)?;
    let target = layout::root().join("target").join(STATIC).join("release");
    for (from, name) in [
        (target.join("waypost"), "waypost"),
        (PathBuf::from(AUTHORITIES), "ca-certificates.crt"),
        (layout::root().join("deploy/Containerfile"), "Containerfile"),
    ] {
        fs::copy(&from, folder.join(name))
            .context(format_args!("cannot copy {}", from.display()))?;
    }
    Ok(folder)
}
