//! `waypost serve`: from a command line to a listening server, and down again in good order.

mod accept;
mod activity;
mod clock_check;
mod connection;
pub(super) mod data_dir;
mod descriptors;
mod file_system;
mod http1;
mod http2;
mod limit_options;
mod limits;
mod listeners;
mod site;
mod threads;
mod tls;

use crate::catalog::environment::Environment;
use crate::catalog::file::ProvidersPath;
use crate::cli::announce;
use crate::cli::aws_options::AwsArguments;
use crate::cli::database::{DatabaseOption, open_to_serve};
use crate::cli::egress_options::EgressOptions;
use crate::cli::oidc_options::SignInArguments;
use crate::cli::vault_options::VaultArguments;
use crate::cli::{DataDir, Failure, ProvidersOption};
use crate::http::app::{App, AppOptions};
use crate::http::assets::Assets;
use crate::http::drain::Drain;
use crate::http::own_addresses;
use crate::http::public_path::PublicPath;
use crate::http::session_cache::Sessions;
use crate::panics;
use crate::request_log::RequestLog;
use crate::sample;
use crate::secret_records::StoredRecords;
use crate::store::Retention;
use crate::tokens::LiveTokens;
use crate::traces::{TraceSettings, Traces};
use crate::workspace::{Parts, Workspace};
use clap::Args;
use ipnet::IpNet;
use limit_options::LimitOptions;
use limits::{ConnectionLimits, GRACE};
use listeners::{Outside, bind, bind_if, listening, listening_for_metrics};
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use threads::Threads;
use tls::TlsOptions;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;
use url::Url;
use waypost_egress::Egress;
use waypost_routing::env_grant::EnvGrant;
use waypost_secrets::{BackendOptions, SecretStore, SecretsBackendKind};
use waypost_system::clock;

/// How long the database may stay in use once the last request has ended.
const CLOSE: Duration = Duration::from_secs(10);

/// The options of `waypost serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeOptions {
    /// The address to listen on. Any address but loopback requires --public-url
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8700")]
    listen: SocketAddr,
    #[command(flatten)]
    data_dir: DataDir,
    #[command(flatten)]
    database: DatabaseOption,
    #[command(flatten)]
    providers: ProvidersOption,
    /// Where keys are stored: keychain, file, vault or aws. Chosen at the first start
    #[arg(long, value_name = "BACKEND", value_parser = secrets_backend)]
    secrets: Option<SecretsBackendKind>,
    /// Also allow this environment variable as a key in any entry or agent, for one origin or for all.
    /// NAME may end in *
    #[arg(long, value_name = "NAME[@ORIGIN]", value_delimiter = ',')]
    env_keys: Vec<EnvGrant>,
    /// The https URL of this server, which may have a path. A proxy terminates TLS, unless --tls-cert is given
    #[arg(long, value_name = "URL", value_parser = public_url)]
    public_url: Option<Url>,
    #[command(flatten)]
    tls: TlsOptions,
    #[command(flatten)]
    egress: EgressOptions,
    /// A network of trusted proxies, such as 10.0.0.0/8, whose X-Forwarded-For is used. May be repeated
    #[arg(long, value_name = "CIDR", value_parser = network)]
    trusted_proxy: Vec<IpNet>,
    /// Do not forward inference requests: no endpoint below /v1 exists
    #[arg(long)]
    no_forwarding: bool,
    /// Forward inference requests only on this address; it needs no --public-url
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "no_forwarding")]
    inference_listen: Option<SocketAddr>,
    /// Serve the metrics on this address as well, without a token
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics_listen: Option<SocketAddr>,
    #[command(flatten)]
    sign_in: SignInArguments,
    #[command(flatten)]
    vault: VaultArguments,
    #[command(flatten)]
    aws: AwsArguments,
    #[command(flatten)]
    limits: LimitOptions,
    /// After how many days the record of a request is deleted
    #[arg(long, value_name = "DAYS", default_value_t = Retention::default().days, value_parser = clap::value_parser!(u32).range(1..=3650))]
    request_log_days: u32,
    /// How many records of requests are kept at most
    #[arg(long, value_name = "RECORDS", default_value_t = Retention::default().records, value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    request_log_records: u64,
    /// Do not record requests
    #[arg(long, conflicts_with_all = ["request_log_days", "request_log_records"])]
    no_request_log: bool,
}

/// Reads a network, or a single address.
fn network(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| "expected a network such as 10.0.0.0/8, or an address".to_owned())
}

pub(super) fn secrets_backend(text: &str) -> Result<SecretsBackendKind, String> {
    SecretsBackendKind::from_name(text)
        .ok_or_else(|| "expected `keychain`, `file`, `vault` or `aws`".to_owned())
}

fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if url.scheme() != "https" || url.host_str().is_none() {
        return Err(
            "expected a URL that begins with https://, because sign-in links and cookies are sent to it"
                .to_owned(),
        );
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(
            "expected scheme, host, port and path only, such as https://host.example/waypost"
                .to_owned(),
        );
    }
    own_addresses::refuse(&PublicPath::of(&url)?)?;
    Ok(url)
}

/// Serves until it is asked to stop.
///
/// # Errors
/// If it cannot start: an option, the data directory, the database, the secrets backend or an address
/// is unusable. The text says what to do.
pub async fn serve(options: ServeOptions) -> Result<(), Failure> {
    start_log();
    panics::log_places();
    let private = [Some(options.listen), options.metrics_listen];
    let is_beyond = |address: &SocketAddr| !address.ip().is_loopback();
    if let Some(address) = private.into_iter().flatten().find(is_beyond)
        && options.public_url.is_none()
    {
        return Err(Failure::new(format!(
            "listening on {address} lets other machines reach Waypost, so --public-url is required: the https URL of the proxy that terminates TLS, or of this server with --tls-cert and --tls-key"
        )));
    }
    options.limits.check()?;
    let tls = options.tls.open()?;
    let proxy = options.egress.proxy()?;
    let sign_in_links = options.sign_in.accepts_links().map_err(Failure::new)?;
    let traces = TraceSettings::read(|name| std::env::var(name).ok()).map_err(Failure::new)?;
    clock_check::refuse_impossible(clock::now())?;
    let database = options.database.named()?;
    let data_dir = options.data_dir.path()?;
    data_dir::check(&data_dir)?;
    let listener = bind("--listen", options.listen).await?;
    let listen = listener.local_addr()?;
    let inference = bind_if("--inference-listen", options.inference_listen).await?;
    let metrics = bind_if("--metrics-listen", options.metrics_listen).await?;
    let inference_port = match &inference {
        Some(listener) => Some(listener.local_addr()?.port()),
        None => None,
    };
    let own = [&inference, &metrics].into_iter().flatten();
    let others = own
        .map(TcpListener::local_addr)
        .collect::<Result<Vec<_>, _>>()?;
    // Nothing has been written so far.
    data_dir::make(&data_dir)?;
    let _lock = data_dir::lock(&data_dir)?;

    let (store, log) = open_to_serve(database.as_ref(), &data_dir).await?;
    clock_check::warn_of_earlier(&*store, clock::now()).await?;
    let workspace_id = store.workspace_id().await?;
    let dashboard = match &options.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None if tls.is_some() => format!("https://{listen}"),
        None => format!("http://{listen}"),
    };
    store.record_dashboard_url(&dashboard).await?;
    store.record_sign_in_links(sign_in_links).await?;
    let egress = Egress::with_listeners(listen, others, proxy);
    let variable = |name: &str| std::env::var(name).ok();
    let oidc = options.sign_in.oidc(&dashboard, &egress, variable);
    let oidc = oidc.map_err(Failure::new)?;
    let backends = BackendOptions {
        vault: options.vault.options(variable),
        aws: options.aws.options(),
        ..BackendOptions::local(&data_dir, &workspace_id, egress.clone())
    };
    let records = Arc::new(StoredRecords::new(store.clone()));
    let secrets = SecretStore::open(options.secrets, &backends, records).await?;
    let tokens = LiveTokens::load(store.clone()).await?;
    let workspace = Workspace::open(Parts {
        data_dir: data_dir.clone(),
        forwards: !options.no_forwarding,
        inference_port,
        limits: options.limits.forwarding(),
        store: store.clone(),
        tokens: tokens.clone(),
        secrets,
        egress,
        environment: Environment::process().with_grants(options.env_keys),
        providers_path: providers_path(options.providers.named()),
    })
    .await?;
    let sessions = Sessions::load(store.clone()).await?;
    let traces = traces.map(|settings| Arc::new(Traces::start(settings, workspace.egress())));
    let drain = Drain::default();
    let request_log = match options.no_request_log {
        true => RequestLog::off(),
        false => RequestLog::start(
            log,
            Retention {
                days: options.request_log_days,
                records: options.request_log_records,
            },
        ),
    };
    let public_path = match &options.public_url {
        Some(url) => PublicPath::of(url).map_err(Failure::new)?,
        None => PublicPath::default(),
    };
    let app = App::new(AppOptions {
        workspace: workspace.clone(),
        sessions: sessions.clone(),
        workspace_id,
        assets: Assets::embedded(),
        listen,
        public_url: options.public_url,
        public_path: public_path.clone(),
        has_tls: tls.is_some(),
        trusted_proxies: options.trusted_proxy,
        oidc: oidc.clone(),
        sign_in_links,
        forwarding: (!options.no_forwarding).then(|| options.limits.forwarding()),
        has_inference_listener: inference.is_some(),
        max_stale: options.limits.max_stale(),
        drain: drain.clone(),
        traces: traces.clone(),
        request_log: request_log.clone(),
    });
    let requests = options.limits.forwarding().requests;
    let wanted = ConnectionLimits::wanted_descriptors(requests);
    let descriptors = descriptors::raise_limit(wanted);
    let limits = ConnectionLimits {
        forwarded_body: options.limits.forwarding().body_time + GRACE,
        forwarded_stalled_write: options.limits.stalled_write(),
        ..ConnectionLimits::new(descriptors, requests)
    };
    let threads = Threads::start()?;
    if descriptors < wanted {
        tracing::warn!(
            open_files = descriptors,
            wanted,
            connections = limits.connections,
            "the system allows few open files: raise its limit, LimitNOFILE in a systemd unit"
        );
    }

    // The handler is installed before the link is printed, so that a stop right after it is clean.
    let stops = stop_signals()?;
    announce(&*store, &dashboard, oidc.as_ref(), sign_in_links).await?;
    tracing::info!(%listen, data_dir = %data_dir.display(), "listening");
    let site = Outside {
        public_path,
        tls: tls.clone(),
    };
    let mut listening = listening(&app, listener, inference, limits, &site)?;
    if let Some(listener) = metrics {
        listening.push(listening_for_metrics(&app, listener, limits)?);
    }
    workspace.log_variables_not_allowed();
    let followed = workspace.clone();
    let following = tokio::spawn(async move {
        if let Err(error) = sample::follow(&followed, listen).await {
            tracing::warn!(%error, "cannot update the address of the sample");
        }
    });
    if let Some(oidc) = oidc {
        tokio::spawn(async move { oidc.check().await });
    }
    let watching_clock = tokio::spawn(clock_check::watch());
    let following_certificate = tls.map(|tls| tokio::spawn(tls.follow()));
    let following_sessions = tokio::spawn(sessions.clone().follow());
    let following_tokens = tokio::spawn(tokens.clone().follow());
    accept::run(listening, threads, drain, options.limits.drain(), stops).await;
    if let Some(traces) = &traces {
        traces.close().await;
    }
    following.abort();
    watching_clock.abort();
    if let Some(following) = following_certificate {
        following.abort();
    }
    following_sessions.abort();
    following_tokens.abort();
    if let Err(error) = sessions.record_uses().await {
        tracing::warn!(%error, "cannot record the last use of sessions");
    }
    if let Err(error) = tokens.record_uses().await {
        tracing::warn!(%error, "cannot record the last use of tokens");
    }
    if tokio::time::timeout(CLOSE, request_log.close())
        .await
        .is_err()
    {
        tracing::warn!("stopped without the last records of requests");
    }
    // A refresh that still runs holds a connection; its half-written transaction is rolled back.
    if tokio::time::timeout(CLOSE, workspace.close())
        .await
        .is_err()
    {
        tracing::warn!(
            seconds = CLOSE.as_secs(),
            "stopped with the database still in use"
        );
    }
    tracing::info!("stopped");
    Ok(())
}

