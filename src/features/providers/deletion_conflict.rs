//! What a deletion asks about where somebody else has changed the provider meanwhile.

use crate::api::ApiError;
use crate::api::types::ProviderView;
use crate::features::conflict::{Conflict, provider_since};
use crate::state::Workspace;

/// Asks whether to delete all the same. False where the deletion failed for another reason.
pub(super) fn ask_about_change(
    failure: &ApiError,
    seen: &ProviderView,
    workspace: Workspace,
    conflict: Conflict,
) -> bool {
    let Some(now) = failure.stored::<ProviderView>() else {
        return false;
    };
    let (version, fields) = (now.version, provider_since(seen, &now));
    // The row and the question show it from now on.
    workspace.put_provider(now);
    conflict.ask(version, fields)
}
