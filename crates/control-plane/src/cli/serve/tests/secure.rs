//! A server and clients over TLS for the tests of the listener.

use super::listener::{LIMITS, in_no_time};
use crate::cli::serve::accept::{Listening, run};
use crate::cli::serve::threads::Threads;
use crate::cli::serve::tls::{Files, ServerTls};
use crate::http::drain::Drain;
use crate::http::public_path::PublicPath;
use axum::Router;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Writes a new pair, and gives the certificate as DER.
pub(super) fn write_pair(folder: &Path) -> Vec<u8> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("tls.key"), signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("tls.crt"), cert.pem()).unwrap();
    cert.der().to_vec()
}

pub(super) fn files(folder: &Path) -> Files {
    Files {
        certificate: folder.join("tls.crt"),
        key: folder.join("tls.key"),
    }
}

/// A server with its own certificate.
pub(super) struct SecureServer {
    pub(super) address: SocketAddr,
    pub(super) certificate: Vec<u8>,
    pub(super) folder: tempfile::TempDir,
    stop: mpsc::UnboundedSender<()>,
    pub(super) task: JoinHandle<()>,
}

impl SecureServer {
    pub(super) async fn start(router: Router) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = write_pair(folder.path());
        let tls = ServerTls::open(files(folder.path())).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stops) = mpsc::unbounded_channel();
        let listening = Listening {
            listener,
            router,
            public_path: PublicPath::default(),
            tls: Some(tls.clone()),
            limits: LIMITS,
        };
        tokio::spawn(tls.follow());
        let task = tokio::spawn(run(
            vec![listening],
            Threads::current(),
            Drain::default(),
            Duration::from_secs(20),
            stops,
        ));
        Self {
            address,
            certificate,
            folder,
            stop,
            task,
        }
    }

    pub(super) fn ask_to_stop(&self) {
        self.stop.send(()).unwrap();
    }

    /// A connection that trusts one certificate and offers these protocols.
    pub(super) async fn connect_trusting(
        &self,
        certificate: &[u8],
        protocols: &[&str],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.to_vec().into()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
        let connector = TlsConnector::from(Arc::new(config));
        in_no_time(async {
            let stream = TcpStream::connect(self.address).await?;
            let name = ServerName::try_from("localhost").unwrap();
            connector.connect(name, stream).await
        })
        .await
    }

    pub(super) async fn connect(&self, protocols: &[&str]) -> TlsStream<TcpStream> {
        let connected = self.connect_trusting(&self.certificate, protocols).await;
        connected.unwrap()
    }
}
