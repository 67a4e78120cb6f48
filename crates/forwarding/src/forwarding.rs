//! From an accepted request to its answer.

use crate::answer_body::AnswerBody;
use crate::answer_headers::{self, FALLBACK, PROVIDER, ROUTE};
use crate::credentials::{self, CredentialAnswer, CredentialSource, request_headers};
use crate::decided_route::DecidedRoutes;
use crate::dialect::{self, Dialect};
use crate::exchange::Exchange;
use crate::forward_error::ForwardError;
use crate::freshness::Freshness;
use crate::limits::{Buffers, ForwardingLimits, Slot, Slots};
use crate::load::Load;
use crate::model_field::ModelField;
use crate::model_list::{self, ModelCatalog};
use crate::model_lists::ModelLists;
use crate::record::{Outcome, RecordSink};
use crate::token_check::{TokenCheck, TokenOwner, TokenRefusal};
use crate::token_usage;
use crate::trace_context::TraceContext;
use crate::{
    address, body, caller_headers, content_coding, fallback, limits, model_field, panics,
    request_id,
};
use bytes::Bytes;
use http::request::Parts as Head;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body::Body;
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};
use waypost_egress::{Access, Egress, OutgoingRequest, PoolLimits, ResponseBody, UpstreamPool};
use waypost_routing::agent::Agent;
use waypost_routing::body_routing::BODY_MAY_REROUTE;
use waypost_routing::handle::RoutingHandle;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::RouteKind;
use waypost_routing::resolve::{self, Plan, plan};
use waypost_routing::routing_table::RoutingTable;

/// What forwarding is made of.
pub struct Parts {
    /// The routing table of the moment.
    pub table: Arc<RoutingHandle>,
    /// Where credentials come from.
    pub credentials: Arc<dyn CredentialSource>,
    /// Who may send requests.
    pub tokens: Arc<dyn TokenCheck>,
    /// Whether table and tokens are recent enough.
    pub freshness: Arc<dyn Freshness>,
    /// What `GET /v1/models` lists.
    pub models: Arc<dyn ModelCatalog>,
    /// Where records go.
    pub records: Arc<dyn RecordSink>,
    /// The one way out.
    pub egress: Egress,
    /// How much, and how long.
    pub limits: ForwardingLimits,
}

/// Forwards requests. Clones share everything.
#[derive(Clone)]
pub struct Forwarding(Arc<Inner>);

struct Inner {
    table: Arc<RoutingHandle>,
    credentials: Arc<dyn CredentialSource>,
    tokens: Arc<dyn TokenCheck>,
    freshness: Arc<dyn Freshness>,
    models: Arc<dyn ModelCatalog>,
    records: Arc<dyn RecordSink>,
    upstreams: UpstreamPool,
    limits: ForwardingLimits,
    slots: Slots,
    buffers: Buffers,
    lists: ModelLists,
    decided: DecidedRoutes,
}

/// What a caller sends, once it is known to be forwardable.
struct Call {
    operation: Operation,
    query: Option<String>,
    headers: HeaderMap,
    body: Bytes,
    field: ModelField,
}

/// An upstream's answer, with what Waypost says about it.
struct Answered {
    response: Response<ResponseBody>,
    kind: RouteKind,
    provider: Option<String>,
    fallback: Option<Cow<'static, str>>,
    limits: ForwardingLimits,
    slot: Slot,
}

