//! Tests of the guarded client over real sockets.

mod addresses;
pub(super) mod count;
mod exchange;
mod rules;
mod tls;
mod vectors;

use super::upstream::{Made, Names, Reply, Tripwire, Upstream};
use super::{Answer, CallFailure, Outbound};
use crate::secrets::SecretText;
use waypost_api_types::CallOutcome;
use waypost_routing::base_url::BaseUrl;

/// One GET of `{base}/models`, with headers.
async fn get_with(
    outbound: &Outbound,
    base: &BaseUrl,
    granted: bool,
    headers: &[(&str, &str)],
) -> Result<Answer, CallFailure> {
    let headers: Vec<(String, SecretText)> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), SecretText::new((*value).to_owned())))
        .collect();
    let session = outbound.session(base, granted, &headers)?;
    let url = session.base().join("models").unwrap();
    session.get(&url).await
}

/// One GET of `{base}/models`.
async fn get(outbound: &Outbound, base: &BaseUrl, granted: bool) -> Result<Answer, CallFailure> {
    get_with(outbound, base, granted, &[]).await
}

/// The class of what came of it, and the words.
fn failed(result: Result<Answer, CallFailure>) -> (CallOutcome, String) {
    let failure = result.err().expect("the call fails");
    (failure.outcome, failure.message)
}
