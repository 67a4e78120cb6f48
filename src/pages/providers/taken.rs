//! Taking something away from a provider that somebody else may have changed meanwhile.

use crate::api::types::ProviderView;
use crate::api::{Answer, ApiError};
use crate::pages::conflict::{Conflict, provider_since, same_provider};
use crate::state::Workspace;

/// Asks the control plane to take something away, by the version that was seen. Where only a
/// refresh or a test has made another one, that one is taken. Where somebody has changed the
/// provider, that is asked about, and nothing is answered.
pub(super) async fn take_away<T>(
    call: impl Fn(u64) -> Answer<T>,
    seen: &ProviderView,
    workspace: Workspace,
    conflict: Conflict,
) -> Option<Result<T, ApiError>> {
    let answer = call(seen.version).await;
    let refused = answer.as_ref().err();
    let Some(now) = refused.and_then(ApiError::stored::<ProviderView>) else {
        return Some(answer);
    };
    if same_provider(seen, &now) {
        return Some(call(now.version).await);
    }
    let (version, fields) = (now.version, provider_since(seen, &now));
    // The row and the question tell of it from now on.
    workspace.put_provider(now);
    (!conflict.ask(version, fields)).then_some(answer)
}
