//! What every request can reach.

use crate::http::agent_tokens::AgentTokens;
use crate::http::assets::Assets;
use crate::http::cookie::SessionCookie;
use crate::http::failures::Failures;
use crate::http::request_records::LoggedRecords;
use crate::http::security::{Hosts, SecurityHeaders};
use crate::http::session_cache::Sessions;
use crate::http::trusted_proxies::TrustedProxies;
use crate::store::Store;
use crate::workspace::Workspace;
use ipnet::IpNet;
use std::net::SocketAddr;
use std::sync::Arc;
use url::Url;
use waypost_forwarding::{Forwarding, ForwardingLimits};

/// The parts of a running control plane. A clone is another handle to the same.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    workspace: Workspace,
    sessions: Sessions,
    listen: SocketAddr,
    assets: Assets,
    cookie: SessionCookie,
    hosts: Hosts,
    headers: SecurityHeaders,
    failures: Failures,
    token_failures: Arc<Failures>,
    forwarding: Option<Forwarding>,
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
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The limits of forwarding; `None` turns it off.
    pub forwarding: Option<ForwardingLimits>,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(options: AppOptions) -> Self {
        let public_url = options.public_url.as_ref();
        let secure = public_url.is_some_and(|url| url.scheme() == "https");
        let token_failures: Arc<Failures> = Arc::default();
        let forwarding = options
            .forwarding
            .map(|limits| forwarding(&options.workspace, &token_failures, limits));
        Self(Arc::new(Parts {
            cookie: SessionCookie::new(&options.workspace_id, secure),
            hosts: Hosts::new(options.listen, public_url),
            headers: SecurityHeaders::new(&options.assets, public_url),
            workspace: options.workspace,
            sessions: options.sessions,
            listen: options.listen,
            assets: options.assets,
            failures: Failures::default(),
            token_failures,
            forwarding,
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

fn forwarding(
    workspace: &Workspace,
    failures: &Arc<Failures>,
    limits: ForwardingLimits,
) -> Forwarding {
    Forwarding::new(waypost_forwarding::Parts {
        table: workspace.routing_handle(),
        credentials: Arc::new(workspace.clone()),
        tokens: Arc::new(AgentTokens {
            live: workspace.live_tokens().clone(),
            failures: Arc::clone(failures),
        }),
        models: Arc::new(workspace.clone()),
        records: Arc::new(LoggedRecords),
        egress: workspace.egress().clone(),
        limits,
    })
}
