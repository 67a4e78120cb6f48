//! Waypost's own TLS: the certificate and key of its listeners, read again when they change.

use crate::cli::Failure;
use arc_swap::ArcSwap;
use clap::Args;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use zeroize::Zeroizing;

/// Two files are replaced one after the other. They are read once both have been quiet for this long.
const QUIET: Duration = Duration::from_millis(300);

/// How often the files are looked at although no change was heard of, as on a network file system.
const LOOK: Duration = Duration::from_secs(60);

/// The versions of HTTP that are offered, in this order.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The options that say which certificate is used.
#[derive(Args, Clone, Debug)]
pub(super) struct TlsOptions {
    /// Serve https with the certificates of this PEM file, the server's own first
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of --tls-cert, in PEM form
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

impl TlsOptions {
    /// Reads the files; `None` where Waypost serves plain HTTP.
    ///
    /// # Errors
    /// If a file cannot be read, or they do not belong together.
    pub(super) fn open(&self) -> Result<Option<ServerTls>, Failure> {
        let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            return Ok(None);
        };
        let files = Files {
            certificate: certificate.clone(),
            key: key.clone(),
        };
        ServerTls::open(files).map(Some).map_err(Failure::new)
    }
}

/// A pair of PEM files.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// The certificate in use. Clones share it.
#[derive(Clone)]
pub(super) struct ServerTls(Arc<Inner>);

struct Inner {
    files: Files,
    config: ArcSwap<ServerConfig>,
    /// Of the files as they were read the last time, whether or not they were usable.
    digest: Mutex<[u8; 32]>,
}

/// A pair of files as it was read.
struct Pair {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

impl Pair {
    fn read(files: &Files) -> Result<Self, String> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
        };
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: Zeroizing::new(read(&files.key)?),
        })
    }

    fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(Sha256::digest(&self.certificate));
        hash.update(&*self.key);
        hash.finalize().into()
    }

    fn config(&self, files: &Files) -> Result<ServerConfig, String> {
        let (certificate, key) = (files.certificate.display(), files.key.display());
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        let chain = chain.unwrap_or_default();
        if chain.is_empty() {
            return Err(format!("{certificate} has no certificate in PEM form"));
        }
        let private = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|_| format!("{key} has no private key in PEM form without a passphrase"))?;
        // Named, because other packages bring a second one.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| "TLS cannot be set up".to_owned())?;
        let mut config = builder
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => {
                    format!("the key in {key} is not the key of the certificate in {certificate}")
                }
                _ => format!("{certificate} and {key} cannot be used: {error}"),
            })?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(config)
    }
}

impl ServerTls {
    pub(super) fn open(files: Files) -> Result<Self, String> {
        let pair = Pair::read(&files)?;
        Ok(Self(Arc::new(Inner {
            config: ArcSwap::from_pointee(pair.config(&files)?),
            digest: Mutex::new(pair.digest()),
            files,
        })))
    }

    /// What the next connection is accepted with.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config())
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        self.0.config.load_full()
    }

    /// Uses what is in the files now, if it has changed and is usable. Otherwise the pair in use stays, and
    /// the log says why, once for each change.
    pub(super) fn read_again(&self) {
        let inner = &*self.0;
        let pair = match Pair::read(&inner.files) {
            Ok(pair) => pair,
            Err(error) => {
                tracing::warn!(%error, "keeping the TLS certificate in use");
                return;
            }
        };
        let digest = pair.digest();
        let before = std::mem::replace(
            &mut *inner.digest.lock().unwrap_or_else(PoisonError::into_inner),
            digest,
        );
        if before == digest {
            return;
        }
        match pair.config(&inner.files) {
            Ok(config) => {
                inner.config.store(Arc::new(config));
                tracing::info!("using the new TLS certificate");
            }
            Err(error) => tracing::warn!(%error, "keeping the TLS certificate in use"),
        }
    }

    /// Reads the files whenever they change, until the task is aborted.
    pub(super) async fn follow(self) {
        let (sender, mut events) = mpsc::unbounded_channel();
        let watcher = self.watch(sender);
        if let Err(error) = &watcher {
            tracing::warn!(%error, "cannot watch the TLS certificate: it is looked at every minute");
        }
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(()) = events.recv() => {
                    while matches!(timeout(QUIET, events.recv()).await, Ok(Some(()))) {}
                }
                _ = looks.tick() => {}
            }
            let tls = self.clone();
            // It ends with a panic at worst, and the pair in use stays.
            let _ = tokio::task::spawn_blocking(move || tls.read_again()).await;
        }
    }

    /// Watches the directories of the files: a certificate is renewed by replacing its file, or the link
    /// that leads to it, rather than by writing into it.
    fn watch(&self, sender: mpsc::UnboundedSender<()>) -> notify::Result<RecommendedWatcher> {
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                if event.is_ok_and(|event| event.kind.is_access() && !closes_a_write(event.kind)) {
                    return;
                }
                // The receiver is gone once nothing follows the files.
                let _ = sender.send(());
            })?;
        let files = &self.0.files;
        for file in [&files.certificate, &files.key] {
            let real = file.canonicalize().ok();
            for path in [Some(file), real.as_ref()].into_iter().flatten() {
                let folder = match path.parent() {
                    Some(folder) if folder != Path::new("") => folder,
                    _ => Path::new("."),
                };
                watcher.watch(folder, RecursiveMode::NonRecursive)?;
            }
        }
        Ok(watcher)
    }
}

fn closes_a_write(kind: notify::EventKind) -> bool {
    use notify::event::{AccessKind, AccessMode, EventKind};
    kind == EventKind::Access(AccessKind::Close(AccessMode::Write))
}
