use super::super::testing::{TlsListener, start};
use super::super::{DatabaseUrl, open};
use crate::{Store as _, StoreError};
use sqlx::{Connection as _, PgConnection};

/// A certificate of an authority for a host, with its key, and the authority's certificate, in PEM.
fn certificate(host: &str) -> (String, String, String) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = parameters.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(parameters, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new([host.to_owned()]).unwrap();
    let certificate = parameters.signed_by(&key, &issuer).unwrap();
    (certificate.pem(), key.serialize_pem(), authority.pem())
}

#[tokio::test]
async fn the_servers_certificate_is_checked_as_the_url_says() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    let (certificate, key, authority) = certificate("localhost");
    drop(free);
    let tls = TlsListener {
        port,
        certificate,
        key,
    };
    let server = start("-tls", &tls);
    let socket = server.folder.display();
    let administrator = format!("postgres://waypost@localhost:{port}/postgres?host={socket}");
    let administrator: DatabaseUrl = administrator.parse().unwrap();
    let options = administrator.options(None).unwrap();
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    for statement in [
        "CREATE ROLE remote LOGIN PASSWORD 'right'",
        "CREATE DATABASE remote OWNER remote",
    ] {
        sqlx::raw_sql(statement)
            .execute(&mut connection)
            .await
            .unwrap();
    }

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, authority).unwrap();
    let file = file.display();
    let opened = async |host: &str, parameters: &str| {
        let text = format!("postgres://remote@{host}:{port}/remote?{parameters}");
        let with_password = text.replace("remote@", "remote:right@");
        let url: DatabaseUrl = text.parse().unwrap();
        let (store, _) = open(&url, Some(&with_password)).await?;
        store.configuration().await?;
        Ok::<_, StoreError>(())
    };
    let verified = format!("sslmode=verify-full&sslrootcert={file}");
    opened("localhost", &verified).await.unwrap();
    opened("localhost", "sslmode=require").await.unwrap();
    opened(
        "127.0.0.1",
        &format!("sslmode=verify-ca&sslrootcert={file}"),
    )
    .await
    .unwrap();
    for (host, parameters) in [
        // The certificate is of another host, or of an authority that is not known.
        ("127.0.0.1", verified.as_str()),
        ("localhost", "sslmode=verify-full"),
    ] {
        let error = opened(host, parameters).await.unwrap_err().to_string();
        assert!(error.contains("certificate"), "{error}");
        assert!(error.contains("sslrootcert"), "{error}");
    }
}
