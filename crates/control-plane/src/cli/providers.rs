//! `waypost providers check`: checks a providers file, for scripts and CI.

use super::local_routing::LocalRouting;
use super::{CommandOutcome, ProvidersOption, tell};
use crate::catalog::environment::Environment;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use waypost_routing::catalog::ProviderEntry;
use waypost_routing::problem::Severity;
use waypost_routing::providers_file::FileIssue;

/// `waypost providers …`
#[derive(Subcommand)]
pub(super) enum Providers {
    /// Check a providers file. Exits with 0 if it is valid, 1 if it has an error.
    Check(Check),
}

/// The options of `waypost providers check`.
#[derive(Args)]
pub(super) struct Check {
    #[command(flatten)]
    providers: ProvidersOption,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Providers) -> CommandOutcome {
    let Providers::Check(options) = command;
    let local = LocalRouting::read(
        options.providers.named().as_deref(),
        &[],
        None,
        &Environment::process(),
    );
    let of = |severity| {
        local
            .file
            .issues
            .iter()
            .filter(move |issue| issue.severity == severity)
    };
    if options.json {
        let entries: Map<String, Value> = local
            .entries()
            .map(|entry| (entry.name.clone(), entry_json(entry)))
            .collect();
        let report = json!({
            "entry_count": entries.len(),
            "entries": entries,
            "errors": of(Severity::Error).map(issue_json).collect::<Vec<_>>(),
            "warnings": of(Severity::Warning).map(issue_json).collect::<Vec<_>>(),
        });
        tell(&format!("{report:#}"));
    } else {
        match &local.path {
            Some(path) => tell(&format!("{}", path.display())),
            None => tell("There is no providers file. Only the built-in catalog is used."),
        }
        for issue in &local.file.issues {
            tell(&issue_line(issue));
        }
        tell(&format!(
            "{} effective entries, {} of them from the file; {} errors, {} warnings",
            local.entries().count(),
            local.file.entries.len(),
            of(Severity::Error).count(),
            of(Severity::Warning).count(),
        ));
    }
    match of(Severity::Error).next() {
        None => CommandOutcome::Good,
        Some(_) => CommandOutcome::Bad,
    }
}

fn entry_json(entry: &ProviderEntry) -> Value {
    let mut json = json!({
        "type": entry.kind.name(),
        "base_url": entry.base_url,
        "api_key_env": entry.api_key_env,
        "default_headers": entry.default_headers,
        "docs": entry.docs,
        "notable_models": entry.notable_models,
        "source": entry.layer.name(),
    });
    if !entry.pass_headers.is_empty() {
        json["pass_headers"] = json!(entry.pass_headers);
    }
    if !entry.limits.is_empty() {
        json["limits"] = json!(entry.limits);
    }
    json
}

fn issue_json(issue: &FileIssue) -> Value {
    json!({
        "entry": issue.entry,
        "code": issue.code,
        "message": issue.message,
        "line": issue.line,
        "column": issue.column,
    })
}

fn issue_line(issue: &FileIssue) -> String {
    let severity = match issue.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = match (issue.line, issue.column) {
        (Some(line), Some(column)) => format!(" at {line}:{column}"),
        _ => String::new(),
    };
    let entry = issue
        .entry
        .as_deref()
        .map_or_else(String::new, |entry| format!(" in `{entry}`"));
    format!(
        "{severity}{place}{entry} [{}] {}",
        issue.code, issue.message
    )
}
