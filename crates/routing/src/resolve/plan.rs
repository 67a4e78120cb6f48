//! What becomes of a request, decided without words.

use super::context::Context;
use super::delivery::Delivery;
use super::passthrough;
use super::reason::Reason;
use super::request::{Request, split_scope};
use super::rules::RULES;
use super::verdict::{RuleError, Verdict};
use crate::endpoint::Endpoint;
use crate::operation::Operation;
use crate::provenance::Provenance;
use crate::resolution::{RouteKind, Rule};
use crate::routing_table::RoutingTable;
use std::borrow::Cow;

/// The decision about one request. It borrows from the routing table and the request; words are
/// made by [`Plan::resolution`] and [`Plan::rejection`] alone.
#[derive(Debug)]
pub struct Plan<'t> {
    pub(super) table: &'t RoutingTable,
    pub(super) request: Request<'t>,
    /// The model string that is sent; empty where there is none.
    pub(super) text: Cow<'t, str>,
    /// The string that follows where this one fails.
    fallback: Option<Cow<'t, str>>,
    pub(super) decision: Decision<'t>,
    /// The rule that holds.
    rule: Option<Rule>,
    /// What each rule says, in the order of [`Rule::ALL`].
    pub(super) reasons: [Reason<'t>; 5],
    /// The scope of the string names no subagent of the agent.
    pub(super) unknown_subagent: bool,
}

/// Where a request goes, or why no rule may take it.
#[derive(Debug)]
pub(super) enum Decision<'t> {
    Send(Delivery<'t>),
    Reject(RuleError<'t>),
}

/// Decides where a request goes. For a ref whose endpoint no agent overrides nothing is allocated.
#[must_use]
pub fn plan<'t>(table: &'t RoutingTable, request: &Request<'t>) -> Plan<'t> {
    match request.sent(table.snapshot().default_model.as_deref()) {
        Some(sent) => plan_text(table, request, sent.text, sent.fallback),
        None => Plan {
            table,
            request: *request,
            text: Cow::Borrowed(""),
            fallback: None,
            decision: Decision::Reject(RuleError::NoModel),
            rule: None,
            reasons: [Reason::NoModelGiven; 5],
            unknown_subagent: false,
        },
    }
}

fn plan_text<'t>(
    table: &'t RoutingTable,
    request: &Request<'t>,
    text: Cow<'t, str>,
    fallback: Option<Cow<'t, str>>,
) -> Plan<'t> {
    let scope = split_scope(&text);
    let unscoped = scope.map_or(&*text, |(model, _)| model);
    let context = Context {
        table,
        agent: request.agent(),
        uses_own_keys: request.uses_own_keys(),
        text: &text,
        unscoped,
        parsed: table.parse_ref(unscoped),
    };
    let (decision, rule, reasons) = by_rules(&context);
    let unknown_subagent = scope.is_some_and(|(_, alias)| {
        !request
            .agent()
            .is_some_and(|agent| agent.subagents.contains_key(alias))
    });
    Plan {
        table,
        request: *request,
        decision,
        rule,
        reasons,
        unknown_subagent,
        fallback,
        text,
    }
}

/// Tries the rules in their order. The last one takes or rejects everything.
fn by_rules<'t>(context: &Context<'t, '_>) -> (Decision<'t>, Option<Rule>, [Reason<'t>; 5]) {
    let mut reasons = [Reason::NotReached; 5];
    for ((rule, try_rule), reason) in RULES.into_iter().zip(&mut reasons) {
        let (verdict, said) = try_rule(context);
        *reason = said;
        match verdict {
            Verdict::DoesNotHold => {}
            Verdict::Holds(destination) => {
                let delivery = Delivery::new(context, destination);
                return (Decision::Send(delivery), Some(rule), reasons);
            }
            Verdict::Rejects(error) => return (Decision::Reject(error), None, reasons),
        }
    }
    unreachable!("the last rule takes or rejects everything")
}

impl<'t> Plan<'t> {
    /// The model string that is sent, with the scope of a subagent; `None` where the request names
    /// no model and there is no default model.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let has_none = matches!(self.decision, Decision::Reject(RuleError::NoModel));
        (!has_none).then_some(&*self.text)
    }

    /// The model string without the scope of a subagent.
    pub(super) fn unscoped(&self) -> &str {
        split_scope(&self.text).map_or(&*self.text, |(model, _)| model)
    }

    /// The operation that is asked for.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.request.operation()
    }

    /// The rule that decides; `None` where no rule may take the request.
    #[must_use]
    pub fn rule(&self) -> Option<Rule> {
        self.rule
    }

    /// Whether the request cannot be sent.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        match &self.decision {
            Decision::Send(delivery) => delivery.is_rejected(),
            Decision::Reject(_) => true,
        }
    }

    /// The kind of the route, where a rule takes the request.
    #[must_use]
    pub fn kind(&self) -> Option<RouteKind> {
        Some(self.delivery()?.kind)
    }

    /// The provider or source that the request goes to, by its name or slug.
    #[must_use]
    pub fn provider(&self) -> Option<&'t str> {
        self.delivery()?.provider
    }

    /// The value of `model` in the request that is sent.
    #[must_use]
    pub fn wire_model(&self) -> Option<&str> {
        Some(self.delivery()?.wire_model.of(&self.text))
    }

    /// Where the request goes and what it carries. It may be unusable: see [`Plan::is_rejected`].
    #[must_use]
    pub fn endpoint(&self) -> Option<&Endpoint> {
        Some(self.delivery()?.endpoint())
    }

    /// Whether requests to this origin may go to a private address: the origin is granted, or it is the
    /// agent's own and was confirmed for the agent.
    #[must_use]
    pub fn is_granted(&self, origin: &str) -> bool {
        self.table.snapshot().granted_origins.contains(origin)
            || (self.goes_to_agents_own_url()
                && self
                    .request
                    .agent()
                    .is_some_and(|agent| agent.allow_private.iter().any(|own| own == origin)))
    }

    fn goes_to_agents_own_url(&self) -> bool {
        let base = self
            .endpoint()
            .and_then(|endpoint| endpoint.base_url.as_ref().ok());
        base.is_some_and(|base| base.from == Provenance::AgentYaml)
    }

    /// The agent's own private address that the request goes to and no administrator allowed.
    /// Offline, where nothing is known of grants, there is none.
    pub(super) fn private_origin(&self) -> Option<&str> {
        let base = self.endpoint()?.base_url.as_ref().ok()?;
        let is_known = !self.table.snapshot().environment.is_callers_own;
        let is_refused = is_known
            && base.from == Provenance::AgentYaml
            && base.url.is_private()
            && !self.is_granted(base.url.origin_str());
        is_refused.then(|| base.url.origin_str())
    }

    /// The plan of the sender's fallback, where this is the sender's primary and it has one.
    #[must_use]
    pub fn fallback(&self) -> Option<Plan<'_>> {
        let text = self.fallback.as_deref()?;
        Some(plan_text(self.table, &self.request, text.into(), None))
    }

    /// The passthrough model's own string: what is compared, less the scope that the rule matched.
    pub(super) fn passthrough_model(&self, alias: Option<&str>) -> &str {
        match alias {
            Some(alias) => passthrough::without_scope(&self.text, alias),
            None => &self.text,
        }
    }

    pub(super) fn delivery(&self) -> Option<&Delivery<'t>> {
        match &self.decision {
            Decision::Send(delivery) => Some(delivery),
            Decision::Reject(_) => None,
        }
    }
}
