//! `cargo xtask fuzz`: gives the readers and the resolver any bytes, for a while.

use crate::error::{Context, Failure, Outcome};
use crate::runner::Runner;
use crate::{layout, tools};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How long each target runs by default.
const SECONDS: u32 = 60;

const TARGETS: [&str; 6] = [
    "parse_ref",
    "base_url",
    "resolve",
    "read_agent",
    "providers_file",
    "splice",
];

/// The vectors, every text of which is a seed.
const VECTORS: [&str; 2] = [
    "vectors/gateways.json",
    "vectors/custom_sources_and_passthrough.json",
];

/// Agents' documents that have something of everything.
const DOCUMENTS: [&str; 3] = [
    "golden/agent.yaml",
    "fixtures/agents/overrides.yaml",
    "fixtures/agents/support-bot.yaml",
];

/// Bodies of requests, for the target that reads them.
const BODIES: [&str; 4] = [
    r#"{"model":"gw/openai/gpt-4o","messages":[{"role":"user","content":"Hi"}],"stream":true}"#,
    "{ \"a\": [1e5, -0.5, null, {\"model\": \"inner\"}],\n\t\"mod\\u0065l\" : \"\\ud83d\\ude00\" }\n",
    r#"{"model":"a","Model":"b","models":["x"],"provider":{}}"#,
    r#"{"model":7,"content":"\"model\":1"}"#,
];

/// Runs one target, or each of them, and stops at the first that finds something. What it found
/// stays in `crates/routing/fuzz/artifacts`, what it learned in `corpus` beside that.
pub(crate) fn fuzz(runner: &Runner, arguments: &[String]) -> Outcome {
    let (targets, seconds) = choice(arguments)?;
    tools::for_fuzzing(runner)?;
    let folder = layout::root().join("crates/routing/fuzz");
    for target in targets {
        let seeds = write_seeds(target)?;
        let corpus = folder.join("corpus").join(target);
        fs::create_dir_all(&corpus).context(format_args!("cannot make {}", corpus.display()))?;
        runner.step(&format!("{target}, {seconds} seconds"), || {
            runner.run(
                runner
                    .command("rustup")
                    .args(["run", tools::NIGHTLY, "cargo", "fuzz", "run", "--fuzz-dir"])
                    .args([&folder, Path::new(target), &corpus, &seeds])
                    .args(["--", &format!("-max_total_time={seconds}")])
                    .env_remove("CARGO"),
            )
        })?;
    }
    Ok(())
}

/// The targets that are meant, and for how many seconds each.
fn choice(arguments: &[String]) -> Outcome<(Vec<&'static str>, u32)> {
    let mut targets = TARGETS.to_vec();
    let mut seconds = SECONDS;
    for argument in arguments {
        match argument.parse() {
            Ok(number) => seconds = number,
            Err(_) => targets.retain(|target| target == argument),
        }
    }
    if targets.is_empty() {
        return Err(Failure::new(format!(
            "there is no such target; there are: {}",
            TARGETS.join(", ")
        )));
    }
    Ok((targets, seconds))
}

/// Writes what a target begins with, each seed a file, and gives the folder.
fn write_seeds(target: &str) -> Outcome<PathBuf> {
    let folder = layout::target().join("xtask/seeds").join(target);
    let context = format!("cannot write {}", folder.display());
    fs::create_dir_all(&folder).context(&context)?;
    let documents = DOCUMENTS.map(read);
    let documents = documents.into_iter().collect::<Outcome<Vec<String>>>()?;
    let mut seeds = BTreeSet::new();
    for path in VECTORS {
        let vectors: Value = serde_json::from_str(&read(path)?)
            .map_err(|error| Failure::new(format!("cannot make out {path}: {error}")))?;
        texts(&vectors, &mut seeds);
    }
    if target == "resolve" {
        // A model string, and below it the document of the agent that sends it.
        let sent_by = |(number, text): (usize, String)| {
            let document = &documents[number % documents.len()];
            [text.lines().next().unwrap_or_default(), "\n", document].concat()
        };
        seeds = seeds.into_iter().enumerate().map(sent_by).collect();
    } else if target == "splice" {
        seeds.extend(BODIES.map(str::to_owned));
    } else {
        seeds.extend(documents);
    }
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(number.to_string()), seed).context(&context)?;
    }
    Ok(folder)
}

/// A file of routing's tests.
fn read(path: &str) -> Outcome<String> {
    let path = layout::root().join("crates/routing/tests").join(path);
    fs::read_to_string(&path).context(format_args!("cannot read {}", path.display()))
}

/// Every text in a value.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(arguments: &[&str]) -> Option<(Vec<&'static str>, u32)> {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        choice(&arguments).ok()
    }

    #[test]
    fn a_target_and_a_time_can_be_named() {
        assert_eq!(chosen(&[]), Some((TARGETS.to_vec(), SECONDS)));
        assert_eq!(chosen(&["base_url", "5"]), Some((vec!["base_url"], 5)));
        assert_eq!(chosen(&["7"]), Some((TARGETS.to_vec(), 7)));
        assert_eq!(chosen(&["anything"]), None);
    }

    #[test]
    fn the_targets_are_those_that_the_manifest_names() {
        let manifest = layout::root().join("crates/routing/fuzz/Cargo.toml");
        let manifest = fs::read_to_string(manifest).expect("it is there");
        let names = manifest
            .lines()
            .filter_map(|line| line.strip_prefix("name = \""));
        let names: BTreeSet<&str> = names
            .skip(1)
            .map(|name| name.trim_end_matches('"'))
            .collect();
        assert_eq!(names, BTreeSet::from(TARGETS));
    }

    #[test]
    fn every_text_of_a_value_is_found() {
        let value = serde_json::json!({"a": ["x", 1, {"b": "y"}], "c": null});
        let mut found = BTreeSet::new();
        texts(&value, &mut found);
        assert_eq!(found, BTreeSet::from(["x".to_owned(), "y".to_owned()]));
    }
}
