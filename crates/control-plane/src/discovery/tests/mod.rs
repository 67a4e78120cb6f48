//! Discovery against real upstreams on loopback: every outcome, and every way a list can be odd.

mod answers;
mod litellm;
mod pages;
mod vectors;

use super::*;
use std::sync::Mutex;
use waypost_egress::test_support::{Reply, TestEgress, Tripwire, Upstream};

/// An endpoint that is granted, since every upstream here is on loopback.
fn endpoint(base_url: BaseUrl, headers: &[(&str, &str)], auth: AuthSent) -> ModelListTarget {
    ModelListTarget {
        base_url,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), SecretText::new((*value).to_owned())))
            .collect(),
        granted: true,
        auth,
        check_key_path: None,
    }
}

/// With the key `sk-canary-1234`, as Bearer.
fn with_key(base_url: BaseUrl) -> ModelListTarget {
    let headers = [("authorization", "Bearer sk-canary-1234")];
    endpoint(base_url, &headers, AuthSent::Scheme)
}

/// Discovers, and checks what holds of every discovery: nothing that was sent is in its words.
async fn discovered(endpoint: &ModelListTarget) -> Discovery {
    discovered_by(TestEgress::new(), endpoint).await
}

async fn discovered_by(made: TestEgress, endpoint: &ModelListTarget) -> Discovery {
    let egress = made.client();
    let discovery = discover(&egress, endpoint, &|_, _| {}).await;
    let words = format!("{discovery:?}");
    for (_, value) in &endpoint.headers {
        for part in value.expose().split(' ').filter(|part| *part != "Bearer") {
            assert!(!words.contains(part), "{words}");
        }
    }
    assert!(discovery.message.ends_with('.'), "{}", discovery.message);
    let has_models = !discovery.models.is_empty();
    assert_eq!(has_models, discovery.outcome == CheckOutcome::Ok);
    discovery
}

/// The result of one reply to a request with a key.
async fn of(reply: Reply) -> Discovery {
    let upstream = Upstream::always(reply).await;
    discovered(&with_key(upstream.base("/v1"))).await
}

fn ids(discovery: &Discovery) -> Vec<&str> {
    discovery
        .models
        .iter()
        .map(|model| model.id.as_str())
        .collect()
}