/// The file that was named, or the usual places below the home directory.
pub(super) fn providers_path(named: Option<PathBuf>) -> ProvidersPath {
    match named {
        Some(path) => ProvidersPath::named(path),
        None => ProvidersPath::below(&std::env::home_dir().unwrap_or_default()),
    }
}

/// The log goes to the standard error, so that the sign-in link stands alone on the standard
/// output. `WAYPOST_LOG` sets its level.
fn start_log() {
    let filter = EnvFilter::try_from_env("WAYPOST_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // It logs whole addresses, and a parameter of one may be a secret.
    let filter = filter.add_directive("tower_http=off".parse().expect("a directive"));
    // A log that someone else has begun already stays as it is.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}

/// Each time that the process is asked to stop. The handlers are in place when it returns.
fn stop_signals() -> std::io::Result<mpsc::UnboundedReceiver<()>> {
    let (sender, stops) = mpsc::unbounded_channel();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if sender.send(()).is_err() {
                    return;
                }
            }
        });
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() && sender.send(()).is_ok() {}
    });
    Ok(stops)
}

#[cfg(test)]
mod tests {
    mod documents;
    mod forwarding;
    mod http2;
    mod leaving;
    mod listener;
    mod secure;
    mod stop;
    mod tls;

    use super::*;

    #[test]
    fn a_trusted_proxy_is_a_network_or_an_address() {
        for (text, read) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("fd00::/8", "fd00::/8"),
        ] {
            assert_eq!(network(text).unwrap().to_string(), read);
        }
        for text in ["", "proxy.example", "10.0.0.0/33", "10.0.0/8"] {
            assert!(network(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_public_url_is_https() {
        assert!(public_url("https://waypost.example").is_ok());
        assert!(public_url("https://waypost.example:8443/").is_ok());
        assert!(public_url("https://host.example/a/b/").is_ok());
        for text in [
            "http://waypost.example",
            "https://a/api/",
            "https://a/?q",
            "https://u@a",
            "waypost.example",
            "",
        ] {
            assert!(public_url(text).is_err(), "{text}");
        }
    }
}