impl Forwarding {
    /// Puts the parts together. Nothing is called yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            upstreams: parts.egress.upstream_pool(PoolLimits {
                kept: limits::kept_connections(),
            }),
            table: parts.table,
            credentials: parts.credentials,
            tokens: parts.tokens,
            freshness: parts.freshness,
            models: parts.models,
            records: parts.records,
            limits: parts.limits,
            slots: Slots::default(),
            buffers: Buffers::default(),
            lists: ModelLists::default(),
            decided: DecidedRoutes::default(),
        }))
    }

    /// What is under way.
    #[must_use]
    pub fn load(&self) -> Load {
        Load {
            requests: self.0.slots.taken(),
            buffered_bytes: self.0.buffers.used(),
            connections: self.0.upstreams.open_connections(),
        }
    }

    /// Whether requests to a path are answered here: everything below `/v1`.
    #[must_use]
    pub fn serves(path: &str) -> bool {
        let rest = path.strip_prefix("/v1");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The answer to a request below `/v1` for which the listener has no place. It is not recorded.
    #[must_use]
    pub fn overloaded(uri: &Uri, headers: &HeaderMap) -> Response<AnswerBody> {
        own_answer(uri, headers, &limits::too_many_requests())
    }

    /// The answer to a request below `/v1` that arrives while the process is stopping. It is not
    /// recorded.
    #[must_use]
    pub fn shutting_down(uri: &Uri, headers: &HeaderMap) -> Response<AnswerBody> {
        own_answer(uri, headers, &ForwardError::shutting_down())
    }

    /// Answers a request from this address. Dropping the future, or the body of the answer, cancels
    /// the request at the upstream.
    pub async fn answer<B>(&self, request: Request<B>, client: IpAddr) -> Response<AnswerBody>
    where
        B: Body<Data = Bytes>,
    {
        let dialect = address::dialect(request.uri(), request.headers());
        let id = request_id::new();
        let answering = self.answer_in(dialect, id.clone(), request, client);
        panics::caught(answering).await.unwrap_or_else(|| {
            let answer = dialect.answer(&ForwardError::internal(), &id);
            answer.map(AnswerBody::own)
        })
    }

    async fn answer_in<B>(
        &self,
        dialect: Dialect,
        id: String,
        request: Request<B>,
        client: IpAddr,
    ) -> Response<AnswerBody>
    where
        B: Body<Data = Bytes>,
    {
        let inner = &*self.0;
        let mut exchange = Exchange::begin(id, Arc::clone(&inner.records));
        let (head, body) = request.into_parts();
        let answered = match address::list(&head.method, &head.uri) {
            Some(list) => {
                let listed = inner
                    .list(&head, list, client, dialect, &mut exchange)
                    .await;
                listed.map(Ok)
            }
            None => inner
                .forward(head, body, client, &mut exchange)
                .await
                .map(Err),
        };
        match answered {
            Ok(Ok(json)) => {
                let record = exchange.record();
                record.status = StatusCode::OK.as_u16();
                record.outcome = Outcome::Answered;
                dialect::json(json, exchange.id()).map(AnswerBody::own)
            }
            Ok(Err(answered)) => inner.pass_on(answered, dialect, exchange),
            Err(error) => {
                let record = exchange.record();
                record.status = error.status.as_u16();
                record.outcome = Outcome::Failed(error.code.clone().into_owned());
                dialect.answer(&error, exchange.id()).map(AnswerBody::own)
            }
        }
    }
}

impl Inner {
    /// Who sends a request whose address is well-formed.
    fn owner(
        &self,
        head: &Head,
        client: IpAddr,
        exchange: &mut Exchange,
    ) -> Result<TokenOwner, ForwardError> {
        address::check_query(&head.uri, &*self.tokens)?;
        if self.freshness.is_stale() {
            return Err(ForwardError::stale_configuration());
        }
        let owner = self
            .tokens
            .check(&head.headers, client)
            .map_err(ForwardError::from)?;
        exchange.record().agent.clone_from(&owner.agent);
        exchange.record().token.clone_from(&owner.token);
        exchange.record().agent_id.clone_from(&owner.agent_id);
        exchange.record().trace = TraceContext::of(&head.headers);
        Ok(owner)
    }

    async fn list(
        &self,
        head: &Head,
        list: Option<&str>,
        client: IpAddr,
        dialect: Dialect,
        exchange: &mut Exchange,
    ) -> Result<String, ForwardError> {
        exchange.record().operation = Some(Operation::Models);
        let owner = self.owner(head, client, exchange)?;
        let _slot = self.slots.take(&self.limits, &owner.agent)?;
        let table = self.table.load();
        let agent = agent_of(&table, &owner)?;
        let entries = self.lists.of(&table, &agent.name, &*self.models).await?;
        let query = head.uri.query().map(str::to_owned);
        let id = list.map(str::to_owned);
        // A long list takes its time to write.
        let writing = tokio::task::spawn_blocking(move || {
            let json = match &id {
                None => model_list::list(&entries, dialect, query.as_deref()),
                Some(id) => model_list::one(&entries, dialect, id),
            };
            json.map(|json| json.to_string())
        });
        writing.await.map_err(|_| ForwardError::internal())?
    }

