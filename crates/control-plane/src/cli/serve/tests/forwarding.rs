//! Callers that misbehave, over the real listener with forwarding behind it. Time is paused, as in the
//! tests of the listener.

use super::listener::{LIMITS, in_no_time};
use crate::cli::serve::accept::{Listening, run};
use crate::cli::serve::threads::Threads;
use crate::http::drain::Drain;
use crate::http::public_path::PublicPath;
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use waypost_egress::test_support::TestEgress;
use waypost_forwarding::{
    CatalogUnavailable, CredentialError, CredentialPlace, CredentialSource, CredentialText,
    Forwarding, ForwardingLimits, Freshness, ListedModel, ModelCatalog, Outcome, Parts, RecordSink,
    RequestRecord, TokenCheck, TokenOwner, TokenRefusal,
};
use waypost_routing::agent::read_agent;
use waypost_routing::catalog::{Layer, ProviderEntry, ProviderKind};
use waypost_routing::handle::RoutingHandle;
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;

/// Everything that forwarding asks for: one agent, one key, no models.
struct Anyone(mpsc::UnboundedSender<RequestRecord>);

#[async_trait]
impl CredentialSource for Anyone {
    async fn value(
        &self,
        _: CredentialPlace<'_>,
        _: &str,
    ) -> Result<Option<CredentialText>, CredentialError> {
        Ok(Some(CredentialText::new("k".to_owned())))
    }
}

impl TokenCheck for Anyone {
    fn check(&self, _: &HeaderMap, _: IpAddr) -> Result<TokenOwner, TokenRefusal> {
        Ok(TokenOwner {
            token: "t".to_owned(),
            agent: "a".to_owned(),
            agent_id: None,
        })
    }

    fn contains_token(&self, _: &str) -> bool {
        false
    }
}

impl Freshness for Anyone {
    fn is_stale(&self) -> bool {
        false
    }
}

#[async_trait]
impl ModelCatalog for Anyone {
    async fn listed(&self) -> Result<Vec<ListedModel>, CatalogUnavailable> {
        Ok(Vec::new())
    }
}

impl RecordSink for Anyone {
    fn record(&self, record: RequestRecord) {
        let _ = self.0.send(record);
    }
}

/// A listener with forwarding behind it, and the upstream that it calls.
pub(super) struct Server {
    address: SocketAddr,
    pub(super) upstream: TcpListener,
    pub(super) records: mpsc::UnboundedReceiver<RequestRecord>,
    /// The server stops without it.
    stop: mpsc::UnboundedSender<()>,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start() -> Self {
        Self::start_on(Threads::current()).await
    }

    async fn start_on(threads: Threads) -> Self {
        let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, records) = mpsc::unbounded_channel();
        let forwarding = forwarding(upstream.local_addr().unwrap(), sender);
        let router = Router::new().fallback(move |request: Request| {
            let forwarding = forwarding.clone();
            async move {
                let client = Ipv4Addr::LOCALHOST.into();
                forwarding.answer(request, client).await.map(Body::new)
            }
        });
        let listening = Listening {
            listener,
            router,
            public_path: PublicPath::default(),
            tls: None,
            limits: LIMITS,
        };
        let (stop, stops) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(
            vec![listening],
            threads,
            Drain::default(),
            Duration::ZERO,
            stops,
        ));
        Self {
            address,
            upstream,
            records,
            stop,
            task,
        }
    }

    /// A caller that has sent the head of a request and this much of its body.
    pub(super) async fn call(&self, length: usize, body: &str) -> TcpStream {
        let mut caller = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        caller.write_all(request.as_bytes()).await.unwrap();
        caller
    }

    pub(super) async fn outcome(&mut self) -> Outcome {
        self.records.recv().await.unwrap().outcome
    }

    async fn assert_nothing_was_sent(&self) {
        let accepted = tokio::time::timeout(Duration::from_secs(1), self.upstream.accept());
        assert!(accepted.await.is_err(), "no connection was made");
    }
}

const AGENT: &str = "name: a\nmodel: { primary: gw/x/primary, fallback: gw/x/fallback }\n";

