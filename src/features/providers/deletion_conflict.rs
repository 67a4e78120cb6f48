//! The question of a deletion when the provider changed in the meantime.

use crate::api::ApiError;
use crate::api::types::ProviderView;
use crate::features::conflict::{Conflict, provider_since};
use crate::state::Workspace;

/// Asks whether to delete it anyway. False if the deletion failed for another reason.
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
    // The row and the question show the new version.
    workspace.put_provider(now);
    conflict.ask(version, fields)
}
