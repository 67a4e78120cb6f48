//! A plan in words: the resolution.

use super::delivery::Delivery;
use super::destination::Note;
use super::plan::{Decision, Plan};
use super::request::split_scope;
use super::trace::{entry, name_of, shown};
use super::verdict::{ManagedError, RuleError};
use crate::codes;
use crate::display_text::display_text;
use crate::endpoint::{EffectiveBaseUrl, Endpoint};
use crate::header::PASSED_CALLER_HEADERS;
use crate::model_id::pattern_message;
use crate::operation::Operation;
use crate::provenance::Provenance;
use crate::resolution::{
    Outcome, Rejection, Resolution, Route, RouteHeader, RouteKind, Rule, Warning,
};
use std::borrow::Cow;

impl Plan<'_> {
    /// The whole answer in words, with that of the fallback beside it.
    #[must_use]
    pub fn resolution(&self) -> Resolution {
        let mut resolution = self.without_fallback();
        let fallback = self.fallback();
        resolution.fallback = fallback.map(|plan| Box::new(plan.without_fallback()));
        resolution
    }

    fn without_fallback(&self) -> Resolution {
        let error = self.rejection();
        let trace = match self.request.wants_trace() {
            true => std::iter::zip(Rule::ALL, self.reasons)
                .map(|(rule, reason)| entry(self, rule, reason))
                .collect(),
            false => Vec::new(),
        };
        Resolution {
            model_ref: self.text.clone().into_owned(),
            outcome: match error {
                Some(_) => Outcome::Rejected,
                None => Outcome::Routed,
            },
            error,
            route: self.route(),
            warnings: self.warnings(),
            trace,
            fallback: None,
        }
    }

    /// Why the request cannot be sent, in words.
    #[must_use]
    pub fn rejection(&self) -> Option<Rejection> {
        match &self.decision {
            Decision::Send(delivery) => self.delivery_rejection(delivery),
            Decision::Reject(error) => Some(self.rule_rejection(error)),
        }
    }

    /// Of several reasons the one that an administrator has to settle first.
    fn delivery_rejection(&self, delivery: &Delivery<'_>) -> Option<Rejection> {
        let endpoint = delivery.endpoint();
        if delivery.is_not_allowed {
            return Some(self.not_allowed());
        }
        if delivery.is_pattern {
            let span = delivery.wire_model;
            return Some(Rejection {
                code: codes::MODEL_IS_PATTERN.to_owned(),
                message: pattern_message(span.of(&self.text)),
                span: Some([span.start, span.end]),
            });
        }
        if let Some(owner) = delivery.disabled_at {
            let span = delivery.wire_model;
            return Some(Rejection {
                code: codes::MODEL_DISABLED.to_owned(),
                message: format!(
                    "The model `{}` of `{owner}` is disabled. Enable it in the catalog, or use another model.",
                    display_text(span.of(&self.text), 120)
                ),
                span: Some([span.start, span.end]),
            });
        }
        if let Err(problem) = &endpoint.base_url {
            return Some(without_span(problem.code, problem.message.clone()));
        }
        if let Some(problem) = &endpoint.credential_problem {
            return Some(problem.clone());
        }
        delivery.is_down.then(|| {
            let name = delivery.provider.unwrap_or_default();
            let next = match delivery.kind {
                RouteKind::Passthrough => {
                    "A passthrough request is never retried by another route."
                }
                _ => "Waypost does not retry the request by another route.",
            };
            let message = format!("In this scenario `{name}` cannot be reached. {next}");
            without_span(codes::DOWN, message)
        })
    }

    fn not_allowed(&self) -> Rejection {
        let agent = self.request.agent().map_or("", |agent| &agent.name);
        Rejection {
            code: codes::MODEL_NOT_ALLOWED.to_owned(),
            message: format!(
                "The agent `{}` may not send `{}`: its `allow` list has no entry for this ref. \
                 Add the ref to the list, or use one that it allows.",
                display_text(agent, 80),
                display_text(self.unscoped(), 120)
            ),
            span: Some([0, self.unscoped().len()]),
        }
    }

    fn rule_rejection(&self, error: &RuleError<'_>) -> Rejection {
        match error {
            RuleError::NoModel => without_span(codes::NO_MODEL, self.request.without_model()),
            RuleError::Malformed(error) => {
                let span = error.span();
                Rejection {
                    code: error.code().to_owned(),
                    message: error.message(),
                    span: Some([span.start, span.end]),
                }
            }
            RuleError::NameBlocked(blocked) => {
                let name = name_of(self.unscoped());
                Rejection {
                    code: blocked.code.clone(),
                    message: format!(
                        "The entry {} of the providers file has an error, so its name is blocked: \
                         {}",
                        shown(name),
                        blocked.message
                    ),
                    span: Some([0, name.len()]),
                }
            }
            RuleError::Managed(error, _) => self.managed_rejection(*error),
        }
    }

    fn managed_rejection(&self, error: ManagedError<'_>) -> Rejection {
        let name = shown(&self.table.snapshot().managed_gateway);
        match error {
            ManagedError::Blocked(blocked) => without_span(
                &blocked.code,
                format!(
                    "The managed gateway {name} has an error in the providers file: {}",
                    blocked.message
                ),
            ),
            ManagedError::NotAGateway => without_span(
                codes::MANAGED_NOT_A_GATEWAY,
                format!(
                    "The managed gateway {name} is a direct provider. Choose a gateway in \
                     Settings."
                ),
            ),
            ManagedError::Unknown => without_span(
                codes::UNKNOWN_MANAGED_GATEWAY,
                format!(
                    "The managed gateway {name} is not in the catalog. Choose another in Settings."
                ),
            ),
        }
    }

    /// The route, or as much of it as is known.
    pub(super) fn route(&self) -> Option<Route> {
        let delivery = match &self.decision {
            Decision::Send(delivery) => delivery,
            Decision::Reject(RuleError::Managed(_, wire_model)) => {
                return Some(Route {
                    kind: RouteKind::Managed,
                    provider: Some(self.table.snapshot().managed_gateway.clone()),
                    base_url: None,
                    method: self.operation().method().to_owned(),
                    url: None,
                    wire_model: wire_model.of(&self.text).to_owned(),
                    headers: Vec::new(),
                    caller_headers: Vec::new(),
                    credential: None,
                    fallback_policy: None,
                });
            }
            Decision::Reject(_) => return None,
        };
        let endpoint = delivery.endpoint();
        let base_url = endpoint.base_url.as_ref().ok();
        let headers = with_content_type(&endpoint.headers, self.operation());
        Some(Route {
            kind: delivery.kind,
            provider: delivery.provider.map(str::to_owned),
            base_url: base_url.map(EffectiveBaseUrl::provenanced),
            method: self.operation().method().to_owned(),
            url: base_url.map(|base| base.url.operation_url(self.operation())),
            wire_model: delivery.wire_model.of(&self.text).to_owned(),
            caller_headers: passed_caller_headers(endpoint, &headers, self.operation()),
            headers,
            credential: endpoint.credential.clone(),
            fallback_policy: delivery.policy.map(|policy| policy.name().to_owned()),
        })
    }

    fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Decision::Send(delivery) = &self.decision {
            warnings.extend(delivery.note.and_then(|note| self.note(note, delivery)));
            warnings.extend(delivery.absent_at.map(|owner| {
                let model = display_text(delivery.wire_model.of(&self.text), 120);
                warning(
                    codes::MODEL_ABSENT,
                    format!(
                        "`{owner}` no longer lists the model `{model}`, so the request may fail \
                         there."
                    ),
                )
            }));
            warnings.extend_from_slice(&delivery.endpoint().warnings);
            warnings.extend(self.private_origin().map(|origin| {
                warning(
                    codes::PRIVATE_ORIGIN_NOT_GRANTED,
                    format!(
                        "{origin} is a private address from the agent's document. Waypost does not \
                         forward to it until an administrator allows it on the agent's page."
                    ),
                )
            }));
        }
        if self.unknown_subagent {
            warnings.push(self.unknown_subagent());
        }
        warnings
    }

    fn note(&self, note: Note, delivery: &Delivery<'_>) -> Option<Warning> {
        let rest = delivery.wire_model.of(&self.text);
        Some(match note {
            Note::RouterId => Warning {
                suggestion: Some(format!("openrouter/openrouter/{rest}")),
                ..warning(
                    codes::OPENROUTER_ROUTER_ID,
                    format!(
                        "OpenRouter calls this router `openrouter/{rest}`. As written, the model \
                         `{rest}` is sent, which OpenRouter may not know."
                    ),
                )
            },
            Note::ManagedMustKnowModel => warning(
                codes::MANAGED_MUST_KNOW_MODEL,
                format!(
                    "Passthrough is off for {}: its base URL and key are not used, and the \
                     managed gateway must know the model {} itself.",
                    shown(delivery.named_source.unwrap_or_default()),
                    shown(rest)
                ),
            ),
            Note::UnknownName => {
                let (name, rest) = self.unscoped().split_once('/')?;
                let meant = self.closest_name()?;
                Warning {
                    suggestion: Some(format!("{meant}/{rest}")),
                    ..warning(
                        codes::DID_YOU_MEAN,
                        format!(
                            "{} is not known. If {} is meant, correct the ref; until then it goes \
                             to the managed gateway.",
                            shown(name),
                            shown(meant)
                        ),
                    )
                }
            }
            Note::NoSource => warning(
                codes::NO_SOURCE,
                "The model names a base URL but no source, so no credential is sent.".to_owned(),
            ),
        })
    }

    /// The known name that the ref's unknown one is probably meant to be.
    pub(super) fn closest_name(&self) -> Option<&str> {
        self.table.closest_name(name_of(self.unscoped()))
    }

    fn unknown_subagent(&self) -> Warning {
        let alias = split_scope(&self.text).map_or("", |(_, alias)| alias);
        let alias = display_text(alias, 80);
        let message = match self.request.agent() {
            Some(agent) => format!(
                "The agent `{}` has no subagent `{alias}`; the scope is ignored.",
                display_text(&agent.name, 80)
            ),
            None => format!(
                "No agent is given that could have a subagent `{alias}`; the scope is ignored."
            ),
        };
        warning(codes::UNKNOWN_SUBAGENT, message)
    }
}

fn without_span(code: &str, message: String) -> Rejection {
    Rejection {
        code: code.to_owned(),
        message,
        span: None,
    }
}

fn warning(code: &str, message: String) -> Warning {
    Warning {
        code: code.to_owned(),
        message,
        suggestion: None,
    }
}

/// The headers that are passed on if the caller sends them, sorted. One of the route wins, and a list
/// of models is not forwarded.
fn passed_caller_headers(
    endpoint: &Endpoint,
    sent: &[RouteHeader],
    operation: Operation,
) -> Vec<Cow<'static, str>> {
    if operation == Operation::Models {
        return Vec::new();
    }
    let is_sent = |name: &str| sent.iter().any(|header| header.name == name);
    let always = PASSED_CALLER_HEADERS.into_iter().map(Cow::Borrowed);
    let listed = endpoint.pass_headers.iter().cloned().map(Cow::Owned);
    let mut names: Vec<Cow<'static, str>> = always
        .chain(listed)
        .filter(|name: &Cow<'static, str>| !is_sent(name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The headers, with the content type of a request that has a body unless a header sets it.
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
                from: Provenance::Waypost,
            },
        );
    }
    sent
}
