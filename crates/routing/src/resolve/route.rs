//! From a destination to a whole route.

use super::Context;
use crate::catalog::ProviderKind;
use crate::codes;
use crate::display_text::display_text;
use crate::endpoint::{self, Endpoint};
use crate::openrouter;
use crate::operation::Operation;
use crate::resolution::{Refusal, Resolution, Route, RouteHeader, RouteKind, Warning};
use crate::world::{ModelFact, ProviderSlot, ReadUrl, SourceSlot};

/// Where a rule sends a request.
pub(super) struct Destination<'w> {
    pub(super) kind: RouteKind,
    pub(super) target: Target<'w>,
    pub(super) wire_model: String,
    /// Whose models the request uses, with the id there: each of them may have switched it off.
    pub(super) owners: Vec<(&'w str, String)>,
    /// Where the model stands in the ref.
    pub(super) model_span: Option<[usize; 2]>,
    pub(super) warnings: Vec<Warning>,
}

/// Who gets the request.
pub(super) enum Target<'w> {
    Provider(&'w ProviderSlot),
    /// A custom source, or another base URL of the agent's own with that source's secrets.
    Source {
        source: &'w SourceSlot,
        own: Option<ReadUrl>,
    },
    /// A source that the agent names and nobody has.
    UnknownSource {
        slug: &'w str,
        own: Option<ReadUrl>,
    },
    /// The agent's own base URL, without a source.
    Address(Option<ReadUrl>),
}

impl<'w> Target<'w> {
    fn name(&self) -> Option<&'w str> {
        match self {
            Self::Provider(slot) => Some(&slot.entry.name),
            Self::Source { source, .. } => Some(&source.facts.slug),
            Self::UnknownSource { slug, .. } => Some(slug),
            Self::Address(_) => None,
        }
    }

    fn endpoint(&self, context: &Context<'_>) -> Endpoint {
        match self {
            Self::Provider(slot) => {
                let gateways = context.agent.map(|agent| &agent.gateways);
                let overrides = gateways.and_then(|gateways| gateways.get(&slot.entry.name));
                endpoint::provider_endpoint(context.world, slot, overrides)
            }
            Self::Source { source, own } => {
                endpoint::source_endpoint(context.world, source, own.as_ref())
            }
            Self::UnknownSource { slug, own } => endpoint::unknown_source(slug, own.as_ref()),
            Self::Address(own) => endpoint::bare_address(own.as_ref()),
        }
    }
}

impl<'w> Destination<'w> {
    pub(super) fn new(kind: RouteKind, target: Target<'w>, wire_model: &str) -> Self {
        let owner = target.name();
        Self {
            kind,
            owners: owner
                .map(|owner| (owner, wire_model.to_owned()))
                .into_iter()
                .collect(),
            target,
            wire_model: wire_model.to_owned(),
            model_span: None,
            warnings: Vec::new(),
        }
    }
}

/// Fills in the route and whatever stands against sending it.
pub(super) fn complete(
    context: &Context<'_>,
    destination: Destination<'_>,
    resolution: &mut Resolution,
) {
    let endpoint = destination.target.endpoint(context);
    let provider = destination.target.name().map(str::to_owned);
    let policy = fallback_policy(context, &destination.target);
    let (disabled, absent) = model_state(context, &destination);
    let base_url_problem = endpoint.base_url.as_ref().err().map(|problem| Refusal {
        code: problem.code.to_owned(),
        message: problem.message.clone(),
        span: None,
    });
    // Of several reasons the one is told that an administrator would have to settle first.
    resolution.error = disabled
        .or(base_url_problem)
        .or(endpoint.credential_problem.clone());
    resolution.warnings = destination.warnings;
    resolution.warnings.extend(absent);
    resolution
        .warnings
        .extend(endpoint.warnings.iter().cloned());
    let route = sent(
        context.operation,
        destination.kind,
        provider,
        destination.wire_model,
        endpoint,
    );
    resolution.route = Some(Route {
        fallback_policy: policy,
        ..route
    });
}

/// The policy that the agent advises the gateway of.
fn fallback_policy(context: &Context<'_>, target: &Target<'_>) -> Option<String> {
    let Target::Provider(slot) = target else {
        return None;
    };
    if slot.entry.kind != ProviderKind::Gateway {
        return None;
    }
    let overrides = context.agent?.gateways.get(&slot.entry.name)?;
    overrides
        .fallback_policy
        .map(|policy| policy.name().to_owned())
}

fn sent(
    operation: Operation,
    kind: RouteKind,
    provider: Option<String>,
    wire_model: String,
    endpoint: Endpoint,
) -> Route {
    let base_url = endpoint.base_url.ok();
    Route {
        kind,
        provider,
        url: base_url
            .as_ref()
            .map(|base| base.url.operation_url(operation)),
        base_url: base_url.map(|base| base.provenanced()),
        method: operation.method().to_owned(),
        wire_model,
        headers: with_content_type(endpoint.headers, operation),
        credential: endpoint.credential,
        fallback_policy: None,
    }
}

/// The route of a request for which nobody is there: only what the ref itself says.
pub(super) fn unsent(
    context: &Context<'_>,
    kind: RouteKind,
    provider: &str,
    wire_model: &str,
) -> Route {
    Route {
        kind,
        provider: Some(provider.to_owned()),
        base_url: None,
        method: context.operation.method().to_owned(),
        url: None,
        wire_model: wire_model.to_owned(),
        headers: Vec::new(),
        credential: None,
        fallback_policy: None,
    }
}

/// Adds the content type of a request that has a body, below every header that is set for it.
fn with_content_type(mut headers: Vec<RouteHeader>, operation: Operation) -> Vec<RouteHeader> {
    const NAME: &str = "content-type";
    if operation.method() == "GET" {
        return headers;
    }
    let place = headers.binary_search_by(|header| header.name.as_str().cmp(NAME));
    if let Err(place) = place {
        headers.insert(
            place,
            RouteHeader {
                name: NAME.to_owned(),
                value: "application/json".to_owned(),
                from: "waypost".to_owned(),
            },
        );
    }
    headers
}

/// Whether somebody switched the model off, and whether somebody no longer lists it.
fn model_state(
    context: &Context<'_>,
    destination: &Destination<'_>,
) -> (Option<Refusal>, Option<Warning>) {
    let mut absent = None;
    for (owner, id) in &destination.owners {
        let Some(fact) = known_model(context, owner, id) else {
            continue;
        };
        let shown = display_text(id, 120);
        if !fact.enabled {
            let refusal = Refusal {
                code: codes::MODEL_DISABLED.to_owned(),
                message: format!(
                    "The model `{shown}` of `{owner}` is switched off. Enable it in the catalog, \
                     or name another."
                ),
                span: destination.model_span,
            };
            return (Some(refusal), None);
        }
        if fact.absent && absent.is_none() {
            absent = Some(Warning {
                code: codes::MODEL_ABSENT.to_owned(),
                message: format!(
                    "`{owner}` no longer lists the model `{shown}`, so the request may fail there."
                ),
                suggestion: None,
            });
        }
    }
    (None, absent)
}

/// What is known of a model, also where OpenRouter's ref adds a routing variant to its id: what is
/// switched off must not come back by a suffix.
fn known_model<'w>(context: &Context<'w>, owner: &str, id: &str) -> Option<&'w ModelFact> {
    let of_id = context.world.model(owner, id);
    of_id.or_else(|| match owner {
        openrouter::NAME => context.world.model(owner, openrouter::listed_id(id)),
        _ => None,
    })
}
