//! `waypost route`: which request a model ref becomes, without a server.

use super::world::LocalWorld;
use super::{ProvidersOption, Verdict, tell};
use crate::catalog::environment::Environment;
use clap::Args;
use std::fmt::Write as _;
use waypost_routing::codes;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution, TraceEntry};
use waypost_routing::resolve::{Request, resolve};

/// The options of `waypost route`.
#[derive(Args)]
pub(super) struct Route {
    /// The model ref, such as openrouter/moonshotai/kimi-k2
    #[arg(value_name = "REF")]
    model_ref: String,
    /// What the request asks for: chat, messages, count_tokens, models, responses or embeddings
    #[arg(long, value_name = "OPERATION", default_value = "chat", value_parser = operation)]
    operation: Operation,
    #[command(flatten)]
    providers: ProvidersOption,
    /// The name of a secret that the backend holds, such as openrouter/api-key; can be repeated
    #[arg(long = "secret", value_name = "NAME")]
    secrets: Vec<String>,
    /// Print the resolution as one JSON value
    #[arg(long)]
    json: bool,
}

fn operation(text: &str) -> Result<Operation, String> {
    Operation::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Operation::ALL.iter().map(|one| one.name()).collect();
        format!("it is one of {}", names.join(", "))
    })
}

pub(super) fn run(options: &Route) -> Verdict {
    let local = LocalWorld::read(
        options.providers.named().as_deref(),
        &options.secrets,
        &Environment::process(),
    );
    let request = Request::new(&options.model_ref, options.operation);
    let resolution = resolve(&local.world, &request);
    if options.json {
        let json = serde_json::to_string_pretty(&resolution).expect("a resolution is JSON");
        tell(&json);
    } else {
        tell(&describe(&resolution));
    }
    match resolution.outcome {
        Outcome::Routed => Verdict::Good,
        Outcome::Rejected => Verdict::Bad,
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
        let held = if entry.held { "holds" } else { "does not hold" };
        line(
            "rule",
            &format!("{} {held}: {}", entry.rule.name(), entry.message),
        );
    }
    text.truncate(text.trim_end().len());
    text
}
