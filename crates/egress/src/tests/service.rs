//! Calls of a service that an operator option names.

use super::*;
use crate::{OutgoingRequest, RequestBody, ServiceSettings};
use bytes::Bytes;
use http::{HeaderMap, Method};

const SETTINGS: ServiceSettings = ServiceSettings {
    address: "VAULT_ADDR",
    authorities: "VAULT_CACERT",
};

fn request(method: Method, path: &'static str) -> OutgoingRequest {
    OutgoingRequest {
        method,
        path_and_query: path.parse().unwrap(),
        headers: HeaderMap::new(),
        body: RequestBody::new([Bytes::from_static(b"{}"), Bytes::new(), Bytes::new()]),
    }
}

#[tokio::test]
async fn a_service_is_granted_to_its_client_alone() {
    let upstream = Upstream::always(Reply::json(404, "{}")).await;
    let egress = TestEgress::new().client();
    let client = egress
        .service(&upstream.base("/vault"), SETTINGS, None)
        .unwrap();
    let answer = client
        .send(request(Method::PUT, "/v1/secret?x=1"))
        .await
        .unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (404, &b"{}"[..]));
    let received = upstream.received();
    assert_eq!(received[0].method, "PUT");
    assert_eq!(received[0].target, "/vault/v1/secret?x=1");
    assert_eq!(received[0].body, b"{}");
    // The same origin stays closed to every other client.
    let (kind, _) = failed(get(&egress, &upstream.base(""), false).await);
    assert_eq!(kind, FailureKind::AddressNotAllowed);
}

#[tokio::test]
async fn a_failure_names_the_option_that_has_the_address() {
    let free = Tripwire::on("127.0.0.1").address;
    let base = BaseUrl::parse(&format!("http://{free}")).unwrap();
    let egress = TestEgress::new().client();
    let client = egress.service(&base, SETTINGS, None).unwrap();
    let (kind, message) = failed(client.send(request(Method::GET, "/v1/x")).await);
    assert_eq!(kind, FailureKind::ConnectFailed);
    assert!(message.contains("port of VAULT_ADDR"), "{message}");
    // A metadata service is called for no option.
    let metadata = BaseUrl::parse("http://169.254.169.254").unwrap();
    let refused = egress.service(&metadata, SETTINGS, None).err().unwrap();
    assert_eq!(refused.kind, FailureKind::AddressNotAllowed);
    assert!(
        refused.message.contains("VAULT_ADDR"),
        "{}",
        refused.message
    );
}

#[tokio::test]
async fn a_file_without_certificates_is_refused() {
    let base = BaseUrl::parse("https://vault.example").unwrap();
    let egress = TestEgress::new().client();
    for pem in [
        "",
        "nothing",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let failure = egress
            .service(&base, SETTINGS, Some(pem.as_bytes()))
            .err()
            .unwrap();
        assert_eq!(failure.kind, FailureKind::TlsFailed, "{pem}");
    }
}
