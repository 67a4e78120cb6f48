//! The workspace's settings.

use super::body::ReadJson;
use super::caller::SignedIn;
use super::if_match::{IfMatch, Versioned};
use super::problem::ApiError;
use waypost_api_types::{SettingsPatch, SettingsView};

pub(super) async fn show(
    SignedIn(workspace): SignedIn,
) -> Result<Versioned<SettingsView>, ApiError> {
    Ok(Versioned(workspace.settings().await?))
}

pub(super) async fn edit(
    IfMatch(workspace): IfMatch,
    ReadJson(patch): ReadJson<SettingsPatch>,
) -> Result<Versioned<SettingsView>, ApiError> {
    Ok(Versioned(workspace.edit_settings(patch).await?))
}
