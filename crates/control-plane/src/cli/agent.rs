//! `waypost agent check`: whether an agent's document is right, for scripts and CI.

use super::local_routing::LocalRouting;
use super::{CommandOutcome, ProvidersOption, tell};
use crate::catalog::environment::Environment;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use waypost_routing::agent::{AgentProblem, AgentReading, read_agent};
use waypost_routing::codes;
use waypost_routing::problem::Severity;
use waypost_routing::yaml;

/// `waypost agent …`
#[derive(Subcommand)]
pub(super) enum Agent {
    /// Check an agent document. Exits with 0 if it is valid, 1 if it has an error.
    Check(Check),
}

/// The options of `waypost agent check`.
#[derive(Args)]
pub(super) struct Check {
    /// The agent document
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    providers: ProvidersOption,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Agent) -> CommandOutcome {
    let Agent::Check(options) = command;
    let document = read(&options.file);
    let named = options.providers.named();
    let environment = Environment::process();
    let local = LocalRouting::read(named.as_deref(), &[], Some(&document), &environment);
    report(&local.table.check_document(document), options.json)
}

/// Reads an agent's document. A file that cannot be read is a document with that problem.
pub(super) fn read(path: &Path) -> AgentReading {
    match text(path) {
        Ok(text) => read_agent(&text),
        Err(problem) => {
            let mut reading = AgentReading::default();
            reading.problems.push(problem);
            reading
        }
    }
}

/// The text of a file, or the problem that it is none.
pub(super) fn text(path: &Path) -> Result<String, AgentProblem> {
    let problem = |code, message: String| AgentProblem {
        severity: Severity::Error,
        path: String::new(),
        code,
        message,
        line: 1,
        column: 1,
    };
    let bytes = bytes(path).map_err(|error| {
        problem(
            codes::UNREADABLE,
            format!("The file cannot be read: {error}"),
        )
    })?;
    String::from_utf8(bytes)
        .map_err(|_| problem(codes::NOT_UTF8, "The file is not UTF-8 text.".to_owned()))
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than is allowed, so that the reader sees that it is too much.
    let limit = yaml::MAX_BYTES as u64 + 1;
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Says what is wrong with a document, and whether it is valid.
pub(super) fn report(document: &AgentReading, json: bool) -> CommandOutcome {
    let of = |severity| -> Vec<Value> {
        let problems = document.problems.iter();
        problems
            .filter(|problem| problem.severity == severity)
            .map(problem_json)
            .collect()
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let valid = document.is_valid();
    if json {
        let report = json!({ "valid": valid, "errors": errors, "warnings": warnings });
        tell(&format!("{report:#}"));
    } else {
        for problem in &document.problems {
            tell(&problem_line(problem));
        }
        tell(&format!(
            "{}: {} errors, {} warnings",
            if valid { "valid" } else { "invalid" },
            errors.len(),
            warnings.len()
        ));
    }
    if valid {
        CommandOutcome::Good
    } else {
        CommandOutcome::Bad
    }
}

pub(super) fn problem_json(problem: &AgentProblem) -> Value {
    json!({
        "path": problem.path,
        "code": problem.code,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
    })
}

pub(super) fn problem_line(problem: &AgentProblem) -> String {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let path = match problem.path.as_str() {
        "" => String::new(),
        path => format!(" in `{path}`"),
    };
    format!(
        "{severity} at {}:{}{path} [{}] {}",
        problem.line, problem.column, problem.code, problem.message
    )
}
