//! Agents: the YAML document that says which model an agent and its subagents send, and where.
//!
//! The reader reports every problem of a document at once. Whatever is at fault, the document
//! stays the author's: nothing is corrected, and nothing is guessed.

mod allow;
mod checks;
mod expectation;
mod gateways;
mod lines;
mod model;
mod reader;
mod sources;
mod subagents;

pub use allow::AllowedRefs;
pub use checks::{Check, read_checks};
pub use expectation::{Expectation, Unmet};
pub use gateways::{FallbackPolicy, GatewayOverride};
pub use model::AgentModel;
pub use sources::LocalSource;
pub use subagents::Subagent;

use crate::catalog::{Catalog, ProviderKind};
use crate::codes;
use crate::model_id::pattern_message;
use crate::problem::Severity;
use crate::suggestion::closest;
use crate::yaml::{self, Mapping, Position, Value};
use lines::MemberLines;
use reader::{CheckedRef, Reader, join};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// An agent, as far as routing asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Agent {
    /// The permanent id, which a server gives; empty where there is none. The agent's own gateway keys
    /// are stored under it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The private origins among its base URLs that an administrator confirmed, which a server gives;
    /// sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_private: Vec<String>,
    /// The name, which is all that an agent needs.
    pub name: String,
    /// The model of the agent itself.
    #[serde(default)]
    pub model: AgentModel,
    /// What the agent overrides of gateways, by their names. It holds for its subagents too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gateways: BTreeMap<String, GatewayOverride>,
    /// The subagents, by alias.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub subagents: BTreeMap<String, Subagent>,
    /// The refs that the agent and its subagents may send; absent: every ref that resolves.
    #[serde(default, skip_serializing_if = "AllowedRefs::is_unrestricted")]
    pub allow: AllowedRefs,
    /// What the route of the agent's primary must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expectation>,
}

impl Agent {
    /// The base URLs that the document brings along, for gateways and for models.
    pub fn own_base_urls(&self) -> impl Iterator<Item = &str> {
        let gateways = self
            .gateways
            .values()
            .filter_map(|block| block.url.as_deref());
        let subagents = self.subagents.values().map(|subagent| &subagent.model);
        let models = std::iter::once(&self.model).chain(subagents);
        gateways.chain(models.filter_map(|model| model.base_url.as_deref()))
    }

    /// The agent itself, then the aliases of its subagents.
    pub(crate) fn members(&self) -> impl Iterator<Item = Option<&str>> {
        let aliases = self.subagents.keys();
        std::iter::once(None).chain(aliases.map(|alias| Some(alias.as_str())))
    }
}

/// What became of reading an agent document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentReading {
    /// The agent; `None` where a problem is an error.
    pub agent: Option<Agent>,
    /// The sources that the document brings along for the command line. A server has its own and
    /// leaves these alone.
    pub sources: Vec<LocalSource>,
    /// Every error and warning, in the order of the document.
    pub problems: Vec<AgentProblem>,
    /// The position of each gateway, for a later check against a catalog.
    gateways: Vec<(String, Position)>,
    /// The lines of the agent and of each subagent.
    members: Vec<MemberLines>,
    /// The refs that were checked without knowing any model.
    refs: Vec<CheckedRef>,
}

/// One problem of an agent document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgentProblem {
    /// How grave it is.
    pub severity: Severity,
    /// The field or mapping at fault, such as `gateways.litellm.url`; empty for the whole
    /// document. A field that is not known is not in the path, the mapping that holds it is.
    pub path: String,
    /// A stable code, such as `invalid_base_url`.
    pub code: &'static str,
    /// What is wrong and what to do, in whole sentences. It never repeats a value.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

