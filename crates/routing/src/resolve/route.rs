//! From a destination to a whole route.

use super::Context;
use crate::agent::GatewayOverride;
use crate::catalog::ProviderKind;
use crate::codes;
use crate::display_text::display_text;
use crate::endpoint::{self, EffectiveBaseUrl, Endpoint};
use crate::openrouter;
use crate::operation::Operation;
use crate::resolution::{Refusal, Resolution, Route, RouteHeader, RouteKind, Warning};
use crate::world::{ModelFact, ProviderSlot, ReadUrl, SourceSlot};
use std::borrow::Cow;

/// Where a rule sends a request.
pub(super) struct Destination<'w> {
    pub(super) kind: RouteKind,
    pub(super) target: Target<'w>,
    pub(super) wire_model: String,
    /// Whose model the request uses: each of them may have switched it off.
    pub(super) owners: [Option<&'w str>; 2],
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

    /// Where the request goes. The world has worked out the endpoints that nobody overrides.
    fn endpoint(&self, context: &Context<'w>) -> Cow<'w, Endpoint> {
        let world = context.world;
        let known = match self {
            Self::Provider(slot) if overrides(context, slot).is_none() => {
                world.provider_endpoint(&slot.entry.name)
            }
            Self::Source { source, own: None } => world.source_endpoint(&source.facts.slug),
            _ => None,
        };
        if let Some(known) = known {
            return Cow::Borrowed(known);
        }
        let snapshot = world.snapshot();
        Cow::Owned(match self {
            Self::Provider(slot) => {
                endpoint::provider_endpoint(snapshot, slot, overrides(context, slot))
            }
            Self::Source { source, own } => {
                endpoint::source_endpoint(snapshot, source, own.as_ref())
            }
            Self::UnknownSource { slug, own } => endpoint::unknown_source(slug, own.as_ref()),
            Self::Address(own) => endpoint::bare_address(own.as_ref()),
        })
    }
}

/// What the agent overrides of a gateway.
fn overrides<'w>(context: &Context<'w>, slot: &ProviderSlot) -> Option<&'w GatewayOverride> {
    if slot.entry.kind != ProviderKind::Gateway {
        return None;
    }
    context.agent?.gateways.get(&slot.entry.name)
}

impl<'w> Destination<'w> {
    pub(super) fn new(kind: RouteKind, target: Target<'w>, wire_model: &str) -> Self {
        Self {
            kind,
            owners: [target.name(), None],
            target,
            wire_model: wire_model.to_owned(),
            model_span: None,
            warnings: Vec::new(),
        }
    }
}

/// Fills in the route and whatever stands against sending it.
pub(super) fn complete<'w>(
    context: &Context<'w>,
    destination: Destination<'w>,
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
        .or_else(|| endpoint.credential_problem.clone());
    resolution.warnings = destination.warnings;
    resolution.warnings.extend(absent);
    resolution
        .warnings
        .extend(endpoint.warnings.iter().cloned());
    let base_url = endpoint.base_url.as_ref().ok();
    resolution.route = Some(Route {
        kind: destination.kind,
        provider,
        base_url: base_url.map(EffectiveBaseUrl::provenanced),
        method: context.operation.method().to_owned(),
        url: base_url.map(|base| base.url.operation_url(context.operation)),
        wire_model: destination.wire_model,
        headers: with_content_type(&endpoint.headers, context.operation),
        credential: endpoint.credential.clone(),
        fallback_policy: policy,
    });
}

/// The policy that the agent advises the gateway of.
fn fallback_policy(context: &Context<'_>, target: &Target<'_>) -> Option<String> {
    let Target::Provider(slot) = target else {
        return None;
    };
    let policy = overrides(context, slot)?.fallback_policy?;
    Some(policy.name().to_owned())
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

/// The headers with the content type of a request that has a body, which stands below every header
/// that is set for it.
fn with_content_type(headers: &[RouteHeader], operation: Operation) -> Vec<RouteHeader> {
    const NAME: &str = "content-type";
    let mut sent = Vec::with_capacity(headers.len() + 1);
    sent.extend_from_slice(headers);
    if operation.method() == "GET" {
        return sent;
    }
    let place = sent.binary_search_by(|header| header.name.as_str().cmp(NAME));
    if let Err(place) = place {
        sent.insert(
            place,
            RouteHeader {
                name: NAME.to_owned(),
                value: "application/json".to_owned(),
                from: "waypost".to_owned(),
            },
        );
    }
    sent
}

/// Whether somebody switched the model off, and whether somebody no longer lists it.
fn model_state(
    context: &Context<'_>,
    destination: &Destination<'_>,
) -> (Option<Refusal>, Option<Warning>) {
    let mut absent = None;
    let id = destination.wire_model.as_str();
    for owner in destination.owners.into_iter().flatten() {
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
