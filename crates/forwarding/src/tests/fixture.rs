//! Forwarding with a small table, keys that name themselves, and scripted upstreams.

use crate::{
    AnswerBody, CatalogUnavailable, CredentialError, CredentialPlace, CredentialSource,
    CredentialText, Forwarding, ForwardingLimits, Freshness, ListedModel, ModelCatalog, Parts,
    RecordSink, RequestRecord, TokenCheck, TokenOwner, TokenRefusal,
};
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use waypost_egress::test_support::TestEgress;
use waypost_routing::agent::read_agent;
use waypost_routing::catalog::{Layer, ProviderEntry, ProviderKind};
use waypost_routing::handle::RoutingHandle;
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;

/// Gives each place a key that names it, unless the backend does not answer.
struct Keys {
    unavailable: bool,
}

#[async_trait]
impl CredentialSource for Keys {
    async fn value(
        &self,
        place: CredentialPlace<'_>,
        _origin: &str,
    ) -> Result<Option<CredentialText>, CredentialError> {
        if self.unavailable {
            return Err(CredentialError::Unavailable {
                message: "The secrets backend is not responding.".to_owned(),
            });
        }
        assert_ne!(
            place,
            CredentialPlace::Secret("panics/api-key"),
            "a bug, which a test asks for"
        );
        Ok(Some(CredentialText::new(match place {
            CredentialPlace::Secret(name) => format!("key-of-{name}"),
            CredentialPlace::Variable(name) => format!("value-of-{name}"),
            CredentialPlace::SourceHeader { secret, header } => format!("{secret}-{header}"),
        })))
    }
}

/// Accepts `agent:<name>` as the token of that agent, and `agent:<name>#<id>`.
struct Tokens;

impl TokenCheck for Tokens {
    fn check(&self, headers: &HeaderMap, client: IpAddr) -> Result<TokenOwner, TokenRefusal> {
        if client != IpAddr::V4(Ipv4Addr::LOCALHOST) {
            return Err(TokenRefusal::TooManyFailures { seconds: 7 });
        }
        let token = headers.get("x-api-key").and_then(|key| key.to_str().ok());
        let agent = token.and_then(|token| token.strip_prefix("agent:"));
        let agent = agent.ok_or(TokenRefusal::Invalid)?;
        let (agent, id) = match agent.split_once('#') {
            Some((agent, id)) => (agent, Some(id.to_owned())),
            None => (agent, None),
        };
        Ok(TokenOwner {
            token: "t1".to_owned(),
            agent: agent.to_owned(),
            agent_id: id,
        })
    }

    fn contains_token(&self, text: &str) -> bool {
        text.contains("agent:")
    }
}

struct Catalog;

#[async_trait]
impl ModelCatalog for Catalog {
    async fn listed(&self) -> Result<Vec<ListedModel>, CatalogUnavailable> {
        Ok(vec![ListedModel {
            owner: "gw".to_owned(),
            id: "x/y".to_owned(),
            first_seen: 1,
        }])
    }
}

struct Records(mpsc::UnboundedSender<RequestRecord>);

impl RecordSink for Records {
    fn record(&self, record: RequestRecord) {
        let _ = self.0.send(record);
    }
}

/// Is stale once a test says so.
#[derive(Default)]
pub(super) struct Staleness(AtomicBool);

impl Staleness {
    pub(super) fn set(&self, is_stale: bool) {
        self.0.store(is_stale, Ordering::SeqCst);
    }
}