impl AgentReading {
    /// Whether no problem is an error.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.agent.is_some()
    }

    /// The lines, from 1, that say what the agent itself sends, or one of its subagents; `None`
    /// where the document says nothing of it.
    #[must_use]
    pub fn lines_of(&self, subagent: Option<&str>) -> Option<RangeInclusive<u32>> {
        let mut members = self.members.iter();
        let member = members.find(|member| member.alias.as_deref() == subagent)?;
        Some(member.lines.clone())
    }

    /// Checks the refs again where models are known. `check` says whether a ref names a pattern;
    /// `None` for a malformed ref.
    pub(crate) fn check_refs(mut self, check: impl Fn(&str) -> Option<bool>) -> Self {
        for checked in &self.refs {
            let is_of = |problem: &AgentProblem, codes: &[&str]| {
                problem.path == checked.path && codes.contains(&problem.code)
            };
            let Some(is_pattern) = check(&checked.text) else {
                continue;
            };
            let of_grammar = [codes::EMPTY_SEGMENT, codes::INVALID_SEGMENT];
            self.problems.retain(|problem| !is_of(problem, &of_grammar));
            let mut problems = self.problems.iter();
            if is_pattern && !problems.any(|problem| is_of(problem, &[codes::MODEL_IS_PATTERN])) {
                self.problems.push(AgentProblem {
                    severity: Severity::Warning,
                    path: checked.path.clone(),
                    code: codes::MODEL_IS_PATTERN,
                    message: pattern_message(&checked.text),
                    line: checked.position.line,
                    column: checked.position.column,
                });
            }
        }
        self
    }

    /// Adds what only a catalog can say: `unknown_gateway` for a name that no entry has, and
    /// `not_a_gateway` for a direct provider's. A name that a faulty entry blocks is left to the
    /// resolver, which refuses it.
    #[must_use]
    pub fn checked_against(mut self, catalog: &Catalog) -> Self {
        for (name, position) in &self.gateways {
            if catalog.blocked(name).is_some() {
                continue;
            }
            let (code, message) = match catalog.effective(name).map(|entry| entry.kind) {
                Some(ProviderKind::Gateway) => continue,
                Some(ProviderKind::OpenaiCompatible) => (
                    codes::NOT_A_GATEWAY,
                    "This is a direct provider, whose values an agent cannot override. The block \
                     is ignored."
                        .to_owned(),
                ),
                None => (codes::UNKNOWN_GATEWAY, unknown_gateway(name, catalog)),
            };
            self.problems.push(AgentProblem {
                severity: Severity::Warning,
                path: join("gateways", name),
                code,
                message,
                line: position.line,
                column: position.column,
            });
        }
        self.problems
            .sort_by_key(|problem| (problem.line, problem.column));
        self
    }
}

fn unknown_gateway(name: &str, catalog: &Catalog) -> String {
    let mut message =
        "No provider has this name, so the block is ignored until there is one.".to_owned();
    if let Some(known) = closest(name, catalog.names()) {
        message.push_str(&format!(" Did you mean `{known}`?"));
    }
    message
}

/// Reads an agent document.
#[must_use]
pub fn read_agent(text: &str) -> AgentReading {
    let mut reader = Reader::default();
    let document = match yaml::parse(text) {
        Ok(document) => document,
        Err(error) => {
            reader.error("", error.code(), error.message(), error.position());
            return reader.finish(None);
        }
    };
    match document.value() {
        Value::Mapping(top) => {
            reader.check_repeated("", top, &KEYS);
            let sources = sources::read(&mut reader, top.get("sources"));
            let agent = read_top(&mut reader, top, document.position());
            reader.members = lines::read(text, top);
            AgentReading {
                sources,
                ..reader.finish(Some(agent))
            }
        }
        other => {
            let message = match other {
                Value::Null => {
                    "The document is empty. An agent needs at least a `name`.".to_owned()
                }
                _ => format!(
                    "An agent must be a mapping with at least a `name`, not {}.",
                    document.kind()
                ),
            };
            reader.error("", codes::NOT_A_MAPPING, message, document.position());
            reader.finish(None)
        }
    }
}

/// The keys of the document that routing reads. All others are the agent's own affair.
const KEYS: [&str; 7] = [
    "name",
    "model",
    "gateways",
    "subagents",
    "sources",
    "allow",
    "expect",
];

fn read_top(reader: &mut Reader, top: &Mapping, position: Position) -> Agent {
    Agent {
        id: String::new(),
        allow_private: Vec::new(),
        name: reader.name(top.get("name"), position),
        model: model::read(reader, "model", top.get("model")),
        gateways: gateways::read(reader, top.get("gateways")),
        subagents: subagents::read(reader, top.get("subagents")),
        allow: allow::read(reader, top.get("allow")),
        expect: expectation::read(reader, "expect", top.get("expect")),
    }
}

#[cfg(test)]
mod tests;
