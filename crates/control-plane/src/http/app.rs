//! What every request can reach.

use crate::http::agent_tokens::AgentTokens;
use crate::http::assets::Assets;
use crate::http::cookie::{LoginCookie, SessionCookie};
use crate::http::database_probe::DatabaseProbe;
use crate::http::drain::Drain;
use crate::http::failures::Failures;
use crate::http::public_path::PublicPath;
use crate::http::security::{Hosts, SecurityHeaders};
use crate::http::session_cache::Sessions;
use crate::http::trusted_proxies::TrustedProxies;
use crate::metrics::Metrics;
use crate::oidc::Oidc;
use crate::request_log::RequestLog;
use crate::store::Store;
use crate::traces::Traces;
use crate::workspace::Workspace;
use ipnet::IpNet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use waypost_forwarding::{Forwarding, ForwardingLimits, Freshness, RecordSink};

/// The parts of a running control plane. A clone is another handle to the same.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    workspace: Workspace,
    sessions: Sessions,
    listen: SocketAddr,
    assets: Assets,
    cookie: SessionCookie,
    login_cookie: LoginCookie,
    oidc: Option<Oidc>,
    sign_in_links: bool,
    hosts: Hosts,
    headers: SecurityHeaders,
    failures: Failures,
    token_failures: Arc<Failures>,
    forwarding: Option<Forwarding>,
    metrics: Metrics,
    traces: Option<Arc<Traces>>,
    has_inference_listener: bool,
    max_stale: Duration,
    drain: Drain,
    request_log: RequestLog,
    probe: DatabaseProbe,
    proxies: TrustedProxies,
}

/// What an [`App`] is made of.
pub struct AppOptions {
    /// The workspace.
    pub workspace: Workspace,
    /// The open sessions.
    pub sessions: Sessions,
    /// The workspace's id.
    pub workspace_id: String,
    /// The dashboard's files.
    pub assets: Assets,
    /// Where it is listened.
    pub listen: SocketAddr,
    /// Under which URL others reach it, where that differs.
    pub public_url: Option<Url>,
    /// The path of that URL.
    pub public_path: PublicPath,
    /// Whether it serves https itself.
    pub has_tls: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Sign-in with an identity provider, if there is one.
    pub oidc: Option<Oidc>,
    /// Whether sign-in links are accepted.
    pub sign_in_links: bool,
    /// The limits of forwarding; `None` turns it off.
    pub forwarding: Option<ForwardingLimits>,
    /// Whether forwarding has its own listener, so that this one does not serve it.
    pub has_inference_listener: bool,
    /// For how long forwarding goes on without contact with the database.
    pub max_stale: Duration,
    /// The end of the process.
    pub drain: Drain,
    /// Where traces go, if they go anywhere.
    pub traces: Option<Arc<Traces>>,
    /// Where forwarded requests are recorded.
    pub request_log: RequestLog,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(options: AppOptions) -> Self {
        let public_url = options.public_url.as_ref();
        let assets = options.assets.below(&options.public_path);
        let secure = options.has_tls || public_url.is_some();
        let token_failures: Arc<Failures> = Arc::default();
        let metrics = Metrics::new();
        let forwarding = options.forwarding.map(|limits| {
            let records: Arc<dyn RecordSink> = Arc::new(options.request_log.clone());
            let records = match &options.traces {
                Some(traces) => traces.tracing(options.workspace.routing_handle(), records),
                None => records,
            };
            let records = metrics.counting(records);
            forwarding(
                &options.workspace,
                &token_failures,
                options.max_stale,
                records,
                limits,
            )
        });
        Self(Arc::new(Parts {
            cookie: SessionCookie::new(&options.workspace_id, secure, &options.public_path),
            login_cookie: LoginCookie::new(&options.workspace_id, secure, &options.public_path),
            oidc: options.oidc,
            sign_in_links: options.sign_in_links,
            hosts: Hosts::new(options.listen, public_url),
            headers: SecurityHeaders::new(&assets, public_url),
            workspace: options.workspace,
            sessions: options.sessions,
            listen: options.listen,
            assets,
            failures: Failures::default(),
            token_failures,
            forwarding,
            metrics,
            traces: options.traces,
            has_inference_listener: options.has_inference_listener,
            max_stale: options.max_stale,
            drain: options.drain,
            request_log: options.request_log,
            probe: DatabaseProbe::default(),
            proxies: TrustedProxies::new(options.trusted_proxies),
        }))
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.0.workspace.store()
    }