    async fn forward<B>(
        &self,
        head: Head,
        body: B,
        client: IpAddr,
        exchange: &mut Exchange,
    ) -> Result<Answered, ForwardError>
    where
        B: Body<Data = Bytes>,
    {
        let operation = address::operation(&head.method, &head.uri, &head.headers)?;
        exchange.record().operation = Some(operation);
        let owner = self.owner(&head, client, exchange)?;
        let slot = self.slots.take(&self.limits, &owner.agent)?;

        let mut reservation = self.buffers.reserve(&self.limits);
        let coding = content_coding::of(&head.headers)?;
        let reading = body::read(&head.headers, body, &self.limits, &mut reservation);
        let reading = timeout_at(exchange.accepted + self.limits.body_time, reading);
        let mut body = reading.await.map_err(|_| ForwardError::body_too_slow())??;
        exchange.record().bytes_in = body.len() as u64;
        if let Some(coding) = coding {
            (body, reservation) =
                content_coding::decode(coding, body, &self.limits, reservation).await?;
        }
        let body = body::reserved(body, reservation);
        let field = model_field::find_in(&body).await?;
        exchange.note_model(&field.model);
        let mut caller = head.headers;
        caller_headers::remove_tokens(&mut caller, &*self.tokens);
        let call = Call {
            operation,
            query: head.uri.query().map(str::to_owned),
            headers: caller,
            body,
            field,
        };

        let table = self.table.load();
        let agent = agent_of(&table, &owner)?;
        exchange.record().agent.clone_from(&agent.name);
        if call.field.may_reroute {
            exchange.record().flags.push(BODY_MAY_REROUTE);
            if table.snapshot().refuse_body_routing {
                return Err(ForwardError::body_routing_refused());
            }
        }
        let asked = resolve::Request::new(&call.field.model, operation).sent_by(agent, None);
        let primary = plan(&table, &asked);
        let model = &call.field.model;
        let route = self.decided.of(&table, &primary, &agent.name, model);
        exchange.note_decision(&table, agent, model, route);
        let first = self.attempt(&primary, &call, exchange).await;
        let is_in_time = |fallback: &Plan<'_>| {
            Instant::now() < self.limits.of_plan(fallback).deadline(exchange.accepted)
        };
        let fallback =
            fallback::after(&primary, &first).filter(|(_, fallback)| is_in_time(fallback));
        let Some((reason, fallback)) = fallback else {
            let limits = self.limits.of_plan(&primary);
            return Ok(answered(first?, &primary, None, limits, slot));
        };
        // The caller gets nothing of it, so the upstream need not go on.
        drop(first);
        exchange.record().fallback = Some(reason.clone().into_owned());
        let second = self.attempt(&fallback, &call, exchange).await?;
        let limits = self.limits.of_plan(&fallback);
        Ok(answered(second, &fallback, Some(reason), limits, slot))
    }

    /// Sends the request as a plan says, and notes the result.
    async fn attempt(
        &self,
        plan: &Plan<'_>,
        call: &Call,
        exchange: &mut Exchange,
    ) -> Result<Response<ResponseBody>, ForwardError> {
        exchange.begin_attempt(plan);
        let begun = Instant::now();
        let sending = timeout_at(
            self.limits.of_plan(plan).deadline(exchange.accepted),
            self.send(plan, call, exchange),
        );
        let result = sending.await.unwrap_or_else(|_| {
            let error = "The upstream did not begin to answer in time.";
            Err(ForwardError::timed_out(error).allowing_fallback())
        });
        let endpoint = plan.endpoint();
        let base_url = endpoint.and_then(|endpoint| endpoint.base_url.as_ref().ok());
        let credential = endpoint.and_then(|endpoint| endpoint.auth.as_ref());
        let said = result.as_ref().ok();
        let said = said.and_then(|answer| credentials::is_accepted(answer.status()));
        if let (Some(is_accepted), Some(auth), Some(base), Some(provider)) =
            (said, credential, base_url, plan.provider())
        {
            self.credentials.note_answer(CredentialAnswer {
                provider,
                from: &auth.from,
                origin: base.url.origin_str(),
                begun: begun.into_std(),
                is_accepted,
            });
        }
        exchange.note_result(&result);
        result
    }

    async fn send(
        &self,
        plan: &Plan<'_>,
        call: &Call,
        exchange: &mut Exchange,
    ) -> Result<Response<ResponseBody>, ForwardError> {
        if let Some(rejection) = plan.rejection() {
            return Err(ForwardError::unprocessable(
                rejection.code,
                rejection.message,
            ));
        }
        let (Some(endpoint), Some(wire_model)) = (plan.endpoint(), plan.wire_model()) else {
            return Err(no_route());
        };
        let Ok(base) = &endpoint.base_url else {
            return Err(no_route());
        };
        let base = &base.url;
        let origin = base.origin_str();
        let url = base.operation_url(call.operation);
        let headers = request_headers(endpoint, &call.headers, &*self.credentials, origin).await?;
        let request = OutgoingRequest {
            method: Method::POST,
            path_and_query: address::path_and_query(&url[origin.len()..], call.query.as_deref())?,
            headers,
            body: body::with_model(&call.body, &call.field, wire_model),
        };
        let granted = plan.is_granted(origin);
        if let Some(attempt) = exchange.attempt() {
            attempt.sent = true;
        }
        let connect = self.limits.of(&endpoint.limits).connect;
        let access = Access { granted, connect };
        let response = self.upstreams.send(base, access, request).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(ForwardError::bad_gateway(
                "upstream_closed",
                "The upstream switched protocols, which it was not asked to do.",
            ));
        }
        Ok(response)
    }

    fn pass_on(
        &self,
        answered: Answered,
        dialect: Dialect,
        mut exchange: Exchange,
    ) -> Response<AnswerBody> {
        let (head, upstream) = answered.response.into_parts();
        exchange.record().status = head.status.as_u16();
        let mut headers = answer_headers::passed(&head.headers);
        answer_headers::seal(&mut headers, exchange.id());
        headers.insert(ROUTE, HeaderValue::from_static(answered.kind.name()));
        let provider = answered.provider.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(provider)) = provider {
            headers.insert(PROVIDER, provider);
        }
        let reason = answered.fallback.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(reason)) = reason {
            headers.insert(FALLBACK, reason);
        }
        let is_events = answer_headers::has_type(&headers, answer_headers::EVENTS);
        // An event of Waypost's own would not be in the coding of the others.
        let is_plain = !headers.contains_key(header::CONTENT_ENCODING);
        // Nothing can be added to an answer with a length.
        let has_length = headers.contains_key(header::CONTENT_LENGTH);
        let takes_event = is_events && is_plain && !has_length;
        let reader = match is_plain {
            true => token_usage::reader(&headers),
            false => None,
        };
        let body = AnswerBody::streamed(
            upstream,
            is_events,
            takes_event,
            reader,
            dialect,
            &answered.limits,
            exchange,
            answered.slot,
        );
        let mut response = Response::new(body);
        *response.status_mut() = head.status;
        *response.headers_mut() = headers;
        response
    }
}

