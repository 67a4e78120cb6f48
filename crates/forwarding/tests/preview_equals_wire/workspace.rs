//! Random workspaces whose addresses all lead to the capturing upstream.

use crate::capture::Ports;
use crate::strategies;
use async_trait::async_trait;
use http::HeaderMap;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use waypost_egress::test_support::{Names, TestEgress};
use waypost_forwarding::{
    CatalogUnavailable, CredentialError, CredentialPlace, CredentialSource, CredentialText,
    Forwarding, ForwardingLimits, Freshness, ListedModel, ModelCatalog, Parts, RecordSink,
    RequestRecord, TokenCheck, TokenOwner, TokenRefusal,
};
use waypost_routing::agent::Agent;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::handle::RoutingHandle;
use waypost_routing::resolve::passthrough_models;
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;
use waypost_routing::source::SourceHeader;
use waypost_routing::time_limits::TimeLimits;

/// Gives each place a value that names it.
struct Keys;

#[async_trait]
impl CredentialSource for Keys {
    async fn value(
        &self,
        place: CredentialPlace<'_>,
        _origin: &str,
    ) -> Result<Option<CredentialText>, CredentialError> {
        Ok(Some(CredentialText::new(match place {
            CredentialPlace::Secret(name) => value_of(&format!("secret:{name}")),
            CredentialPlace::Variable(name) => value_of(&format!("env:{name}")),
            CredentialPlace::SourceHeader { secret, header } => {
                value_of(&format!("secret:{secret}#{header}"))
            }
        })))
    }
}

fn value_of(place: &str) -> String {
    format!("value-of-{place}")
}

/// A header's value as the preview shows it, with the value of its secret in place of the name.
pub(crate) fn filled_in(shown: &str) -> String {
    let Some((prefix, rest)) = shown.split_once("{{") else {
        return shown.to_owned();
    };
    let place = rest.strip_suffix("}}").unwrap();
    format!("{prefix}{}", value_of(place))
}

/// Takes `agent:<name>` for the token of that agent.
struct Tokens;

impl TokenCheck for Tokens {
    fn check(&self, headers: &HeaderMap, _client: IpAddr) -> Result<TokenOwner, TokenRefusal> {
        let token = headers["x-api-key"].to_str().unwrap();
        Ok(TokenOwner {
            token: String::new(),
            agent: token.strip_prefix("agent:").unwrap().to_owned(),
            agent_id: None,
        })
    }

    fn contains_token(&self, _text: &str) -> bool {
        false
    }
}

struct AlwaysFresh;

impl Freshness for AlwaysFresh {
    fn is_stale(&self) -> bool {
        false
    }
}

struct NoModels;

#[async_trait]
impl ModelCatalog for NoModels {
    async fn listed(&self) -> Result<Vec<ListedModel>, CatalogUnavailable> {
        Ok(Vec::new())
    }
}

struct NoRecords;

impl RecordSink for NoRecords {
    fn record(&self, _record: RequestRecord) {}
}

/// Forwarding with an empty table, and the handle that replaces it.
pub(crate) fn forwarding(certificate: Vec<u8>) -> (Forwarding, Arc<RoutingHandle>) {
    let table = Arc::new(RoutingHandle::new(RoutingTable::new(Snapshot::default())));
    let names = Names::in_turn(&[&["127.0.0.1"]]);
    let forwarding = Forwarding::new(Parts {
        table: table.clone(),
        credentials: Arc::new(Keys),
        tokens: Arc::new(Tokens),
        freshness: Arc::new(AlwaysFresh),
        models: Arc::new(NoModels),
        records: Arc::new(NoRecords),
        egress: TestEgress::new()
            .names(&names)
            .trusting(certificate)
            .client(),
        limits: ForwardingLimits::default(),
    });
    (forwarding, table)
}

