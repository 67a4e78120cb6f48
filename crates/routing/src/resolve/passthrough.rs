//! The models of an agent that go straight to their source or base URL.

use super::Context;
use super::reason::Reason;
use super::request::{primary, scoped};
use super::route::{Destination, Target};
use super::rules::{Answer, Parsed, does_not_hold, holds};
use crate::agent::{Agent, AgentModel};
use crate::base_url::BaseUrl;
use crate::codes;
use crate::resolution::{RouteKind, Warning};
use crate::world::World;

/// A passthrough model of an agent: the string that its requests are known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassthroughModel<'a> {
    /// The subagent that sends it; `None` for the agent itself.
    pub subagent: Option<&'a str>,
    /// The string that is compared, with the subagent's scope.
    pub text: String,
    /// The string without that scope.
    pub model: String,
    of: &'a AgentModel,
}

/// The passthrough models of an agent: its own first, then those of its subagents by alias.
#[must_use]
pub fn passthrough_models<'a>(world: &World, agent: &'a Agent) -> Vec<PassthroughModel<'a>> {
    let default_model = world.snapshot().default_model.as_deref();
    let root = (None, &agent.model);
    let subagents = agent
        .subagents
        .iter()
        .map(|(alias, subagent)| (Some(alias.as_str()), &subagent.model));
    std::iter::once(root)
        .chain(subagents)
        .filter(|(_, model)| passes_through(world, model))
        .filter_map(|(subagent, of)| {
            let model = primary(of, default_model)?;
            let text = match subagent {
                Some(alias) => scoped(&model, alias),
                None => model.clone(),
            };
            Some(PassthroughModel {
                subagent,
                text,
                model,
                of,
            })
        })
        .collect()
}

/// Whether a model passes through: as it says itself, else as its source says. A model whose
/// source is gone does too, so that it is refused and not quietly sent another way.
fn passes_through(world: &World, model: &AgentModel) -> bool {
    model.passthrough.unwrap_or_else(|| match &model.source {
        None => false,
        Some(slug) => world
            .source(slug)
            .is_none_or(|source| source.facts.passthrough),
    })
}

/// The first rule. It compares the raw string, before anything else is asked of it.
pub(super) fn rule<'w>(context: &'w Context<'w>, _: &'w Parsed<'w>) -> Answer<'w> {
    let Some(agent) = context.agent else {
        return does_not_hold(Reason::NoAgent);
    };
    let (text, name) = (context.text, agent.name.as_str());
    let models = passthrough_models(context.world, agent);
    if models.is_empty() {
        return does_not_hold(Reason::NoPassthroughModel { agent: name });
    }
    let Some(found) = models.into_iter().find(|model| model.text == text) else {
        return does_not_hold(Reason::NotAPassthroughModel { text, agent: name });
    };
    let model = &text[..found.model.len()];
    let reason = match found.subagent {
        None => Reason::PassthroughAgent { model, agent: name },
        Some(alias) => Reason::PassthroughSubagent { model, alias },
    };
    holds(destination(context, &found), reason)
}

fn destination<'w>(context: &Context<'w>, found: &PassthroughModel<'w>) -> Destination<'w> {
    let model = found.of;
    let own = model.base_url.as_deref().map(BaseUrl::parse);
    let slug = model.source.as_deref();
    let source = slug.and_then(|slug| context.world.source(slug));
    // The upstream knows nothing of the slug, which only says whose model it is.
    let below_slug = slug
        .and_then(|slug| found.model.strip_prefix(slug))
        .and_then(|rest| rest.strip_prefix('/'));
    let wire_model = below_slug.unwrap_or(&found.model);
    let cut = found.model.len() - wire_model.len();
    let target = match (slug, source) {
        (Some(_), Some(source)) => Target::Source { source, own },
        (Some(slug), None) => Target::UnknownSource { slug, own },
        (None, _) => Target::Address(own),
    };
    let mut destination = Destination::new(RouteKind::Passthrough, target, wire_model);
    destination.model_span = Some([cut, found.model.len()]);
    if slug.is_none() && model.base_url.is_some() {
        destination.warnings.push(Warning {
            code: codes::NO_SOURCE.into(),
            message: "The model names a base URL but no source, so no credential is sent.".into(),
            suggestion: None,
        });
    }
    destination
}
