//! `waypost route --check`: a list of refs and agents, each held against what is expected of it.

use super::local_routing::LocalRouting;
use super::{CommandOutcome, agent, tell};
use crate::catalog::environment::Environment;
use serde_json::{Value, json};
use std::path::Path;
use waypost_routing::agent::{AgentProblem, AgentReading, Check, Expectation, Unmet, read_checks};
use waypost_routing::resolution::{Outcome, Resolution};
use waypost_routing::resolve::{Request, resolve};

/// What came of one route.
struct Held {
    line: u32,
    model_ref: Option<String>,
    agent: Option<String>,
    subagent: Option<String>,
    unmet: Vec<Unmet>,
    /// Why the agent's document cannot be used.
    errors: Vec<AgentProblem>,
}

/// Holds every route of a list against what is expected of it. A check of an agent without a
/// subagent also looks at those subagents that say what they expect.
pub(super) fn run(
    list: &Path,
    local: &LocalRouting,
    secrets: &[String],
    json: bool,
) -> CommandOutcome {
    let checks = match agent::text(list).map_err(|problem| vec![problem]) {
        Ok(text) => read_checks(&text),
        Err(problems) => Err(problems),
    };
    let checks = match checks {
        Ok(checks) => checks,
        Err(problems) => return unreadable(&problems, json),
    };
    let folder = list.parent().unwrap_or(Path::new(""));
    let held: Vec<Held> = checks
        .iter()
        .flat_map(|check| hold(check, folder, local, secrets))
        .collect();
    let failed = held.iter().filter(|held| !held.is_met()).count();
    if json {
        let report = json!({
            "passed": held.len() - failed,
            "failed": failed,
            "results": held.iter().map(Held::json).collect::<Vec<_>>(),
        });
        tell(&format!("{report:#}"));
    } else {
        for held in &held {
            tell(&held.lines());
        }
        tell(&format!("{} passed, {failed} failed", held.len() - failed));
    }
    if failed == 0 {
        CommandOutcome::Good
    } else {
        CommandOutcome::Bad
    }
}

fn unreadable(problems: &[AgentProblem], json: bool) -> CommandOutcome {
    if json {
        let errors: Vec<Value> = problems.iter().map(agent::problem_json).collect();
        tell(&format!("{:#}", json!({ "errors": errors })));
    } else {
        for problem in problems {
            tell(&agent::problem_line(problem));
        }
    }
    CommandOutcome::Bad
}

fn hold(check: &Check, folder: &Path, local: &LocalRouting, secrets: &[String]) -> Vec<Held> {
    let Some(file) = &check.agent else {
        let model_ref = check.model_ref.as_deref();
        let subagent = check.subagent.as_deref();
        let request = Request::with(model_ref, check.operation, None, subagent);
        let resolution = resolve(&local.table, &request);
        return vec![Held::new(check, None, &resolution, [check.expect.as_ref()])];
    };
    let document = agent::read(&folder.join(file));
    let local = local.with_document(secrets, &document, &Environment::process());
    hold_agent(check, &document, &local)
}

fn hold_agent(check: &Check, document: &AgentReading, local: &LocalRouting) -> Vec<Held> {
    let Some(agent) = &document.agent else {
        return vec![Held {
            errors: document.problems.clone(),
            ..Held::of(check, None)
        }];
    };
    let hold = |model_ref: Option<&str>, alias: Option<&str>, given: Option<&Expectation>| {
        let request = Request::with(model_ref, check.operation, Some(agent), alias);
        let resolution = resolve(&local.table, &request);
        // What an agent expects of its primary says nothing of another model string.
        let own = match alias {
            None => agent.expect.as_ref(),
            Some(alias) => agent
                .subagents
                .get(alias)
                .and_then(|one| one.expect.as_ref()),
        };
        let own = own.filter(|_| model_ref.is_none());
        Held::new(check, alias, &resolution, [given, own])
    };
    let model_ref = check.model_ref.as_deref();
    let alias = check.subagent.as_deref();
    let mut held = vec![hold(model_ref, alias, check.expect.as_ref())];
    if model_ref.is_none() && alias.is_none() {
        let expecting = agent
            .subagents
            .iter()
            .filter(|(_, one)| one.expect.is_some());
        held.extend(expecting.map(|(alias, _)| hold(None, Some(alias), None)));
    }
    held
}

impl Held {
    fn of(check: &Check, subagent: Option<&str>) -> Self {
        Self {
            line: check.line,
            model_ref: check.model_ref.clone(),
            agent: check.agent.clone(),
            subagent: subagent.or(check.subagent.as_deref()).map(str::to_owned),
            unmet: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// A route must be routed at least, whatever else is expected of it.
    fn new<'e>(
        check: &Check,
        subagent: Option<&str>,
        resolution: &Resolution,
        expectations: impl IntoIterator<Item = Option<&'e Expectation>>,
    ) -> Self {
        let mut held = Self::of(check, subagent);
        let mut expected = false;
        for expectation in expectations.into_iter().flatten() {
            expected = true;
            for unmet in expectation.unmet(resolution) {
                if !held.unmet.contains(&unmet) {
                    held.unmet.push(unmet);
                }
            }
        }
        if !expected && resolution.outcome == Outcome::Rejected {
            held.unmet = Expectation::default().unmet(resolution);
        }
        held
    }

    fn is_met(&self) -> bool {
        self.unmet.is_empty() && self.errors.is_empty()
    }

    fn json(&self) -> Value {
        let mut value = json!({
            "line": self.line,
            "ok": self.is_met(),
            "unmet": self.unmet,
            "errors": self.errors.iter().map(agent::problem_json).collect::<Vec<_>>(),
        });
        let names = [
            ("ref", &self.model_ref),
            ("agent", &self.agent),
            ("subagent", &self.subagent),
        ];
        for (name, text) in names {
            if let Some(text) = text {
                value[name] = Value::from(text.as_str());
            }
        }
        value
    }

    fn lines(&self) -> String {
        let names = [&self.model_ref, &self.agent, &self.subagent];
        let what: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
        let verdict = if self.is_met() { "ok" } else { "failed" };
        let mut lines = vec![format!(
            "{verdict} line {}: {}",
            self.line,
            what.join(" · ")
        )];
        for unmet in &self.unmet {
            let found = unmet.found.as_deref().unwrap_or("nothing");
            lines.push(format!(
                "  {}: expected {}, found {found}",
                unmet.field, unmet.expected
            ));
        }
        lines.extend(
            self.errors
                .iter()
                .map(|error| format!("  {}", agent::problem_line(error))),
        );
        lines.join("\n")
    }
}