fn forwarding(upstream: SocketAddr, records: mpsc::UnboundedSender<RequestRecord>) -> Forwarding {
    let origin = format!("http://{upstream}");
    // The second one never ends its handshake, since the upstream speaks no TLS.
    let secure = format!("https://{upstream}");
    let gateway = |name: &str, origin: &str| ProviderEntry {
        name: name.to_owned(),
        kind: ProviderKind::Gateway,
        layer: Layer::Workspace,
        base_url: format!("{origin}/v1"),
        api_key_env: None,
        default_headers: BTreeMap::new(),
        limits: Default::default(),
        pass_headers: Vec::new(),
        docs: None,
        notable_models: Vec::new(),
    };
    let mut snapshot = Snapshot {
        providers: vec![gateway("gw", &origin), gateway("secure", &secure)],
        agents: read_agent(AGENT).agent.into_iter().collect(),
        ..Snapshot::default()
    };
    let stored = &mut snapshot.secrets.stored;
    stored.insert("gw/api-key".to_owned(), origin.clone());
    stored.insert("secure/api-key".to_owned(), secure.clone());
    snapshot.granted_origins.extend([origin, secure]);
    let anyone = Arc::new(Anyone(records));
    Forwarding::new(Parts {
        table: Arc::new(RoutingHandle::new(RoutingTable::new(snapshot))),
        credentials: anyone.clone(),
        tokens: anyone.clone(),
        freshness: anyone.clone(),
        models: anyone.clone(),
        records: anyone,
        egress: TestEgress::new().client(),
        limits: ForwardingLimits::default(),
    })
}

/// The body of a request, complete.
pub(super) const BODY: &str = r#"{"model":"gw/x/y"}"#;

#[tokio::test(start_paused = true)]
async fn a_caller_that_does_not_read_ends_the_request_at_the_upstream() {
    let mut server = Server::start().await;
    let (mut caller, mut upstream) = in_no_time(async {
        let mut caller = server.call(BODY.len(), BODY).await;
        let (mut upstream, _) = server.upstream.accept().await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        upstream.write_all(head).await.unwrap();
        caller.read_u8().await.unwrap();
        (caller, upstream)
    })
    .await;
    let begun = Instant::now();
    // It takes what the buffers on the way hold, and fails once the connection is closed.
    let event = format!("1000\r\n{}\r\n", ":".repeat(0x1000));
    while upstream.write_all(event.as_bytes()).await.is_ok() {}
    assert_eq!(
        begun.elapsed().as_secs(),
        LIMITS.forwarded_stalled_write.as_secs()
    );
    assert_eq!(server.outcome().await, Outcome::Cancelled);
    let mut rest = Vec::new();
    let _ = caller.read_to_end(&mut rest).await;
    assert!(!rest.ends_with(b"0\r\n\r\n"), "it does not end regularly");
}

#[tokio::test(start_paused = true)]
async fn a_caller_whose_body_does_not_arrive_is_not_waited_for() {
    let mut server = Server::start().await;
    let mut caller = server.call(BODY.len(), "{\"mod").await;
    let begun = Instant::now();
    let mut answer = Vec::new();
    let _ = caller.read_to_end(&mut answer).await;
    assert_eq!(begun.elapsed().as_secs(), LIMITS.forwarded_body.as_secs());
    assert!(answer.is_empty(), "there is no answer to half a request");
    assert_eq!(server.outcome().await, Outcome::Cancelled);
    server.assert_nothing_was_sent().await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_drips_its_body_does_not_extend_the_limit() {
    let mut server = Server::start().await;
    let mut caller = server.call(1_000, "{").await;
    let begun = Instant::now();
    while caller.write_all(b" ").await.is_ok() {
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    // The drop after the one that met a closed connection is the first to fail.
    assert!((50..=58).contains(&begun.elapsed().as_secs()), "{begun:?}");
    assert_eq!(server.outcome().await, Outcome::Cancelled);
    server.assert_nothing_was_sent().await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_within_its_body_sends_nothing() {
    let mut server = Server::start().await;
    let caller = in_no_time(server.call(BODY.len(), "{\"mod")).await;
    drop(caller);
    in_no_time(server.outcome()).await;
    server.assert_nothing_was_sent().await;
}

#[tokio::test]
async fn a_stop_ends_once_what_was_under_way_is_recorded() {
    let mut server = Server::start_on(Threads::start().unwrap()).await;
    let _caller = server.call(BODY.len(), BODY).await;
    let _upstream = server.upstream.accept().await.unwrap();
    server.stop.send(()).unwrap();
    server.task.await.unwrap();
    let record = server.records.try_recv();
    assert_eq!(record.unwrap().outcome, Outcome::Cancelled);
}
