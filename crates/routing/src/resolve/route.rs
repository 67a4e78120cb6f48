//! From a destination to a whole route.

use super::Context;
use super::allow::not_allowed;
use super::down::down;
use crate::agent::{FallbackPolicy, GatewayOverride};
use crate::catalog::ProviderKind;
use crate::codes;
use crate::display_text::display_text;
use crate::endpoint::{self, EffectiveBaseUrl, Endpoint};
use crate::openrouter;
use crate::operation::Operation;
use crate::resolution::{Rejection, Resolution, Route, RouteHeader, RouteKind, Warning};
use crate::routing_table::{ProviderSlot, ReadUrl, SourceSlot};
use crate::snapshot::ModelFact;
use std::ops::Deref;

/// Where a rule sends a request.
pub(super) struct Destination<'w> {
    pub(super) kind: RouteKind,
    pub(super) target: Target<'w>,
    pub(super) wire_model: &'w str,
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
        own: Option<Box<ReadUrl>>,
    },
    /// A source that the agent names and nobody has.
    UnknownSource {
        slug: &'w str,
        own: Option<Box<ReadUrl>>,
    },
    /// The agent's own base URL, without a source.
    Address(Option<Box<ReadUrl>>),
}

impl<'w> Target<'w> {
    pub(super) fn name(&self) -> Option<&'w str> {
        match self {
            Self::Provider(slot) => Some(&slot.entry.name),
            Self::Source { source, .. } => Some(&source.facts.slug),
            Self::UnknownSource { slug, .. } => Some(slug),
            Self::Address(_) => None,
        }
    }

    /// Where the request goes. The routing table has worked out the endpoints that nobody overrides.
    fn endpoint(&self, context: &Context<'w>) -> Reached<'w> {
        let table = context.table;
        let known = match self {
            Self::Provider(slot) if overrides(context, slot).is_none() => {
                table.provider_endpoint(&slot.entry.name)
            }
            Self::Source { source, own: None } => table.source_endpoint(&source.facts.slug),
            _ => None,
        };
        if let Some(known) = known {
            return Reached::Known(known);
        }
        let snapshot = table.snapshot();
        Reached::Own(Box::new(match self {
            Self::Provider(slot) => {
                endpoint::provider_endpoint(snapshot, slot, overrides(context, slot))
            }
            Self::Source { source, own } => {
                endpoint::source_endpoint(snapshot, source, own.as_deref())
            }
            Self::UnknownSource { slug, own } => endpoint::unknown_source(slug, own.as_deref()),
            Self::Address(own) => endpoint::bare_address(own.as_deref()),
        }))
    }
}

/// The endpoint that a request reaches.
enum Reached<'w> {
    /// One of the routing table's.
    Known(&'w Endpoint),
    /// One that only the sender has.
    Own(Box<Endpoint>),
}

impl Deref for Reached<'_> {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        match self {
            Self::Known(endpoint) => endpoint,
            Self::Own(endpoint) => endpoint,
        }
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
    pub(super) fn new(kind: RouteKind, target: Target<'w>, wire_model: &'w str) -> Self {
        Self {
            kind,
            owners: [target.name(), None],
            target,
            wire_model,
            model_span: None,
            warnings: Vec::new(),
        }
    }
}

/// All that a resolution says of a request that a rule took, still borrowed from the routing table.
pub(super) struct Outline<'w> {
    kind: RouteKind,
    operation: Operation,
    provider: Option<&'w str>,
    endpoint: Reached<'w>,
    wire_model: &'w str,
    policy: Option<FallbackPolicy>,
    /// The agent may not send the ref.
    not_allowed: Option<Box<Rejection>>,
    disabled: Option<Box<Rejection>>,
    /// It cannot be reached, in a scenario.
    down: Option<Box<Rejection>>,
    warnings: Vec<Warning>,
}

