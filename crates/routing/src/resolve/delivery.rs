//! From the destination that a rule names to what is sent there.

use super::allow::is_allowed;
use super::context::{Context, Span};
use super::destination::{Destination, Note, Target};
use super::down::is_down;
use crate::agent::FallbackPolicy;
use crate::catalog::ProviderKind;
use crate::endpoint::{self, Endpoint, OfAgent, ProviderSlot};
use crate::openrouter;
use crate::provenance::Provenance;
use crate::resolution::RouteKind;
use crate::snapshot::ModelEntry;

impl<'t> Target<'t> {
    /// Where the request goes. Endpoints without overrides are in the routing table.
    fn endpoint(&self, context: &Context<'t, '_>) -> Reached<'t> {
        let snapshot = context.table.snapshot();
        Reached::Own(Box::new(match self {
            Self::Provider(slot) => {
                let of_agent = of_agent(context, slot);
                if of_agent.is_nothing() {
                    return Reached::Known(&slot.endpoint);
                }
                endpoint::provider_endpoint(snapshot, slot, of_agent)
            }
            Self::Source { source, own: None } => return Reached::Known(&source.endpoint),
            Self::Source { source, own } => {
                endpoint::source_endpoint(snapshot, source, own.as_deref())
            }
            Self::UnknownSource { slug, own } => endpoint::unknown_source(slug, own.as_deref()),
            Self::Address(own) => endpoint::bare_address(own.as_deref()),
        }))
    }
}

/// The endpoint that a request reaches.
#[derive(Debug)]
enum Reached<'t> {
    /// One of the routing table's.
    Known(&'t Endpoint),
    /// One that only the sender has.
    Own(Box<Endpoint>),
}

/// What is the agent's own at a gateway.
fn of_agent<'t>(context: &Context<'t, '_>, slot: &ProviderSlot) -> OfAgent<'t> {
    let name = slot.entry.name.as_str();
    match context.agent {
        Some(agent) if slot.entry.kind == ProviderKind::Gateway => OfAgent {
            block: agent.gateways.get(name),
            key_of: (context.uses_own_keys && context.table.has_own_key(agent, name))
                .then_some(&*agent.id),
        },
        _ => OfAgent::default(),
    }
}

/// A request that a rule took, with what it reaches and what prevents sending it.
#[derive(Debug)]
pub(super) struct Delivery<'t> {
    pub(super) kind: RouteKind,
    pub(super) provider: Option<&'t str>,
    endpoint: Reached<'t>,
    pub(super) wire_model: Span,
    pub(super) policy: Option<FallbackPolicy>,
    /// The agent's `allow` does not list the ref.
    pub(super) is_not_allowed: bool,
    /// The model string stands for many models.
    pub(super) is_pattern: bool,
    /// The provider or source for which the model is switched off.
    pub(super) disabled_at: Option<&'t str>,
    /// The provider or source that no longer lists the model.
    pub(super) absent_at: Option<&'t str>,
    /// A scenario takes the destination down.
    pub(super) is_down: bool,
    pub(super) named_source: Option<&'t str>,
    pub(super) note: Option<Note>,
}

impl<'t> Delivery<'t> {
    pub(super) fn new(context: &Context<'t, '_>, destination: Destination<'t>) -> Self {
        let (disabled_at, absent_at) = model_state(context, &destination);
        let policy = match &destination.target {
            Target::Provider(slot) => {
                let block = of_agent(context, slot).block;
                block.and_then(|block| block.fallback_policy)
            }
            _ => None,
        };
        let owner = destination.named_source.or(destination.target.name());
        let model = destination.wire_model.of(context.text);
        let is_pattern = context.table.is_pattern(owner, model);
        let endpoint = destination.target.endpoint(context);
        let mut delivery = Self {
            kind: destination.kind,
            provider: destination.target.name(),
            endpoint,
            wire_model: destination.wire_model,
            policy,
            is_not_allowed: !is_allowed(context),
            is_pattern,
            disabled_at,
            absent_at,
            is_down: false,
            named_source: destination.named_source,
            note: destination.note,
        };
        delivery.is_down = is_down(context.table, &destination.target, delivery.endpoint());
        delivery
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        match &self.endpoint {
            Reached::Known(endpoint) => endpoint,
            Reached::Own(endpoint) => endpoint,
        }
    }

    /// Whether something prevents sending it.
    pub(super) fn is_rejected(&self) -> bool {
        let endpoint = self.endpoint();
        self.is_not_allowed
            || self.is_pattern
            || self.disabled_at.is_some()
            || self.is_down
            || endpoint.base_url.is_err()
            || endpoint.credential_problem.is_some()
    }

    /// The origin that it is sent to.
    pub(super) fn origin(&self) -> Option<&str> {
        let base_url = self.endpoint().base_url.as_ref().ok()?;
        Some(base_url.url.origin_str())
    }

    /// The credential that is sent, if one is.
    pub(super) fn chosen_credential(&self) -> Option<&Provenance> {
        Some(&self.endpoint().auth.as_ref()?.from)
    }
}

/// Who switched the model off, and who no longer lists it.
fn model_state<'t>(
    context: &Context<'t, '_>,
    destination: &Destination<'t>,
) -> (Option<&'t str>, Option<&'t str>) {
    let mut absent = None;
    let id = destination.wire_model.of(context.text);
    let owners = [destination.target.name(), destination.named_source];
    for owner in owners.into_iter().flatten() {
        let Some(fact) = known_model(context, owner, id) else {
            continue;
        };
        if !fact.enabled {
            return (Some(owner), None);
        }
        if fact.absent && absent.is_none() && !context.table.is_covered(owner, id) {
            absent = Some(owner);
        }
    }
    (None, absent)
}

/// What is known of a model, also where OpenRouter's ref adds a routing variant to its id: what is
/// switched off must not come back by a suffix.
fn known_model<'t>(context: &Context<'t, '_>, owner: &str, id: &str) -> Option<&'t ModelEntry> {
    let of_id = context.table.model(owner, id);
    of_id.or_else(|| match owner {
        openrouter::NAME => context.table.model(owner, openrouter::listed_id(id)),
        _ => None,
    })
}
