//! A TLS listener with a self-signed certificate.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

/// What a server with a self-signed certificate for these names is configured with, and the certificate
/// as DER. It names its cryptography: built with the whole workspace, rustls has two to choose from.
pub(crate) fn self_signed(names: &[&str]) -> (ServerConfig, Vec<u8>) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (config, cert.der().to_vec())
}

/// An upstream behind TLS, whose connections a test handles itself.
pub struct SecureListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    certificate: Vec<u8>,
}

impl SecureListener {
    /// Listens on 127.0.0.1, with a certificate for these names, and chooses the first of these protocols
    /// that a client offers.
    pub async fn start(names: &[&str], protocols: &[&str]) -> Self {
        let (mut config, certificate) = self_signed(names);
        let protocols = protocols.iter().map(|name| name.as_bytes().to_vec());
        config.alpn_protocols = protocols.collect();
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate,
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Its certificate, as DER.
    pub fn certificate(&self) -> Vec<u8> {
        self.certificate.clone()
    }

    /// The next connection, once its handshake is done.
    pub async fn accept(&self) -> TlsStream<TcpStream> {
        let (stream, _) = self.listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        self.acceptor.accept(stream).await.unwrap()
    }
}
