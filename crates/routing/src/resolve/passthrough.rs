//! The models of an agent that go straight to their source or base URL.

use super::context::{Context, Span};
use super::destination::{Destination, Note, Target};
use super::reason::Reason;
use super::request::{SCOPE, is_scoped, primary, scoped};
use super::verdict::{Answer, does_not_hold, holds};
use crate::agent::{Agent, AgentModel};
use crate::base_url::BaseUrl;
use crate::resolution::RouteKind;
use crate::routing_table::RoutingTable;
use std::borrow::Cow;

/// A passthrough model of an agent: the string that its requests are known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassthroughModel<'a> {
    /// The subagent that sends it; `None` for the agent itself.
    pub subagent: Option<&'a str>,
    /// The string that is compared, with the subagent's scope.
    pub text: String,
    /// The string without that scope.
    pub model: String,
}

/// The passthrough models of an agent: its own first, then those of its subagents by alias.
#[must_use]
pub fn passthrough_models<'a>(table: &RoutingTable, agent: &'a Agent) -> Vec<PassthroughModel<'a>> {
    candidates(table, agent)
        .map(|candidate| PassthroughModel {
            subagent: candidate.subagent,
            text: match candidate.subagent {
                Some(alias) => scoped(&candidate.model, alias),
                None => candidate.model.clone().into_owned(),
            },
            model: candidate.model.into_owned(),
        })
        .collect()
}

/// A passthrough model as the rule looks at it, with nothing copied.
struct Candidate<'a, 'm> {
    subagent: Option<&'a str>,
    model: Cow<'m, str>,
    of: &'a AgentModel,
}

impl Candidate<'_, '_> {
    /// Whether this is the string that the model's requests are known by.
    fn is_known_by(&self, text: &str) -> bool {
        match self.subagent {
            Some(alias) => is_scoped(text, &self.model, alias),
            None => self.model == text,
        }
    }
}

fn candidates<'a: 'm, 'm>(
    table: &'m RoutingTable,
    agent: &'a Agent,
) -> impl Iterator<Item = Candidate<'a, 'm>> {
    let default_model = table.snapshot().default_model.as_deref();
    let root = (None, &agent.model);
    let subagents = agent
        .subagents
        .iter()
        .map(|(alias, subagent)| (Some(alias.as_str()), &subagent.model));
    std::iter::once(root)
        .chain(subagents)
        .filter(|(_, model)| passes_through(table, model))
        .filter_map(move |(subagent, of)| {
            let model = primary(of, default_model)?;
            Some(Candidate {
                subagent,
                model,
                of,
            })
        })
}

/// Whether a model passes through: as it says itself, else as its source says. A model whose
/// source is gone does too, so that it is refused and not quietly sent another way.
fn passes_through(table: &RoutingTable, model: &AgentModel) -> bool {
    model.passthrough.unwrap_or_else(|| match &model.source {
        None => false,
        Some(slug) => table
            .source(slug)
            .is_none_or(|source| source.entry.passthrough),
    })
}

/// The first rule. It compares the raw string, before anything else is asked of it.
pub(super) fn rule<'t>(context: &Context<'t, '_>) -> Answer<'t> {
    let Some(agent) = context.agent else {
        return does_not_hold(Reason::NoAgent);
    };
    let mut models = candidates(context.table, agent).peekable();
    if models.peek().is_none() {
        return does_not_hold(Reason::NoPassthroughModel);
    }
    let Some(found) = models.find(|model| model.is_known_by(context.text)) else {
        return does_not_hold(Reason::NotAPassthroughModel);
    };
    let reason = match found.subagent {
        None => Reason::PassthroughAgent,
        Some(alias) => Reason::PassthroughSubagent { alias },
    };
    let sent = &context.text[..found.model.len()];
    holds(destination(context, found.of, sent), reason)
}

/// Where a passthrough model sends its string.
fn destination<'t>(
    context: &Context<'t, '_>,
    model: &'t AgentModel,
    sent: &str,
) -> Destination<'t> {
    let own = model.base_url.as_deref().map(BaseUrl::parse).map(Box::new);
    let slug = model.source.as_deref();
    let source = slug.and_then(|slug| context.table.source(slug));
    // The upstream does not know the slug, which only says whose model it is.
    let below_slug = slug
        .and_then(|slug| sent.strip_prefix(slug))
        .and_then(|rest| rest.strip_prefix('/'));
    let wire_model = Span {
        start: sent.len() - below_slug.unwrap_or(sent).len(),
        end: sent.len(),
    };
    let target = match (slug, source) {
        (Some(_), Some(source)) => Target::Source { source, own },
        (Some(slug), None) => Target::UnknownSource { slug, own },
        (None, _) => Target::Address(own),
    };
    let mut destination = Destination::new(RouteKind::Passthrough, target, wire_model);
    if slug.is_none() && model.base_url.is_some() {
        destination.note = Some(Note::NoSource);
    }
    destination
}

/// The string of a subagent's passthrough model, without the scope that the rule matched.
pub(super) fn without_scope<'c>(text: &'c str, alias: &str) -> &'c str {
    let model = text
        .strip_suffix(alias)
        .and_then(|text| text.strip_suffix(SCOPE));
    model.unwrap_or(text)
}