impl Freshness for Staleness {
    fn is_stale(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What a test forwards with.
pub(super) struct Fixture {
    pub(super) forwarding: Forwarding,
    pub(super) records: mpsc::UnboundedReceiver<RequestRecord>,
    pub(super) staleness: Arc<Staleness>,
}

/// A gateway that can be called, with a stored key.
pub(crate) fn gateway(name: &str, base_url: &str) -> ProviderEntry {
    ProviderEntry {
        name: name.to_owned(),
        kind: ProviderKind::Gateway,
        layer: Layer::Workspace,
        base_url: base_url.to_owned(),
        api_key_env: None,
        default_headers: [("X-Team".to_owned(), "one".to_owned())].into(),
        docs: None,
        notable_models: Vec::new(),
        limits: Default::default(),
        pass_headers: Vec::new(),
    }
}

/// A snapshot of these gateways, each at its address with the path `/api/v1`, and these agents.
pub(crate) fn snapshot(gateways: &[(&str, SocketAddr)], agents: &[&str]) -> Snapshot {
    let mut snapshot = Snapshot {
        managed_gateway: gateways.first().map_or("", |(name, _)| *name).to_owned(),
        agents: agents
            .iter()
            .map(|yaml| read_agent(yaml).agent.unwrap_or_else(|| panic!("{yaml}")))
            .collect(),
        ..Snapshot::default()
    };
    for (name, address) in gateways {
        let origin = format!("http://{address}");
        snapshot
            .providers
            .push(gateway(name, &format!("{origin}/api/v1")));
        let secret = format!("{name}/api-key");
        snapshot.secrets.stored.insert(secret, origin.clone());
        snapshot.granted_origins.insert(origin);
    }
    snapshot
}

impl Fixture {
    pub(super) fn new(snapshot: Snapshot) -> Self {
        Self::with(snapshot, ForwardingLimits::default(), false)
    }

    pub(super) fn with(snapshot: Snapshot, limits: ForwardingLimits, no_secrets: bool) -> Self {
        let (sender, records) = mpsc::unbounded_channel();
        let staleness: Arc<Staleness> = Arc::default();
        let forwarding = Forwarding::new(Parts {
            table: Arc::new(RoutingHandle::new(RoutingTable::new(snapshot))),
            credentials: Arc::new(Keys {
                unavailable: no_secrets,
            }),
            tokens: Arc::new(Tokens),
            freshness: Arc::clone(&staleness) as Arc<dyn Freshness>,
            models: Arc::new(Catalog),
            records: Arc::new(Records(sender)),
            egress: TestEgress::new().client(),
            limits,
        });
        Self {
            forwarding,
            records,
            staleness,
        }
    }

    /// Sends a request of the agent `a`.
    pub(super) async fn send(&self, path: &str, body: &str) -> Response<AnswerBody> {
        let request = request(path, "agent:a", body);
        self.forwarding
            .answer(request, Ipv4Addr::LOCALHOST.into())
            .await
    }

    /// Sends a chat completion of the agent `a` and reads the answer to its end.
    pub(super) async fn chat(&self, model: &str) -> Answer {
        let body = format!(r#"{{"model":"{model}"}}"#);
        read(self.send("/v1/chat/completions", &body).await).await
    }
}

pub(super) fn request(path: &str, token: &str, body: &str) -> Request<Full<Bytes>> {
    Request::builder()
        .method("POST")
        .uri(path)
        .header("x-api-key", token)
        .header("content-length", body.len())
        .body(Full::new(Bytes::from(body.to_owned())))
        .unwrap()
}

/// An answer that was read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The status with the code of one of Waypost's own errors.
    pub(super) fn code(&self) -> (u16, &str) {
        (self.status, self.header("x-waypost-code").unwrap_or(""))
    }
}

pub(super) async fn read(response: Response<AnswerBody>) -> Answer {
    let (head, body) = response.into_parts();
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.collect().await.expect("it ends regularly").to_bytes(),
    }
}

/// A request as its bytes were.
pub(super) struct Wire {
    pub(super) head: String,
    pub(super) body: String,
}

/// A connection to an upstream, from the upstream's side.
pub(super) type Connection = BufReader<TcpStream>;

/// An upstream whose connections are handled one after the other.
pub(super) struct Listener(TcpListener);

impl Listener {
    pub(super) async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// The next connection, with the head of its first request. The body is not read.
    pub(super) async fn accept_head(&self) -> (Connection, String) {
        let (stream, _) = self.0.accept().await.unwrap();
        let mut connection = BufReader::new(stream);
        let head = receive_head(&mut connection).await;
        (connection, head)
    }

    /// The next connection, with its first request.
    pub(super) async fn accept(&self) -> (Connection, Wire) {
        let (stream, _) = self.0.accept().await.unwrap();
        let mut connection = BufReader::new(stream);
        let wire = receive(&mut connection).await;
        (connection, wire)
    }
}

/// Reads the head of a request.
async fn receive_head(connection: &mut Connection) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let read = connection.read_line(&mut head).await.unwrap();
        assert!(read > 0, "the request ends early: {head}");
    }
    head
}

/// Reads one request.
pub(super) async fn receive(connection: &mut Connection) -> Wire {
    let head = receive_head(connection).await;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    connection.read_exact(&mut body).await.unwrap();
    Wire {
        head,
        body: String::from_utf8(body).unwrap(),
    }
}
