//! A server with a workspace in a temporary directory.

use crate::database::Database;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use url::Url;
use waypost_api_types::Role;
use waypost_control_plane::catalog::environment::Environment;
use waypost_control_plane::catalog::file::ProvidersPath;
use waypost_control_plane::http::app::{App, AppOptions};
use waypost_control_plane::http::assets::Assets;
use waypost_control_plane::http::drain::Drain;
use waypost_control_plane::http::public_path::PublicPath;
use waypost_control_plane::http::session_cache::Sessions;
use waypost_control_plane::oidc::Oidc;
use waypost_control_plane::request_log::RequestLog;
use waypost_control_plane::secret_records::StoredRecords;
use waypost_control_plane::store::paused_store::{Hook, PausedStore};
use waypost_control_plane::store::{Retention, Store, sign_in};
use waypost_control_plane::tokens::LiveTokens;
use waypost_control_plane::traces::Traces;
use waypost_control_plane::workspace::{Parts, Workspace};
use waypost_egress::Egress;
use waypost_forwarding::ForwardingLimits;
use waypost_secrets::{BackendOptions, SecretStore, SecretsBackend, SecretsBackendKind};

/// Where the server is said to listen, unless a test really listens.
pub(crate) const HOST: &str = "127.0.0.1:8700";

/// What differs from test to test.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
    pub(crate) public_url: Option<&'static str>,
    pub(crate) environment: Vec<(&'static str, &'static str)>,
    /// What `--env-keys` grants.
    pub(crate) env_keys: Vec<&'static str>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) trusted_proxies: Vec<&'static str>,
    /// Sign-in with an identity provider.
    pub(crate) oidc: Option<Oidc>,
    /// `--sign-in-links off`.
    pub(crate) no_sign_in_links: bool,
    /// `--no-forwarding`.
    pub(crate) no_forwarding: bool,
    /// `--inference-listen`.
    pub(crate) inference_listener: bool,
    /// Where traces go.
    pub(crate) traces: Option<Arc<Traces>>,
    /// `--max-stale`; otherwise a quarter of an hour.
    pub(crate) max_stale: Option<Duration>,
    /// The secrets backend; otherwise the encrypted file.
    pub(crate) backend: Option<Arc<dyn SecretsBackend>>,
    /// Runs before each call to the database.
    pub(crate) before_each_call: Option<Hook>,
}

