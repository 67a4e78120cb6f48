//! The addresses that are listened on, and what is served on each.

use super::accept::Listening;
use super::limits::ConnectionLimits;
use super::tls::ServerTls;
use crate::cli::Failure;
use crate::http::app::App;
use crate::http::public_path::PublicPath;
use std::io::ErrorKind;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// How requests come from outside.
pub(super) struct Outside {
    pub(super) public_path: PublicPath,
    /// `None` where a proxy terminates TLS, or nothing does.
    pub(super) tls: Option<ServerTls>,
}

/// Listens on the address of an option, if it is given.
pub(super) async fn bind_if(
    option: &str,
    listen: Option<SocketAddr>,
) -> Result<Option<TcpListener>, Failure> {
    match listen {
        Some(listen) => bind(option, listen).await.map(Some),
        None => Ok(None),
    }
}

/// Listens on an address; says what to do where that fails.
pub(super) async fn bind(option: &str, listen: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(listen).await.map_err(|error| {
        let port = listen.port();
        Failure::new(match error.kind() {
            ErrorKind::AddrInUse => format!(
                "port {port} is in use. Stop the program that listens there, or choose another port: {option} {}",
                SocketAddr::new(listen.ip(), port.checked_add(1).unwrap_or(8700))
            ),
            ErrorKind::PermissionDenied => {
                format!("no permission to listen on port {port}. Choose a port above 1023 with {option}")
            }
            ErrorKind::AddrNotAvailable => format!(
                "{} is not an address of this machine. Choose another with {option}, such as 127.0.0.1:{port}",
                listen.ip()
            ),
            _ => format!("cannot listen on {listen}: {error}"),
        })
    })
}

/// What is served on each address.
pub(super) fn listening(
    app: &App,
    listener: TcpListener,
    inference: Option<TcpListener>,
    limits: ConnectionLimits,
    outside: &Outside,
) -> Result<Vec<Listening>, Failure> {
    let router = crate::http::router(app);
    let Some(inference) = inference else {
        return Ok(vec![Listening {
            listener,
            router,
            public_path: outside.public_path.clone(),
            tls: outside.tls.clone(),
            limits,
        }]);
    };
    let address = inference.local_addr()?;
    tracing::info!(listen = %address, "listening for inference requests");
    if !address.ip().is_loopback() && outside.tls.is_none() {
        tracing::warn!(
            listen = %address,
            "inference requests and their tokens arrive unencrypted"
        );
    }
    Ok(vec![
        Listening {
            listener,
            router,
            public_path: outside.public_path.clone(),
            tls: outside.tls.clone(),
            limits: limits.of_dashboard(),
        },
        Listening {
            listener: inference,
            router: crate::http::inference_router(app),
            public_path: outside.public_path.clone(),
            tls: outside.tls.clone(),
            limits: limits.of_forwarding(),
        },
    ])
}

/// The address that serves the metrics without a token.
pub(super) fn listening_for_metrics(
    app: &App,
    listener: TcpListener,
    limits: ConnectionLimits,
) -> Result<Listening, Failure> {
    let address = listener.local_addr()?;
    tracing::info!(listen = %address, "listening for metrics");
    if !address.ip().is_loopback() {
        tracing::warn!(listen = %address, "anyone who reaches this address reads the metrics");
    }
    Ok(Listening {
        listener,
        router: crate::http::metrics_router(app),
        public_path: PublicPath::default(),
        // Prometheus asks within the network, and an orchestrator's probes have no certificate.
        tls: None,
        limits: limits.of_metrics(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_says_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let message = bind("--listen", address).await.unwrap_err().to_string();
        assert!(message.contains("is in use"), "{message}");
        assert!(message.contains("--listen 127.0.0.1:"), "{message}");
    }
}