/// An answer to a request that is not looked at any further.
fn own_answer(uri: &Uri, headers: &HeaderMap, error: &ForwardError) -> Response<AnswerBody> {
    let answer = address::dialect(uri, headers).answer(error, &request_id::new());
    answer.map(AnswerBody::own)
}

/// The agent that a token belongs to, which may be gone since. Tokens and the table are read apart: the
/// name that the token knows may be another agent's by now, or the agent may have another one.
fn agent_of<'t>(table: &'t RoutingTable, owner: &TokenOwner) -> Result<&'t Agent, ForwardError> {
    let named = table.agent(&owner.agent);
    let agent = match &owner.agent_id {
        None => named,
        Some(id) => named
            .filter(|agent| agent.id == *id)
            .or_else(|| table.agents().iter().find(|agent| agent.id == *id)),
    };
    agent.ok_or_else(|| TokenRefusal::Invalid.into())
}

fn answered(
    response: Response<ResponseBody>,
    plan: &Plan<'_>,
    fallback: Option<Cow<'static, str>>,
    limits: ForwardingLimits,
    slot: Slot,
) -> Answered {
    Answered {
        response,
        kind: plan.kind().unwrap_or(RouteKind::Managed),
        provider: plan.provider().map(str::to_owned),
        fallback,
        limits,
        slot,
    }
}

fn no_route() -> ForwardError {
    ForwardError::unprocessable("no_route", "The model has no route.")
}
