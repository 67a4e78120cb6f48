//! `cargo xtask bench`: measures, and writes the figures with their machine to
//! `docs/performance.md`.

mod figures;
mod forwarding;
mod goals;
mod machine;
mod page;
mod route;

use crate::error::{Context, Failure, Outcome};
use crate::runner::Runner;
use crate::{build, layout, test, tools};
use figures::Figure;
use page::Section;
use std::fs;
use std::path::PathBuf;
use xshell::Cmd;

/// Something that is measured on its own, and its section of the page.
struct Part {
    name: &'static str,
    section: Section,
    /// Measures; `None` where this cannot be done, after the reason was printed.
    measure: fn(&Runner, &Options) -> Outcome<Option<Vec<Figure>>>,
}

/// What the command line asks for.
#[derive(Debug, Default, PartialEq)]
struct Options {
    /// A piece of the names of the parts to measure.
    part: String,
    /// What the part `route` is compared with.
    against: Option<Against>,
    /// Do everything once, to see that it works. Nothing is written.
    is_quick: bool,
}

/// An earlier Waypost.
#[derive(Debug, PartialEq)]
enum Against {
    /// A commit, by any name that git knows.
    Revision(String),
    Binary(PathBuf),
}

const PARTS: [Part; 8] = [
    Part {
        name: "native",
        section: page::NATIVE,
        measure: native,
    },
    Part {
        name: "instructions",
        section: page::INSTRUCTIONS,
        measure: instructions,
    },
    Part {
        name: "browser",
        section: page::BROWSER,
        measure: browser,
    },
    Part {
        name: "control plane",
        section: page::CONTROL_PLANE,
        measure: control_plane,
    },
    Part {
        name: "refresh",
        section: page::REFRESH,
        measure: refreshes,
    },
    Part {
        name: "page",
        section: page::PAGE,
        measure: pages,
    },
    Part {
        name: "route",
        section: page::ROUTE,
        measure: route::measure,
    },
    Part {
        name: "forwarding",
        section: page::FORWARDING,
        measure: forwarding::measure,
    },
];

/// Measures every part, or those whose name contains the argument. The limits are the product's; a
/// busy machine may miss them, which is why no test asserts them.
pub(crate) fn bench(runner: &Runner, arguments: &[String]) -> Outcome {
    let options = Options::parse(arguments)?;
    let parts: Vec<&Part> = PARTS
        .iter()
        .filter(|part| part.name.contains(&options.part))
        .collect();
    if parts.is_empty() {
        let names = PARTS.map(|part| part.name).join(", ");
        return Err(Failure::new(format!(
            "there is nothing to measure called {:?}; there are: {names}",
            options.part
        )));
    }
    let path = layout::root().join("docs/performance.md");
    let context = format!("cannot write {}", path.display());
    for part in parts {
        let Some(figures) = runner.step(part.name, || (part.measure)(runner, &options))? else {
            continue;
        };
        let section = page::section(&part.section, &machine::line(runner), &figures);
        println!("\n{section}");
        if options.is_quick {
            println!("Nothing is written: --quick measures too little.");
            continue;
        }
        println!("{}", goals::report(&part.section, &figures));
        // Read as late as can be: each part keeps what the others have written.
        let before = fs::read_to_string(&path).unwrap_or_default();
        let sections = PARTS.map(|part| part.section);
        let after = page::with_section(&before, &sections, &part.section, &section);
        fs::write(&path, after).context(&context)?;
    }
    Ok(())
}

impl Options {
    fn parse(arguments: &[String]) -> Outcome<Self> {
        let mut options = Self::default();
        let mut words = Vec::new();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let value = arguments.next().cloned();
                value.ok_or_else(|| Failure::new(format!("`{argument}` needs a value")))
            };
            match argument.as_str() {
                "--against" => options.against = Some(Against::Revision(value()?)),
                "--against-binary" => options.against = Some(Against::Binary(value()?.into())),
                "--quick" => options.is_quick = true,
                _ => words.push(argument.as_str()),
            }
        }
        options.part = words.join(" ");
        Ok(options)
    }
}

fn native(runner: &Runner, _: &Options) -> Outcome<Option<Vec<Figure>>> {
    let folder = layout::target().join("criterion");
    // What an earlier version measured would be reported too.
    if folder.exists() {
        fs::remove_dir_all(&folder).context(format_args!("cannot remove {}", folder.display()))?;
    }
    runner.captured(bench_target(runner, "waypost-routing", "routing"))?;
    figures::of_criterion(&folder).map(Some)
}

fn instructions(runner: &Runner, _: &Options) -> Outcome<Option<Vec<Figure>>> {
    let program = match tools::for_counting(runner) {
        Ok(program) => program,
        // Not every system has a valgrind, and the other parts do without.
        Err(Failure::Message(message)) => {
            println!("Instructions are not counted: {message}");
            return Ok(None);
        }
        Err(reported) => return Err(reported),
    };
    let output = runner.captured(
        bench_target(runner, "waypost-routing", "instructions").env("GUNGRAUN_RUNNER", program),
    )?;
    figures::of_callgrind(&output).map(Some)
}

fn bench_target<'a>(runner: &'a Runner, package: &str, name: &str) -> Cmd<'a> {
    runner
        .cargo()
        .args(["bench", "--package", package, "--bench", name])
}

/// In the profile of the dashboard, though before wasm-opt, which makes it a little quicker.
fn browser(runner: &Runner, _: &Options) -> Outcome<Option<Vec<Figure>>> {
    tools::for_the_browser(runner)?;
    let output = runner.captured(test::in_the_browser(runner.cargo().args([
        "test",
        "--profile",
        "wasm-release",
        "--package",
        "waypost-routing",
        "--target",
        test::WASM,
        "--test",
        "browser",
        "--",
        "--nocapture",
    ])))?;
    figures::of_lines(&output).map(Some)
}

fn control_plane(runner: &Runner, _: &Options) -> Outcome<Option<Vec<Figure>>> {
    of_the_binary(runner, "bench.mjs")
}

fn refreshes(runner: &Runner, _: &Options) -> Outcome<Option<Vec<Figure>>> {
    of_the_binary(runner, "bench-refresh.mjs")
}

fn pages(runner: &Runner, _: &Options) -> Outcome<Option<Vec<Figure>>> {
    tools::for_the_browser(runner)?;
    of_the_binary(runner, "bench-page.mjs")
}

/// What a script measures of the release binary.
fn of_the_binary(runner: &Runner, script: &str) -> Outcome<Option<Vec<Figure>>> {
    let binary = build::build(runner)?;
    let output = runner.captured(
        runner
            .command("node")
            .arg(layout::e2e().join(script))
            .env("WAYPOST_BINARY", &binary)
            .env("WAYPOST_CHROMIUM", test::program("chromium")),
    )?;
    figures::of_lines(&output).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_and_an_earlier_waypost_can_be_named() {
        let parse = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            Options::parse(&words).ok()
        };
        let options = |part: &str, against| {
            Some(Options {
                part: part.to_owned(),
                against,
                is_quick: false,
            })
        };
        assert_eq!(parse("control plane"), options("control plane", None));
        assert_eq!(
            parse("route --against HEAD~1"),
            options("route", Some(Against::Revision("HEAD~1".into())))
        );
        assert_eq!(
            parse("--against-binary /tmp/waypost route"),
            options("route", Some(Against::Binary("/tmp/waypost".into())))
        );
        assert_eq!(parse("route --against"), None);
        let quick = parse("forwarding --quick").expect("it is well-formed");
        assert_eq!((quick.part.as_str(), quick.is_quick), ("forwarding", true));
    }
}
