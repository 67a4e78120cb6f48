//! `waypost route`: which request a model ref becomes, without a server.

use super::local_routing::LocalRouting;
use super::{CommandOutcome, ProvidersOption, agent, check, tell, tell_error};
use crate::catalog::environment::Environment;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use std::fmt::Write as _;
use std::path::PathBuf;
use waypost_routing::agent::Agent;
use waypost_routing::codes;
use waypost_routing::export::{ExportFormat, export};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution, TraceEntry};
use waypost_routing::resolve::{Request, resolve};

/// The options of `waypost route`.
#[derive(Args)]
pub(super) struct Route {
    /// The model ref, such as openrouter/moonshotai/kimi-k2; without one, the agent's primary
    #[arg(value_name = "REF", required_unless_present_any = ["agent", "check"])]
    model_ref: Option<String>,
    /// The agent document of the agent that sends the request
    #[arg(long, value_name = "FILE")]
    agent: Option<PathBuf>,
    /// The agent's subagent that sends the request
    #[arg(long, value_name = "ALIAS")]
    subagent: Option<String>,
    /// Check that every ref and agent document in a list has the expected route
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model_ref", "agent", "subagent", "operation"])]
    check: Option<PathBuf>,
    /// The operation of the request: chat, messages, count_tokens, models, responses, embeddings,
    /// completions, moderations, rerank, images or speech
    #[arg(long, value_name = "OPERATION", default_value = "chat", value_parser = operation)]
    operation: Operation,
    #[command(flatten)]
    providers: ProvidersOption,
    /// A secret to assume as stored, such as openrouter/api-key. May be repeated
    #[arg(long = "secret", value_name = "NAME")]
    secrets: Vec<String>,
    /// Print the resolution as one JSON value
    #[arg(long)]
    json: bool,
    /// Print the request as a curl command, a LiteLLM model list entry or an agent document
    #[arg(long, value_name = "FORMAT", conflicts_with_all = ["json", "check"],
        value_parser = PossibleValuesParser::new(ExportFormat::ALL.map(ExportFormat::name)).try_map(|name: String| ExportFormat::from_name(&name).ok_or("unknown format")))]
    format: Option<ExportFormat>,
}

fn operation(text: &str) -> Result<Operation, String> {
    Operation::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Operation::ALL.iter().map(|one| one.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

pub(super) fn run(options: &Route) -> CommandOutcome {
    let environment = Environment::process();
    let file = options.providers.named();
    let (file, secrets) = (file.as_deref(), &options.secrets);
    if let Some(list) = &options.check {
        let local = LocalRouting::read(file, secrets, None, &environment);
        return check::run(list, &local, secrets, options.json);
    }
    let document = options.agent.as_deref().map(agent::read);
    let local = LocalRouting::read(file, secrets, document.as_ref(), &environment);
    if let Some(document) = document.as_ref().filter(|document| !document.is_valid()) {
        return agent::report(document, options.json);
    }
    let sender = document
        .as_ref()
        .and_then(|document| document.agent.as_ref());
    let request = Request::with(
        options.model_ref.as_deref(),
        options.operation,
        sender,
        options.subagent.as_deref(),
    );
    let resolution = resolve(&local.table, &request);
    if let Some(format) = options.format {
        print_export(format, &resolution, options.operation, sender);
    } else if options.json {
        let json = serde_json::to_string_pretty(&resolution).expect("a resolution is JSON");
        tell(&json);
    } else {
        tell(&describe(&resolution));
    }
    match resolution.outcome {
        Outcome::Routed => CommandOutcome::Good,
        Outcome::Rejected => CommandOutcome::Bad,
    }
}

/// Prints the export to the standard output, and what prevents the request to the standard error.
fn print_export(
    format: ExportFormat,
    resolution: &Resolution,
    operation: Operation,
    agent: Option<&Agent>,
) {
    match export(format, resolution, operation, agent) {
        Some(text) => tell(text.trim_end()),
        None => tell_error(format.unavailable()),
    }
    if let Some(error) = &resolution.error {
        tell_error(&format!("rejected [{}] {}", error.code, error.message));
    }
}

/// The resolution for a person, in a few lines.
fn describe(resolution: &Resolution) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label:<11} {value}");
    };
    line("ref", &resolution.model_ref);
    if let Some(error) = &resolution.error {
        line("rejected", &format!("[{}] {}", error.code, error.message));
    }
    if let Some(route) = &resolution.route {
        line("kind", route.kind.name());
        if let Some(base_url) = &route.base_url {
            line(
                "base url",
                &format!("{} (from {})", base_url.value, base_url.from),
            );
        }
        if let Some(url) = &route.url {
            line("request", &format!("{} {url}", route.method));
        }
        line("model", &route.wire_model);
        for header in &route.headers {
            line(
                "header",
                &format!("{}: {} (from {})", header.name, header.value, header.from),
            );
        }
        if route.credential.is_none() {
            line("credential", "none");
        }
    }
    for warning in &resolution.warnings {
        line(
            "warning",
            &format!("[{}] {}", warning.code, warning.message),
        );
        if let Some(suggestion) = &warning.suggestion {
            line("", &format!("try {suggestion}"));
        }
    }
    let reached = |entry: &&TraceEntry| entry.reason != codes::NOT_REACHED;
    for entry in resolution.trace.iter().filter(reached) {
        let held = if entry.held {
            "matches"
        } else {
            "does not match"
        };
        line(
            "rule",
            &format!("{} {held}: {}", entry.rule.name(), entry.message),
        );
    }
    text.truncate(text.trim_end().len());
    text
}
