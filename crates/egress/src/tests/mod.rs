//! Tests of the guarded client over real sockets.

mod addresses;
mod egress_proxy;
mod exchange;
mod http2;
mod pool;
mod service;
mod tls;
mod vectors;

use crate::test_support::{Names, Reply, TestEgress, Tripwire, Upstream};
use crate::{Answer, CallFailure, Egress, FailureKind};
use waypost_routing::base_url::BaseUrl;

/// One GET of `{base}/models`, with headers.
async fn get_with(
    egress: &Egress,
    base: &BaseUrl,
    granted: bool,
    headers: &[(&str, &str)],
) -> Result<Answer, CallFailure> {
    let origin = egress.origin(base, granted, headers)?;
    let url = origin.base().join("models").unwrap();
    origin.get(&url).await
}

/// One GET of `{base}/models`.
async fn get(egress: &Egress, base: &BaseUrl, granted: bool) -> Result<Answer, CallFailure> {
    get_with(egress, base, granted, &[]).await
}

/// The class of what came of it, and the words.
fn failed(result: Result<Answer, CallFailure>) -> (FailureKind, String) {
    let failure = result.err().expect("the call fails");
    (failure.kind, failure.message)
}
