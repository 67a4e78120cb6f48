//! The vectors of the area `ssrf`, through one adapter.

use super::*;
use crate::address_policy::OwnListeners;
use crate::{resolver, target};
use serde_json::Value;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const VECTORS: &str =
    include_str!("../../../routing/tests/vectors/custom_sources_and_passthrough.json");

const OWN: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8700);

/// Whether the vector's call is allowed. Where it is not, no connection was begun.
async fn allowed(given: &Value) -> bool {
    let granted = given["allowed_private_cidrs"]
        .as_array()
        .is_some_and(|list| !list.is_empty());
    if let Some(location) = given["redirect_to"].as_str() {
        return redirect_is_followed(location).await;
    }
    if let Some(host) = given["host"].as_str() {
        return addresses(host, &given["dns"], granted).is_ok();
    }
    // A text that is no base URL can be neither stored nor called.
    let Ok(base) = BaseUrl::parse(given["url"].as_str().unwrap()) else {
        return false;
    };
    let (egress, dials) = TestEgress::new().listening_at(OWN).build();
    let origin = egress.origin(&base, granted, &[]);
    assert_eq!(dials.load(Ordering::SeqCst), 0);
    match origin {
        // The address is real and elsewhere: that it would be dialled is enough.
        Ok(_) => true,
        Err(failure) => {
            assert_eq!(failure.kind, FailureKind::AddressNotAllowed);
            false
        }
    }
}

/// What the resolver hands to the connection for a name with these addresses.
fn addresses(host: &str, dns: &Value, granted: bool) -> Result<Vec<IpAddr>, CallFailure> {
    let base = BaseUrl::parse(&format!("https://{host}/v1")).unwrap();
    let own = OwnListeners {
        sample: OWN,
        others: Arc::default(),
    };
    let (_, policy) = target::policy_for(&base, granted, &own)?;
    let found: Vec<IpAddr> = dns
        .as_array()
        .unwrap()
        .iter()
        .map(|address| address.as_str().unwrap().parse().unwrap())
        .collect();
    resolver::check(&policy, Ok(found))
}

async fn redirect_is_followed(location: &str) -> bool {
    let upstream = Upstream::always(Reply::new(302, &[("location", location)], "")).await;
    let (egress, dials) = TestEgress::new().build();
    let answer = get(&egress, &upstream.base(""), true).await.ok().unwrap();
    assert_eq!(dials.load(Ordering::SeqCst), 1);
    answer.status != 302
}

#[tokio::test]
async fn ssrf() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let mut run = 0;
    for vector in vectors.iter().filter(|vector| vector["area"] == "ssrf") {
        let (given, expect) = (&vector["given"], &vector["expect"]);
        assert_eq!(
            allowed(given).await,
            expect["allowed"].as_bool().unwrap(),
            "{vector}"
        );
        if let Some(dial) = expect["dial"].as_str() {
            let host = given["host"].as_str().unwrap();
            let checked = addresses(host, &given["dns"], false).unwrap();
            let dialled: Vec<String> = checked
                .into_iter()
                .map(|address| SocketAddr::new(address, 443).to_string())
                .collect();
            assert_eq!(dialled, [dial], "{vector}");
            // That the name goes into the handshake and the host header is tested in `tls`.
            assert_eq!(expect["tls_sni"], host);
            assert_eq!(expect["host_header"], host);
        }
        run += 1;
    }
    assert!(run >= 12, "the vectors were read");
}
