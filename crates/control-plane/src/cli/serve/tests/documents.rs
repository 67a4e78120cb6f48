//! What is written about the options is true.

use crate::cli::serve::ServeOptions;
use crate::cli::serve::limits::ConnectionLimits;
use clap::{CommandFactory as _, Parser};
use std::collections::BTreeSet;
use std::time::Duration;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: ServeOptions,
}

fn read<'a>(arguments: impl Iterator<Item = &'a str>) -> ServeOptions {
    let arguments = std::iter::once("serve").chain(arguments);
    Command::parse_from(arguments).options
}

#[test]
fn the_page_on_operating_lists_every_option() {
    let page = include_str!("../../../../../../docs/operating.md");
    let command = Command::command();
    let mut listed = BTreeSet::new();
    for argument in command.get_arguments() {
        let Some(name) = argument.get_long() else {
            continue;
        };
        let row = page.lines().find_map(|line| {
            let cells = line.strip_prefix(&format!("| `--{name}"))?;
            cells.starts_with(['`', ' ']).then_some(cells)
        });
        let row = row.unwrap_or_else(|| panic!("docs/operating.md lacks --{name}"));
        for default in argument.get_default_values() {
            let default = format!("| `{}` |", default.to_str().unwrap());
            assert!(row.contains(&default), "--{name}: {default}");
        }
        listed.insert(name.to_owned());
    }
    for line in page.lines() {
        let Some(rest) = line.strip_prefix("| `--") else {
            continue;
        };
        let name = rest.split(['`', ' ']).next().unwrap();
        assert!(listed.contains(name), "--{name} does not exist");
    }
}

#[test]
fn the_unit_gives_a_stop_more_time_than_the_drain() {
    let unit = include_str!("../../../../../../deploy/waypost.service");
    let setting = |name: &str| {
        let found = unit.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_else(|| panic!("the unit has no {name}"))
    };
    let seconds = setting("TimeoutStopSec=").strip_suffix('s').unwrap();
    let seconds: u64 = seconds.parse().unwrap();
    let command = setting("ExecStart=").replace("$WAYPOST_OPTIONS", "--drain 5m");
    let words = command.split(' ').skip(2);
    let options = read(words);
    assert!(Duration::from_secs(seconds) > options.limits.drain());
    let (files, _) = setting("LimitNOFILE=").split_once(':').unwrap();
    let files: usize = files.parse().unwrap();
    let requests = options.limits.forwarding().requests;
    assert!(files >= ConnectionLimits::wanted_descriptors(requests));
}

/// The options in a list of YAML, one a line, with a host in place of each variable.
fn listed_options(file: &str) -> Vec<String> {
    let lines = file
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "));
    let options = lines.filter(|text| text.starts_with("--"));
    let filled = |option: &str| match (option.find("${"), option.rfind('}')) {
        (Some(start), Some(end)) => {
            format!("{}host.example{}", &option[..start], &option[end + 1..])
        }
        _ => option.to_owned(),
    };
    options.map(filled).collect()
}

#[test]
fn the_deployment_files_use_options_that_exist_and_give_a_stop_enough_time() {
    let compose = include_str!("../../../../../../deploy/compose.yaml");
    let kubernetes = include_str!("../../../../../../deploy/kubernetes/deployment.yaml");
    for (file, limit) in [
        (compose, "stop_grace_period:"),
        (kubernetes, "terminationGracePeriodSeconds:"),
    ] {
        let words = listed_options(file);
        assert!(words.len() > 5, "{words:?}");
        let options = read(words.iter().map(String::as_str));
        let given = file
            .lines()
            .find_map(|line| line.trim().strip_prefix(limit));
        let seconds: u64 = given.unwrap().trim().trim_end_matches('s').parse().unwrap();
        assert!(Duration::from_secs(seconds) > options.limits.drain());
        assert!(options.public_url.is_some());
    }
}
