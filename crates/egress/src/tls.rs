//! TLS of pooled connections.

use crate::failure::{CallFailure, FailureKind};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::sync::Arc;

/// The message where a machine cannot check any certificate.
pub(crate) const NO_CERTIFICATES: &str = "This machine has no CA certificates. Install the package ca-certificates, or set SSL_CERT_FILE to a file of certificates.";

fn failure() -> CallFailure {
    CallFailure::new(FailureKind::TlsFailed, NO_CERTIFICATES.to_owned())
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, CallFailure> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| failure())
}

/// Trusts what the system trusts.
pub(crate) fn with_system_certificates() -> Result<Arc<ClientConfig>, CallFailure> {
    let verified = builder()?.with_platform_verifier();
    let config = verified.map_err(|_| failure())?.with_no_client_auth();
    Ok(Arc::new(config))
}

/// The same, letting an upstream choose HTTP/2.
pub(crate) fn offering_http2(config: &ClientConfig) -> Arc<ClientConfig> {
    let mut config = config.clone();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Trusts nothing, for origins without TLS.
pub(crate) fn without_certificates() -> Result<Arc<ClientConfig>, CallFailure> {
    with_roots(RootCertStore::empty())
}

/// Trusts one certificate and no other.
#[cfg(any(test, feature = "test-support"))]
pub(crate) fn trusting(der: &[u8]) -> Result<Arc<ClientConfig>, CallFailure> {
    let mut roots = RootCertStore::empty();
    roots.add(der.to_vec().into()).map_err(|_| failure())?;
    with_roots(roots)
}

/// Trusts the authorities of a PEM file and no other. `None` if it has none.
pub(crate) fn trusting_pem(pem: &[u8]) -> Option<Result<Arc<ClientConfig>, CallFailure>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then(|| with_roots(roots))
}

fn with_roots(roots: RootCertStore) -> Result<Arc<ClientConfig>, CallFailure> {
    let config = builder()?.with_root_certificates(roots);
    Ok(Arc::new(config.with_no_client_auth()))
}