impl<'w> Outline<'w> {
    pub(super) fn of(context: &Context<'w>, destination: Destination<'w>) -> Self {
        let (disabled, absent) = model_state(context, &destination);
        let policy = match &destination.target {
            Target::Provider(slot) => {
                overrides(context, slot).and_then(|block| block.fallback_policy)
            }
            _ => None,
        };
        let endpoint = destination.target.endpoint(context);
        let down = down(context, &destination, &endpoint);
        let mut warnings = destination.warnings;
        warnings.extend(absent);
        Self {
            kind: destination.kind,
            operation: context.operation,
            provider: destination.target.name(),
            endpoint,
            wire_model: destination.wire_model,
            policy,
            not_allowed: not_allowed(context).map(Box::new),
            disabled: disabled.map(Box::new),
            down: down.map(Box::new),
            warnings,
        }
    }

    /// Whether something stands against sending it.
    pub(super) fn is_rejected(&self) -> bool {
        self.not_allowed.is_some()
            || self.disabled.is_some()
            || self.down.is_some()
            || self.endpoint.base_url.is_err()
            || self.endpoint.credential_problem.is_some()
    }

    /// What stands against sending it. Of several reasons return the one that an administrator
    /// would have to settle first.
    fn error(&self) -> Option<(&str, &str, Option<[usize; 2]>)> {
        if let Some(refusal) = self.not_allowed.as_ref().or(self.disabled.as_ref()) {
            return Some((&refusal.code, &refusal.message, refusal.span));
        }
        if let Err(problem) = &self.endpoint.base_url {
            return Some((problem.code, &problem.message, None));
        }
        let of_credential = self.endpoint.credential_problem.as_ref();
        let refusal = of_credential.or(self.down.as_deref())?;
        Some((&refusal.code, &refusal.message, refusal.span))
    }

    /// Whether it would be written out the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.operation == other.operation
            && self.provider == other.provider
            && self.wire_model == other.wire_model
            && self.policy == other.policy
            && self.error() == other.error()
            && self.endpoint.base_url.as_ref().ok() == other.endpoint.base_url.as_ref().ok()
            && self.endpoint.headers == other.endpoint.headers
            && self.endpoint.credential == other.endpoint.credential
            && self.endpoint.warnings == other.endpoint.warnings
            && self.warnings == other.warnings
    }

    /// The origin that it is sent to.
    pub(super) fn origin(&self) -> Option<&str> {
        let base_url = self.endpoint.base_url.as_ref().ok()?;
        Some(base_url.url.origin_str())
    }

    /// The credential that is sent, if one is.
    pub(super) fn chosen_credential(&self) -> Option<&str> {
        Some(&self.endpoint.auth.as_ref()?.from)
    }

    pub(super) fn write(self, resolution: &mut Resolution) {
        resolution.error = self.error().map(|(code, message, span)| Rejection {
            code: code.to_owned(),
            message: message.to_owned(),
            span,
        });
        let endpoint = self.endpoint;
        let base_url = endpoint.base_url.as_ref().ok();
        resolution.route = Some(Route {
            kind: self.kind,
            provider: self.provider.map(str::to_owned),
            base_url: base_url.map(EffectiveBaseUrl::provenanced),
            method: self.operation.method().to_owned(),
            url: base_url.map(|base| base.url.operation_url(self.operation)),
            wire_model: self.wire_model.to_owned(),
            headers: with_content_type(&endpoint.headers, self.operation),
            credential: endpoint.credential.clone(),
            fallback_policy: self.policy.map(|policy| policy.name().to_owned()),
        });
        resolution.warnings = self.warnings;
        let of_endpoint = endpoint.warnings.iter().cloned();
        resolution.warnings.extend(of_endpoint);
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
) -> (Option<Rejection>, Option<Warning>) {
    let mut absent = None;
    let id = destination.wire_model;
    for owner in destination.owners.into_iter().flatten() {
        let Some(fact) = known_model(context, owner, id) else {
            continue;
        };
        let shown = display_text(id, 120);
        if !fact.enabled {
            let refusal = Rejection {
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
    let of_id = context.table.model(owner, id);
    of_id.or_else(|| match owner {
        openrouter::NAME => context.table.model(owner, openrouter::listed_id(id)),
        _ => None,
    })
}
