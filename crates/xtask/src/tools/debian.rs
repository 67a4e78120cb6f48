//! What is needed of the operating system: a browser with its driver, fonts, a keychain and PostgreSQL
//! for the tests, valgrind for counting instructions, nginx and HAProxy to put in front of it.

use crate::error::{Failure, Outcome};
use crate::layout;
use crate::runner::{Runner, find};
use std::path::{Path, PathBuf};

/// A Debian package and how to see that what it brings is there.
struct Package {
    name: &'static str,
    brings: Brings,
}

enum Brings {
    Program(&'static str),
    File(&'static str),
}

/// Not on the search path of every user.
const NGINX: &str = "/usr/sbin/nginx";

/// Nor is this one.
const HAPROXY: &str = "/usr/sbin/haproxy";

const FOR_TESTING: [Package; 9] = [
    program("chromium", "chromium"),
    program("chromium-driver", "chromedriver"),
    // The keychain round trip runs on its own session bus.
    program("dbus", "dbus-run-session"),
    program("gnome-keyring", "gnome-keyring-daemon"),
    // Tests start servers of their own, and not those that the packages may start.
    file("postgresql", "/usr/lib/postgresql"),
    file("haproxy", HAPROXY),
    program("tinyproxy", "tinyproxy"),
    // A bare Debian has no typeface of the font stacks; pictures are to look as they do for users.
    file("fonts-inter", "/usr/share/fonts/opentype/inter"),
    file(
        "fonts-jetbrains-mono",
        "/usr/share/fonts/truetype/jetbrains-mono",
    ),
];

const FOR_LOAD: [Package; 3] = [
    program("wrk", "wrk"),
    program("dbus", "dbus-daemon"),
    program("gnome-keyring", "gnome-keyring-daemon"),
];

const FOR_IMAGES: [Package; 2] = [
    program("musl-tools", "musl-gcc"),
    file("ca-certificates", "/etc/ssl/certs/ca-certificates.crt"),
];

const FOR_COUNTING: [Package; 1] = [program("valgrind", "valgrind")];

const fn program(name: &'static str, program: &'static str) -> Package {
    Package {
        name,
        brings: Brings::Program(program),
    }
}

const fn file(name: &'static str, path: &'static str) -> Package {
    Package {
        name,
        brings: Brings::File(path),
    }
}

impl Package {
    fn is_there(&self) -> bool {
        match self.brings {
            Brings::Program(program) => find(program).is_some(),
            Brings::File(path) => Path::new(path).exists(),
        }
    }
}

/// What the tests need, and measuring in the browser.
pub(crate) fn for_testing(runner: &Runner) -> Outcome {
    install(runner, &FOR_TESTING)
}

/// What loading a server needs.
pub(crate) fn for_load(runner: &Runner) -> Outcome {
    install(runner, &FOR_LOAD)
}

/// The nginx that requests are forwarded by and compared with: the system's, or one that is unpacked beside the other
/// tools. The package is not installed, because that would start a server on port 80.
pub(crate) fn nginx(runner: &Runner) -> Outcome<PathBuf> {
    if let Some(path) = find("nginx") {
        return Ok(path);
    }
    let system = Path::new(NGINX);
    if system.is_file() {
        return Ok(system.to_owned());
    }
    let home = layout::tool_cache().join("nginx");
    let program = home.join("usr/sbin/nginx");
    if program.is_file() {
        return Ok(program);
    }
    if find("apt-get").is_none() {
        return Err(Failure::new(
            "nginx is needed to compare with. Install it from your system's packages.",
        ));
    }
    runner.step(&format!("nginx into {}", home.display()), || {
        // Which of the two has the program depends on the release.
        let script = "mkdir -p \"$0\" && cd \"$0\" || exit; for package in nginx nginx-light; do \
                      apt-get download --quiet $package && dpkg-deb --extract ${package}_*.deb .; \
                      [ -x usr/sbin/nginx ] && exit 0; done; exit 1";
        runner.run(runner.command("sh").args(["-c", script]).arg(&home))
    })?;
    Ok(program)
}

/// What a container image is made with.
pub(crate) fn for_images(runner: &Runner) -> Outcome {
    install(runner, &FOR_IMAGES)
}

/// What counting instructions needs.
pub(crate) fn for_counting(runner: &Runner) -> Outcome {
    install(runner, &FOR_COUNTING)
}

/// Installs the packages that are missing, where that can be done without asking for a password.
fn install(runner: &Runner, packages: &[Package]) -> Outcome {
    let missing: Vec<&str> = packages
        .iter()
        .filter(|package| !package.is_there())
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let by_hand = format!("sudo apt-get install --yes --no-install-recommends {list}");
    if find("apt-get").is_none() {
        return Err(Failure::new(format!(
            "what these Debian packages bring is needed: {list}. Install their like from your \
             system's packages."
        )));
    }
    let prefix: &[&str] = if runner.output(runner.command("id").arg("-u")).as_deref() == Some("0") {
        &[]
    } else if runner
        .output(runner.command("sudo").args(["-n", "true"]))
        .is_some()
    {
        &["sudo", "-n"]
    } else {
        return Err(Failure::new(format!(
            "some Debian packages are needed, and installing them needs a password. Run:\n\n  \
             {by_hand}\n"
        )));
    };
    runner.step(&format!("apt-get install {list}"), || {
        apt(runner, prefix, &["update", "--quiet"])?;
        let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
        arguments.extend(&missing);
        apt(runner, prefix, &arguments)
    })
}

fn apt(runner: &Runner, prefix: &[&str], arguments: &[&str]) -> Outcome {
    let mut words: Vec<&str> = prefix.to_vec();
    words.push("apt-get");
    words.extend(arguments);
    runner.run(
        runner
            .command(words[0])
            .args(&words[1..])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}