/// A running server.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) database: Database,
    pub(crate) folder: tempfile::TempDir,
    router: Router,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The problem that it must be, with its code.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(
            (self.status.as_u16(), problem["code"].as_str()),
            (status, Some(code)),
            "{problem}"
        );
        assert_eq!(problem["status"], status);
        problem
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// A server whose dashboard is these files.
    pub(crate) async fn with_files(files: Vec<(&'static str, Vec<u8>)>) -> Self {
        Self::start_with(Options {
            files,
            ..Options::default()
        })
        .await
    }

    /// A server that others reach under this URL.
    pub(crate) async fn behind(public_url: &'static str) -> Self {
        Self::start_with(Options {
            public_url: Some(public_url),
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::create(folder.path()).await;
        let (store, log) = database.open().await;
        let store: Arc<dyn Store> = match options.before_each_call {
            Some(hook) => Arc::new(PausedStore::new(store, Arc::default(), hook)),
            None => store,
        };
        let workspace_id = store.workspace_id().await.unwrap();
        let files = options
            .files
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), bytes));
        let records = Arc::new(StoredRecords::new(store.clone()));
        let listen = options.listen.unwrap_or_else(|| HOST.parse().unwrap());
        let secrets = match options.backend {
            Some(backend) => {
                // A request that waits for the backend hangs its test.
                let limit = Duration::from_secs(60 * 60);
                let secrets = SecretStore::new(backend, folder.path(), records, limit);
                let secrets = secrets.await.unwrap();
                secrets.start_checks().await;
                secrets
            }
            None => {
                let kind = Some(SecretsBackendKind::File);
                let egress = Egress::new(listen);
                let backends = BackendOptions::local(folder.path(), &workspace_id, egress);
                let secrets = SecretStore::open(kind, &backends, records);
                secrets.await.unwrap()
            }
        };
        let workspace = Workspace::open(Parts {
            data_dir: folder.path().to_owned(),
            forwards: !options.no_forwarding,
            inference_port: options.inference_listener.then_some(8701),
            limits: ForwardingLimits::default(),
            store: store.clone(),
            tokens: LiveTokens::load(store.clone()).await.unwrap(),
            secrets,
            egress: Egress::new(listen),
            environment: Environment::fixed(options.environment).with_grants(
                options
                    .env_keys
                    .into_iter()
                    .map(|grant| grant.parse().unwrap())
                    .collect(),
            ),
            providers_path: ProvidersPath::named(folder.path().join("providers.local.yaml")),
        })
        .await
        .unwrap();
        let sessions = Sessions::load(store.clone()).await.unwrap();
        let public_url = options.public_url.map(|url| Url::parse(url).unwrap());
        let public_path = public_url.as_ref().map(|url| PublicPath::of(url).unwrap());
        let app = App::new(AppOptions {
            has_tls: false,
            public_path: public_path.unwrap_or_default(),
            workspace,
            sessions,
            workspace_id,
            assets: Assets::from_files(files),
            listen,
            public_url,
            trusted_proxies: options
                .trusted_proxies
                .iter()
                .map(|network| network.parse().unwrap())
                .collect(),
            oidc: options.oidc,
            sign_in_links: !options.no_sign_in_links,
            forwarding: (!options.no_forwarding).then(ForwardingLimits::default),
            has_inference_listener: options.inference_listener,
            max_stale: options.max_stale.unwrap_or(Duration::from_secs(15 * 60)),
            drain: Drain::default(),
            traces: options.traces,
            request_log: RequestLog::start(log, Retention::default()),
        });
        let router = waypost_control_plane::http::router(&app);
        Self {
            app,
            store,
            database,
            folder,
            router,
        }
    }

    /// Sends any request as it is, and does not read the body of its answer.
    pub(crate) async fn respond(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends any request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        read(self.respond(request).await).await
    }

    /// A request with the usual host and no session.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.send(request(method, path, None, body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// Sends a request to the listener that serves forwarding alone.
    pub(crate) async fn send_to_inference(&self, request: Request<Body>) -> Answer {
        let router = waypost_control_plane::http::inference_router(&self.app);
        read(router.oneshot(request).await.unwrap()).await
    }

    /// Sends a request to the listener that serves metrics alone.
    pub(crate) async fn send_to_metrics(&self, request: Request<Body>) -> Answer {
        let router = waypost_control_plane::http::metrics_router(&self.app);
        read(router.oneshot(request).await.unwrap()).await
    }

    /// Serves on a real socket, for tests in which the control plane calls itself.
    pub(crate) fn listen(&self, listener: TcpListener) {
        let service = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, service).await });
    }

    /// A fresh sign-in link's token.
    pub(crate) async fn link(&self) -> String {
        self.link_for(Role::Admin).await
    }

    pub(crate) async fn link_for(&self, role: Role) -> String {
        let token = sign_in::make_link(&*self.store, role).await;
        token.unwrap().to_string()
    }

    /// Signs in; the value of the `Cookie` header.
    pub(crate) async fn sign_in(&self) -> String {
        self.sign_in_as(Role::Admin).await
    }

    pub(crate) async fn sign_in_as(&self, role: Role) -> String {
        let token = self.link_for(role).await;
        let body = serde_json::json!({ "token": token });
        let answer = self.call(Method::POST, "/api/v1/session", Some(body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let cookie = answer.header("set-cookie").unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}

async fn read(response: Response<Body>) -> Answer {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024 * 1024).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.to_vec(),
    }
}

/// A signed-in user.
pub(crate) struct Admin<'a> {
    server: &'a Server,
    cookie: String,
}

impl Server {
    pub(crate) async fn admin(&self) -> Admin<'_> {
        Admin {
            server: self,
            cookie: self.sign_in().await,
        }
    }
}

impl Admin<'_> {
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let sent = request(method, path, Some(&self.cookie), body);
        self.server.send(sent).await
    }

    /// With an `If-Match`.
    pub(crate) async fn call_if(
        &self,
        method: Method,
        path: &str,
        tag: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut sent = request(method, path, Some(&self.cookie), body);
        let tag = HeaderValue::from_str(tag).unwrap();
        sent.headers_mut().insert(header::IF_MATCH, tag);
        self.server.send(sent).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// With a header.
    pub(crate) async fn get_with(&self, path: &str, name: &'static str, value: &str) -> Answer {
        let mut sent = request(Method::GET, path, Some(&self.cookie), None);
        let value = HeaderValue::from_str(value).unwrap();
        sent.headers_mut().insert(name, value);
        self.server.send(sent).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }
}

/// A request with a host that is right on every port.
pub(crate) fn request(
    method: Method,
    path: &str,
    cookie: Option<&str>,
    body: Option<Value>,
) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    match body {
        Some(body) => request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    }
    .unwrap()
}

/// The value with something fixed in place of what differs from run to run. Each pointer must
/// lead somewhere.
#[track_caller]
pub(crate) fn masked(mut value: Value, pointers: &[&str]) -> Value {
    for pointer in pointers {
        let place = value.pointer_mut(pointer);
        *place.unwrap_or_else(|| panic!("{pointer} leads nowhere")) = "[masked]".into();
    }
    value
}