    /// The workspace. Handlers take it from the session, which puts a name to what they do.
    #[must_use]
    pub fn workspace(&self) -> &Workspace {
        &self.0.workspace
    }

    /// The open sessions.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Where it is listened.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.0.listen
    }

    /// The dashboard's files.
    #[must_use]
    pub fn assets(&self) -> &Assets {
        &self.0.assets
    }

    /// What the session cookie is called.
    #[must_use]
    pub fn cookie(&self) -> &SessionCookie {
        &self.0.cookie
    }

    /// The cookie of a sign-in with the identity provider.
    pub(super) fn login_cookie(&self) -> &LoginCookie {
        &self.0.login_cookie
    }

    /// Sign-in with an identity provider, if there is one.
    #[must_use]
    pub fn oidc(&self) -> Option<&Oidc> {
        self.0.oidc.as_ref()
    }

    /// Whether sign-in links are accepted.
    #[must_use]
    pub fn accepts_sign_in_links(&self) -> bool {
        self.0.sign_in_links
    }

    /// The hosts that a request may name.
    #[must_use]
    pub fn hosts(&self) -> &Hosts {
        &self.0.hosts
    }

    /// The headers that every answer carries.
    #[must_use]
    pub fn headers(&self) -> &SecurityHeaders {
        &self.0.headers
    }

    /// The proxies whose `X-Forwarded-For` is believed.
    #[must_use]
    pub fn proxies(&self) -> &TrustedProxies {
        &self.0.proxies
    }

    /// What answers requests below `/v1`, unless it is turned off.
    #[must_use]
    pub fn forwarding(&self) -> Option<&Forwarding> {
        self.0.forwarding.as_ref()
    }

    /// The metrics of the process, in Prometheus' text format.
    #[must_use]
    pub fn metrics_text(&self) -> String {
        let (log, metrics) = (self.request_log(), &self.0.metrics);
        let traces = self.0.traces.as_deref();
        metrics.text(
            self.workspace(),
            self.forwarding(),
            log.dropped(),
            traces.map_or(0, Traces::dropped),
        )
    }

    /// Whether forwarding has its own listener.
    #[must_use]
    pub fn has_inference_listener(&self) -> bool {
        self.0.has_inference_listener
    }

    /// Whether the last contact with the database is too long ago to forward.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.0.workspace.configuration_age() > self.0.max_stale
    }

    /// The end of the process.
    #[must_use]
    pub fn drain(&self) -> &Drain {
        &self.0.drain
    }

    /// The records of forwarded requests.
    #[must_use]
    pub fn request_log(&self) -> &RequestLog {
        &self.0.request_log
    }

    /// Asks whether the database answers.
    pub(super) fn probe(&self) -> &DatabaseProbe {
        &self.0.probe
    }

    /// The requests with an invalid token.
    #[must_use]
    pub fn token_failures(&self) -> &Failures {
        &self.0.token_failures
    }

    /// The sign-ins that failed.
    #[must_use]
    pub fn failures(&self) -> &Failures {
        &self.0.failures
    }
}

/// How old what is forwarded by may be.
struct ConfigurationAge {
    workspace: Workspace,
    max_stale: Duration,
}

impl Freshness for ConfigurationAge {
    fn is_stale(&self) -> bool {
        self.workspace.configuration_age() > self.max_stale
    }
}

fn forwarding(
    workspace: &Workspace,
    failures: &Arc<Failures>,
    max_stale: Duration,
    records: Arc<dyn RecordSink>,
    limits: ForwardingLimits,
) -> Forwarding {
    Forwarding::new(waypost_forwarding::Parts {
        table: workspace.routing_handle(),
        credentials: Arc::new(workspace.clone()),
        tokens: Arc::new(AgentTokens {
            live: workspace.live_tokens().clone(),
            failures: Arc::clone(failures),
        }),
        freshness: Arc::new(ConfigurationAge {
            workspace: workspace.clone(),
            max_stale,
        }),
        models: Arc::new(workspace.clone()),
        records,
        egress: workspace.egress().clone(),
        limits,
    })
}