/// The strings that an agent and its subagents send.
pub(crate) fn models(agent: &Agent) -> Vec<String> {
    let table = RoutingTable::new(Snapshot::default());
    let mut models: Vec<String> = passthrough_models(&table, agent)
        .into_iter()
        .map(|model| model.text)
        .collect();
    models.extend(agent.model.primary_ref().map(Into::into));
    for (alias, subagent) in &agent.subagents {
        let primary = subagent.model.primary_ref();
        models.extend(primary.map(|primary| format!("{primary}::subagent::{alias}")));
    }
    models
}

/// Workspaces with at least one agent.
pub(crate) fn snapshots(ports: Ports) -> impl Strategy<Value = Snapshot> {
    let agents = strategies::agents().prop_filter("an agent", |agents| !agents.is_empty());
    let has_keys = prop::bool::weighted(0.8);
    (
        strategies::snapshot(),
        agents,
        has_keys,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            move |(mut snapshot, agents, has_keys, own_environment, headers, has_limits)| {
                snapshot.agents = agents;
                snapshot.environment.is_callers_own = own_environment;
                for variable in ["LITELLM_X_KEY", "OPENROUTER_API_KEY"] {
                    snapshot.environment.set.insert(variable.to_owned());
                }
                let keys = [
                    "litellm/api-key",
                    "openrouter/api-key",
                    "nvidia/api-key",
                    "agents/id1/litellm/api-key",
                ];
                for name in keys.into_iter().filter(|_| has_keys) {
                    let stored = &mut snapshot.secrets.stored;
                    stored.entry(name.to_owned()).or_default();
                }
                if headers {
                    snapshot.sources[0].headers.push(SourceHeader {
                        name: "X-Tenant".to_owned(),
                        value: None,
                    });
                    let name = "sources/own/headers".to_owned();
                    snapshot.secrets.stored.entry(name).or_default();
                    let passed = vec!["openai-organization".to_owned(), "x-tenant-id".to_owned()];
                    snapshot.sources[0].pass_headers = passed;
                    for entry in &mut snapshot.providers {
                        entry.pass_headers = vec!["x-tenant-id".to_owned()];
                    }
                }
                if has_limits {
                    // Long enough for a busy machine: they change when a request ends, not what is sent.
                    let limits = TimeLimits {
                        connect_seconds: Some(60),
                        first_byte_seconds: Some(3_600),
                        ..TimeLimits::default()
                    };
                    for entry in snapshot.providers.iter_mut().step_by(2) {
                        entry.limits = limits;
                    }
                    snapshot.sources[0].limits = limits;
                }
                lead_to(ports, &mut snapshot);
                snapshot
            },
        )
}

/// Moves every valid URL to a name that leads to the upstream, and grants it. Hosts of an even length are
/// called with HTTP/2.
fn lead_to(ports: Ports, snapshot: &mut Snapshot) {
    let mut granted = BTreeSet::new();
    let mut lead = |url: &mut String| {
        let Ok(read) = BaseUrl::parse(url) else {
            return;
        };
        let host: String = read
            .host()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let name = format!("{host}.upstream.example");
        let origin = match host.len() % 2 {
            0 => format!("https://{name}:{}", ports.https),
            _ => format!("http://{name}:{}", ports.http),
        };
        *url = format!("{origin}{}", read.path());
        granted.insert(origin);
    };
    for entry in &mut snapshot.providers {
        lead(&mut entry.base_url);
    }
    for source in &mut snapshot.sources {
        lead(&mut source.base_url);
    }
    for url in snapshot.environment.base_urls.values_mut() {
        lead(url);
    }
    for agent in &mut snapshot.agents {
        let subagents = agent
            .subagents
            .values_mut()
            .map(|subagent| &mut subagent.model);
        for model in std::iter::once(&mut agent.model).chain(subagents) {
            model.base_url.iter_mut().for_each(&mut lead);
        }
        for block in agent.gateways.values_mut() {
            block.url.iter_mut().for_each(&mut lead);
        }
    }
    for bound in snapshot.secrets.stored.values_mut() {
        lead(bound);
    }
    snapshot.granted_origins = granted;
}
